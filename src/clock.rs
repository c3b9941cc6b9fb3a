//! The clock of a sandbox, in Unix milliseconds: the machine's clock, or a frozen one.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::anyhow;

/// A time for messages.
pub(crate) const EXAMPLE: &str = "2024-09-24T09:13:31Z";

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
        parse_time(text).map(Self::Frozen).map_err(|why| match why {
            InvalidTime::Malformed => {
                anyhow!("{text:?} is neither \"real\" nor a time like {EXAMPLE}")
            }
            InvalidTime::OutOfRange(why) => anyhow!(why),
        })
    }

    /// Returns the time in milliseconds since the Unix epoch.
    pub fn now_ms(&self) -> i64 {
        match self {
            Self::Frozen(ms) => *ms,
            Self::Real => real_now_us() / 1000,
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

/// Why a text is no time of a clock.
#[derive(Debug)]
pub(crate) enum InvalidTime {
    Malformed,
    /// Says which times there are.
    OutOfRange(String),
}

/// Parses an RFC 3339 time that a clock can show, in milliseconds since the Unix epoch.
pub(crate) fn parse_time(text: &str) -> Result<i64, InvalidTime> {
    let parsed = text.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_millisecond);
    match parsed {
        Ok(ms) if ms >= 0 => return Ok(ms),
        Err(_) if !is_late(text) => return Err(InvalidTime::Malformed),
        Ok(_) | Err(_) => {}
    }
    let (first, last) = (rfc3339(0), rfc3339(latest_ms() / 1000 * 1000));
    Err(InvalidTime::OutOfRange(format!(
        "{text:?} is out of range; use a time from {first} to {last}"
    )))
}

/// The latest time that a clock can show, in Unix milliseconds: nearly the end of the year 9999.
pub(crate) fn latest_ms() -> i64 {
    jiff::Timestamp::MAX.as_millisecond()
}

/// Whether a text is a time that is past the latest one: on the last days of the year 9999.
fn is_late(text: &str) -> bool {
    use jiff::fmt::temporal::Pieces;
    Pieces::parse(text).is_ok_and(|pieces| {
        let (date, is_whole) =
            (pieces.date(), pieces.time().is_some() && pieces.offset().is_some());
        is_whole && date.year() == 9999 && date.month() == 12
    })
}

/// Returns the machine's time in microseconds since the Unix epoch, whatever a sandbox's clock says.
pub(crate) fn real_now_us() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, micros)
}

pub(crate) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Formats a time as RFC 3339 in UTC, with milliseconds unless it is a whole second.
pub(crate) fn rfc3339(ms: i64) -> String {
    if ms % 1000 != 0 {
        return rfc3339_ms(ms);
    }
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
        let clock = Clock::parse("2024-09-24T09:13:31.66Z").unwrap();
        assert_eq!(clock.to_string(), "2024-09-24T09:13:31.660Z", "never two digits");
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
        for text in ["1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z"] {
            let error = Clock::parse(text).unwrap_err().to_string();
            assert!(error.contains("from 1970-01-01T00:00:00Z to 9999-12-30T22:00:00Z"), "{error}");
        }
        assert!(Clock::parse("9999-12-30T22:00:00Z").is_ok());
    }
}
