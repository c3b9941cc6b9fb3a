//! The vendor's contract: its endpoints, what each accepts, and what each answers.
//! Knows nothing of sockets, scenarios or the journal.

pub mod auth;
mod body;
pub mod create_group;
pub mod documents;
mod endpoint;
pub mod envelope;
pub mod finding;
mod outcome;
mod parts;
pub mod schema;
#[cfg(test)]
mod test_endpoints;
pub mod tokens;

#[cfg(feature = "internals")]
pub use documents::page;
pub use endpoint::{Call, Endpoint, MediaMode, Refusal, Setting};
pub use finding::{Finding, Findings};
pub use outcome::Outcome;
pub use schema::{Field, Kind, Provenance, Schema};

/// Every endpoint that the sandbox answers. Scenario rules without an endpoint are for the first.
pub static ENDPOINTS: &[&Endpoint] = &[
    &create_group::ENDPOINT,
    &auth::ENDPOINT,
    #[cfg(test)]
    &test_endpoints::RENAME_GROUP,
];

/// Endpoints of the vendor that are known but not answered yet (`sibling`), for a better 404.
pub const NOT_ANSWERED: [&str; 5] = [
    "/api/thirdparty/community/create",
    "/api/thirdparty/conversation/reply",
    "/api/thirdparty/update_conversation",
    "/api/thirdparty/community/add_users",
    "/api/thirdparty/community/add_moderators",
];
