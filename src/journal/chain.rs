//! The entries of one tenant, in chunks that are taken away as a whole.
//!
//! The first chunk of a tenant is small, so that thousands of tenants with a few calls each fit;
//! each one after it is twice as large, up to the size of the longest entry.

use std::collections::VecDeque;

use serde::Serialize;

use super::entry::Entry;
use super::{CHUNK_BYTES, FIRST_CHUNK_BYTES};
use crate::journal::packed;

/// A tenant's chunks, the oldest first.
#[derive(Debug, Default)]
pub struct Chain {
    chunks: VecDeque<Chunk>,
    bytes: usize,
    /// How many entries there ever were.
    seqs: u64,
    dropped: u64,
}

#[derive(Debug)]
struct Chunk {
    /// Entries one after another, each behind its length; never grows past what it was made for.
    data: Vec<u8>,
    entries: u64,
    last_id: u64,
}

/// What stands before an entry: its length.
const PREFIX_BYTES: usize = 4;

impl Chain {
    /// The number of the next entry, from 1.
    pub fn next_seq(&self) -> u64 {
        self.seqs + 1
    }

    /// How much memory it has, in bytes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many entries it has.
    pub fn kept(&self) -> u64 {
        self.chunks.iter().map(|chunk| chunk.entries).sum()
    }

    /// How many entries gave way.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The age of its oldest chunk: the lower, the older.
    pub fn oldest_id(&self) -> u64 {
        self.chunks.front().map_or(u64::MAX, |chunk| chunk.last_id)
    }

    /// Adds an entry to the newest chunk, if there is room.
    pub fn push(&mut self, id: u64, entry: &impl Serialize) -> bool {
        let added = self.chunks.back_mut().is_some_and(|chunk| chunk.push(id, entry));
        self.seqs += u64::from(added);
        added
    }

    /// How large the chunk must be that the next entry, of `length` bytes, begins.
    pub fn next_chunk_bytes(&self, length: usize) -> usize {
        let last = self.chunks.back().map_or(FIRST_CHUNK_BYTES / 2, |chunk| chunk.data.capacity());
        (last * 2).min(CHUNK_BYTES).max(length + PREFIX_BYTES)
    }

    /// Adds an entry to a new chunk of so many bytes.
    pub fn push_into_new(&mut self, chunk_bytes: usize, id: u64, entry: &impl Serialize) {
        let chunk = Chunk { data: Vec::with_capacity(chunk_bytes), entries: 0, last_id: id };
        self.bytes += chunk.data.capacity();
        self.chunks.push_back(chunk);
        assert!(self.push(id, entry), "BUG: a chunk was made for another entry");
    }

    /// Takes the oldest chunk away, and says how many entries and bytes that were.
    pub fn give_up_oldest(&mut self) -> (u64, usize) {
        let Some(chunk) = self.chunks.pop_front() else { return (0, 0) };
        self.dropped += chunk.entries;
        self.bytes -= chunk.data.capacity();
        (chunk.entries, chunk.data.capacity())
    }

    /// Forgets all entries and says how many bytes that frees.
    pub fn clear(&mut self) -> usize {
        self.chunks.clear();
        std::mem::take(&mut self.bytes)
    }

    /// The entries after an id, the oldest first.
    pub fn entries(&self, since: u64) -> impl Iterator<Item = Entry> {
        let chunks = self.chunks.iter().filter(move |chunk| chunk.last_id > since);
        chunks.flat_map(Chunk::entries).filter(move |entry| entry.id > since)
    }

    /// The newest entry.
    pub fn last(&self) -> Option<Entry> {
        self.chunks.back()?.entries().last()
    }
}

impl Chunk {
    /// Adds an entry, if there is room.
    fn push(&mut self, id: u64, entry: &impl Serialize) -> bool {
        let start = self.data.len();
        if self.data.capacity() - start < PREFIX_BYTES {
            return false;
        }
        self.data.extend_from_slice(&[0; PREFIX_BYTES]);
        if !packed::append(entry, &mut self.data) {
            self.data.truncate(start);
            return false;
        }
        let length = u32::try_from(self.data.len() - start - PREFIX_BYTES)
            .expect("BUG: an entry fits into a chunk");
        self.data[start..start + PREFIX_BYTES].copy_from_slice(&length.to_le_bytes());
        self.entries += 1;
        self.last_id = id;
        true
    }

    fn entries(&self) -> impl Iterator<Item = Entry> {
        let mut rest = self.data.as_slice();
        std::iter::from_fn(move || {
            let (length, after) = rest.split_first_chunk::<PREFIX_BYTES>()?;
            let (entry, after) = after.split_at(u32::from_le_bytes(*length) as usize);
            rest = after;
            Some(Entry::decode(entry))
        })
    }
}
