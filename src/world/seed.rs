//! The starting data, read from a fixture file once and shared by all tenants.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::OnceLock;

use uuid::Uuid;

use super::{Community, CommunityMembers, Counters, Group, User};
use crate::memory::IndexMap;
use crate::text::named;

/// The data that every tenant starts from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seed {
    /// Communities by id, in the order of the file.
    pub(crate) communities: IndexMap<Uuid, Community>,
    /// Users by id, in the order of the file.
    pub users: IndexMap<Uuid, User>,
    pub(crate) members: HashMap<Uuid, CommunityMembers>,
    /// The names of categories by number; some have none.
    pub(crate) categories: BTreeMap<i64, Option<String>>,
    /// Groups, in the order of their numbers. Each tenant has its own copy of them.
    pub(crate) groups: Vec<Group>,
    pub(crate) counters: Counters,
    /// Files that count as uploaded when the media mode is strict.
    pub(crate) media: HashSet<String>,
    /// The user behind `gnsb_<tenant>` tokens.
    pub creator: Uuid,
    /// Fixed access tokens.
    pub(crate) tokens: HashMap<String, FixtureToken>,
    /// Fixed keys for `auth`, by `api_key`.
    pub(crate) keys: HashMap<String, FixtureKey>,
    /// Made of the data above on first use.
    pub(crate) index: OnceLock<SeedIndex>,
}

/// Finds communities and users by what is unique of them besides their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SeedIndex {
    /// The handles of communities in lower case.
    pub(super) handles: HashSet<String>,
    pub(super) usernames: HashSet<String>,
    /// Users by phone number; the first one of those who share a number.
    pub(super) phone_numbers: HashMap<String, Uuid>,
    /// The first user through whom a brand acts.
    pub(super) brand_system_user: Option<Uuid>,
}

impl Seed {
    /// Returns the index, which takes a moment to make where there are many users.
    pub(crate) fn index(&self) -> &SeedIndex {
        self.index.get_or_init(|| {
            let mut index = SeedIndex {
                handles: self.communities.values().map(|one| one.handle.to_lowercase()).collect(),
                usernames: self.users.values().map(|user| user.username.clone()).collect(),
                phone_numbers: HashMap::new(),
                brand_system_user: None,
            };
            for user in self.users.values() {
                if let Some(number) = &user.phone_number {
                    index.phone_numbers.entry(number.clone()).or_insert(user.user_id);
                }
                if user.is_brand_system_user {
                    index.brand_system_user.get_or_insert(user.user_id);
                }
            }
            index
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FixtureToken {
    /// The tenant that it names.
    pub(crate) tenant: String,
    /// The user who creates groups with it.
    pub(crate) user: Uuid,
    pub(crate) state: TokenState,
}

named! {
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum TokenState {
        /// Accepted.
        Valid = "valid",
        /// Refused: expired.
        Expired = "expired",
        /// Refused: revoked.
        Revoked = "revoked",
    }
    pub(crate) const ALL;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FixtureKey {
    pub(crate) api_secret: String,
    /// The tenant that issued tokens name.
    pub(crate) tenant: String,
    /// The user behind issued tokens.
    pub(crate) user: Uuid,
}
