//! HTTP as plain values: requests, replies and problem documents. Names no socket and no runtime.

mod message;
mod problem;

pub use message::{Delivery, Fault, Reply, Request};
pub use problem::Problem;
