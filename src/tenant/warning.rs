//! Limits how often a warning is logged for something that may happen at every call.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long nothing is logged after a warning.
const PAUSE: Duration = Duration::from_mins(1);

/// When a warning was last logged, so that it is logged once a minute.
#[derive(Debug, Default)]
pub(crate) struct WarningPause(Mutex<Option<Instant>>);

impl WarningPause {
    /// Whether to log a warning at this time: the first in a minute.
    pub(crate) fn admits(&self, now: Instant) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let admits = last.is_none_or(|last| now.saturating_duration_since(last) >= PAUSE);
        if admits {
            *last = Some(now);
        }
        admits
    }
}
