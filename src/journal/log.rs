//! The log of one tenant, in chunks that are evicted as a whole.
//!
//! The first chunk of a tenant is small, so that thousands of tenants with a few calls each fit;
//! each one after it is twice as large, up to a limit, and larger only for a longer record.

use std::cmp::Reverse;
use std::collections::VecDeque;

use super::chunk::{Chunk, Chunks, NewRecord, PREFIX_BYTES, Place, Slot, StoredRecord};
use super::{CHUNK_BYTES, CallRecord, FIRST_CHUNK_BYTES, codec};

/// A tenant's records, the oldest first.
#[derive(Debug, Default)]
pub(super) struct TenantLog {
    /// Where its chunks are, the oldest first.
    slots: VecDeque<Slot>,
    bytes: usize,
    last_seq: u64,
    evicted: u64,
    /// The id of the newest record that was evicted.
    last_evicted_id: u64,
    /// The id of the first record that it could have since it was made or cleared.
    first_id: u64,
}

/// Orders the logs for eviction, the greatest first: the largest log, of equal ones that with the oldest record.
pub(super) type EvictionRank = (usize, Reverse<u64>);

impl TenantLog {
    pub(super) fn new(first_id: u64) -> Self {
        Self { first_id, ..Self::default() }
    }

    pub(super) fn first_id(&self) -> u64 {
        self.first_id
    }

    pub(super) fn next_seq(&self) -> u64 {
        self.last_seq + 1
    }

    pub(super) fn evicted(&self) -> u64 {
        self.evicted
    }

    /// The id of the newest record that was evicted, 0 if there is none.
    pub(super) fn last_evicted_id(&self) -> u64 {
        self.last_evicted_id
    }

    /// `None` if it has nothing to evict.
    pub(super) fn eviction_rank(&self, chunks: &Chunks) -> Option<EvictionRank> {
        let oldest = chunks.get(*self.slots.front()?);
        Some((self.bytes, Reverse(oldest.first_id)))
    }

    /// Appends a record to the newest chunk; `None` if it does not fit.
    pub(super) fn push(&mut self, new: NewRecord, chunks: &mut Chunks) -> Option<Place> {
        let NewRecord(record, _) = new;
        let slot = *self.slots.back()?;
        let offset = chunks.get_mut(slot).push(new)?;
        self.last_seq = record.seq;
        Some(Place { id: record.id, slot, offset })
    }

    /// The size of the chunk that a record needs which does not fit into the newest one.
    pub(super) fn next_chunk_bytes(&self, record: NewRecord, chunks: &Chunks) -> usize {
        let newest = self.slots.back().map(|slot| chunks.get(*slot).capacity());
        let last = newest.unwrap_or(FIRST_CHUNK_BYTES / 2);
        (last * 2).min(CHUNK_BYTES).max(codec::encoded_bytes(&record) + PREFIX_BYTES)
    }

    /// Appends an empty chunk and returns the memory it takes, in bytes.
    pub(super) fn add_chunk(&mut self, chunk: Chunk, chunks: &mut Chunks) -> usize {
        let bytes = chunk.bytes();
        self.bytes += bytes;
        self.slots.push_back(chunks.add(chunk));
        bytes
    }

    pub(super) fn add_bytes(&mut self, bytes: usize) {
        self.bytes += bytes;
    }

    /// Removes the oldest chunk and counts its records as evicted.
    pub(super) fn evict_oldest(&mut self, chunks: &mut Chunks) -> Option<Chunk> {
        let chunk = chunks.take(self.slots.pop_front()?);
        self.evicted += chunk.records as u64;
        self.last_evicted_id = chunk.last_id;
        self.bytes -= chunk.bytes();
        Some(chunk)
    }

    /// Takes all chunks out; the sequence goes on.
    pub(super) fn clear(&mut self, next_id: u64, chunks: &mut Chunks) -> Vec<Chunk> {
        self.first_id = next_id;
        self.last_evicted_id = 0;
        self.bytes = 0;
        self.slots.drain(..).map(|slot| chunks.take(slot)).collect()
    }

    /// The records with a greater id, the oldest first.
    pub(super) fn after<'j>(
        &'j self,
        id: u64,
        chunks: &'j Chunks,
    ) -> impl Iterator<Item = StoredRecord<'j>> {
        let first = self.slots.partition_point(|slot| chunks.get(*slot).last_id <= id);
        let stored = self.slots.range(first..).flat_map(|slot| chunks.get(*slot).stored());
        stored.skip_while(move |record| record.id <= id)
    }

    /// The records with a lower id, the newest first.
    pub(super) fn before<'j>(
        &'j self,
        id: u64,
        chunks: &'j Chunks,
    ) -> impl Iterator<Item = StoredRecord<'j>> {
        let end = self.slots.partition_point(|slot| chunks.get(*slot).first_id < id);
        let slots = self.slots.range(..end).rev();
        let stored = slots.flat_map(|slot| chunks.get(*slot).newest_first());
        stored.skip_while(move |record| record.id >= id)
    }

    pub(super) fn record(&self, seq: u64, chunks: &Chunks) -> Option<CallRecord<'static>> {
        let after = self.slots.partition_point(|slot| chunks.get(*slot).first_seq <= seq);
        let chunk = chunks.get(self.slots[after.checked_sub(1)?]);
        let index = usize::try_from(seq - chunk.first_seq).ok()?;
        Some(chunk.stored().nth(index)?.decode())
    }

    pub(super) fn last(&self, chunks: &Chunks) -> Option<CallRecord<'static>> {
        Some(chunks.get(*self.slots.back()?).stored().last()?.decode())
    }

    #[cfg(test)]
    pub(super) fn slots(&self) -> impl Iterator<Item = Slot> {
        self.slots.iter().copied()
    }
}
