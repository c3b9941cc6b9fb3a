//! Tenants: private copies of the seeded data, each with its own counters, clock and override.

mod clock;
mod registry;
mod state;

pub use clock::TenantClock;
pub use registry::{Full, TenantRegistry};
pub use state::{Part, Tenant, TenantState};
