//! The starting data, read from a fixture file once and shared by all tenants.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;
use uuid::Uuid;

use super::{Community, User};

/// The world every tenant starts from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seed {
    /// Communities by id, in the order of the file.
    pub communities: IndexMap<Uuid, Community>,
    /// Users by id, in the order of the file.
    pub users: IndexMap<Uuid, User>,
    /// Files that count as uploaded when the media mode is strict.
    pub media: HashSet<String>,
    /// The user behind `gnsb_<tenant>` tokens.
    pub creator: Uuid,
    /// Fixed access tokens.
    pub tokens: HashMap<String, FixtureToken>,
    /// Fixed keys for `auth`, by `api_key`.
    pub keys: HashMap<String, FixtureKey>,
}

/// What a fixed access token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixtureToken {
    /// The tenant it names.
    pub tenant: String,
    /// The user who creates groups with it.
    pub user: Uuid,
    /// Whether it is accepted.
    pub state: TokenState,
}

/// Whether a fixed access token is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenState {
    /// Accepted.
    Valid,
    /// Refused, as one whose time has run out.
    Expired,
    /// Refused, as one that was withdrawn.
    Revoked,
}

impl TokenState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Valid, Self::Expired, Self::Revoked];

    /// The name in fixture files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// What a fixed `api_key` stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixtureKey {
    /// The secret that goes with it.
    pub api_secret: String,
    /// The tenant the issued token names.
    pub tenant: String,
    /// The user behind the issued token.
    pub user: Uuid,
}
