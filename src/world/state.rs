//! One tenant's world: the shared seed and what the tenant has added to it.

use std::sync::Arc;

use uuid::Uuid;

use super::additions::{Additions, NONE};
use super::group_store::GroupStore;
use super::user::phone_as_integer;
use super::{Community, Counters, Forgotten, Group, PostedVideo, Seed, User};
use crate::memory::{Budget, BudgetFull};
use crate::text::quoted;

/// The data of one tenant. A new one copies nothing of the seed but its groups.
#[derive(Debug)]
pub struct World {
    pub(super) seed: Arc<Seed>,
    pub(super) additions: Option<Box<Additions>>,
    groups: GroupStore,
    pub(super) counters: Counters,
    pub(super) forgotten: Forgotten,
}

/// Why something is not added to a world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AdditionRefused {
    /// It contradicts what is there; says how.
    Conflict(String),
    /// There are as many as there can be; says how many.
    TooMany(String),
    /// It takes this many bytes, and fewer are left.
    Full(usize),
}

/// What the entry of an addition in its index takes, in bytes.
const INDEX_BYTES: usize = 64;

/// The most communities, and as many users, that the own API adds to a world, those of the seed included.
const MAX_EACH: usize = 10_000;

impl World {
    /// A world with nothing but the seed.
    pub fn new(seed: Arc<Seed>) -> Self {
        let (groups, counters) = (GroupStore::with(&seed.groups), seed.counters);
        Self { seed, additions: None, groups, counters, forgotten: Forgotten::default() }
    }

    /// How much calls have made here, ever.
    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// How much of that was forgotten to keep memory bounded.
    pub(crate) fn forgotten(&self) -> &Forgotten {
        &self.forgotten
    }

    pub(super) fn added(&self) -> &Additions {
        self.additions.as_deref().unwrap_or(&NONE)
    }

    /// The same to be changed; a world that has none gets them.
    pub(super) fn added_mut(&mut self) -> &mut Additions {
        let next_category = self.counters.next_category;
        self.additions.get_or_insert_with(|| Box::new(Additions::new(next_category)))
    }

    /// The memory of the additions besides what is in them, in bytes.
    pub(super) fn addition_bytes(&self) -> usize {
        if self.additions.is_some() { size_of::<Additions>() } else { 0 }
    }

    /// What it started from.
    pub(crate) fn seed(&self) -> &Seed {
        &self.seed
    }

    /// The user behind tokens that name no other.
    pub(crate) fn creator(&self) -> Uuid {
        self.seed.creator
    }

    /// Iterates over the files that count as uploaded when the media mode is strict, in any order.
    pub(crate) fn media(&self) -> impl Iterator<Item = &str> {
        self.seed.media.iter().map(String::as_str)
    }

    /// Whether a file counts as uploaded when the media mode is strict.
    pub(crate) fn has_media(&self, name: &str) -> bool {
        self.seed.media.contains(name)
    }

    pub(crate) fn group(&self, chat_id: &Uuid) -> Option<&Group> {
        self.groups.get(chat_id)
    }

