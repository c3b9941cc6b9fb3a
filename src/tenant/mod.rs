//! Tenants: private copies of the seeded world, each with its own counters.

mod registry;

pub use registry::{Room, Tenant, Tenants};
