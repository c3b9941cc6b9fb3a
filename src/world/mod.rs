//! The data of the sandbox: the seed that all tenants share, and each tenant's own world. Knows
//! nothing of requests, tokens or scenarios, and tenants by their name only.

mod additions;
mod aged_store;
mod communities;
mod community;
mod community_store;
mod counters;
mod group;
mod group_store;
pub(crate) mod ids;
mod made;
mod seed;
mod state;
mod tenant_name;
mod text;
mod user;
mod users;
mod video;

pub use community::{COLOR_PAIRS, Community, CommunityMembers, CommunityRole};
pub use counters::Counters;
pub use group::{Action, Group, Invitation, Member, MemberStatus, Role};
pub use made::Made;
pub use seed::{FixtureKey, FixtureToken, Seed, TokenState};
pub(crate) use state::AdditionRefused;
pub use state::World;
pub use tenant_name::TenantName;
pub use text::{JsonText, Text};
pub use user::{AVATARS, Brand, Profile, User};
pub use video::{MAX_VIDEOS, PostedVideo, PostedVideos, RecordedDetails, Video};
