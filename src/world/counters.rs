//! How much calls have made in a world, which decides the ids of what the next ones make.

use serde::Serialize;

/// How much calls have made, ever.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Counters {
    pub(crate) groups: u64,
    pub(crate) communities: u64,
    pub(crate) users: u64,
    /// Videos that were posted.
    pub(crate) videos: u64,
    /// Access tokens that were issued.
    pub(crate) tokens: u64,
    /// The number of the next new category; above the highest that exists.
    pub(crate) next_category: i64,
}
