//! What the sandbox remembers: the seed that all tenants share, and each tenant's own world.
//! Knows nothing of requests, tokens or scenarios.

mod group;
mod people;
mod seed;
mod shelf;
mod world;

pub use group::{Action, Group, Invitation, Video};
pub use people::{AVATARS, Community, Kept, Profile, User};
pub use seed::{FixtureKey, FixtureToken, Seed, TokenState};
pub use world::World;
