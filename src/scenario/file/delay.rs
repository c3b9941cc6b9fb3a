//! How long an answer waits: a time, or a time drawn from a distribution.

use std::time::Duration;

use serde_json::json;

use crate::config_file::{Node, Problems, Read, Value, record};

/// The longest delay that can be asked for.
const LONGEST: Duration = Duration::from_hours(1);

/// How long to wait.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Delay {
    /// Always this long.
    Fixed(Duration),
    /// Anything between the two, all equally likely.
    Uniform {
        /// The shortest.
        min: Duration,
        /// The longest.
        max: Duration,
    },
    /// Log-normal: most are near the median, a few are much longer.
    LogNormal {
        /// Half are shorter.
        median: Duration,
        /// The spread: 0 is none, 0.4 a usual web service, 1 a bad one.
        sigma: f64,
        /// Cut off here.
        max: Duration,
    },
}

/// Numbers that stand for chance: three draws in 0..1 for each call, the same on every run.
#[derive(Debug, Clone, Copy)]
pub struct Draw(pub [f64; 3]);

impl Delay {
    /// The delay of one call.
    pub fn draw(&self, draw: Draw) -> Duration {
        let [_, first, second] = draw.0;
        match *self {
            Self::Fixed(delay) => delay,
            Self::Uniform { min, max } => min + max.saturating_sub(min).mul_f64(first),
            Self::LogNormal { median, sigma, max } => {
                // Box–Muller; the smallest draw is kept from 0, whose logarithm has no end
                let radius = (-2.0 * first.max(f64::MIN_POSITIVE).ln()).sqrt();
                let normal = radius * (2.0 * std::f64::consts::PI * second).cos();
                let seconds = median.as_secs_f64() * (sigma * normal).exp();
                Duration::try_from_secs_f64(seconds).unwrap_or(max).min(max)
            }
        }
    }
}

record! {
    #[derive(Debug)]
    struct UniformEntry {
        /// The shortest delay.
        min: Span => required,
        /// The longest delay.
        max: Span => required,
    }
}

record! {
    #[derive(Debug)]
    struct LogNormalEntry {
        /// Half of the delays are shorter.
        median: Span => required,
        /// The spread, 0 to 10: 0.4 is a usual web service.
        sigma: Sigma => required,
        /// No delay is longer.
        max: Span => or(Span(LONGEST)),
    }
}

impl Read for Delay {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let Value::Map(entries) = &node.value else {
            return Span::read(node, problems).map(|span| Self::Fixed(span.0));
        };
        if entries.iter().any(|entry| entry.key == "median") {
            let entry = LogNormalEntry::read(node, problems)?;
            return Some(Self::LogNormal {
                median: entry.median.0,
                sigma: entry.sigma.0,
                max: entry.max.0,
            });
        }
        let UniformEntry { min: Span(min), max: Span(max) } = UniformEntry::read(node, problems)?;
        if min > max {
            problems.add(node.at, "min is longer than max; exchange them");
            return None;
        }
        Some(Self::Uniform { min, max })
    }

    fn schema() -> serde_json::Value {
        json!({"oneOf": [Span::schema(), UniformEntry::schema(), LogNormalEntry::schema()]})
    }
}

/// A length of time: `200ms`, `1.5s`, `2m`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span(pub Duration);

impl Read for Span {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let text = match &node.value {
            Value::Text(text) => text.as_str(),
            Value::Integer(0) => "0ms",
            _ => {
                problems.wrong_type(node, "a time like 200ms, 1.5s or 2m");
                return None;
            }
        };
        parse_span(text).map_err(|why| problems.add(node.at, why)).ok().map(Self)
    }

    fn schema() -> serde_json::Value {
        json!({"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)$", "description": "A time like 200ms, 1.5s or 2m"})
    }
}

#[derive(Debug)]
struct Sigma(f64);

impl Read for Sigma {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let sigma = f64::read(node, problems)?;
        if !(0.0..=10.0).contains(&sigma) {
            problems.add(node.at, format!("sigma must be from 0 to 10, not {sigma}"));
            return None;
        }
        Some(Self(sigma))
    }

    fn schema() -> serde_json::Value {
        json!({"type": "number", "minimum": 0, "maximum": 10})
    }
}

/// Reads a delay, at most an hour.
pub fn parse_span(text: &str) -> Result<Duration, String> {
    match parse_duration(text)? {
        span if span <= LONGEST => Ok(span),
        _ => Err(format!("{text:?} is longer than an hour, which is the most")),
    }
}

/// Reads a length of time with its unit.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let split = text.find(|letter: char| letter.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let seconds = match unit {
        "ms" => Some(0.001),
        "s" => Some(1.0),
        "m" => Some(60.0),
        "h" => Some(3600.0),
        "d" => Some(86400.0),
        _ => None,
    };
    let plain = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let value = number.parse::<f64>().ok().filter(|_| plain);
    let (Some(seconds), Some(value)) = (seconds, value) else {
        return Err(format!("{text:?} is not a time; write it like 200ms, 1.5s, 2m or 25h"));
    };
    Duration::try_from_secs_f64(value * seconds).map_err(|_| format!("{text:?} is too long"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_number_and_a_unit() {
        for (text, ms) in [("200ms", 200), ("1.5s", 1500), ("2m", 120_000), ("0ms", 0)] {
            assert_eq!(parse_span(text), Ok(Duration::from_millis(ms)), "{text}");
        }
        for text in
            ["", "5", "ms", "-1s", "2h", "1 s", "1e3s", "inf", "NaNs", "1.2.3s", "61m", "٣s"]
        {
            assert!(parse_span(text).is_err(), "{text}");
        }
    }

    #[test]
    fn drawn_delays_keep_to_their_bounds() {
        let ms = Duration::from_millis;
        let uniform = Delay::Uniform { min: ms(10), max: ms(20) };
        let tail = Delay::LogNormal { median: ms(100), sigma: 3.0, max: ms(5000) };
        let mut below = 0;
        for step in 0..1000 {
            let part = f64::from(step) / 1000.0;
            let draw = Draw([0.0, part, (part * 7.0).fract()]);
            assert!((ms(10)..=ms(20)).contains(&uniform.draw(draw)));
            let drawn = tail.draw(draw);
            assert!(drawn <= ms(5000));
            below += usize::from(drawn < ms(100));
        }
        assert!((400..600).contains(&below), "{below} of 1000 are below the median");
    }
}
