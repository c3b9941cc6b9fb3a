//! HTTP as plain values: requests, replies, problem documents and the router. Knows neither sockets
//! nor the runtime.

mod delivery;
mod header;
mod host;
mod message;
mod near_path;
mod problem;
mod progress;
mod query;
mod router;

pub use delivery::{Delivery, DeliveryStatus};
pub(crate) use delivery::{Fault, MAX_PIECE_BYTES, Receipt};
pub(crate) use header::{essence, only_value};
pub(crate) use host::{Host, InvalidHost};
pub(crate) use message::Arrival;
pub(crate) use message::ReplyParts;
pub use message::{Reply, Request};
pub(crate) use near_path::{NearPath, nearest_path};
pub(crate) use problem::{MEDIA_TYPE as PROBLEM_MEDIA_TYPE, Problem, ProblemDocument};
pub(crate) use progress::Progress;
pub(crate) use query::query_pairs;
pub use router::PathParameters;
pub(crate) use router::{NoRoute, Router};
