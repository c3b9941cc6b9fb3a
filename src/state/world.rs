//! One tenant's world: the shared seed and what the tenant has done since.

use std::sync::Arc;

use indexmap::IndexMap;
use uuid::Uuid;

use super::{Community, Group, Seed, User};

/// The mutable half of a tenant. Making one copies nothing of the seed.
#[derive(Debug)]
pub struct World {
    seed: Arc<Seed>,
    groups: IndexMap<Uuid, Group>,
    groups_created: u64,
    tokens_issued: u64,
}

impl World {
    /// A world in which nothing has happened yet.
    pub fn new(seed: Arc<Seed>) -> Self {
        Self { seed, groups: IndexMap::new(), groups_created: 0, tokens_issued: 0 }
    }

    /// A community and its place in the order of all of them.
    pub fn community(&self, id: &Uuid) -> Option<(usize, &Community)> {
        self.seed.communities.get_full(id).map(|(index, _, community)| (index, community))
    }

    /// All communities, in order.
    pub fn communities(&self) -> impl Iterator<Item = &Community> {
        self.seed.communities.values()
    }

    /// A user.
    pub fn user(&self, id: &Uuid) -> Option<&User> {
        self.seed.users.get(id)
    }

    /// All users, in order.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        self.seed.users.values()
    }

    /// Whether a file counts as uploaded when the media mode is strict.
    pub fn has_media(&self, name: &str) -> bool {
        self.seed.media.contains(name)
    }

    /// A group that was created here.
    pub fn group(&self, chat_id: &Uuid) -> Option<&Group> {
        self.groups.get(chat_id)
    }

    /// All groups created here, oldest first.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.values()
    }

    /// How many groups were ever created here: the number the next one gets.
    pub fn groups_created(&self) -> u64 {
        self.groups_created
    }

    /// Remembers a group whose `chat_id` is not in use yet.
    pub fn add_group(&mut self, group: Group) {
        self.groups_created += 1;
        let before = self.groups.insert(group.chat_id, group);
        debug_assert!(before.is_none(), "the endpoint checks for repeats first");
    }

    /// Counts one more issued token and gives its number.
    pub fn issue_token(&mut self) -> u64 {
        let number = self.tokens_issued;
        self.tokens_issued += 1;
        number
    }
}
