//! Tenants: private copies of the seeded world, told apart by the token alone.

mod name;
mod registry;
mod token;

pub use name::TenantName;
pub use registry::{Tenant, Tenants};
pub use token::{Caller, Gate, expired};
