//! The starting data, read from a fixture file once and shared by all tenants.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;
use uuid::Uuid;

use super::{Community, User};

/// The data that every tenant starts from.
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

/// A fixed access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixtureToken {
    /// The tenant that it names.
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
    /// Refused: expired.
    Expired,
    /// Refused: revoked.
    Revoked,
}

impl TokenState {
    /// All states.
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

/// A fixed `api_key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixtureKey {
    /// The secret of the pair.
    pub api_secret: String,
    /// The tenant that issued tokens name.
    pub tenant: String,
    /// The user behind issued tokens.
    pub user: Uuid,
}
