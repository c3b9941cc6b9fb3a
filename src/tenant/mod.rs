//! Tenants: private copies of the seeded data, each with its own counters, clock and override.

mod clock;
mod eviction;
mod idle;
mod registry;
mod state;
mod warning;

pub use clock::TenantClock;
pub use registry::{TenantRegistry, TooManyTenants};
pub use state::{ResetPart, Tenant, TenantState};
