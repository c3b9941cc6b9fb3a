//! The entries of one tenant, in chunks of fixed size that are given and taken as a whole.

use std::collections::VecDeque;

use super::CHUNK_BYTES;
use super::entry::Entry;

/// A tenant's chunks, the oldest first.
#[derive(Debug, Default)]
pub struct Chain {
    chunks: VecDeque<Chunk>,
    /// How many entries there ever were.
    seqs: u64,
    dropped: u64,
}

#[derive(Debug)]
struct Chunk {
    /// Entries one after another, each behind its length.
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

    /// How many chunks it has.
    pub fn len(&self) -> usize {
        self.chunks.len()
    }

    /// How many entries it has.
    pub fn kept(&self) -> u64 {
        self.chunks.iter().map(|chunk| chunk.entries).sum()
    }

    /// How many entries gave way.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Adds an entry to the newest chunk, if there is room.
    pub fn push(&mut self, id: u64, bytes: &[u8]) -> bool {
        let Some(chunk) = self.chunks.back_mut() else { return false };
        if chunk.data.len() + PREFIX_BYTES + bytes.len() > CHUNK_BYTES {
            return false;
        }
        chunk.push(id, bytes);
        self.seqs += 1;
        true
    }

    /// Adds an entry to a chunk of its own.
    pub fn push_into(&mut self, data: Vec<u8>, id: u64, bytes: &[u8]) {
        let mut chunk = Chunk { data, entries: 0, last_id: id };
        chunk.push(id, bytes);
        self.chunks.push_back(chunk);
        self.seqs += 1;
    }

    /// Gives the oldest chunk to somebody else, emptied.
    pub fn give_up_oldest(&mut self) -> Option<Vec<u8>> {
        let mut chunk = self.chunks.pop_front()?;
        self.dropped += chunk.entries;
        chunk.data.clear();
        Some(chunk.data)
    }

    /// Forgets all entries and says how many chunks that frees.
    pub fn clear(&mut self) -> usize {
        let freed = self.chunks.len();
        self.chunks.clear();
        freed
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
    fn push(&mut self, id: u64, bytes: &[u8]) {
        let length = u32::try_from(bytes.len()).expect("BUG: an entry fits into a chunk");
        self.data.extend_from_slice(&length.to_le_bytes());
        self.data.extend_from_slice(bytes);
        self.entries += 1;
        self.last_id = id;
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
