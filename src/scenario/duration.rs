//! Durations as people write them: `200ms`, `1.5s`, `2m`, `25h`, `30d`.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::json;

use crate::config_file::{Node, Problems, Read, Value, parsed_text};
use crate::text::quoted;

/// The form of a duration, for the schema.
const FORM: &str = r"^[0-9]+(\.[0-9]+)?(ms|s|m|h|d)$";

/// The longest delay of an answer.
pub(crate) const MAX_DELAY: Duration = Duration::from_hours(1);

/// Parses a duration with its unit.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    if !is_number_with_unit(text) {
        let text = quoted(text);
        return Err(format!("{text} is not a duration; write it like 200ms, 1.5s, 2m or 25h"));
    }
    let parse = |text: &str| text.parse::<SignedDuration>().ok();
    // a day is always 24 hours here, which jiff leaves to its caller
    let parsed = match text.strip_suffix('d') {
        Some(days) => parse(&format!("{days}h")).and_then(|hours| hours.checked_mul(24)),
        None => parse(text),
    };
    let duration = parsed.and_then(|parsed| Duration::try_from(parsed).ok());
    duration.ok_or_else(|| format!("{} is out of range", quoted(text)))
}

/// Whether a text is one number and one unit. jiff alone would accept more (`1h 30m`, `-1s`).
fn is_number_with_unit(text: &str) -> bool {
    let is_whole = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let unit = text.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    let number = &text[..text.len() - unit.len()];
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    matches!(unit, "ms" | "s" | "m" | "h" | "d") && is_whole(whole) && is_whole(fraction)
}

/// Parses the delay of an answer, at most an hour.
pub(crate) fn parse_delay(text: &str) -> Result<Duration, String> {
    match parse_duration(text)? {
        delay if delay <= MAX_DELAY => Ok(delay),
        _ => Err(format!("{text:?} is too long; the longest delay is 1h")),
    }
}

/// Writes a duration as it is parsed, in the largest unit of which it is a whole number.
pub(crate) fn written(duration: Duration) -> String {
    const MS: u128 = 1_000_000;
    let nanoseconds = duration.as_nanos();
    let units = [("d", 86_400_000 * MS), ("h", 3_600_000 * MS), ("m", 60_000 * MS)];
    let mut units = units.into_iter().chain([("s", 1000 * MS), ("ms", MS)]);
    match units.find(|(_, unit)| nanoseconds > 0 && nanoseconds.is_multiple_of(*unit)) {
        Some((name, unit)) => format!("{}{name}", nanoseconds / unit),
        None => format!("{}ms", duration.as_secs_f64() * 1000.0),
    }
}

/// A duration of any length.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AnyDuration(pub(crate) Duration);

impl Read for AnyDuration {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        parsed_text(node, problems, parse_duration).map(Self)
    }

    fn schema() -> serde_json::Value {
        json!({"type": "string", "pattern": FORM})
    }
}

/// The delay of an answer, at most an hour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct DelayDuration(pub(crate) Duration);

impl Read for DelayDuration {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let parsed = match &node.value {
            Value::Text(text) => parse_delay(text),
            value if value.whole() == Some(0) => Ok(Duration::ZERO),
            _ => {
                problems.wrong_type(node, "a duration like 200ms, 1.5s or 2m");
                return None;
            }
        };
        problems.accept(node.at, parsed).map(Self)
    }

    fn schema() -> serde_json::Value {
        json!({
            "type": ["string", "integer"],
            "pattern": FORM,
            "minimum": 0,
            "maximum": 0,
            "description": "a duration like 200ms, 1.5s or 2m, or 0",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_and_a_unit() {
        const DAY: u64 = 24 * 60 * 60 * 1000;
        for (text, ms) in [
            ("0ms", 0),
            ("200ms", 200),
            ("1.5s", 1500),
            ("007s", 7000),
            ("2m", 120_000),
            ("25h", DAY + 3_600_000),
            ("30d", 30 * DAY),
            ("1.5d", 36 * 3_600_000),
        ] {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(ms)), "{text}");
        }
        for text in [
            "",
            "5",
            "ms",
            "-1s",
            "+1s",
            "1 s",
            "1e3s",
            "inf",
            "NaNs",
            "1.2.3s",
            "٣s",
            ".5s",
            "5.s",
            "1h30m",
            "1:30:00",
            "PT1S",
            "2w",
            "1y",
            "5 minutes",
            "5minutes",
            "99999999999999999999h",
            "9223372036854775807d",
            "1s\n",
        ] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_duration_is_written_as_it_is_parsed() {
        for (text, expected) in [
            ("0s", "0ms"),
            ("0.25ms", "0.25ms"),
            ("800ms", "800ms"),
            ("1.5s", "1500ms"),
            ("2000ms", "2s"),
            ("90s", "90s"),
            ("60m", "1h"),
            ("48h", "2d"),
        ] {
            let duration = parse_duration(text).unwrap();
            assert_eq!(written(duration), expected);
            assert_eq!(parse_duration(expected), Ok(duration), "{text}");
        }
    }

    #[test]
    fn a_delay_is_at_most_an_hour() {
        assert_eq!(parse_delay("60m"), Ok(MAX_DELAY));
        assert_eq!(parse_delay("61m").unwrap_err(), "\"61m\" is too long; the longest delay is 1h");
    }
}
