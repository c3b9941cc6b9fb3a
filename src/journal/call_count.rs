//! How many calls an expectation wants.

use std::fmt;

use serde::Serialize;

use crate::text::plural;

/// An inclusive range, as it is asked for; at least one unless something else is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct CallCount {
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exactly: Option<u64>,
}

impl Default for CallCount {
    fn default() -> Self {
        Self { min: Some(1), max: None, exactly: None }
    }
}

/// Whether as many calls as wanted were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CountResult {
    Met,
    Unmet,
    /// Calls that were dropped from the journal decide it, too.
    Unknown,
}

impl CallCount {
    /// The range that is asked for under a key; an error says why there is none.
    pub(crate) fn of(
        key: &str,
        min: Option<u64>,
        max: Option<u64>,
        exactly: Option<u64>,
    ) -> Result<Self, String> {
        match (min, max, exactly) {
            (None, None, None) => Err(format!("{key} needs min, max or exactly")),
            (Some(_), _, Some(_)) | (_, Some(_), Some(_)) => {
                Err("exactly cannot be combined with min or max".to_owned())
            }
            (Some(min), Some(max), None) if min > max => {
                Err("min must not be greater than max".to_owned())
            }
            _ => Ok(Self { min, max, exactly }),
        }
    }

    fn least(self) -> u64 {
        self.exactly.or(self.min).unwrap_or(0)
    }

    fn most(self) -> Option<u64> {
        self.exactly.or(self.max)
    }

    /// Whether no later call can change the verdict. What is at most wanted is known only at the end,
    /// unless there are more already.
    pub(crate) fn is_decided(self, matched: u64) -> bool {
        if self.has_maximum() { self.is_exceeded_by(matched) } else { matched >= self.least() }
    }

    pub(crate) fn has_maximum(self) -> bool {
        self.most().is_some()
    }

    pub(crate) fn is_exceeded_by(self, matched: u64) -> bool {
        self.most().is_some_and(|max| matched > max)
    }

    pub(crate) fn holds(self, matched: u64) -> bool {
        matched >= self.least() && self.most().is_none_or(|max| matched <= max)
    }

    /// Compares it with the calls that were found, when the journal has dropped others, `unseen` of them.
    pub(crate) fn judge(self, found: u64, unseen: u64) -> CountResult {
        let is_known = unseen == 0 || self.is_exceeded_by(found);
        if self.holds(found) && (is_known || !self.has_maximum()) {
            CountResult::Met
        } else if is_known {
            CountResult::Unmet
        } else {
            CountResult::Unknown
        }
    }

    /// Says it as in `exactly 1 matching call`.
    pub(crate) fn describe(self, what: &str) -> String {
        let calls = |number| plural(number, &format!("{what} call"));
        match (self.least(), self.most()) {
            (min, None) => format!("at least {}", calls(min)),
            (min, Some(max)) if min == max => format!("exactly {}", calls(max)),
            (0, Some(max)) => format!("at most {}", calls(max)),
            (min, Some(max)) => format!("{min} to {}", calls(max)),
        }
    }
}

/// As in `expected exactly 1 matching call`.
impl fmt::Display for CallCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe("matching"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropped_calls_matter_only_where_they_could_change_the_result() {
        use CountResult::{Met, Unknown, Unmet};
        for (min, max, found, complete, with_dropped) in [
            (Some(2), None, 2, Met, Met),
            (Some(2), None, 1, Unmet, Unknown),
            (None, Some(2), 2, Met, Unknown),
            (None, Some(2), 3, Unmet, Unmet),
            (Some(1), Some(2), 0, Unmet, Unknown),
            (Some(1), Some(2), 3, Unmet, Unmet),
        ] {
            let count = CallCount::of("count", min, max, None).unwrap();
            let results = [count.judge(found, 0), count.judge(found, 5)];
            assert_eq!(results, [complete, with_dropped], "{count}, found {found}");
        }
    }

    #[test]
    fn a_count_is_described_by_min_max_or_exactly() {
        for (min, max, exactly, text) in [
            (Some(1), None, None, "at least 1 matching call"),
            (None, Some(2), None, "at most 2 matching calls"),
            (Some(1), Some(3), None, "1 to 3 matching calls"),
            (None, None, Some(1), "exactly 1 matching call"),
            (None, None, Some(0), "exactly 0 matching calls"),
            (None, Some(0), None, "exactly 0 matching calls"),
            (Some(0), Some(3), None, "at most 3 matching calls"),
            (Some(2), Some(2), None, "exactly 2 matching calls"),
            (Some(0), None, None, "at least 0 matching calls"),
        ] {
            let count = CallCount::of("count", min, max, exactly).unwrap();
            assert_eq!(count.describe("matching"), text);
            let expected = [("min", min), ("max", max), ("exactly", exactly)];
            let expected: serde_json::Map<_, _> = expected
                .into_iter()
                .filter_map(|(name, value)| Some((name.to_owned(), value?.into())))
                .collect();
            assert_eq!(serde_json::to_value(count).unwrap(), serde_json::Value::Object(expected));
        }
    }
}
