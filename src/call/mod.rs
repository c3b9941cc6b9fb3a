//! A call to the vendor: `handle` takes it from its route to the journal, `phases` decides its outcome.

mod access;
mod connections;
mod cors;
mod debug_headers;
mod document_examples;
mod examples;
mod handle;
mod hold;
mod log_line;
mod pages;
mod patience;
mod phases;
mod received;
mod refusal;
mod routes;
mod sandbox;
mod spaced_token;
mod switches;
mod unknown_path;
mod url_scenario;

pub use access::{Access, Mode};
pub(crate) use cors::CorsOrigin;
pub(crate) use document_examples::document_examples;
pub use examples::run_examples;
pub(crate) use handle::not_explained;
pub(crate) use hold::{CallAnswer, HoldTicket};
pub(crate) use patience::{LONG_BODY_BYTES, Patience};
pub(crate) use refusal::{missed_target, refusal_outcomes};
pub use sandbox::{Config, Sandbox};
pub(crate) use sandbox::{Origins, UnknownScenario};
