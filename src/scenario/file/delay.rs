//! The delay of an answer: fixed, or drawn from a distribution.

use std::time::Duration;

use serde_json::json;

use crate::config_file::{Node, Problems, Read, Value, checked, record};
use crate::scenario::duration::{DelayDuration, MAX_DELAY, written};

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Delay {
    Fixed(Duration),
    Uniform {
        min: Duration,
        max: Duration,
    },
    /// Most delays are near the median, a few are much longer.
    LogNormal {
        median: Duration,
        sigma: f64,
        max: Duration,
    },
}

/// The random numbers of one call, in 0..1; they follow from the seed alone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Draw(pub(crate) [f64; 3]);

impl Delay {
    /// Returns the delay of one call.
    pub(crate) fn draw(&self, draw: Draw) -> Duration {
        // the first number has decided whether the rule applies
        let [_, first, second] = draw.0;
        match *self {
            Self::Fixed(delay) => delay,
            Self::Uniform { min, max } => min + max.saturating_sub(min).mul_f64(first),
            Self::LogNormal { median, sigma, max } => {
                // Box–Muller; the logarithm of 0 is infinite
                let radius = (-2.0 * first.max(f64::MIN_POSITIVE).ln()).sqrt();
                let normal = radius * (2.0 * std::f64::consts::PI * second).cos();
                let seconds = median.as_secs_f64() * (sigma * normal).exp();
                Duration::try_from_secs_f64(seconds).unwrap_or(max).min(max)
            }
        }
    }

    /// Writes it as in a scenario file.
    pub(crate) fn to_json(self) -> serde_json::Value {
        match self {
            Self::Fixed(delay) => json!(written(delay)),
            Self::Uniform { min, max } => json!({"min": written(min), "max": written(max)}),
            Self::LogNormal { median, sigma, max } => {
                json!({"median": written(median), "sigma": sigma, "max": written(max)})
            }
        }
    }
}

record! {
    struct UniformEntry {
        /// The shortest delay.
        min: DelayDuration => required,
        /// The longest delay.
        max: DelayDuration => required,
    }
}

record! {
    struct LogNormalEntry {
        /// Half of the delays are shorter.
        median: DelayDuration => required,
        /// The spread, from 0 to 10; 0.4 is a typical web service.
        sigma: Sigma => required,
        /// No delay is longer.
        max: DelayDuration => or(DelayDuration(MAX_DELAY)),
    }
}

checked! {
    Sigma(f64): {"minimum": 0, "maximum": 10},
    |sigma| (0.0..=10.0).contains(sigma),
    |sigma| format!("sigma must be from 0 to 10, not {sigma}")
}

impl Read for Delay {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let Value::Map(entries) = &node.value else {
            return DelayDuration::read(node, problems).map(|delay| Self::Fixed(delay.0));
        };
        if entries.iter().any(|entry| entry.key == "median") {
            let LogNormalEntry { median, sigma, max } = LogNormalEntry::read(node, problems)?;
            return Some(Self::LogNormal { median: median.0, sigma: sigma.0, max: max.0 });
        }
        let UniformEntry { min, max } = UniformEntry::read(node, problems)?;
        if min.0 > max.0 {
            problems.add(node.at, "min is longer than max; swap them");
            return None;
        }
        Some(Self::Uniform { min: min.0, max: max.0 })
    }

    fn schema() -> serde_json::Value {
        json!({"oneOf": [
            DelayDuration::schema(), UniformEntry::schema(), LogNormalEntry::schema(),
        ]})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_delays_stay_within_their_bounds() {
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
