//! Chunks of encoded records, which are made and dropped as a whole, and the slots that they are in.

use std::ops::Range;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::answer::RecordedAnswer;
use super::delivery::{DELIVERY_BYTES, StoredDelivery};
use super::trace::TraceId;
use super::{CallRecord, codec};
use crate::http::DeliveryStatus;
pub(super) use crate::http::Receipt as Place;
use crate::world::TenantName;

/// Records of one tenant, one after another.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) tenant: TenantName,
    /// Each record after its length and its delivery; grows past its first capacity only in `replace`.
    data: Vec<u8>,
    pub(super) records: usize,
    pub(super) first_id: u64,
    pub(super) first_seq: u64,
    pub(super) last_id: u64,
    /// Whether records may be at other offsets than they were stored at, since one before them was replaced.
    has_moved: bool,
}

/// The size of the length before each record, which counts the delivery too.
const LENGTH_BYTES: usize = 4;

/// What is stored before each record, in bytes.
pub(super) const PREFIX_BYTES: usize = LENGTH_BYTES + DELIVERY_BYTES;

pub(super) type Slot = u32;

/// What a chunk takes besides its data, in bytes.
pub(super) const CHUNK_OVERHEAD_BYTES: usize = size_of::<Option<Chunk>>() + 2 * size_of::<Slot>();

/// The chunks of all tenants. A slot is used again when its chunk is gone.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    slots: Vec<Option<Chunk>>,
    free: Vec<Slot>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct StoredRecord<'j> {
    pub(super) id: u64,
    pub(super) tenant: &'j TenantName,
    /// The delivery, then the rest.
    pub(super) bytes: &'j [u8],
}

/// What is stored of a record besides its delivery. The answer is borrowed from the reply, so that it is
/// copied once.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct NewRecord<'r>(
    pub(super) &'r CallRecord<'r>,
    pub(super) Option<&'r RecordedAnswer<'r>>,
);

/// The first fields of a stored record, which filters look at.
#[derive(Debug, Deserialize)]
pub(super) struct RecordHead<'j> {
    _id: u64,
    _seq: u64,
    _time_ms: i64,
    _duration_us: u32,
    _nth: u64,
    pub(super) received_us: i64,
    _connection: u64,
    delay: Duration,
    pub(super) trace: Option<TraceId>,
    pub(super) status: Option<u16>,
    _committed: bool,
    _method: &'j str,
    _path: &'j str,
    _query: Option<&'j str>,
    _endpoint: Option<&'j str>,
    pub(super) outcome: &'j str,
    pub(super) selector: &'j str,
}

impl Chunk {
    /// An empty chunk, made for this record.
    pub(super) fn for_record(NewRecord(record, _): NewRecord, chunk_bytes: usize) -> Self {
        Self {
            tenant: record.tenant.clone(),
            data: Vec::with_capacity(chunk_bytes),
            records: 0,
            first_id: record.id,
            first_seq: record.seq,
            last_id: 0,
            has_moved: false,
        }
    }

    pub(super) fn capacity(&self) -> usize {
        self.data.capacity()
    }

    pub(super) fn bytes(&self) -> usize {
        self.capacity() + CHUNK_OVERHEAD_BYTES
    }

    /// Appends a record and returns its offset; `None` if it does not fit.
    pub(super) fn push(&mut self, new: NewRecord) -> Option<u32> {
        let NewRecord(record, _) = new;
        let start = self.data.len();
        if self.data.capacity() - start < PREFIX_BYTES {
            return None;
        }
        self.data.extend_from_slice(&[0; LENGTH_BYTES]);
        let ended_us = record.answered_us.or(record.left_us);
        let delivery = StoredDelivery { status: record.delivery, ended_us };
        self.data.extend_from_slice(&delivery.encode());
        if !codec::append(&new, &mut self.data) {
            self.data.truncate(start);
            return None;
        }
        let as_u32 = |bytes| u32::try_from(bytes).expect(FITS);
        let length = as_u32(self.data.len() - start - LENGTH_BYTES);
        self.data[start..start + LENGTH_BYTES].copy_from_slice(&length.to_le_bytes());
        self.records += 1;
        self.last_id = record.id;
        Some(as_u32(start))
    }

    /// How many bytes more it needs to hold one of its records with another length.
    pub(super) fn missing_bytes(&self, stored: StoredRecord, encoded_bytes: usize) -> usize {
        let others = self.data.len() - stored.bytes.len();
        (others + DELIVERY_BYTES + encoded_bytes).saturating_sub(self.capacity())
    }

    /// Stores the record at an offset again, but for its delivery. Moves those after it.
    pub(super) fn replace(&mut self, offset: u32, new: NewRecord) {
        let start = offset as usize;
        let end = self.range(start).expect(PLACED).end;
        let head_bytes = start + PREFIX_BYTES;
        let encoded_bytes = codec::encoded_bytes(&new);
        let needed = head_bytes + encoded_bytes + self.data.len() - end;
        let mut data = Vec::with_capacity(needed.max(self.capacity()));
        data.extend_from_slice(&self.data[..head_bytes]);
        assert!(codec::append(&new, &mut data), "BUG: there is room for the record");
        let length = u32::try_from(DELIVERY_BYTES + encoded_bytes).expect(FITS);
        data[start..start + LENGTH_BYTES].copy_from_slice(&length.to_le_bytes());
        self.has_moved |= data.len() != end;
        data.extend_from_slice(&self.data[end..]);
        self.data = data;
    }

