//! The log of one tenant, in chunks that are evicted as a whole.
//!
//! The first chunk of a tenant is small, so that thousands of tenants with a few calls each fit;
//! each one after it is twice as large, up to the size of the longest record.

use std::collections::VecDeque;

use super::{CHUNK_BYTES, CallRecord, FIRST_CHUNK_BYTES, codec};
use crate::world::TenantName;

/// A tenant's records, the oldest first.
#[derive(Debug)]
pub(super) struct TenantLog {
    tenant: TenantName,
    chunks: VecDeque<Chunk>,
    /// The memory of all chunks.
    bytes: usize,
    last_seq: u64,
    evicted: u64,
    /// The id of the newest record that was evicted.
    last_evicted_id: u64,
}

#[derive(Debug)]
struct Chunk {
    /// Records one after another, each behind its length; never grows past its first capacity.
    data: Vec<u8>,
    records: u64,
    last_id: u64,
}

/// The size of the length before each record.
const PREFIX_BYTES: usize = 4;

impl TenantLog {
    pub(super) fn new(tenant: TenantName) -> Self {
        Self {
            tenant,
            chunks: VecDeque::new(),
            bytes: 0,
            last_seq: 0,
            evicted: 0,
            last_evicted_id: 0,
        }
    }

    pub(super) fn next_seq(&self) -> u64 {
        self.last_seq + 1
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn len(&self) -> u64 {
        self.chunks.iter().map(|chunk| chunk.records).sum()
    }

    /// The number of records that were evicted.
    pub(super) fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Whether a record with a greater id was evicted.
    pub(super) fn has_evicted_after(&self, id: u64) -> bool {
        self.last_evicted_id > id
    }

    /// The age of the oldest chunk: the lower, the older.
    pub(super) fn oldest_id(&self) -> u64 {
        self.chunks.front().map_or(u64::MAX, |chunk| chunk.last_id)
    }

    /// Appends a record to the newest chunk; returns false if it does not fit.
    pub(super) fn push(&mut self, record: &CallRecord) -> bool {
        let added = self.chunks.back_mut().is_some_and(|chunk| chunk.push(record));
        if added {
            self.last_seq = record.seq;
        }
        added
    }

    /// The size of the chunk that a record needs which does not fit into the newest one.
    pub(super) fn next_chunk_bytes(&self, record: &CallRecord) -> usize {
        let last = self.chunks.back().map_or(FIRST_CHUNK_BYTES / 2, |chunk| chunk.data.capacity());
        (last * 2).min(CHUNK_BYTES).max(codec::encoded_bytes(record) + PREFIX_BYTES)
    }

    /// Appends an empty chunk and returns the memory it takes, in bytes.
    pub(super) fn add_chunk(&mut self, chunk_bytes: usize) -> usize {
        let data = Vec::with_capacity(chunk_bytes);
        let bytes = data.capacity();
        self.bytes += bytes;
        self.chunks.push_back(Chunk { data, records: 0, last_id: 0 });
        bytes
    }

    /// Drops the oldest chunk and returns how many records and bytes that were.
    pub(super) fn evict_oldest(&mut self) -> (u64, usize) {
        let Some(chunk) = self.chunks.pop_front() else { return (0, 0) };
        self.evicted += chunk.records;
        self.last_evicted_id = chunk.last_id;
        self.bytes -= chunk.data.capacity();
        (chunk.records, chunk.data.capacity())
    }

    /// Drops all records and returns how many bytes that frees; the sequence goes on.
    pub(super) fn clear(&mut self) -> usize {
        self.chunks.clear();
        self.last_evicted_id = 0;
        std::mem::take(&mut self.bytes)
    }

    /// The records with a greater id, the oldest first.
    pub(super) fn after(&self, id: u64) -> impl Iterator<Item = CallRecord<'static>> {
        let chunks = self.chunks.iter().filter(move |chunk| chunk.last_id > id);
        chunks.flat_map(|chunk| chunk.records(&self.tenant)).filter(move |record| record.id > id)
    }

    /// The records with a greater id, the newest first.
    pub(super) fn newest_after(&self, id: u64) -> impl Iterator<Item = CallRecord<'static>> {
        let chunks = self.chunks.iter().rev();
        let newest_first = chunks.flat_map(|chunk| {
            let mut records: Vec<_> = chunk.records(&self.tenant).collect();
            records.reverse();
            records
        });
        newest_first.take_while(move |record| record.id > id)
    }

    pub(super) fn last(&self) -> Option<CallRecord<'static>> {
        self.chunks.back()?.records(&self.tenant).last()
    }
}

impl Chunk {
    fn push(&mut self, record: &CallRecord) -> bool {
        let start = self.data.len();
        if self.data.capacity() - start < PREFIX_BYTES {
            return false;
        }
        self.data.extend_from_slice(&[0; PREFIX_BYTES]);
        if !codec::append(record, &mut self.data) {
            self.data.truncate(start);
            return false;
        }
        let length = u32::try_from(self.data.len() - start - PREFIX_BYTES)
            .expect("BUG: a record fits into a chunk");
        self.data[start..start + PREFIX_BYTES].copy_from_slice(&length.to_le_bytes());
        self.records += 1;
        self.last_id = record.id;
        true
    }

    fn records(&self, tenant: &TenantName) -> impl Iterator<Item = CallRecord<'static>> {
        let mut rest = self.data.as_slice();
        std::iter::from_fn(move || {
            let (length, after) = rest.split_first_chunk::<PREFIX_BYTES>()?;
            let (record, after) = after.split_at(u32::from_le_bytes(*length) as usize);
            rest = after;
            let record: CallRecord =
                postcard::from_bytes(record).expect("BUG: what was encoded can be decoded");
            Some(CallRecord { tenant: tenant.clone(), ..record })
        })
    }
}
