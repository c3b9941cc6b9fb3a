//! Access to the data of a tenant.

use std::sync::Arc;

use crate::call::Sandbox;
use crate::world::TenantName;
use crate::world::World;

/// Reads the data of a tenant; one that was never used has only the seed.
pub(super) fn read_world<T>(
    sandbox: &Sandbox,
    tenant: &TenantName,
    read: impl FnOnce(&World) -> T,
) -> T {
    match sandbox.tenants.find(tenant) {
        Some(tenant) => read(&tenant.lock().world),
        None => read(&World::new(Arc::clone(sandbox.tenants.seed()))),
    }
}
