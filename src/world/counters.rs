//! How much calls have made in a world, which decides the ids of what the next ones make, and how much of it
//! was forgotten to keep memory bounded.

use serde::Serialize;

/// How much calls have made, ever: the numbers of the next ones.
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

/// How much of each kind of data was forgotten to keep memory bounded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Forgotten {
    /// Groups, also those of a forgotten community.
    pub(crate) groups: u64,
    /// Posted videos, those of forgotten groups aside.
    pub(crate) videos: u64,
    /// Communities, and members who had joined old ones.
    pub(crate) communities: u64,
    pub(crate) users: u64,
}

impl Forgotten {
    /// Adds what a world has forgotten between two moments.
    pub(crate) fn add_between(&mut self, before: Self, after: Self) {
        self.groups += after.groups - before.groups;
        self.videos += after.videos - before.videos;
        self.communities += after.communities - before.communities;
        self.users += after.users - before.users;
    }
}
