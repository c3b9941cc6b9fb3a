//! Overrides: scenarios switched on at run time, for so many calls or so long.

use std::time::{Duration, Instant};

/// How long an override lasts that says neither how often nor how long.
const DEFAULT_TTL: Duration = Duration::from_mins(30);

/// A scenario that is switched on.
#[derive(Debug, Clone)]
pub struct Override {
    /// The scenario's name, or a line.
    pub scenario: String,
    /// How many calls it acted on.
    pub acted: u64,
    /// After how many it ends.
    pub hits: Option<u64>,
    /// When it ends, by the machine's time.
    pub until: Option<Instant>,
    /// Who switched it on.
    pub owner: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

impl Override {
    /// One that is switched on now.
    pub fn new(scenario: String, hits: Option<u64>, ttl: Option<Duration>) -> Self {
        let ttl = if hits.is_none() { Some(ttl.unwrap_or(DEFAULT_TTL)) } else { ttl };
        let until = ttl.and_then(|ttl| Instant::now().checked_add(ttl));
        Self { scenario, acted: 0, hits, until, owner: None, reason: None }
    }

    /// How many calls are left to it; `None` if that is not counted.
    pub fn hits_left(&self) -> Option<u64> {
        self.hits.map(|hits| hits.saturating_sub(self.acted))
    }

    /// Whether it has ended.
    pub fn has_ended(&self) -> bool {
        self.hits_left() == Some(0) || self.until.is_some_and(|until| until <= Instant::now())
    }
}

/// Takes an override away that has ended, and says so in the log.
pub fn end(slot: &mut Option<Override>, whose: &str) {
    if let Some(ended) = slot.take_if(|switched| switched.has_ended()) {
        let after = match ended.hits_left() {
            Some(0) => format!("after {} hits", ended.acted),
            _ => format!("as its time was over, after {} hits", ended.acted),
        };
        tracing::info!("{} for {whose} ended {after}, back to the contract", ended.scenario);
    }
}
