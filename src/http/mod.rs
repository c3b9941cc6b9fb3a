//! HTTP as plain values: requests, replies, problem documents and the router. Knows neither sockets
//! nor the runtime.

mod host;
mod message;
mod problem;
mod router;

pub(crate) use host::host_name;
pub use message::{Delivery, Fault, Reply, Request};
pub use problem::Problem;
pub(crate) use problem::ProblemDocument;
pub use router::PathParameters;
pub(crate) use router::{NoRoute, Router};
