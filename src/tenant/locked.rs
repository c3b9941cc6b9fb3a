//! One tenant: its state behind a lock, what it holds of the budgets, and when it was last used.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Instant;

use super::TenantState;
use super::data_kind::{DataKind, DataUse, OfEach};
use crate::memory::{Budgets, Holding, Share};
use crate::world::Seed;

#[derive(Debug)]
pub struct Tenant {
    /// A call holds this lock from the choice of a scenario to the last change it makes, without
    /// waiting for anything, so that calls of one tenant happen one after another.
    state: Mutex<TenantState>,
    /// How many calls that take long have this lock or will take it.
    long_calls: AtomicUsize,
    holdings: OfEach<Holding>,
    /// The memory of this and of its entries in the registry.
    base: Share,
    last_used: Mutex<Instant>,
}

/// What a tenant takes that has been used, but for what it holds of other budgets, in bytes: with its name,
/// which has 63 bytes at most, and its entry among all.
pub(super) const TENANT_BYTES: usize = size_of::<Tenant>() + 248;

impl Tenant {
    /// A tenant that is in no registry yet, whose own memory is not weighed.
    pub(super) fn new(seed: Arc<Seed>, memory: &Budgets, now: Instant) -> Self {
        Self {
            state: Mutex::new(TenantState::new(seed)),
            long_calls: AtomicUsize::new(0),
            holdings: DataKind::ALL.map(|kind| kind.budget(memory).holding()),
            base: memory.tenants.empty_share(),
            last_used: Mutex::new(now),
        }
    }

    pub(super) fn weighed(mut self) -> Self {
        self.base.set(TENANT_BYTES);
        self
    }

    /// Notes what its state takes.
    pub(super) fn set_data_use(&self, DataUse(held): DataUse) {
        self.holdings.iter().zip(held).for_each(|(holding, held)| holding.set(held));
    }

    pub(super) fn holding(&self, kind: DataKind) -> &Holding {
        &self.holdings[kind as usize]
    }

    /// Locks the state for one call.
    pub fn lock(&self) -> MutexGuard<'_, TenantState> {
        // a world is changed only after all checks, in steps that do not panic, so that it is whole
        // after a panic too
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a call which takes long will lock the state, until what this returns is dropped.
    pub(crate) fn begin_long_call(&self) -> LongCall<'_> {
        self.long_calls.fetch_add(1, Relaxed);
        LongCall(self)
    }

    /// Locks the state for one call; `None` while one that takes long has it.
    pub(crate) fn lock_unless_long(&self) -> Option<MutexGuard<'_, TenantState>> {
        match self.state.try_lock() {
            Ok(state) => Some(state),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) if self.long_calls.load(Relaxed) > 0 => None,
            // whoever has it gives it back at once
            Err(TryLockError::WouldBlock) => Some(self.lock()),
        }
    }

    pub(crate) fn last_used(&self) -> Instant {
        *self.last_used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn touch(&self, now: Instant) {
        *self.last_used.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

/// A call that takes long, before it locks its tenant and while it has the lock.
#[derive(Debug)]
pub(crate) struct LongCall<'t>(&'t Tenant);

impl Drop for LongCall<'_> {
    fn drop(&mut self) {
        self.0.long_calls.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryLimits;

    #[test]
    fn only_a_call_that_takes_long_is_not_waited_for() {
        let memory = Budgets::new(&MemoryLimits::default()).unwrap();
        let tenant = Tenant::new(Arc::default(), &memory, Instant::now());
        assert!(tenant.lock_unless_long().is_some());
        let call = tenant.begin_long_call();
        assert!(tenant.lock_unless_long().is_some(), "it has not locked it yet");
        let state = tenant.lock();
        assert!(tenant.lock_unless_long().is_none());
        drop(call);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| tenant.lock_unless_long().is_some());
            drop(state);
            assert!(waiting.join().unwrap(), "a short one is waited for");
        });
    }
}
