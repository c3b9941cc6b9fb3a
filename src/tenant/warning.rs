//! Says how often the log tells of something that may happen at every call.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long nothing is logged after a warning.
const PAUSE: Duration = Duration::from_mins(1);

/// When a warning was last logged.
#[derive(Debug, Default)]
pub(super) struct WarningPause(Mutex<Option<Instant>>);

impl WarningPause {
    /// Whether to log a warning at this time: the first in a minute.
    pub(super) fn admits(&self, now: Instant) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let admits = last.is_none_or(|last| now.saturating_duration_since(last) >= PAUSE);
        if admits {
            *last = Some(now);
        }
        admits
    }
}
