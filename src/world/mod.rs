//! What the sandbox remembers: the seed that all tenants share, and each tenant's own world.
//! Knows nothing of requests, tokens or scenarios.

mod group;
mod group_store;
pub(crate) mod ids;
mod people;
mod seed;
mod state;

pub use group::{Action, Group, Invitation, Video};
pub use ids::{Ids, Purpose};
pub use people::{AVATARS, Community, Kept, Profile, User};
pub use seed::{FixtureKey, FixtureToken, Seed, TokenState};
pub use state::World;
