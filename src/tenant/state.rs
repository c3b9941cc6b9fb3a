//! One tenant: its state behind a lock, and when it was last used.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::data_kind::{DataKind, OfEach};
use super::{HeldCalls, TenantClock};
use crate::memory::{Budgets, Holding, Share};
use crate::scenario::{Override, ScenarioState};
use crate::text::named;
use crate::world::{Seed, World};

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

/// How much a tenant holds of each kind of data that is evicted, the oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Held(pub(super) OfEach<usize>);

/// Everything that belongs to one tenant alone, but for its journal.
#[derive(Debug)]
pub struct TenantState {
    pub(crate) world: World,
    pub(crate) scenario_state: ScenarioState,
    pub(crate) clock: TenantClock,
    pub(crate) active_override: Option<Override>,
    pub(crate) held_calls: HeldCalls,
}

named! {
    /// A part of a tenant that can be reset on its own.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum ResetPart {
        /// Groups, issued tokens and what was added to the seed.
        State = "state",
        /// The entries; their sequence goes on.
        Journal = "journal",
        /// Counters and override.
        Scenarios = "scenarios",
        /// Back to the server's clock.
        Clock = "clock",
    }
    pub const ALL;
}

impl TenantState {
    /// Starts from the seed, without counters and override.
    pub fn new(seed: Arc<Seed>) -> Self {
        Self {
            world: World::new(seed),
            scenario_state: ScenarioState::default(),
            clock: TenantClock::default(),
            active_override: None,
            held_calls: HeldCalls::default(),
        }
    }

    /// Returns how much it holds of each kind of data that is evicted.
    pub(crate) fn held(&self) -> Held {
        Held(DataKind::ALL.map(|kind| kind.held_by(self)))
    }

    /// Resets a part; the journal is not kept here. Returns the world that was, since a large one takes
    /// long to drop, which nobody should wait for.
    pub fn reset(&mut self, part: ResetPart, seed: &Arc<Seed>) -> Option<World> {
        match part {
            ResetPart::State => {
                let new = World::new(Arc::clone(seed));
                return Some(std::mem::replace(&mut self.world, new));
            }
            ResetPart::Scenarios => {
                self.scenario_state.reset();
                self.active_override = None;
            }
            ResetPart::Clock => self.clock = TenantClock::default(),
            ResetPart::Journal => {}
        }
        None
    }
}

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
