//! Parts that endpoints share: links, people, communities and videos in answers, and the checks that
//! an id or a video is known. Names no endpoint.

pub(crate) mod communities;
pub(crate) mod links;
pub(crate) mod people;
mod tenant_lookup;
pub(crate) mod videos;

pub(crate) use tenant_lookup::TenantLookup;
