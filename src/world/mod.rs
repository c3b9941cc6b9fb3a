//! The data of the sandbox: the seed that all tenants share, and each tenant's own world. Knows
//! nothing of requests, tokens or scenarios, and tenants by their name only.

mod community;
mod group;
mod group_store;
pub(crate) mod ids;
mod seed;
mod state;
mod tenant_name;
mod text;
mod user;

pub use community::Community;
pub use group::{Action, Group, Invitation, Member, MemberStatus, Role, Video};
pub use seed::{FixtureKey, FixtureToken, Seed, TokenState};
pub(crate) use state::AdditionRefused;
pub use state::World;
pub use tenant_name::TenantName;
pub use text::Text;
pub use user::{AVATARS, Profile, User};
