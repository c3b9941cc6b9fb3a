//! One tenant: its state behind a lock, what it holds of the budgets, and when it was last used.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::TenantState;
use super::data_kind::{DataKind, Held, OfEach};
use crate::memory::{Budgets, Holding, Share};
use crate::world::Seed;

#[derive(Debug)]
pub struct Tenant {
    /// A call holds this lock from the choice of a scenario to the last change it makes, without
    /// waiting for anything, so that calls of one tenant happen one after another.
    state: Mutex<TenantState>,
    holdings: OfEach<Holding>,
    /// The memory of this and of its entries in the registry.
    base: Share,
    last_used: Mutex<Instant>,
}

/// What a tenant takes that has been used, but for what it holds of other budgets, in bytes: with its name,
/// which has 63 bytes at most, and its entry among all.
pub(super) const TENANT_BYTES: usize = size_of::<Tenant>() + 256;

impl Tenant {
    /// A tenant that is in no registry yet, whose own memory is not weighed.
    pub(super) fn new(seed: Arc<Seed>, memory: &Budgets, now: Instant) -> Self {
        Self {
            state: Mutex::new(TenantState::new(seed)),
            holdings: DataKind::ALL.map(|kind| kind.budget(memory).holding()),
            base: memory.tenants.empty_share(),
            last_used: Mutex::new(now),
        }
    }

    /// Weighs its own memory.
    pub(super) fn weighed(mut self) -> Self {
        self.base.set(TENANT_BYTES);
        self
    }

    /// Notes what its state takes.
    pub(super) fn set_held(&self, Held(held): Held) {
        self.holdings.iter().zip(held).for_each(|(holding, held)| holding.set(held));
    }

    /// What it holds of a budget.
    pub(super) fn holding(&self, kind: DataKind) -> &Holding {
        &self.holdings[kind as usize]
    }

    /// Locks the state for one call.
    pub fn lock(&self) -> MutexGuard<'_, TenantState> {
        // a world is changed only after all checks, in steps that do not panic, so that it is whole
        // after a panic too
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn last_used(&self) -> Instant {
        *self.last_used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn touch(&self, now: Instant) {
        *self.last_used.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
}
