//! Access to the data of a tenant.

use std::sync::Arc;

use http::StatusCode;

use crate::call::Sandbox;
use crate::http::Problem;
use crate::memory::Budget;
use crate::world::{AdditionRefused, TenantName, World};

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

/// Changes the data of a tenant, which is made if need be: adds `what` to it.
pub(super) fn add_to_world(
    sandbox: &Sandbox,
    tenant: &TenantName,
    what: &str,
    add: impl FnOnce(&mut World, &Arc<Budget>) -> Result<(), AdditionRefused>,
) -> Result<(), Problem> {
    let budget = &sandbox.memory.additions;
    let tenant = sandbox.get_or_create_tenant(tenant)?;
    let added = add(&mut tenant.lock().world, budget);
    added.map_err(|refused| match refused {
        AdditionRefused::Conflict(why) => {
            Problem::new(StatusCode::CONFLICT, format!("{why}; choose another"))
        }
        AdditionRefused::TooMany(most) => {
            let detail =
                format!("{most}, those of the fixtures included; reset it or use another tenant");
            Problem::new(StatusCode::INSUFFICIENT_STORAGE, detail)
        }
        AdditionRefused::Full(bytes) => no_room(budget, what, bytes),
    })
}

/// Refuses an addition that takes more than what is left.
pub(super) fn no_room(budget: &Budget, what: &str, bytes: usize) -> Problem {
    let limit = budget.limit_bytes();
    let left = limit.saturating_sub(budget.used_bytes());
    let detail = format!(
        "{what} takes {bytes} bytes in memory, and {left} of {limit} are left for added communities, users \
         and overrides; reset or delete tenants, or raise --max-memory"
    );
    Problem::new(StatusCode::INSUFFICIENT_STORAGE, detail)
}
