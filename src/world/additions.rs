//! What a tenant has besides the seed and its groups. Most tenants have none of it, so that a world keeps
//! it apart.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use uuid::Uuid;

use super::aged_store::AgedStore;
use super::community_store::CommunityStore;
use super::{Community, User};
use crate::memory::{IndexMap, Share};

#[derive(Debug)]
pub(super) struct Additions {
    /// Those that the own API added, which are never forgotten.
    pub(super) added_communities: IndexMap<Uuid, Community>,
    pub(super) added_users: IndexMap<Uuid, User>,
    /// The handles of those communities in lower case.
    pub(super) added_handles: HashSet<String>,
    pub(super) added_usernames: HashSet<String>,
    /// The memory of what the own API added; `None` if nothing was.
    pub(super) memory: Option<Share>,
    pub(super) communities: CommunityStore,
    pub(super) users: AgedStore<User>,
    /// The phone numbers of all users but those of the seed. As integers, since a call can bring thousands.
    pub(super) phone_numbers: BTreeMap<u64, Uuid>,
}

/// What a world without additions has.
pub(super) static NONE: LazyLock<Additions> = LazyLock::new(|| Additions::new(1));

impl Additions {
    /// Nothing; the first category that a call makes gets this number.
    pub(super) fn new(next_category: i64) -> Self {
        Self {
            added_communities: IndexMap::default(),
            added_users: IndexMap::default(),
            added_handles: HashSet::default(),
            added_usernames: HashSet::default(),
            memory: None,
            communities: CommunityStore::new(next_category),
            users: AgedStore::default(),
            phone_numbers: BTreeMap::new(),
        }
    }
}
