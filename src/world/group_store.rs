//! The groups of one world, packed one after another into chunks, the oldest first. There are tens
//! of thousands of them, and calls rarely look at one again: so they are found by numbers alone, and
//! are forgotten without being touched.

use std::collections::VecDeque;
use std::hash::{BuildHasher as _, RandomState};

use hashbrown::HashTable;
use uuid::Uuid;

use super::Group;
use crate::journal::codec;

/// The largest chunk but for one longer group, in bytes. The first is smaller, since most worlds
/// have a few groups, and each is twice as large as the one before.
const CHUNK_BYTES: usize = 32 * 1024;
/// The smallest, in bytes.
const FIRST_CHUNK_BYTES: usize = 1024;

/// How long a packed group may be before it counts as several, in bytes.
const WEIGHT_BYTES: usize = 8 * 1024;

/// Groups by their id, which are forgotten in the order they came.
#[derive(Debug, Default)]
pub struct Shelf {
    /// The oldest first.
    slots: VecDeque<Slot>,
    /// The number of the oldest; each one after it has the next.
    first: u64,
    /// Numbers by the hash of the id, as far as they fit: there are never as many groups at once.
    by_id: HashTable<u32>,
    hasher: RandomState,
    chunks: VecDeque<Chunk>,
    /// The number of the oldest chunk.
    first_chunk: u64,
    /// What the groups count as together.
    weight: usize,
}

/// Where a group is.
#[derive(Debug)]
struct Slot {
    id: Uuid,
    hash: u64,
    chunk: u64,
    start: u32,
    end: u32,
}

#[derive(Debug)]
struct Chunk {
    /// Never grows past what it was made for.
    bytes: Vec<u8>,
    /// How many groups in it are remembered.
    groups: usize,
}

impl Slot {
    /// How many groups it counts as where memory is bounded: 1, and more if it holds much.
    fn weight(&self) -> usize {
        1 + (self.end - self.start) as usize / WEIGHT_BYTES
    }
}

impl Shelf {
    /// How many groups there are.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// What they count as together where memory is bounded: their number, or more if some hold
    /// much.
    pub fn weight(&self) -> usize {
        self.weight
    }

    /// Whether there is a group of an id.
    pub fn contains(&self, id: &Uuid) -> bool {
        self.slot(id).is_some()
    }

    /// The group of an id.
    pub fn get(&self, id: &Uuid) -> Option<Group<'_>> {
        self.slot(id).map(|slot| self.unpack(slot))
    }

    /// All groups, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = Group<'_>> {
        self.slots.iter().map(|slot| self.unpack(slot))
    }

    /// Adds a group, whose id none has that is there.
    pub fn push(&mut self, id: Uuid, group: &Group) {
        debug_assert!(!self.contains(&id), "ids are checked for repeats first");
        let (start, end) = self.pack(group);
        let position = |at: usize| u32::try_from(at).expect("BUG: a chunk is as long as a body");
        let chunk = self.first_chunk + self.chunks.len() as u64 - 1;
        let hash = self.hasher.hash_one(id);
        let slot = Slot { id, hash, chunk, start: position(start), end: position(end) };
        self.weight += slot.weight();
        let number = short(self.first + self.slots.len() as u64);
        self.slots.push_back(slot);
        let (slots, first) = (&self.slots, short(self.first));
        let rehash = |number: &u32| slots[number.wrapping_sub(first) as usize].hash;
        self.by_id.insert_unique(hash, number, rehash);
    }

    /// Forgets the oldest groups, at most so many, and says how many there were.
    pub fn forget_oldest(&mut self, count: usize) -> usize {
        let count = count.min(self.slots.len());
        for slot in self.slots.drain(..count) {
            self.weight -= slot.weight();
            let number = short(self.first);
            if let Ok(entry) = self.by_id.find_entry(slot.hash, |other| *other == number) {
                entry.remove();
            }
            self.first += 1;
            let chunk = &mut self.chunks[place(slot.chunk, self.first_chunk)];
            chunk.groups -= 1;
            if chunk.groups == 0 {
                // groups are forgotten in order, so that it is the oldest one
                self.chunks.pop_front();
                self.first_chunk += 1;
            }
        }
        count
    }

    fn slot(&self, id: &Uuid) -> Option<&Slot> {
        let first = short(self.first);
        let slot = |number: &u32| &self.slots[number.wrapping_sub(first) as usize];
        let number = self.by_id.find(self.hasher.hash_one(id), |number| slot(number).id == *id)?;
        Some(slot(number))
    }

    fn unpack(&self, slot: &Slot) -> Group<'_> {
        let chunk = &self.chunks[place(slot.chunk, self.first_chunk)];
        let bytes = &chunk.bytes[slot.start as usize..slot.end as usize];
        postcard::from_bytes(bytes).expect("BUG: what was packed can be unpacked")
    }

    /// Writes a group into the newest chunk, or into a new one if there is no room, and says where.
    fn pack(&mut self, group: &Group) -> (usize, usize) {
        if let Some(chunk) = self.chunks.back_mut() {
            let start = chunk.bytes.len();
            if codec::append(group, &mut chunk.bytes) {
                chunk.groups += 1;
                return (start, chunk.bytes.len());
            }
        }
        let packed = postcard::to_allocvec(group).expect("BUG: plain data can always be encoded");
        let last = self.chunks.back().map_or(FIRST_CHUNK_BYTES / 2, |chunk| chunk.bytes.capacity());
        let length = (2 * last).min(CHUNK_BYTES).max(packed.len());
        let mut bytes = Vec::with_capacity(length);
        bytes.extend_from_slice(&packed);
        self.chunks.push_back(Chunk { bytes, groups: 1 });
        (0, packed.len())
    }
}

