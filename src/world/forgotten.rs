//! How much was forgotten to keep memory bounded: [`Forgotten`].

use super::{Made, World};

/// How much of each kind of data was forgotten to keep memory bounded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Forgotten {
    /// Groups, also those of a forgotten community.
    pub(crate) groups: u64,
    /// Posted videos, those of forgotten groups aside.
    pub(crate) videos: u64,
    /// Communities, and members who had joined old ones.
    pub(crate) communities: u64,
    /// Users.
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

impl World {
    /// How much this world has forgotten.
    pub(crate) fn all_forgotten(&self) -> Forgotten {
        Forgotten {
            groups: self.forgotten(),
            videos: self.videos_forgotten(),
            communities: self.made_forgotten(Made::Communities),
            users: self.made_forgotten(Made::Users),
        }
    }
}
