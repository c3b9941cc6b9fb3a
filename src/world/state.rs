//! One tenant's world: the shared seed and what the tenant has done since.

use std::sync::Arc;

use uuid::Uuid;

use super::group_store::Shelf;
use super::{Community, Group, Seed, User};

/// The mutable half of a tenant. Making one copies nothing of the seed.
#[derive(Debug)]
pub struct World {
    /// Shared with all tenants until something is added to it here.
    seed: Arc<Seed>,
    groups: Shelf,
    groups_created: u64,
    forgotten: u64,
    tokens_issued: u64,
}

/// The most communities, and as many users, that a world may come to have.
const LIMIT_ADDED: usize = 10_000;

impl World {
    /// A world in which nothing has happened yet.
    pub fn new(seed: Arc<Seed>) -> Self {
        Self { seed, groups: Shelf::default(), groups_created: 0, forgotten: 0, tokens_issued: 0 }
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

    /// A file that counts as uploaded in every media mode, if there is one.
    pub fn some_media(&self) -> Option<&str> {
        self.seed.media.iter().map(String::as_str).min()
    }

    /// A group that was created here.
    pub fn group(&self, chat_id: &Uuid) -> Option<Group<'_>> {
        self.groups.get(chat_id)
    }

    /// Whether there is a group of this id.
    pub fn has_group(&self, chat_id: &Uuid) -> bool {
        self.groups.contains(chat_id)
    }

    /// All groups created here, oldest first.
    pub fn groups(&self) -> impl Iterator<Item = Group<'_>> {
        self.groups.iter()
    }

    /// How many groups are remembered.
    pub fn group_count(&self) -> usize {
        self.groups.len()
    }

    /// What the groups count as together where memory is bounded: their number, or more if some
    /// hold much.
    pub fn weight(&self) -> usize {
        self.groups.weight()
    }

    /// How many groups were ever created here: the number the next one gets.
    pub fn groups_created(&self) -> u64 {
        self.groups_created
    }

    /// How many groups were forgotten to keep memory bounded.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// Remembers a group whose `chat_id` is not in use yet.
    pub fn add_group(&mut self, group: &Group) {
        self.groups_created += 1;
        self.groups.push(group.chat_id, group);
    }

    /// Forgets the oldest groups, at most so many, and says how many there were.
    pub fn forget_oldest(&mut self, count: usize) -> usize {
        let count = self.groups.forget_oldest(count);
        self.forgotten += count as u64;
        count
    }

    /// Adds a community to this world alone, or says why not.
    pub fn add_community(&mut self, community: Community) -> Result<(), String> {
        let communities = &self.seed.communities;
        if communities.contains_key(&community.community_id) {
            return Err(format!("the community_id {} is in use", community.community_id));
        }
        if communities.values().any(|other| other.handle == community.handle) {
            return Err(format!("the handle {:?} is in use", community.handle));
        }
        if communities.len() >= LIMIT_ADDED {
            return Err(format!("a world has at most {LIMIT_ADDED} communities"));
        }
        Arc::make_mut(&mut self.seed).communities.insert(community.community_id, community);
        Ok(())
    }

    /// Adds a user to this world alone, or says why not.
    pub fn add_user(&mut self, user: User) -> Result<(), String> {
        let users = &self.seed.users;
        if users.contains_key(&user.user_id) {
            return Err(format!("the user_id {} is in use", user.user_id));
        }
        if users.values().any(|other| other.username == user.username) {
            return Err(format!("the username {:?} is in use", user.username));
        }
        if users.len() >= LIMIT_ADDED {
            return Err(format!("a world has at most {LIMIT_ADDED} users"));
        }
        Arc::make_mut(&mut self.seed).users.insert(user.user_id, user);
        Ok(())
    }

    /// Counts one more issued token and gives its number.
    pub fn issue_token(&mut self) -> u64 {
        let number = self.tokens_issued;
        self.tokens_issued += 1;
        number
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A group with a description, and else with as little as there can be.
    pub fn group(number: u64, description: &str) -> Group<'_> {
        Group {
            chat_id: Uuid::from_u128(number.into()),
            group_id: Uuid::from_u128(0),
            number,
            community_id: Uuid::from_u128(0),
            creator: Uuid::from_u128(0),
            name: None,
            description: Some(description),
            tags: None,
            dp: None,
            topics: Vec::new(),
            members: Vec::new(),
            invitations: Vec::new(),
            actions: Vec::new().into(),
            discoverable: true,
            template_id: None,
            is_ai_generated: None,
            video: None,
            created_at_ms: 0,
        }
    }

    #[test]
    fn a_long_group_counts_as_several_and_the_oldest_are_forgotten_first() {
        let mut world = World::new(Arc::default());
        for (number, description) in [(1, 10), (2, 80 * 1024), (3, 10)] {
            world.add_group(&group(number, &"x".repeat(description)));
        }
        assert_eq!((world.group_count(), world.weight()), (3, 13));
        assert_eq!(world.forget_oldest(2), 2);
        assert_eq!((world.group_count(), world.weight(), world.forgotten()), (1, 1, 2));
        assert!(world.group(&Uuid::from_u128(3)).is_some(), "the newest is still there");
    }
}