/// A number without what does not fit.
fn short(number: u64) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "that is what it is for")]
    let short = number as u32;
    short
}

/// Where something stands of which the first has another number.
fn place(number: u64, first: u64) -> usize {
    usize::try_from(number - first).expect("BUG: what is in memory can be counted")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::state::tests::group;

    fn id(number: usize) -> Uuid {
        Uuid::from_u128(number as u128)
    }

    #[test]
    fn what_is_remembered_is_what_came_last() {
        // numbers that do not fit any more
        let mut shelf = Shelf { first: u64::from(u32::MAX) - 100, ..Shelf::default() };
        let lengths = [0, 700, 40_000, 10, 31_000, 5_000, 100];
        let text = |number: usize| "x".repeat(lengths[number % lengths.len()]);
        let mut oldest = 0;
        for number in 0..300 {
            shelf.push(id(number), &group(number as u64, &text(number)));
            if number % 5 == 4 {
                assert_eq!(shelf.forget_oldest(4), 4);
                oldest += 4;
            }
            assert_eq!(shelf.len(), number + 1 - oldest);
            for other in 0..=number {
                assert_eq!(shelf.contains(&id(other)), other >= oldest, "{other} of {number}");
            }
        }
        let numbers: Vec<_> = shelf.iter().map(|group| group.number).collect();
        assert_eq!(numbers, (oldest as u64..300).collect::<Vec<_>>());
        for number in oldest..300 {
            let group = shelf.get(&id(number)).unwrap();
            assert_eq!(group.description, Some(&*text(number)), "{number}");
        }
        assert_eq!(shelf.forget_oldest(1000), 300 - oldest);
        assert_eq!((shelf.len(), shelf.weight(), shelf.chunks.len()), (0, 0, 0));
        shelf.push(id(1), &group(1, "again"));
        assert!(shelf.contains(&id(1)));
    }

    #[test]
    fn little_takes_little_memory() {
        let mut shelf = Shelf::default();
        shelf.push(id(1), &group(1, "x"));
        assert_eq!(shelf.chunks[0].bytes.capacity(), FIRST_CHUNK_BYTES);
        for number in 2..1000 {
            shelf.push(id(number), &group(number as u64, &"x".repeat(400)));
        }
        let bytes: usize = shelf.chunks.iter().map(|chunk| chunk.bytes.capacity()).sum();
        let packed = 1000 * codec::encoded_bytes(&group(1000, &"x".repeat(400)));
        assert!(bytes < packed + 2 * CHUNK_BYTES, "{bytes} bytes for {packed}");
    }
}
