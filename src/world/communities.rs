//! The communities of a world, their members and their categories: those of the seed, those that the own
//! API added, and those that calls made.

use std::sync::Arc;

use uuid::Uuid;

use super::additions::Additions;
use super::{Community, CommunityRole, Texts, World};

/// The number in the link of the first community that a call created. No other community has one as high:
/// a fixture file generates at most 100 000.
const FIRST_LINK_NUMBER: u64 = 1 << 20;

impl World {
    /// Returns a community and the number in its link.
    pub(crate) fn community(&self, id: &Uuid) -> Option<(u64, &Community)> {
        let seeded = self.seed.communities.get_full(id);
        let (place, community) = match seeded {
            Some((index, _, community)) => (index, community),
            None => match self.added().added_communities.get_full(id) {
                Some((index, _, community)) => (self.seed.communities.len() + index, community),
                None => (0, self.added().communities.get(id)?),
            },
        };
        Some((community.link_number.unwrap_or(place as u64), community))
    }

    /// All communities: those of the seed, those added, then those that calls created.
    pub(crate) fn communities(&self) -> impl Iterator<Item = &Community> {
        let seeded = self.seed.communities.values();
        seeded.chain(self.added().added_communities.values()).chain(self.added().communities.iter())
    }

    pub(crate) fn community_count(&self) -> usize {
        self.seed.communities.len()
            + self.added().added_communities.len()
            + self.added().communities.len()
    }

    /// Whether a community has a handle, in whatever case.
    pub(crate) fn has_handle(&self, handle: &str) -> bool {
        let handle = handle.to_lowercase();
        self.seed.index().handles.contains(&handle)
            || self.added().added_handles.contains(&handle)
            || self.added().communities.has_handle(&handle)
    }

    pub(crate) fn community_role(
        &self,
        community_id: &Uuid,
        user_id: &Uuid,
    ) -> Option<CommunityRole> {
        let joined = self.added().communities.members(community_id).and_then(|it| it.get(user_id));
        let seeded = || self.seed.members.get(community_id)?.get(user_id);
        joined.or_else(seeded).copied()
    }

    /// The members of a community with their roles, in the order in which they joined.
    pub(crate) fn community_members(
        &self,
        id: &Uuid,
    ) -> impl Iterator<Item = (Uuid, CommunityRole)> {
        let joined = self.added().communities.members(id);
        let seeded = self.seed.members.get(id);
        let role = move |(user, role): (&Uuid, &CommunityRole)| {
            (*user, *joined.and_then(|joined| joined.get(user)).unwrap_or(role))
        };
        let is_new = move |(user, _): &(&Uuid, &CommunityRole)| {
            !seeded.is_some_and(|seeded| seeded.contains_key(*user))
        };
        let joined = joined.into_iter().flatten().filter(is_new);
        let members = seeded.into_iter().flatten().map(role);
        let members = members.chain(joined.map(|(user, role)| (*user, *role)));
        members.filter(|(user, _)| self.user(user).is_some())
    }

    /// Gives users a role in a community; those who are not in it join.
    pub(crate) fn set_community_role(
        &mut self,
        community_id: Uuid,
        users: impl IntoIterator<Item = Uuid>,
        role: CommunityRole,
    ) {
        let seed = Arc::clone(&self.seed);
        let Additions { communities, users: made, added_users: added, .. } = self.added_mut();
        let is_known = |id: &Uuid| {
            made.get(id).is_some() || seed.users.contains_key(id) || added.contains_key(id)
        };
        communities.set_role(community_id, users, role, is_known);
    }

    /// Adds a community that a call creates. Its id and handle must not be in use; its new categories get
    /// the next free numbers.
    pub(crate) fn create_community(&mut self, mut community: Community, new_categories: Texts) {
        community.link_number = Some(FIRST_LINK_NUMBER + self.counters.communities);
        self.counters.communities += 1;
        let next_category = self.added_mut().communities.insert(community, new_categories);
        self.counters.next_category = next_category;
    }

    pub(crate) fn has_category(&self, number: i64) -> bool {
        self.seed.categories.contains_key(&number) || self.added().communities.has_category(number)
    }

    /// All categories with their names, in order.
    pub(crate) fn categories(&self) -> impl Iterator<Item = (i64, Option<&str>)> {
        let seeded = self.seed.categories.iter().map(|(number, name)| (*number, name.as_deref()));
        seeded
            .chain(self.added().communities.categories().map(|(number, name)| (number, Some(name))))
    }

    /// Forgets what calls added first to a community: the community itself with its groups, or only the
    /// members who joined; returns false if there is nothing.
    pub(super) fn forget_oldest_community(&mut self) -> bool {
        let oldest = self.additions.as_mut().and_then(|added| added.communities.forget_oldest());
        let Some((community_id, groups)) = oldest else { return false };
        for chat_id in groups {
            // the id may be that of another group by now
            if self.group(&chat_id).is_some_and(|group| group.community_id == community_id) {
                self.remove_group(&chat_id);
                self.forgotten.groups += 1;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::{Group, Made, Seed};
    use super::*;
    use crate::memory::GROUP_BYTES;
    use crate::world::test_data::{id, user};

    #[test]
    fn members_of_the_seed_keep_their_place_and_forgotten_users_are_not_listed() {
        let (leader, member, moderator) =
            (CommunityRole::Leader, CommunityRole::Member, CommunityRole::Moderator);
        let community = Community { community_id: id(1), ..Community::default() };
        let seed = Seed {
            communities: [(id(1), community)].into_iter().collect(),
            users: [10, 11].map(|number| (id(number), user(number))).into_iter().collect(),
            members: [(id(1), [(id(10), leader), (id(11), member)].into_iter().collect())].into(),
            ..Seed::default()
        };
        let mut world = World::new(Arc::new(seed));
        world.create_user(user(12));
        world.create_user(user(13));
        world.set_community_role(id(1), [id(12), id(13)], member);
        world.set_community_role(id(1), [id(11)], moderator);
        let members = |world: &World| world.community_members(&id(1)).collect::<Vec<_>>();
        let expected = [(id(10), leader), (id(11), moderator), (id(12), member), (id(13), member)];
        assert_eq!(members(&world), expected);
        assert_eq!(world.community_role(&id(1), &id(11)), Some(moderator));
        assert_eq!(world.community_role(&id(1), &id(99)), None);
        assert!(world.forget_oldest_made(Made::Users));
        assert_eq!(members(&world), [expected[0], expected[1], expected[3]]);
    }

    #[test]
    fn a_forgotten_community_takes_its_groups_with_it() {
        let mut world = World::new(Arc::default());
        for number in [1, 2] {
            let handle = number.to_string();
            let community = Community { community_id: id(number), handle, ..Community::default() };
            world.create_community(community, Texts::default());
        }
        for (number, community) in (0..60).zip([1, 2].into_iter().cycle()) {
            let (chat_id, community_id) = (id(100 + number), id(community));
            world.add_group(Group { chat_id, number, community_id, ..Group::default() });
        }
        world.forget_oldest(30);
        assert!(world.forget_oldest_made(Made::Communities));
        assert_eq!((world.group_store().len(), world.forgotten().groups), (15, 45));
        assert!(world.groups().all(|group| group.community_id == id(2)));
        assert_eq!(world.group_store().bytes(), 15 * GROUP_BYTES);
    }
}
