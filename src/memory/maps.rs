//! Maps in which every call looks something up. Their hash is faster than the standard one, and has a random
//! key like it, so that clients who choose the keys cannot know which of them collide.

use std::collections;

use foldhash::fast::RandomState;

pub(crate) type HashMap<K, V> = collections::HashMap<K, V, RandomState>;

/// A hash map that keeps the order of insertion.
pub(crate) type IndexMap<K, V> = indexmap::IndexMap<K, V, RandomState>;
