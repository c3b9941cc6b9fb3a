//! Maps that calls look into. Their hash takes a tenth of the standard one's time and has a random key like
//! it, so that nobody who chooses the keys can know which of them collide.

use std::collections;

use foldhash::fast::RandomState;

/// A hash map.
pub(crate) type HashMap<K, V> = collections::HashMap<K, V, RandomState>;

/// A hash map that keeps the order of insertion.
pub type IndexMap<K, V> = indexmap::IndexMap<K, V, RandomState>;
