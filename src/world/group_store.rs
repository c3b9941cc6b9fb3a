//! The groups of one world: found by id, listed and forgotten by age, with a weight for
//! `--max-groups`.

use std::collections::{HashMap, VecDeque};

use uuid::Uuid;

use super::Group;

/// A group counts as one more for each full piece of this size, in bytes.
const WEIGHT_BYTES: usize = 8 * 1024;

/// Groups by `chat_id` and by age.
#[derive(Debug, Default)]
pub(super) struct GroupStore {
    /// By age, the oldest first, with a gap where one was removed.
    groups: VecDeque<Option<Box<Group>>>,
    /// The number of the first of `groups`.
    first: u64,
    /// The number of each group, which counts up. Hashed with a random key, since clients choose the
    /// ids.
    numbers: HashMap<Uuid, u64>,
    weight: usize,
}

impl GroupStore {
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// The weight for `--max-groups`: 1 per group, more for large ones.
    pub(super) fn weight(&self) -> usize {
        self.weight
    }

    pub(super) fn get(&self, id: &Uuid) -> Option<&Group> {
        let index = self.index(*self.numbers.get(id)?);
        self.groups[index].as_deref()
    }

    /// All groups, the oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter_map(Option::as_deref)
    }

    /// Inserts a group, which must be the newest and whose id must not be in use.
    pub(super) fn insert(&mut self, group: Group) {
        if self.groups.is_empty() {
            self.first = group.number;
        }
        let index = self.index(group.number);
        debug_assert!(index >= self.groups.len(), "the group is the newest");
        self.weight += weight(&group);
        let known = self.numbers.insert(group.chat_id, group.number);
        debug_assert!(known.is_none(), "the id is a new one");
        self.groups.resize_with(index, || None);
        self.groups.push_back(Some(Box::new(group)));
    }

    /// Changes a group, all but its `chat_id` and its number, and weighs it again.
    pub(super) fn update<T>(
        &mut self,
        id: &Uuid,
        change: impl FnOnce(&mut Group) -> T,
    ) -> Option<T> {
        let number = *self.numbers.get(id)?;
        let index = self.index(number);
        let group = self.groups[index].as_mut()?;
        let before = weight(group);
        let result = change(group);
        debug_assert!(group.chat_id == *id && group.number == number, "both are its address");
        self.weight = self.weight - before + weight(group);
        Some(result)
    }

    pub(super) fn remove(&mut self, id: &Uuid) -> Option<Group> {
        let number = self.numbers.remove(id)?;
        let index = self.index(number);
        let group = self.groups[index].take()?;
        self.weight -= weight(&group);
        Some(*group)
    }

    /// Removes up to `count` of the oldest groups and returns how many were removed.
    pub(super) fn forget_oldest(&mut self, count: usize) -> usize {
        let mut forgotten = 0;
        while forgotten < count
            && let Some(oldest) = self.groups.pop_front()
        {
            self.first += 1;
            if let Some(group) = oldest {
                self.numbers.remove(&group.chat_id);
                self.weight -= weight(&group);
                forgotten += 1;
            }
        }
        forgotten
    }

    fn index(&self, number: u64) -> usize {
        usize::try_from(number - self.first).expect("BUG: the groups fit into memory")
    }
}

fn weight(group: &Group) -> usize {
    1 + group.size_bytes() / WEIGHT_BYTES
}

#[cfg(test)]
mod tests {
    use super::super::Text;
    use super::*;

    fn id(number: u64) -> Uuid {
        Uuid::from_u128(number.into())
    }

    fn group(number: u64, description: &str) -> Group {
        let description = Some(description.into());
        Group { chat_id: id(number), number, description, ..Group::default() }
    }

    #[test]
    fn the_oldest_groups_are_forgotten_first() {
        let mut store = GroupStore::default();
        let mut oldest = 0;
        for number in 0..300 {
            store.insert(group(number, &number.to_string()));
            if number % 5 == 4 {
                assert_eq!(store.forget_oldest(4), 4);
                oldest += 4;
            }
        }
        let numbers: Vec<_> = store.iter().map(|group| group.number).collect();
        assert_eq!(numbers, (oldest..300).collect::<Vec<_>>());
        for number in 0..300 {
            let found = store.get(&id(number)).and_then(|group| group.description.clone());
            assert_eq!(
                found,
                (number >= oldest).then(|| Text::from(&*number.to_string())),
                "{number}"
            );
        }
        assert_eq!(store.forget_oldest(1000), numbers.len());
        assert_eq!((store.len(), store.weight(), store.numbers.len()), (0, 0, 0));
    }

    #[test]
    fn the_weight_follows_insert_update_and_remove() {
        let mut store = GroupStore::default();
        for (number, bytes) in [(1, 10), (2, 80 * 1024), (3, 10)] {
            store.insert(group(number, &"x".repeat(bytes)));
        }
        assert_eq!((store.len(), store.weight()), (3, 13));
        let text = "x".repeat(9 * 1024);
        assert_eq!(store.update(&id(1), |group| group.name = Some((*text).into())), Some(()));
        assert_eq!(store.weight(), 14);
        assert_eq!(
            store.update(&id(1), |group| group.name.take().map(|name| name.len())),
            Some(Some(9 * 1024))
        );
        assert_eq!((store.weight(), store.get(&id(1)).unwrap().name.as_ref()), (13, None));
        assert_eq!(store.remove(&id(2)).map(|group| group.number), Some(2));
        assert_eq!((store.len(), store.weight()), (2, 2));
        assert_eq!(store.update(&id(2), |_| ()), None);
        assert_eq!(store.remove(&id(2)), None);
    }
}
