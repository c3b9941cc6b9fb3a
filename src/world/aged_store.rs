//! Things that calls made in one world: found by id, listed and forgotten by age. Unlike groups, they
//! are never removed one by one.

use std::collections::VecDeque;

use uuid::Uuid;

use crate::memory::{HashMap, Shrink as _};

/// Things by id and by age.
#[derive(Debug)]
pub(super) struct AgedStore<T> {
    /// By age, the oldest first.
    items: VecDeque<(Uuid, T)>,
    /// How many were forgotten: the number of the first of `items`.
    first: u64,
    numbers: HashMap<Uuid, u64>,
}

impl<T> Default for AgedStore<T> {
    fn default() -> Self {
        Self { items: VecDeque::new(), first: 0, numbers: HashMap::default() }
    }
}

impl<T> AgedStore<T> {
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn get(&self, id: &Uuid) -> Option<&T> {
        Some(&self.items[self.index(id)?].1)
    }

    pub(super) fn get_mut(&mut self, id: &Uuid) -> Option<&mut T> {
        let index = self.index(id)?;
        Some(&mut self.items[index].1)
    }

    /// All of them, the oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.items.iter().map(|(_, item)| item)
    }

    /// Inserts the newest, whose id must not be in use.
    pub(super) fn insert(&mut self, id: Uuid, item: T) {
        let known = self.numbers.insert(id, self.first + self.items.len() as u64);
        debug_assert!(known.is_none(), "the id is a new one");
        self.items.push_back((id, item));
    }

    pub(super) fn remove_oldest(&mut self) -> Option<(Uuid, T)> {
        let (id, item) = self.items.pop_front()?;
        self.first += 1;
        self.numbers.remove(&id);
        self.items.shrink_if_sparse();
        self.numbers.shrink_if_sparse();
        Some((id, item))
    }

    fn index(&self, id: &Uuid) -> Option<usize> {
        let number = *self.numbers.get(id)?;
        Some(usize::try_from(number - self.first).expect("BUG: the items fit into memory"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_removed_first_and_the_others_are_still_found() {
        let id = |number: u64| Uuid::from_u128(number.into());
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
        while store.len() > 20 {
            store.remove_oldest();
        }
        let room = store.items.capacity().max(store.numbers.capacity());
        assert!(room <= 60, "what was forgotten leaves room for {room}");
    }
}
