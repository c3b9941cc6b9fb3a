//! The vendor's API: its endpoints, what each accepts and what each answers. Does not know sockets,
//! scenarios or the journal.

mod add_moderators;
mod add_users;
pub(crate) mod assumptions;
pub(crate) mod auth;
mod body;
mod changes;
mod create_community;
pub mod create_group;
pub(crate) mod documents;
mod endpoint;
pub(crate) mod envelope;
mod example;
pub(crate) mod finding;
mod general_rules;
mod outcome;
mod parts;
mod post_video;
pub(crate) mod schema;
#[cfg(test)]
#[path = "../../tests/conformance/endpoints/mod.rs"]
pub(crate) mod test_endpoints;
pub(crate) mod tokens;
mod update_conversation;

pub use assumptions::Assumptions;
pub(crate) use changes::{ChangeCount, Changes};
#[cfg(feature = "internals")]
pub use documents::page;
pub use endpoint::{Call, MediaMode, VendorConfig};
pub(crate) use endpoint::{Change, Checked, Endpoint, Refusal, Tag};
pub(crate) use example::{CallExample, MadeExample};
pub use finding::Finding;
pub(crate) use finding::Findings;
pub(crate) use general_rules::GENERAL_RULES;
pub(crate) use outcome::{FailureKind, Outcome};
pub(crate) use parts::links::{FILE_FOLDERS, PAGE_FOLDERS};
pub(crate) use parts::videos::recorded_details;
pub(crate) use schema::{Field, Kind, Provenance, Schema};

/// All endpoints of the sandbox. A scenario rule in a file that names none is for the first, and
/// an example that names none calls it.
pub static ENDPOINTS: &[&Endpoint] = &[
    &create_group::ENDPOINT,
    &create_community::ENDPOINT,
    &add_users::ENDPOINT,
    &add_moderators::ENDPOINT,
    &auth::ENDPOINT,
    &post_video::ENDPOINT,
    &update_conversation::ENDPOINT,
    #[cfg(test)]
    &test_endpoints::RENAME_GROUP,
];

/// Finds an endpoint by its name.
pub(crate) fn endpoint_named(name: &str) -> Option<&'static Endpoint> {
    ENDPOINTS.iter().copied().find(|endpoint| endpoint.name == name)
}
