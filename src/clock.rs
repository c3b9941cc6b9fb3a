//! The clock of a sandbox, in Unix milliseconds: the machine's clock, or a frozen one.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};

/// The clock of a sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// The machine's clock.
    Real,
    /// Frozen at this time, in milliseconds since the Unix epoch.
    Frozen(i64),
}

impl Clock {
    /// Parses `real`, or an RFC 3339 time at which the clock is frozen.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        if text.eq_ignore_ascii_case("real") {
            return Ok(Self::Real);
        }
        let time: jiff::Timestamp = text.parse().with_context(|| {
            format!("{text:?} is neither \"real\" nor a time like 2024-09-24T09:13:31Z")
        })?;
        if time.as_millisecond() < 0 {
            bail!("{text:?} is before 1970; use a later time");
        }
        Ok(Self::Frozen(time.as_millisecond()))
    }

    /// Returns the time in milliseconds since the Unix epoch.
    pub fn now_ms(&self) -> i64 {
        match self {
            Self::Frozen(ms) => *ms,
            Self::Real => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX)),
        }
    }
}

impl std::fmt::Display for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Real => f.write_str("real"),
            Self::Frozen(ms) => f.write_str(&rfc3339(*ms)),
        }
    }
}

/// Returns the machine's time in microseconds since the Unix epoch, whatever a sandbox's clock says.
pub(crate) fn real_now_us() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// Formats a time as RFC 3339 in UTC.
pub(crate) fn rfc3339(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |time| time.to_string())
}

/// Formats a time as RFC 3339 in UTC, always with milliseconds.
pub(crate) fn rfc3339_ms(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .map_or_else(|_| ms.to_string(), |time| format!("{time:.3}"))
}

/// Formats a time as RFC 3339 in UTC, always with microseconds.
pub(crate) fn rfc3339_us(us: i64) -> String {
    jiff::Timestamp::from_microsecond(us)
        .map_or_else(|_| us.to_string(), |time| format!("{time:.6}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_freezes_the_clock() {
        let clock = Clock::parse("2024-09-24T09:13:31Z").unwrap();
        assert_eq!(clock.now_ms(), 1_727_169_211_000);
        assert_eq!(clock.to_string(), "2024-09-24T09:13:31Z");
        assert_eq!(Clock::parse("real").unwrap(), Clock::Real);
    }

    #[test]
    fn real_times_are_shown_with_all_their_microseconds() {
        for (us, shown) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (1_727_169_211_000_000, "2024-09-24T09:13:31.000000Z"),
            (1_727_169_211_050_007, "2024-09-24T09:13:31.050007Z"),
        ] {
            assert_eq!(rfc3339_us(us), shown);
        }
        let (before, now) = (real_now_us(), Clock::Real.now_ms());
        assert!((before / 1000..=real_now_us() / 1000).contains(&now));
    }

    #[test]
    fn an_invalid_clock_is_refused_with_an_example() {
        for text in ["", "now", "2024-09-24", "2024-13-01T00:00:00Z", "1727169211"] {
            let error = Clock::parse(text).unwrap_err().to_string();
            assert!(error.contains("2024-09-24T09:13:31Z"), "{text}: {error}");
        }
    }
}
