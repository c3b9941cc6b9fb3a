//! The vendor's contract: its endpoints, what each accepts, and what each answers.
//! Knows nothing of sockets, scenarios or the journal.

pub(crate) mod auth;
mod body;
pub mod create_group;
pub(crate) mod documents;
mod endpoint;
pub(crate) mod envelope;
pub(crate) mod finding;
mod outcome;
mod parts;
pub(crate) mod schema;
#[cfg(test)]
mod test_endpoints;
pub(crate) mod tokens;

#[cfg(feature = "internals")]
pub use documents::page;
pub use endpoint::{Call, Endpoint, MediaMode, Refusal, Setting};
pub use finding::{Finding, Findings};
pub(crate) use outcome::Outcome;
pub(crate) use schema::{Field, Kind, Provenance, Schema};

/// Every endpoint that the sandbox answers. Scenario rules without an endpoint are for the first.
pub static ENDPOINTS: &[&Endpoint] = &[
    &create_group::ENDPOINT,
    &auth::ENDPOINT,
    #[cfg(test)]
    &test_endpoints::RENAME_GROUP,
];

/// Endpoints of the vendor that are known but not answered yet (`sibling`), for a better 404.
pub(crate) const NOT_ANSWERED: [&str; 5] = [
    "/api/thirdparty/community/create",
    "/api/thirdparty/conversation/reply",
    "/api/thirdparty/update_conversation",
    "/api/thirdparty/community/add_users",
    "/api/thirdparty/community/add_moderators",
];
