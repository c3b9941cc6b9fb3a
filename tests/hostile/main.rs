//! Test suites of other projects: JSON texts, strings and HTTP requests that break parsers. Sources
//! and licences are in `README.md`.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the message")]

mod client;
mod http;
mod json;
mod sandbox;
mod strings;
