//! The vendor's contract: its endpoints, what each accepts, and what each answers.
//! Knows nothing of sockets, scenarios or the journal.

pub mod auth;
pub mod create_group;
pub mod documents;
mod endpoint;
pub mod envelope;
pub mod finding;
mod outcome;
pub mod schema;

pub use documents::page;
pub use endpoint::{Call, Checked, Commit, Endpoint, MediaMode, Refusal, Setting};
pub use finding::{Finding, Findings, Severity};
pub use outcome::{ErrorAnswer, Outcome};
pub use schema::field::{Field, Kind, Mark, Shape};

/// Every endpoint the sandbox answers for. Router, tests and documents read this table.
pub const ENDPOINTS: [&Endpoint; 2] = [&create_group::ENDPOINT, &auth::ENDPOINT];

/// Endpoints of the vendor that are known but not answered yet (`sibling`), for a better 404.
pub const NOT_ANSWERED: [&str; 5] = [
    "/api/thirdparty/community/create",
    "/api/thirdparty/conversation/reply",
    "/api/thirdparty/update_conversation",
    "/api/thirdparty/community/add_users",
    "/api/thirdparty/community/add_moderators",
];
