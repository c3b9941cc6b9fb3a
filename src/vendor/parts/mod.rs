//! What several endpoints share: links, people, communities and videos in answers, and the checks
//! that something is known. Names no endpoint.

pub mod communities;
pub mod links;
pub mod people;
pub mod videos;
mod world_names;

pub use world_names::KnownNames;
