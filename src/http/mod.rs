//! HTTP as plain values: requests, replies, problem documents and the router. Knows neither sockets
//! nor the runtime.

mod host;
mod message;
mod problem;
mod progress;
mod router;

pub(crate) use host::{Host, InvalidHost};
pub(crate) use message::Fault;
pub use message::{Arrival, Delivery, Reply, Request};
pub(crate) use problem::{Problem, ProblemDocument};
pub use progress::Progress;
pub use router::PathParameters;
pub(crate) use router::{NoRoute, Router};
