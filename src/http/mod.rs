//! HTTP as plain values: requests, replies, problem documents and the router. Knows neither sockets
//! nor the runtime.

mod delivery;
mod host;
mod message;
mod problem;
mod progress;
mod router;

pub(crate) use delivery::Fault;
pub use delivery::{Delivery, DeliveryStatus, Receipt};
pub(crate) use host::{Host, InvalidHost};
pub use message::{Arrival, Reply, Request};
pub(crate) use problem::{MEDIA_TYPE as PROBLEM_MEDIA_TYPE, Problem, ProblemDocument};
pub use progress::Progress;
pub use router::PathParameters;
pub(crate) use router::{NoRoute, Router};
