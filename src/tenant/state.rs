//! One tenant, and what belongs to it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::TenantClock;
use crate::scenario::{Override, Progress};
use crate::world::{Seed, World};

/// One tenant.
#[derive(Debug)]
pub struct Tenant {
    /// A call holds this lock from the decision to the last change it makes, without waiting for
    /// anything, so that calls of one tenant happen one after another.
    room: Mutex<Room>,
    /// What its groups count as, to be read without the lock.
    weight: AtomicUsize,
    /// When it was last entered.
    used: Mutex<Instant>,
}

/// What belongs to one tenant.
#[derive(Debug)]
pub struct Room {
    /// The data.
    pub world: World,
    /// How far it has come in each scenario.
    pub progress: Progress,
    /// Its time.
    pub clock: TenantClock,
    /// What is switched on for it.
    pub switched: Option<Override>,
}

/// A part of a tenant that can be set back on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Groups and what was added to the seed.
    State,
    /// The entries; their numbers go on.
    Journal,
    /// Counters and override.
    Scenarios,
    /// The time.
    Clock,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::State, Self::Journal, Self::Scenarios, Self::Clock];

    /// The name users know it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Journal => "journal",
            Self::Scenarios => "scenarios",
            Self::Clock => "clock",
        }
    }
}

impl Room {
    /// A room in which nothing has happened yet.
    pub fn new(seed: Arc<Seed>) -> Self {
        Self {
            world: World::new(seed),
            progress: Progress::default(),
            clock: TenantClock::default(),
            switched: None,
        }
    }

    /// Sets a part back to how it began; the journal is not in here.
    pub fn reset(&mut self, part: Part, seed: &Arc<Seed>) {
        match part {
            Part::State => self.world = World::new(Arc::clone(seed)),
            Part::Scenarios => {
                self.progress.reset();
                self.switched = None;
            }
            Part::Clock => self.clock = TenantClock::default(),
            Part::Journal => {}
        }
    }
}

impl Tenant {
    /// A tenant in which nothing has happened yet.
    pub fn new(seed: Arc<Seed>) -> Self {
        Self {
            room: Mutex::new(Room::new(seed)),
            weight: AtomicUsize::new(0),
            used: Mutex::new(Instant::now()),
        }
    }

    /// The tenant's room, for one call.
    pub fn enter(&self) -> MutexGuard<'_, Room> {
        // a world is changed only after all checks, in steps that do not panic, so that what a
        // panic left behind is whole
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When it was last used.
    pub fn used(&self) -> Instant {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that it is used now.
    pub fn touch(&self) {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// What its groups counted as when it was last left.
    pub fn weight(&self) -> usize {
        self.weight.load(Ordering::Relaxed)
    }

    /// Notes what its groups count as, and gives how much more that is than before.
    pub fn note_weight(&self, weight: usize) -> isize {
        let before = self.weight.swap(weight, Ordering::Relaxed);
        weight.cast_signed() - before.cast_signed()
    }
}
