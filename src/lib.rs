//! A sandbox of the Genuin third-party REST API.
//!
//! The binary `genuin-sandbox` is a thin shell around this library; [`RunningSandbox`] starts one
//! inside a Rust test.

pub mod admin;
pub mod caller;
pub mod cli;
pub mod clock;
pub mod contract;
pub mod document;
pub mod exchange;
pub mod finding;
pub mod fixtures;
mod ids;
pub mod journal;
mod nearest;
mod packed;
mod pages;
mod pipeline;
mod problem;
pub mod rehearsal;
mod route;
mod running;
pub mod sandbox;
pub mod scenario;
mod secret;
pub mod server;
pub mod state;
pub mod tenant;

pub use ids::{Ids, Purpose};
pub use pipeline::Record;
pub use problem::Problem;
pub use running::{Builder, RunningSandbox};
