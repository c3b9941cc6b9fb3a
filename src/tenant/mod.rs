//! Tenants: private copies of the seeded world, each with its own counters, clock and overrides.

mod clock;
mod registry;
mod room;

pub use clock::TenantClock;
pub use registry::{Figures, Full, Tenants};
pub use room::{Part, Room, Tenant};
