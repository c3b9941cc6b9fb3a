//! Tenants: private copies of the seeded world, each with its own counters, clock and overrides; and
//! the tokens that name them.

mod clock;
mod name;
mod registry;
mod state;
mod tokens;

pub use clock::TenantClock;
pub use name::TenantName;
pub use registry::{Full, Tenants};
pub use state::{Part, Room, Tenant};
pub use tokens::{ACCESS_TOKEN_HEADER, Caller, Gate, TENANT_PREFIX, expired};