    /// All groups created here, the oldest first.
    pub(crate) fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter()
    }

    pub(crate) fn group_store(&self) -> &GroupStore {
        &self.groups
    }

    pub(crate) fn newest_group(&self) -> Option<&Group> {
        self.groups.iter().next_back()
    }

    /// Adds a new group. It is found in place of an older one with its `chat_id`.
    pub(crate) fn add_group(&mut self, group: Group) {
        self.counters.groups += 1;
        let groups = &self.groups;
        let is_known = |id: &Uuid| groups.get(id).is_some();
        if let Some(added) = &mut self.additions {
            added.communities.note_group(&group.community_id, group.chat_id, is_known);
        }
        self.groups.insert(group);
    }

    /// Changes a group, all but its `chat_id` and its number; `None` if there is no such group.
    pub(crate) fn update_group<T>(
        &mut self,
        chat_id: &Uuid,
        change: impl FnOnce(&mut Group) -> T,
    ) -> Option<T> {
        self.groups.update(chat_id, change)
    }

    /// Adds a video to a group, with the next number; `None` if there is no such group.
    pub(crate) fn post_video(&mut self, chat_id: &Uuid, video: Arc<PostedVideo>) -> Option<()> {
        debug_assert!(video.number == self.counters.videos, "the video is the newest");
        self.groups.post_video(chat_id, video)?;
        self.counters.videos += 1;
        Some(())
    }

    /// Forgets the oldest posted video of all groups; returns false if there is none.
    pub(crate) fn forget_oldest_video(&mut self) -> bool {
        let is_forgotten = self.groups.forget_oldest_video();
        self.forgotten.videos += u64::from(is_forgotten);
        is_forgotten
    }

    pub(crate) fn remove_group(&mut self, chat_id: &Uuid) -> Option<Group> {
        self.groups.remove(chat_id)
    }

    /// Removes up to `count` of the oldest groups and returns how many were removed.
    pub(crate) fn forget_oldest(&mut self, count: usize) -> usize {
        let count = self.groups.forget_oldest(count);
        self.forgotten.groups += count as u64;
        count
    }

    /// Adds a community to this world alone, if the budget has room for it.
    pub(crate) fn add_community(
        &mut self,
        community: Community,
        budget: &Arc<Budget>,
    ) -> Result<(), AdditionRefused> {
        let conflict = |why| Err(AdditionRefused::Conflict(why));
        if self.community(&community.community_id).is_some() {
            return conflict(format!("the community_id {} is in use", community.community_id));
        }
        if self.has_handle(&community.handle) {
            return conflict(format!("the handle {} is in use", quoted(&community.handle)));
        }
        if self.seed.communities.len() + self.added().added_communities.len() >= MAX_EACH {
            return Err(too_many("communities"));
        }
        let handle = community.handle.to_lowercase();
        self.weigh(community.size_bytes() + handle.len() + INDEX_BYTES, budget)?;
        let added = self.added_mut();
        added.added_handles.insert(handle);
        added.added_communities.insert(community.community_id, community);
        Ok(())
    }

    /// Adds a user to this world alone, if the budget has room for them.
    pub(crate) fn add_user(
        &mut self,
        user: User,
        budget: &Arc<Budget>,
    ) -> Result<(), AdditionRefused> {
        let conflict = |why| Err(AdditionRefused::Conflict(why));
        if self.user(&user.user_id).is_some() {
            return conflict(format!("the user_id {} is in use", user.user_id));
        }
        let seeded = &self.seed.index().usernames;
        if let Some(name) = user.nickname()
            && (seeded.contains(name) || self.added().added_usernames.contains(name))
        {
            return conflict(format!("the username {} is in use", quoted(name)));
        }
        if let Some(number) = &user.phone_number
            && self.user_by_phone(number).is_some()
        {
            return conflict(format!("the phone_number {} is in use", quoted(number)));
        }
        if self.seed.users.len() + self.added().added_users.len() >= MAX_EACH {
            return Err(too_many("users"));
        }
        let phone_bytes = user.phone_number.as_ref().map_or(0, |it| it.len() + INDEX_BYTES);
        let index_bytes = user.username.len() + INDEX_BYTES + phone_bytes;
        self.weigh(user.size_bytes() + index_bytes, budget)?;
        let added = self.added_mut();
        added.added_usernames.insert(user.username.clone());
        if let Some(number) = user.phone_number.as_deref().and_then(phone_as_integer) {
            added.phone_numbers.insert(number, user.user_id);
        }
        added.added_users.insert(user.user_id, user);
        Ok(())
    }

    fn weigh(&mut self, bytes: usize, budget: &Arc<Budget>) -> Result<(), AdditionRefused> {
        let share = self.added_mut().memory.get_or_insert_with(|| budget.empty_share());
        share
            .resize(share.bytes() + bytes + INDEX_BYTES)
            .map_err(|BudgetFull| AdditionRefused::Full(bytes))
    }

    /// Counts one more issued token and returns its number, from 0.
    pub(crate) fn issue_token(&mut self) -> u64 {
        self.counters.tokens += 1;
        self.counters.tokens - 1
    }
}

