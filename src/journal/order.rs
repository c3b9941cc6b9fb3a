//! The order of all records over all tenants: where each one is, by its id.
//!
//! A place goes in when its record is stored. When the record goes, its place stays: a reader passes over
//! it, and a sweep drops it later, so that dropping a chunk costs nothing for each of its records. A sweep
//! looks at one block of places at a time and joins neighbours that have become small, so that a few old
//! records between many dropped ones keep little.

use std::collections::BTreeMap;

use super::chunk::Place;

const BLOCK_LEN: usize = 128;

/// What a block takes besides its places, in bytes.
const BLOCK_OVERHEAD_BYTES: usize = 2 * size_of::<(u64, Vec<Place>)>();

/// The memory of a new block, in bytes.
pub(super) const BLOCK_BYTES: usize = BLOCK_LEN * size_of::<Place>() + BLOCK_OVERHEAD_BYTES;

/// Places by id, the lowest first.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// By the id of their first place.
    blocks: BTreeMap<u64, Vec<Place>>,
    len: usize,
    /// The places that the blocks have memory for.
    capacity: usize,
    /// The next sweep looks at the first block from here on.
    next_swept: u64,
}

impl Order {
    pub(super) fn bytes(&self) -> usize {
        self.capacity * size_of::<Place>() + self.blocks.len() * BLOCK_OVERHEAD_BYTES
    }

    pub(super) fn is_full(&self) -> bool {
        self.blocks.last_key_value().is_none_or(|(_, block)| block.len() >= BLOCK_LEN)
    }

    /// Appends a place, which must have the greatest id.
    pub(super) fn push(&mut self, place: Place) {
        self.len += 1;
        if let Some(mut newest) = self.blocks.last_entry()
            && newest.get().len() < BLOCK_LEN
        {
            newest.get_mut().push(place);
            return;
        }
        let mut block = Vec::with_capacity(BLOCK_LEN);
        block.push(place);
        self.capacity += block.capacity();
        self.blocks.insert(place.id, block);
    }

    pub(super) fn find(&self, id: u64) -> Option<&Place> {
        let (_, block) = self.blocks.range(..=id).next_back()?;
        let index = block.binary_search_by_key(&id, |place| place.id).ok()?;
        block.get(index)
    }

    /// Records that a record is elsewhere in its chunk.
    pub(super) fn set_offset(&mut self, id: u64, offset: u32) {
        let Some((_, block)) = self.blocks.range_mut(..=id).next_back() else { return };
        if let Ok(index) = block.binary_search_by_key(&id, |place| place.id) {
            block[index].offset = offset;
        }
    }

    /// The places with a greater id, the lowest first.
    pub(super) fn after(&self, id: u64) -> impl Iterator<Item = &Place> {
        let first = self.blocks.range(..=id).next_back().map_or(0, |(first, _)| *first);
        let blocks = self.blocks.range(first..);
        blocks.flat_map(move |(_, block)| &block[block.partition_point(|place| place.id <= id)..])
    }

    /// The places with a lower id, the greatest first.
    pub(super) fn before(&self, id: u64) -> impl Iterator<Item = &Place> {
        let places = self.blocks.range(..id).rev().map(|(_, block)| block);
        places.flat_map(move |block| {
            block[..block.partition_point(|place| place.id < id)].iter().rev()
        })
    }

    /// Drops the places of one block that are not kept, if too many may be left of `kept` records.
    pub(super) fn sweep(&mut self, kept: usize, is_kept: impl Fn(&Place) -> bool) {
        if self.len <= 2 * kept + BLOCK_LEN {
            return;
        }
        // the newest block, which still grows, is left out
        let newest = self.blocks.last_key_value().map_or(0, |(first, _)| *first);
        let next = self.blocks.range(self.next_swept.min(newest)..newest).next();
        let Some((&first, _)) = next.or_else(|| self.blocks.range(..newest).next()) else { return };
        let Some(mut block) = self.blocks.remove(&first) else { return };
        self.next_swept = first + 1;
        self.len -= block.len();
        self.capacity -= block.capacity();
        block.retain(is_kept);
        self.len += block.len();
        let before = self.blocks.range_mut(..first).next_back().map(|(_, before)| before);
        if let Some(before) = before.filter(|before| before.len() + block.len() <= BLOCK_LEN) {
            self.capacity -= before.capacity();
            before.reserve_exact(block.len());
            before.append(&mut block);
            self.capacity += before.capacity();
        } else if let Some(place) = block.first() {
            let first = place.id;
            block.shrink_to_fit();
            self.capacity += block.capacity();
            self.blocks.insert(first, block);
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.len
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(id: u64) -> Place {
        Place { id, slot: 0, offset: 0 }
    }

    #[test]
    fn a_few_old_records_do_not_keep_the_places_of_all_that_were_dropped() {
        let mut order = Order::default();
        let is_kept = |id: u64, newest: u64| id.is_multiple_of(1000) || id + 50 > newest;
        for id in 1..=300_000 {
            order.push(place(id));
            let kept = usize::try_from(id / 1000).unwrap() + 50;
            order.sweep(kept, |place| is_kept(place.id, id));
            // those since the last whole round of sweeps are on top
            assert!(order.len() <= 3 * kept + 4 * BLOCK_LEN, "{} of {kept}", order.len());
            let least = order.len() * size_of::<Place>();
            assert!(order.bytes() <= 4 * least + 4 * BLOCK_BYTES, "{} for {least}", order.bytes());
        }
        let kept: Vec<_> = order.after(0).map(|place| place.id).collect();
        assert!(kept.is_sorted());
        for id in (1000..=300_000).step_by(1000) {
            assert!(kept.binary_search(&id).is_ok(), "{id}");
        }
        let mut newest_first: Vec<_> = order.before(u64::MAX).map(|place| place.id).collect();
        newest_first.reverse();
        assert_eq!(newest_first, kept);
    }

    #[test]
    fn places_are_found_by_id_from_both_sides() {
        let mut order = Order::default();
        let ids: Vec<u64> = (0..1000).map(|number| 3 * number + 2).collect();
        for id in &ids {
            order.push(place(*id));
        }
        for id in [0, 1, 2, 3, 383, 385, 386, 387, 2999, 3000] {
            let after = ids.iter().copied().filter(|other| *other > id).take(3);
            let found = order.after(id).take(3).map(|place| place.id);
            assert_eq!(found.collect::<Vec<_>>(), after.collect::<Vec<_>>(), "{id}");
            assert_eq!(order.find(id).map(|place| place.id), ids.contains(&id).then_some(id));
            let before = ids.iter().rev().copied().filter(|other| *other < id).take(3);
            let found = order.before(id).take(3).map(|place| place.id);
            assert_eq!(found.collect::<Vec<_>>(), before.collect::<Vec<_>>(), "{id}");
        }
    }
}
