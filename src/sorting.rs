//! Sorts what is seldom sorted. `[T]::sort_by` puts the whole algorithm, 5 kB, into the program again for each
//! type and each order; here it is there once, and what is moved at the end is small. Calls to the vendor do
//! not come here, since this takes two steps and some memory.

use std::cmp::Ordering;

/// Sorts as `[T]::sort_by` does: equal items stay in their order.
pub(crate) fn sort_by<T>(items: &mut [T], mut compare: impl FnMut(&T, &T) -> Ordering) {
    if items.len() > 1 {
        let compare = &mut |one: usize, other: usize| compare(&items[one], &items[other]);
        let order = sorted_order(items.len(), compare);
        put_in_order(items, order);
    }
}

/// Sorts by a key, which is asked for once of each item.
pub(crate) fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl FnMut(&T) -> K) {
    if items.len() > 1 {
        let keys: Vec<_> = items.iter().map(key).collect();
        let order = sorted_order(items.len(), &mut |one, other| keys[one].cmp(&keys[other]));
        put_in_order(items, order);
    }
}

/// Returns for each place of the sorted items where its item is now.
fn sorted_order(count: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<_> = (0..count).collect();
    order.sort_by(|one, other| compare(*one, *other));
    order
}

/// Moves each item once, along the circles of places that take each other's items.
fn put_in_order<T>(items: &mut [T], mut order: Vec<usize>) {
    for start in 0..order.len() {
        let mut place = start;
        loop {
            let from = std::mem::replace(&mut order[place], place);
            if from == start {
                break;
            }
            items.swap(place, from);
            place = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::property;

    proptest! {
        #![proptest_config(property::cases(500))]

        #[test]
        fn items_are_sorted_as_a_slice_sorts_them(numbers in vec(0..20_u8, 0..60)) {
            // the place tells equal ones from each other
            let items: Vec<_> = numbers.into_iter().enumerate().collect();
            let [mut own, mut by_key, mut usual] = [items.clone(), items.clone(), items];
            usual.sort_by_key(|(_, number)| *number);
            sort_by(&mut own, |(_, one), (_, other)| one.cmp(other));
            sort_by_key(&mut by_key, |(_, number)| *number);
            prop_assert_eq!(&own, &usual);
            prop_assert_eq!(by_key, usual);
        }
    }
}
