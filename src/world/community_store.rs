//! What calls added to the communities of one world: new ones, and members of old ones.

use std::collections::HashSet;
use std::ops::Range;

use uuid::Uuid;

use super::aged_store::AgedStore;
use super::{Community, CommunityMembers, CommunityRole, Texts};
use crate::memory::Shrink as _;

/// What the entries of an addition in the indexes take, in bytes.
const INDEX_BYTES: usize = 100;

/// The additions by the id of their community, the oldest first.
#[derive(Debug, Default)]
pub(super) struct CommunityStore {
    additions: AgedStore<Addition>,
    /// In lower case.
    handles: HashSet<String>,
    /// How many of the additions are communities.
    communities: usize,
    /// The numbers of the new categories that are remembered. They are given out in order, and those of
    /// the oldest community are the first ones.
    new_categories: Range<i64>,
    bytes: usize,
}

/// What calls added to a community.
#[derive(Debug, Default)]
struct Addition {
    /// The community itself, if a call created it.
    created: Option<Box<CreatedCommunity>>,
    /// Its members; of a community that no call created, those who joined or whose role has changed.
    members: CommunityMembers,
}

#[derive(Debug)]
struct CreatedCommunity {
    community: Community,
    /// The names of its new categories, whose numbers follow each other.
    new_categories: Texts,
    first_category: i64,
    /// The groups that were created in it, some of which may be gone.
    groups: Vec<Uuid>,
}

impl CommunityStore {
    /// A store whose first new category has a given number.
    pub(super) fn new(first_category: i64) -> Self {
        Self { new_categories: first_category..first_category, ..Self::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.communities
    }

    pub(super) fn addition_count(&self) -> usize {
        self.additions.len()
    }

    /// The memory of all additions, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn get(&self, id: &Uuid) -> Option<&Community> {
        self.additions.get(id)?.created.as_ref().map(|created| &created.community)
    }

    /// All communities, the oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Community> {
        self.created().map(|created| &created.community)
    }

    pub(super) fn has_handle(&self, lower_case: &str) -> bool {
        self.handles.contains(lower_case)
    }

    pub(super) fn has_category(&self, number: i64) -> bool {
        self.new_categories.contains(&number)
    }

    /// The new categories with their names, in order.
    pub(super) fn categories(&self) -> impl Iterator<Item = (i64, &str)> {
        self.created()
            .flat_map(|created| (created.first_category..).zip(created.new_categories.iter()))
    }

    /// Inserts a community, whose id and handle must not be in use. Its new categories get the next free
    /// numbers; returns the first that is still free.
    pub(super) fn insert(&mut self, mut community: Community, new_categories: Texts) -> i64 {
        let first_category = self.new_categories.end;
        let count = i64::try_from(new_categories.len()).expect("BUG: a body has a limit");
        self.new_categories.end += count;
        // there may be many, and they stay as they are
        community.categories.reserve_exact(new_categories.len());
        community.categories.extend(first_category..self.new_categories.end);
        self.handles.insert(community.handle.to_lowercase());
        self.communities += 1;
        let id = community.community_id;
        let created =
            CreatedCommunity { community, new_categories, first_category, groups: Vec::new() };
        self.add(id, Addition { created: Some(Box::new(created)), ..Addition::default() });
        self.new_categories.end
    }

    pub(super) fn members(&self, id: &Uuid) -> Option<&CommunityMembers> {
        self.additions.get(id).map(|addition| &addition.members)
    }

    /// Sets the role of users in a community. `is_known` says which of those who joined before are still
    /// there.
    pub(super) fn set_role(
        &mut self,
        id: Uuid,
        users: impl IntoIterator<Item = Uuid>,
        role: CommunityRole,
        is_known: impl Fn(&Uuid) -> bool,
    ) {
        let mut users = users.into_iter().peekable();
        if users.peek().is_none() {
            return;
        }
        let (joining, _) = users.size_hint();
        if self.additions.get(&id).is_none() {
            self.add(id, Addition::default());
        }
        let addition = self.additions.get_mut(&id).expect("BUG: added just above");
        let before = addition.counted_bytes();
        if addition.members.len() + joining > addition.members.capacity() {
            make_room(&mut addition.members, joining, &is_known);
        }
        for user in users {
            if addition.members.len() == addition.members.capacity() {
                make_room(&mut addition.members, 1, &is_known);
            }
            addition.members.insert(user, role);
        }
        self.bytes = self.bytes - before + addition.counted_bytes();
    }

    /// Notes a new group if it is in a community that a call created. `is_known` says which groups are
    /// still there.
    pub(super) fn note_group(
        &mut self,
        community_id: &Uuid,
        chat_id: Uuid,
        is_known: impl Fn(&Uuid) -> bool,
    ) {
        let Some(addition) = self.additions.get_mut(community_id) else { return };
        let before = addition.counted_bytes();
        if let Some(created) = &mut addition.created {
            let groups = &mut created.groups;
            if groups.len() == groups.capacity() {
                groups.retain(is_known);
                groups.shrink_if_sparse();
                groups.reserve(groups.len().max(8));
            }
            groups.push(chat_id);
        }
        self.bytes = self.bytes - before + addition.counted_bytes();
    }

    /// Forgets the oldest addition; returns its community's id and the groups that were created in it,
    /// some of which may be gone already.
    pub(super) fn forget_oldest(&mut self) -> Option<(Uuid, Vec<Uuid>)> {
        let (id, oldest) = self.additions.remove_oldest()?;
        self.bytes -= oldest.counted_bytes();
        let mut groups = Vec::new();
        if let Some(created) = oldest.created {
            self.communities -= 1;
            self.handles.remove(&created.community.handle.to_lowercase());
            self.handles.shrink_if_sparse();
            let count = i64::try_from(created.new_categories.len()).unwrap_or(i64::MAX);
            self.new_categories.start = created.first_category + count;
            groups = created.groups;
        }
        Some((id, groups))
    }

    fn created(&self) -> impl Iterator<Item = &CreatedCommunity> {
        self.additions.iter().filter_map(|addition| addition.created.as_deref())
    }

    fn add(&mut self, id: Uuid, addition: Addition) {
        self.bytes += addition.counted_bytes();
        self.additions.insert(id, addition);
    }
}

