//! Tenants: private copies of the seeded data, each with its own counters, clock and override.

mod clock;
mod data_kind;
mod eviction;
mod held_calls;
mod idle;
mod locked;
mod registry;
mod state;
mod warning;

pub(crate) use clock::TenantClock;
pub(crate) use held_calls::{
    HeldCall, HeldCalls, Hold, HoldPlace, HoldPlaces, MAX_HELD_IN_ALL, NotHeld,
};
pub(crate) use locked::Tenant;
pub(crate) use registry::{TenantRegistry, TooManyTenants};
pub use state::{ResetPart, TenantState};
pub(crate) use warning::WarningPause;
