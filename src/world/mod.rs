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
#[cfg(test)]
pub(crate) mod test_data;
mod text;
mod texts;
mod user;
mod users;
mod video;

pub(crate) use community::{COLOR_PAIRS, Community, CommunityMembers, CommunityRole};
pub(crate) use counters::{Counters, Forgotten};
pub(crate) use group::{Action, Group, Invitation, Member, MemberStatus, Role};
pub(crate) use made::Made;
pub use seed::Seed;
pub(crate) use seed::{FixtureKey, FixtureToken, TokenState};
pub(crate) use state::AdditionRefused;
pub use state::World;
pub use tenant_name::TenantName;
pub(crate) use text::{JsonText, Text};
pub(crate) use texts::Texts;
pub(crate) use user::{AVATARS, Brand, Profile, User};
pub(crate) use video::{MAX_VIDEOS, PostedVideo, PostedVideos, RecordedDetails, Video};