impl Addition {
    fn counted_bytes(&self) -> usize {
        self.size_bytes() + INDEX_BYTES
    }

    /// The memory that it takes, roughly, in bytes.
    fn size_bytes(&self) -> usize {
        const MEMBER_BYTES: usize = size_of::<(u64, Uuid, CommunityRole, usize)>();
        let created = self.created.as_ref().map_or(0, |created| {
            size_of::<CreatedCommunity>() - size_of::<Community>()
                + created.community.size_bytes()
                + created.new_categories.size_bytes()
                + created.groups.capacity() * size_of::<Uuid>()
        });
        created + self.members.capacity() * MEMBER_BYTES
    }
}

/// Makes room for so many members who join, and for at least as many as there are, after those who are not
/// known any more have left: a list that only grew would never end, since users are forgotten and new ones join.
fn make_room(members: &mut CommunityMembers, joining: usize, is_known: impl Fn(&Uuid) -> bool) {
    members.retain(|user, _| is_known(user));
    members.shrink_if_sparse();
    // so that this is not done for each member again
    members.reserve(members.len().max(joining).max(8));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::test_data::id;

    fn community(number: u64) -> Community {
        Community { community_id: id(number), handle: format!("C{number}"), ..Community::default() }
    }

    #[test]
    fn a_forgotten_community_takes_its_handle_its_members_and_its_categories_with_it() {
        let mut store = CommunityStore::new(21);
        store.insert(community(1), Texts::of(&["a", "b"]));
        store.insert(community(2), Texts::default());
        store.insert(community(3), Texts::of(&["c"]));
        store.set_role(id(1), [id(7)], CommunityRole::Member, |_| true);
        assert_eq!(store.get(&id(1)).unwrap().categories, [21, 22]);
        assert_eq!(store.categories().collect::<Vec<_>>(), [(21, "a"), (22, "b"), (23, "c")]);
        assert!(store.has_handle("c1") && store.has_category(22));
        let all = store.bytes();
        assert!((1000..2500).contains(&all), "{all}");
        store.note_group(&id(1), id(70), |_| true);
        store.note_group(&id(9), id(71), |_| true);
        assert_eq!(store.forget_oldest(), Some((id(1), vec![id(70)])));
        assert!(!store.has_handle("c1") && !store.has_category(22) && store.has_category(23));
        assert_eq!((store.get(&id(1)), store.members(&id(1))), (None, None));
        assert_eq!(store.len(), 2);
        assert!(store.bytes() < all - 300);
        store.insert(community(4), Texts::of(&["d"]));
        assert_eq!(store.get(&id(4)).unwrap().categories, [24], "no number is given out twice");
        while store.forget_oldest().is_some() {}
        assert_eq!((store.len(), store.bytes()), (0, 0));
        assert!(store.handles.is_empty() && !store.has_category(24));
    }

    #[test]
    fn members_weigh_and_those_who_are_forgotten_make_room() {
        let mut store = CommunityStore::new(1);
        store.insert(community(1), Texts::default());
        for user in 0..100_000 {
            // only the newest 1000 are remembered
            let is_known = |one: &Uuid| one.as_u128() + 1000 > user;
            store.set_role(id(1), [Uuid::from_u128(user)], CommunityRole::Member, is_known);
        }
        let members = store.members(&id(1)).unwrap();
        assert!((1000..5000).contains(&members.len()), "{} members are kept", members.len());
        assert!((40_000..400_000).contains(&store.bytes()), "they weigh {}", store.bytes());
        assert_eq!(members.last(), Some((&id(99_999), &CommunityRole::Member)));
        // all are known, then nearly none
        let many = (0..50_000).map(Uuid::from_u128);
        store.set_role(id(1), many, CommunityRole::Member, |_| true);
        let room = store.members(&id(1)).unwrap().capacity();
        let new = (100_000..).map(Uuid::from_u128).take(room);
        let is_known = |one: &Uuid| one.as_u128() >= 100_000;
        store.set_role(id(1), new.take(room - 50_000 + 100), CommunityRole::Member, is_known);
        let members = store.members(&id(1)).unwrap();
        assert!(members.capacity() < room, "{} of {room}", members.capacity());
    }
}
