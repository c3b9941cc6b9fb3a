//! Things that calls made in one world: found by id, listed and forgotten by age. Unlike groups, they
//! are never removed one by one.

use std::collections::BTreeMap;

use uuid::Uuid;

/// Things by id and by age. They are in trees of small nodes: a tenant that makes thousands in one call, most of
/// which are forgotten at once, would break the heap up with tables that grow to megabytes.
#[derive(Debug)]
pub(super) struct AgedStore<T> {
    /// By number: the oldest first.
    items: BTreeMap<u64, (Uuid, T)>,
    next: u64,
    numbers: BTreeMap<Uuid, u64>,
}

impl<T> Default for AgedStore<T> {
    fn default() -> Self {
        Self { items: BTreeMap::new(), next: 0, numbers: BTreeMap::new() }
    }
}

impl<T> AgedStore<T> {
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn get(&self, id: &Uuid) -> Option<&T> {
        let (_, item) = self.items.get(self.numbers.get(id)?)?;
        Some(item)
    }

    pub(super) fn get_mut(&mut self, id: &Uuid) -> Option<&mut T> {
        let (_, item) = self.items.get_mut(self.numbers.get(id)?)?;
        Some(item)
    }

    /// All of them, the oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.items.values().map(|(_, item)| item)
    }

    /// Inserts the newest, whose id must not be in use.
    pub(super) fn insert(&mut self, id: Uuid, item: T) {
        let known = self.numbers.insert(id, self.next);
        debug_assert!(known.is_none(), "the id is a new one");
        self.items.insert(self.next, (id, item));
        self.next += 1;
    }

    pub(super) fn remove_oldest(&mut self) -> Option<(Uuid, T)> {
        let (_, (id, item)) = self.items.pop_first()?;
        self.numbers.remove(&id);
        Some((id, item))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::test_data::id;

    #[test]
    fn the_oldest_is_removed_first_and_the_others_are_still_found() {
        let mut store = AgedStore::default();
        for number in 0..100 {
            store.insert(id(number), number);
            if number % 3 == 2 {
                assert_eq!(store.remove_oldest(), Some((id(number / 3), number / 3)));
            }
        }
        let left: Vec<_> = store.iter().copied().collect();
        assert_eq!(left, (33..100).collect::<Vec<_>>());
        for number in 0..100 {
            assert_eq!(store.get(&id(number)).copied(), (number >= 33).then_some(number));
        }
        *store.get_mut(&id(50)).unwrap() = 7;
        assert_eq!((store.get(&id(50)), store.len()), (Some(&7), 67));
    }
}
