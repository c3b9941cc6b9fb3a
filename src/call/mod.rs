//! The way of a call: routing, the phases, the journal entry and the log line.

mod access;
mod examples;
mod pages;
mod phases;
mod routes;
mod sandbox;

pub use access::{Access, Mode};
pub use examples::run_examples;
pub use sandbox::{Config, Sandbox};
