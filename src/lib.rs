//! A sandbox of the Genuin third-party REST API.
//!
//! The binary `genuin-sandbox` is a thin shell around this library; [`RunningSandbox`] starts one
//! inside a Rust test.

pub mod admin;
pub mod call;
pub mod cli;
pub mod clock;
pub mod config_file;
mod embedded;
pub mod fixtures;
pub mod http;
pub mod journal;
pub mod scenario;
pub mod server;
pub mod tenant;
mod text;
pub mod vendor;
pub mod world;

pub use embedded::{Builder, RunningSandbox};
pub use http::Problem;
pub use journal::CallRecord;
pub use world::{Ids, Purpose};
