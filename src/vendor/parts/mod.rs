//! Parts that endpoints share: links, people, communities and videos in answers, and the checks that
//! an id, a group or a video is known. Names no endpoint.

pub(crate) mod actions;
pub(crate) mod communities;
pub(crate) mod descriptions;
pub(crate) mod groups;
pub(crate) mod links;
pub(crate) mod memberships;
mod new_id;
pub(crate) mod people;
mod tenant_lookup;
pub(crate) mod videos;

pub(crate) use new_id::new_id;
pub(crate) use tenant_lookup::{TenantLookup, free_handle};
