//! The product over a real socket, one test binary.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the message")]

mod auth;
mod command_line;
mod create_group;
mod determinism;
mod edge;
mod fields;
mod findings;
mod harness;
mod json_corners;
mod ledger;
mod process;
mod scenario_documents;
mod scenarios;
mod tokens;
