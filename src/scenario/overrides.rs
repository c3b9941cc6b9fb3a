//! Overrides: scenarios turned on at run time, for a number of calls or a time.

use std::time::{Duration, Instant};

/// The lifetime of an override with neither hits nor ttl.
const DEFAULT_TTL: Duration = Duration::from_mins(30);

/// A scenario that is turned on.
#[derive(Debug, Clone)]
pub struct Override {
    /// A scenario's name, or a line.
    pub scenario: String,
    /// The number of calls it acted on.
    pub acted: u64,
    /// The number of calls after which it ends.
    pub hits: Option<u64>,
    /// When it expires, by the machine's clock.
    pub until: Option<Instant>,
    pub owner: Option<String>,
    pub reason: Option<String>,
}

impl Override {
    /// An override that starts now.
    pub fn new(scenario: String, hits: Option<u64>, ttl: Option<Duration>) -> Self {
        let ttl = if hits.is_none() { Some(ttl.unwrap_or(DEFAULT_TTL)) } else { ttl };
        let until = ttl.and_then(|ttl| Instant::now().checked_add(ttl));
        Self { scenario, acted: 0, hits, until, owner: None, reason: None }
    }

    /// The number of calls left; `None` if they are not counted.
    pub fn hits_left(&self) -> Option<u64> {
        self.hits.map(|hits| hits.saturating_sub(self.acted))
    }

    /// Whether its calls are used up or its time is over.
    pub fn has_ended(&self) -> bool {
        self.hits_left() == Some(0) || self.until.is_some_and(|until| until <= Instant::now())
    }
}

/// Removes an override that has ended and logs it; `owner` is a tenant's name, or `all tenants`.
pub(crate) fn end_override(slot: &mut Option<Override>, owner: &str) {
    if let Some(ended) = slot.take_if(|active| active.has_ended()) {
        let verb = if ended.hits_left() == Some(0) { "ended" } else { "expired" };
        let (scenario, hits) = (&ended.scenario, ended.acted);
        let unit = if hits == 1 { "hit" } else { "hits" };
        tracing::info!("{scenario} for {owner} {verb} after {hits} {unit}, back to the contract");
    }
}
