//! What a call would change, as counts, for those who ask before they make it.

use crate::text::named;

named! {
    /// The kinds of data that calls change.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum ChangedData {
        Groups = "groups",
        /// Recorded and posted ones.
        Videos = "videos",
        Communities = "communities",
        /// Who is in which community, with which role.
        Memberships = "memberships",
        Categories = "categories",
        Users = "users",
        /// Access tokens that are issued.
        Tokens = "tokens",
    }
}

named! {
    /// What becomes of data.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum ChangeKind {
        Added = "added",
        Changed = "changed",
    }
}

/// How much of a kind of data a call adds or changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangeCount {
    /// The kind of data.
    pub kind: ChangedData,
    /// What becomes of it.
    pub change: ChangeKind,
    /// How many; at least one.
    pub count: usize,
}

/// What a call changes in the world of its tenant. What it adds comes with its parts: the members of a new group
/// are not counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes(Vec<ChangeCount>);

impl Changes {
    /// Adds so many that are added.
    #[must_use]
    pub(crate) fn added(self, kind: ChangedData, count: usize) -> Self {
        self.with(ChangeCount { kind, change: ChangeKind::Added, count })
    }

    /// Adds so many that are changed.
    #[must_use]
    pub(crate) fn changed(self, kind: ChangedData, count: usize) -> Self {
        self.with(ChangeCount { kind, change: ChangeKind::Changed, count })
    }

    fn with(mut self, change: ChangeCount) -> Self {
        if change.count > 0 {
            self.0.push(change);
        }
        self
    }

    /// Iterates over the counts, the most important first.
    pub fn iter(&self) -> impl Iterator<Item = &ChangeCount> + Clone {
        self.0.iter()
    }
}