    /// The ids and offsets of the records after the one at an offset.
    pub(super) fn offsets_after(&self, offset: u32) -> impl Iterator<Item = (u64, u32)> {
        let mut next = self.range(offset as usize).expect(PLACED).end;
        std::iter::from_fn(move || {
            let range = self.range(next)?;
            let offset = u32::try_from(next).expect(FITS);
            next = range.end;
            Some((self.at(range).id, offset))
        })
    }

    /// Whether its records may be in other places than they were stored at.
    pub(super) fn has_moved(&self) -> bool {
        self.has_moved
    }

    /// The records, the oldest first.
    pub(super) fn stored(&self) -> impl Iterator<Item = StoredRecord<'_>> {
        self.ranges().map(|range| self.at(range))
    }

    pub(super) fn newest_first(&self) -> impl Iterator<Item = StoredRecord<'_>> {
        let ranges: Vec<_> = self.ranges().collect();
        ranges.into_iter().rev().map(|range| self.at(range))
    }

    fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        let mut offset = 0;
        std::iter::from_fn(move || {
            let range = self.range(offset)?;
            offset = range.end;
            Some(range)
        })
    }

    /// Where the bytes of the record at an offset are, without its length.
    fn range(&self, offset: usize) -> Option<Range<usize>> {
        let (length, _) = self.data.get(offset..)?.split_first_chunk::<LENGTH_BYTES>()?;
        let start = offset + LENGTH_BYTES;
        Some(start..start + u32::from_le_bytes(*length) as usize)
    }

    fn at(&self, range: Range<usize>) -> StoredRecord<'_> {
        let bytes = &self.data[range];
        let (id, _) = postcard::take_from_bytes(&bytes[DELIVERY_BYTES..])
            .expect("BUG: a record begins with its id");
        StoredRecord { id, tenant: &self.tenant, bytes }
    }
}

impl Chunks {
    pub(super) fn add(&mut self, chunk: Chunk) -> Slot {
        if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = Some(chunk);
            return slot;
        }
        let slot = Slot::try_from(self.slots.len()).expect("BUG: the chunks fit into memory");
        self.slots.push(Some(chunk));
        slot
    }

    pub(super) fn take(&mut self, slot: Slot) -> Chunk {
        let chunk = self.slots[slot as usize].take().expect(KEPT);
        self.free.push(slot);
        if self.free.len() == self.slots.len() {
            *self = Self::default();
        }
        chunk
    }

    pub(super) fn get(&self, slot: Slot) -> &Chunk {
        self.slots[slot as usize].as_ref().expect(KEPT)
    }

    pub(super) fn get_mut(&mut self, slot: Slot) -> &mut Chunk {
        self.slots[slot as usize].as_mut().expect(KEPT)
    }

    /// Whether the record that was stored at a place is still there. A later chunk in the same slot has
    /// begun with a greater id.
    pub(super) fn holds(&self, place: &Place) -> bool {
        self.chunk_of(place).is_some()
    }

    pub(super) fn stored(&self, place: &Place) -> Option<StoredRecord<'_>> {
        let chunk = self.chunk_of(place)?;
        let range = chunk.range(place.offset as usize).expect(PLACED);
        Some(StoredRecord { id: place.id, tenant: &chunk.tenant, bytes: &chunk.data[range] })
    }

    /// Sets the delivery of the record at a place, which must be there.
    pub(super) fn set_delivery(&mut self, place: &Place, delivery: StoredDelivery) {
        let start = place.offset as usize + LENGTH_BYTES;
        let data = &mut self.get_mut(place.slot).data;
        data[start..start + DELIVERY_BYTES].copy_from_slice(&delivery.encode());
    }

    pub(super) fn chunk_of(&self, place: &Place) -> Option<&Chunk> {
        let chunk = self.slots.get(place.slot as usize)?.as_ref()?;
        (chunk.first_id <= place.id).then_some(chunk)
    }
}

const FITS: &str = "BUG: a chunk is not that long";
const PLACED: &str = "BUG: places are those of records";
const KEPT: &str = "BUG: the slots of a log hold its chunks";

impl<'j> StoredRecord<'j> {
    pub(super) fn head(&self) -> RecordHead<'j> {
        let (_, bytes) = self.parts();
        let (head, _) = postcard::take_from_bytes(bytes).expect(DECODABLE);
        head
    }

    /// Whether its answer is ready and being sent, which is noted in a moment.
    pub(super) fn is_being_sent(&self) -> bool {
        let (delivery, _) = self.parts();
        let is_pending = delivery.status == DeliveryStatus::Pending;
        is_pending
            && matches!(self.head(), RecordHead { status: Some(_), delay: Duration::ZERO, .. })
    }

    pub(super) fn decode(&self) -> CallRecord<'static> {
        let (StoredDelivery { status: delivery, ended_us }, bytes) = self.parts();
        let (answered_us, left_us) = match delivery {
            DeliveryStatus::ClientLeft => (None, ended_us),
            DeliveryStatus::Pending | DeliveryStatus::Sent | DeliveryStatus::Fault => {
                (ended_us, None)
            }
        };
        let (record, rest) = postcard::take_from_bytes::<CallRecord>(bytes).expect(DECODABLE);
        let answer = postcard::from_bytes(rest).expect(DECODABLE);
        CallRecord { tenant: self.tenant.clone(), answer, delivery, answered_us, left_us, ..record }
    }

    fn parts(&self) -> (StoredDelivery, &'j [u8]) {
        let (delivery, rest) = self.bytes.split_first_chunk().expect(DECODABLE);
        (StoredDelivery::decode(delivery), rest)
    }
}

const DECODABLE: &str = "BUG: what was encoded can be decoded";
