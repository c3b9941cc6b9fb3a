//! All tenants of a sandbox, made on first use.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::caller::TenantName;
use crate::scenario::Progress;
use crate::state::{Seed, World};

/// One tenant.
#[derive(Debug)]
pub struct Tenant {
    /// A call holds this lock from the decision to the last change it makes, without waiting for
    /// anything, so that calls of one tenant happen one after another.
    room: Mutex<Room>,
}

/// What belongs to one tenant.
#[derive(Debug)]
pub struct Room {
    /// The data.
    pub world: World,
    /// How far it has come in each scenario.
    pub progress: Progress,
}

impl Tenant {
    /// The tenant's room, for one call.
    pub fn enter(&self) -> MutexGuard<'_, Room> {
        // a world is changed only after all checks, in steps that do not panic, so that what a
        // panic left behind is whole
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All tenants.
#[derive(Debug)]
pub struct Tenants {
    seed: Arc<Seed>,
    by_name: Mutex<HashMap<TenantName, Arc<Tenant>>>,
}

impl Tenants {
    /// No tenants yet; each will start from `seed`.
    pub fn new(seed: Arc<Seed>) -> Self {
        Self { seed, by_name: Mutex::default() }
    }

    /// The tenant of a name, made if it is not there.
    pub fn get(&self, name: &TenantName) -> Arc<Tenant> {
        let mut by_name = self.by_name.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tenant) = by_name.get(name) {
            return Arc::clone(tenant);
        }
        let room =
            Room { world: World::new(Arc::clone(&self.seed)), progress: Progress::default() };
        let tenant = Arc::new(Tenant { room: Mutex::new(room) });
        by_name.insert(name.clone(), Arc::clone(&tenant));
        tenant
    }
}
