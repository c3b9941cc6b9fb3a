//! Who is calling: from an access token to a tenant and a user.

mod gate;
mod name;

pub use gate::{ACCESS_TOKEN_HEADER, Caller, Gate, TENANT_PREFIX, expired};
pub use name::TenantName;
