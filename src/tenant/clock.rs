//! The clock of one tenant.

use crate::clock::{Clock, latest_ms};

/// A tenant's clock. It follows the server's until it is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum TenantClock {
    #[default]
    Server,
    /// Always this many Unix milliseconds.
    Frozen(i64),
    /// This many milliseconds ahead of the machine's clock.
    Ahead(i64),
}

impl TenantClock {
    /// Unix milliseconds.
    pub(crate) fn now_ms(self, server: Clock) -> i64 {
        match self {
            Self::Server => server.now_ms(),
            Self::Frozen(ms) => ms,
            Self::Ahead(ms) => Clock::Real.now_ms().saturating_add(ms),
        }
    }

    /// The clock moved forward; `None` past the year 9999.
    pub(crate) fn advanced(self, by_ms: i64, server: Clock) -> Option<Self> {
        let moved = match (self, server) {
            (Self::Frozen(ms), _) | (Self::Server, Clock::Frozen(ms)) => {
                Self::Frozen(ms.checked_add(by_ms)?)
            }
            (Self::Ahead(ms), _) => Self::Ahead(ms.checked_add(by_ms)?),
            (Self::Server, Clock::Real) => Self::Ahead(by_ms),
        };
        (moved.now_ms(server) <= latest_ms()).then_some(moved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_or_running_clock_can_be_advanced_up_to_the_year_9999() {
        let server = Clock::Frozen(1000);
        let moved = TenantClock::Server.advanced(500, server).unwrap();
        assert_eq!(moved, TenantClock::Frozen(1500));
        assert_eq!(TenantClock::Server.advanced(500, Clock::Real), Some(TenantClock::Ahead(500)));
        assert_eq!(TenantClock::Ahead(1).advanced(1, Clock::Real), Some(TenantClock::Ahead(2)));
        assert_eq!(moved.advanced(latest_ms(), server), None);
        assert_eq!(moved.advanced(i64::MAX, server), None);
    }
}