fn too_many(what: &str) -> AdditionRefused {
    AdditionRefused::TooMany(format!("a tenant has at most {MAX_EACH} {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::test_data::{id, user};
    use crate::world::{Brand, Profile};

    #[test]
    fn forgotten_groups_are_counted_but_removed_ones_are_not() {
        let mut world = World::new(Arc::default());
        for number in 0..4 {
            world.add_group(Group { chat_id: id(number), number, ..Group::default() });
        }
        assert_eq!(world.forget_oldest(2), 2);
        assert!(world.remove_group(&id(2)).is_some());
        assert_eq!(
            (world.group_store().len(), world.forgotten().groups, world.counters().groups),
            (1, 2, 4)
        );
        let changed = world.update_group(&id(3), |group| group.discoverable = true);
        assert_eq!(changed, Some(()));
        assert!(world.group(&id(3)).unwrap().discoverable);
    }

    #[test]
    fn additions_are_listed_and_indexed_after_the_seed() {
        let community = |number: u64| Community {
            community_id: id(number),
            handle: number.to_string(),
            ..Community::default()
        };
        let seeded = [7, 3].map(|number| (id(number), community(number)));
        let seed = Seed { communities: seeded.into_iter().collect(), ..Seed::default() };
        let mut world = World::new(Arc::new(seed));
        let budget = Budget::new(1000);
        world.add_community(community(5), &budget).unwrap();
        let used = budget.used_bytes();
        assert!((300..600).contains(&used), "{used}");
        let long = Community { description: "x".repeat(1000), ..community(6) };
        let refused = world.add_community(long, &budget).unwrap_err();
        assert!(matches!(refused, AdditionRefused::Full(1000..)), "{refused:?}");
        assert_eq!(budget.used_bytes(), used, "what is refused is not kept");
        let handles: Vec<_> = world.communities().map(|one| one.handle.as_str()).collect();
        assert_eq!(handles, ["7", "3", "5"]);
        for (index, number) in (0..).zip([7, 3, 5]) {
            let (found, community) = world.community(&id(number)).unwrap();
            assert_eq!((found, community.handle.parse()), (index, Ok(number)));
        }
        let again = Community { community_id: Uuid::nil(), ..community(3) };
        let refused = world.add_community(again, &budget).unwrap_err();
        assert_eq!(refused, AdditionRefused::Conflict("the handle \"3\" is in use".into()));
        drop(world);
        assert_eq!(budget.used_bytes(), 0);
    }

    #[test]
    fn a_phone_number_is_that_of_one_user() {
        let with =
            |number: u64, phone: &str| User { phone_number: Some(phone.into()), ..user(number) };
        let seed =
            Seed { users: [(id(1), with(1, "11"))].into_iter().collect(), ..Seed::default() };
        let mut world = World::new(Arc::new(seed));
        let budget = Budget::new(100_000);
        world.create_user(with(2, "22"));
        world.add_user(with(3, "33"), &budget).unwrap();
        for phone in ["11", "22", "33"] {
            let refused = world.add_user(with(4, phone), &budget).unwrap_err();
            let why = format!("the phone_number \"{phone}\" is in use");
            assert_eq!(refused, AdditionRefused::Conflict(why));
        }
        world.add_user(with(4, "44"), &budget).unwrap();
        assert_eq!(world.user_by_phone("22").map(|user| user.user_id), Some(id(2)));
    }

    #[test]
    fn every_text_of_a_user_takes_memory() {
        const LONG: usize = 5000;
        let long = || "x".repeat(LONG);
        let used = |user: User| {
            let mut world = World::new(Arc::default());
            let budget = Budget::new(100_000);
            world.add_user(user, &budget).unwrap();
            budget.used_bytes()
        };
        let least = used(user(1));
        let brand = Brand { brand_id: 1, brand_slug: long() };
        for user in [
            User { username: long(), ..user(1) },
            User { name: Some(long()), ..user(1) },
            User { bio: Some(long()), ..user(1) },
            User { phone_number: Some(long()), ..user(1) },
            User { profile: Profile::Avatar(long().into()), ..user(1) },
            User { profile: Profile::Image(long()), ..user(1) },
            User { brand: Some(brand), ..user(1) },
        ] {
            let text = format!("{user:.60?}");
            assert!(used(user) >= least + LONG, "{text}");
        }
    }
}
