//! Tenants: private copies of the seeded data, each with its own counters, clock and override.

mod clock;
mod eviction;
mod eviction_kinds;
mod held_calls;
mod idle;
mod registry;
mod state;
mod warning;

pub use clock::TenantClock;
pub(crate) use held_calls::{
    HeldCall, HeldCalls, Hold, HoldPlace, HoldPlaces, MAX_HELD_IN_ALL, NotHeld,
};
pub use registry::{TenantRegistry, TooManyTenants};
pub use state::{ResetPart, Tenant, TenantState};
pub(crate) use warning::WarningPause;
