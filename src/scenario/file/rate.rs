//! The rate of a rule, like `5/1s`: how many calls it lets through in that time.

use std::fmt;
use std::time::Duration;

use serde_json::json;

use crate::config_file::{Node, Problems, Read, parsed_text};
use crate::scenario::duration::{parse_duration, written};
use crate::text::quoted;

/// How many calls may pass in a period. The rule acts on those beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    /// At least one.
    pub(crate) calls: u32,
    /// At least one millisecond.
    pub(crate) period_ms: i64,
}

/// The largest number of calls.
const MAX_CALLS: u32 = 1_000_000;
/// The longest period.
const MAX_PERIOD: Duration = Duration::from_hours(30 * 24);

fn parse(text: &str) -> Result<Rate, String> {
    let invalid = || format!("invalid rate {}; write calls/time, like 5/1s", quoted(text));
    let (calls, period) = text.split_once('/').ok_or_else(invalid)?;
    let (calls, period) = (calls.trim(), period.trim());
    if calls.is_empty() || !calls.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(invalid());
    }
    let calls = calls.parse().ok().filter(|calls| (1..=MAX_CALLS).contains(calls));
    let calls = calls.ok_or_else(|| {
        format!("invalid rate {}; the calls must be from 1 to {MAX_CALLS}", quoted(text))
    })?;
    let period = parse_duration(period)?;
    if period > MAX_PERIOD || period < Duration::from_millis(1) {
        return Err(format!("invalid rate {}; the time must be from 1ms to 30d", quoted(text)));
    }
    let period_ms = i64::try_from(period.as_millis()).map_err(|_| invalid())?;
    Ok(Rate { calls, period_ms })
}

/// As it is written in a file.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let period = Duration::from_millis(self.period_ms.unsigned_abs());
        write!(f, "{}/{}", self.calls, written(period))
    }
}

impl Read for Rate {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        parsed_text(node, problems, parse)
    }

    fn schema() -> serde_json::Value {
        json!({"type": "string", "pattern": r"^[0-9]+ */ *[0-9]+(\.[0-9]+)?(ms|s|m|h|d)$"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_calls_and_a_time() {
        for (text, calls, period_ms) in [
            ("5/1s", 5, 1000),
            ("1/250ms", 1, 250),
            ("100 / 1.5m", 100, 90_000),
            ("1000000/30d", 1_000_000, 30 * 24 * 3_600_000),
        ] {
            assert_eq!(parse(text), Ok(Rate { calls, period_ms }), "{text}");
        }
        for (text, expected) in [
            ("5", "invalid rate \"5\"; write calls/time, like 5/1s"),
            ("/1s", "write calls/time"),
            ("-5/1s", "write calls/time"),
            ("0/1s", "the calls must be from 1 to 1000000"),
            ("99999999999/1s", "the calls must be from 1 to 1000000"),
            ("5/s", "\"s\" is not a duration"),
            ("5/1s/2", "is not a duration"),
            ("5/0s", "the time must be from 1ms to 30d"),
            ("5/31d", "the time must be from 1ms to 30d"),
        ] {
            let why = parse(text).unwrap_err();
            assert!(why.contains(expected), "{text}: {why}");
        }
    }
}
