//! Tenants: private copies of the seeded data, each with its own counters, clock and override; and
//! the tokens that name them.

mod bearer;
mod clock;
mod registry;
mod state;
mod tokens;

pub use clock::TenantClock;
pub use registry::{Full, TenantRegistry};
pub use state::{Part, Tenant, TenantState};
pub use tokens::{ACCESS_TOKEN_HEADER, Caller, TENANT_PREFIX, TokenVerifier, expired};

pub use crate::world::TenantName;
