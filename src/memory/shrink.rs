//! Gives the memory of collections back. What is forgotten leaves room behind, which no budget counts: a
//! tenant that had much for a moment would keep the room for it.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher, Hash};

use indexmap::IndexMap;

/// Room for this many entries stays while there are any.
const MIN_CAPACITY: usize = 4;

/// A collection that can give memory back.
pub(crate) trait Shrink {
    /// How many entries it has, and room for.
    fn room(&self) -> (usize, usize);

    fn shrink_to(&mut self, capacity: usize);

    /// Gives memory back if more than half of it is unused. A quarter of the entries must go before this
    /// happens again.
    fn shrink_if_sparse(&mut self) {
        let (len, capacity) = self.room();
        if len == 0 || capacity > MIN_CAPACITY && len < capacity / 2 {
            self.shrink_to(len + len / 2);
        }
    }
}

macro_rules! shrink {
    ($([$($generics:tt)*] $collection:ty;)+) => {
        $(impl<$($generics)*> Shrink for $collection {
            fn room(&self) -> (usize, usize) {
                (self.len(), self.capacity())
            }

            fn shrink_to(&mut self, capacity: usize) {
                self.shrink_to(capacity);
            }
        })+
    };
}
shrink! {
    [T] VecDeque<T>;
    [T] Vec<T>;
    [T: Eq + Hash, S: BuildHasher] HashSet<T, S>;
    [K: Eq + Hash, V, S: BuildHasher] HashMap<K, V, S>;
    [K: Eq + Hash, V, S: BuildHasher] IndexMap<K, V, S>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_of_what_is_gone_is_given_back_a_part_at_a_time() {
        let mut queue: VecDeque<u64> = (0..1000).collect();
        let mut map: HashMap<u64, u64> = (0..1000).map(|number| (number, number)).collect();
        let mut times = 0;
        for number in 0..1000 {
            queue.pop_front();
            map.remove(&number);
            let before = queue.capacity();
            queue.shrink_if_sparse();
            map.shrink_if_sparse();
            times += usize::from(queue.capacity() < before);
            let most = MIN_CAPACITY.max(2 * queue.len() + 1);
            assert!(queue.capacity() <= most, "{} for {}", queue.capacity(), queue.len());
            // a table has room for 7 entries in 8 places, of which there are a power of two
            assert!(map.capacity() <= 2 * most, "{} for {}", map.capacity(), map.len());
        }
        assert!((5..20).contains(&times), "{times} times");
        assert_eq!((queue.capacity(), map.capacity()), (0, 0));
    }
}
