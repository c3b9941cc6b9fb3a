//! The numbers of the calls that a rule is for.

use serde_json::json;

use crate::config_file::{Node, Problems, Read, Value};

/// The numbers of a tenant's calls to an endpoint, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nth {
    /// Includes both ends.
    Range(u64, u64),
    Odd,
    Even,
    /// The multiples of a number.
    Every(u64),
}

impl Nth {
    pub(crate) fn contains(self, nth: u64) -> bool {
        match self {
            Self::Range(first, last) => (first..=last).contains(&nth),
            Self::Odd => nth % 2 == 1,
            Self::Even => nth.is_multiple_of(2),
            Self::Every(step) => nth.is_multiple_of(step),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let number = |text: &str| text.trim().parse::<u64>().ok().filter(|number| *number > 0);
        match text.trim() {
            "odd" => Some(Self::Odd),
            "even" => Some(Self::Even),
            text => {
                if let Some(step) = text.strip_prefix("every ") {
                    return number(step).map(Self::Every);
                }
                let (first, last) = text.split_once("..").unwrap_or((text, text));
                let (first, last) = (number(first)?, number(last)?);
                (first <= last).then_some(Self::Range(first, last))
            }
        }
    }
}

impl std::fmt::Display for Nth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Range(first, last) if first == last => write!(f, "{first}"),
            Self::Range(first, last) => write!(f, "{first}..{last}"),
            Self::Odd => f.write_str("odd"),
            Self::Even => f.write_str("even"),
            Self::Every(step) => write!(f, "every {step}"),
        }
    }
}

impl Read for Nth {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let text = match &node.value {
            Value::Text(text) => text.clone(),
            value => value.whole().map_or_else(String::new, |number| number.to_string()),
        };
        let nth = Self::parse(&text);
        if nth.is_none() {
            problems.wrong_type(node, "a number from 1, \"2..5\", odd, even or \"every 3\"");
        }
        nth
    }

    fn schema() -> serde_json::Value {
        json!({"oneOf": [
            {"type": "integer", "minimum": 1, "maximum": i64::MAX},
            {"type": "string", "pattern": "^(odd|even|every [1-9][0-9]*|[1-9][0-9]*(\\.\\.[1-9][0-9]*)?)$"},
        ]})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nth_counts_from_one_and_includes_both_ends() {
        let all = |text: &str| {
            let nth = Nth::parse(text).unwrap();
            (1..=7).filter(|number| nth.contains(*number)).collect::<Vec<_>>()
        };
        assert_eq!(all("3"), [3]);
        assert_eq!(all("2..5"), [2, 3, 4, 5]);
        assert_eq!(all("odd"), [1, 3, 5, 7]);
        assert_eq!(all("even"), [2, 4, 6]);
        assert_eq!(all("every 3"), [3, 6]);
        for text in ["0", "5..2", "every 0", "every", "-1", "2..", "first"] {
            assert_eq!(Nth::parse(text), None, "{text}");
        }
    }
}
