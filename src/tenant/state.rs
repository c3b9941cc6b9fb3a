//! What belongs to one tenant.

use std::sync::Arc;

use super::{HeldCalls, TenantClock};
use crate::scenario::{Override, ScenarioState};
use crate::text::named;
use crate::world::{Seed, World};

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
