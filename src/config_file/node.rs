//! Values of a file with their places, and the limits of a file.

use serde_json::{Value as Json, json};

pub(super) const MAX_DEPTH: usize = 32;

#[derive(Debug, Clone, Copy)]
pub(crate) struct FileLimits {
    /// The largest file, in bytes.
    pub(crate) bytes: usize,
    /// The most values and keys.
    pub(crate) nodes: usize,
}

impl FileLimits {
    /// For what anybody may send.
    pub(crate) const SMALL: Self = Self { bytes: 1024 * 1024, nodes: 10_000 };
    /// For a file that only who starts the server can give it: the world of 20 000 groups as the vendor's
    /// example has 1.6 million values in 50 MB when it is indented.
    pub(crate) const LARGE: Self = Self { bytes: 128 * 1024 * 1024, nodes: 4_000_000 };
}

/// A line and column of a file; both count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Location {
    pub line: usize,
    pub column: usize,
    /// Whether a key of a map begins here. A map of YAML begins where its first key does.
    pub(super) is_key: bool,
}

impl Location {
    /// The first character of a file.
    pub(crate) const START: Self = Self::new(1, 1);

    pub(crate) const fn new(line: usize, column: usize) -> Self {
        Self { line, column, is_key: false }
    }

    /// The same place, as that of a key.
    pub(super) const fn of_key(self) -> Self {
        Self { is_key: true, ..self }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) at: Location,
    pub(crate) value: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MapEntry {
    pub(crate) key: String,
    pub(crate) at: Location,
    pub(crate) node: Node,
}

/// The values that YAML and JSON have in common.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Boolean(Scalar<bool>),
    Integer(Scalar<i64>),
    /// Any other number; it is finite.
    Float(Scalar<f64>),
    Text(String),
    List(Vec<Node>),
    Map(Vec<MapEntry>),
}

/// A number or truth value, and how the file writes it: `1.50`, `007`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scalar<T> {
    pub(crate) value: T,
    pub(crate) written: String,
}

impl Value {
    /// The whole number that it is, also one with a fraction of 0, as JSON Schema has it: `4.0`.
    pub(crate) fn whole(&self) -> Option<i64> {
        /// From here on a number may have been written for another one.
        const INEXACT: f64 = 9_007_199_254_740_992.0;
        match self {
            Self::Integer(number) => Some(number.value),
            #[expect(
                clippy::cast_possible_truncation,
                reason = "it has no fraction and is in range"
            )]
            Self::Float(number) => {
                let is_whole = number.value.fract() == 0.0 && number.value.abs() < INEXACT;
                is_whole.then_some(number.value as i64)
            }
            _ => None,
        }
    }

    /// Describes the value for a message: `a list`, `the text "x"`.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Null => "nothing".into(),
            Self::Boolean(scalar) => scalar.written.clone(),
            Self::Integer(Scalar { written, .. }) | Self::Float(Scalar { written, .. }) => {
                format!("the number {}", shortened(written))
            }
            Self::Text(value) => format!("the text {}", crate::text::quoted(value)),
            Self::List(_) => "a list".into(),
            Self::Map(_) => "a map".into(),
        }
    }

    /// Returns a number or truth value as the file writes it.
    pub(crate) fn written(&self) -> Option<&str> {
        match self {
            Self::Boolean(Scalar { written, .. })
            | Self::Integer(Scalar { written, .. })
            | Self::Float(Scalar { written, .. }) => Some(written),
            Self::Null | Self::Text(_) | Self::List(_) | Self::Map(_) => None,
        }
    }

    pub(crate) fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Boolean(scalar) => json!(scalar.value),
            Self::Integer(scalar) => json!(scalar.value),
            Self::Float(scalar) => json!(scalar.value),
            Self::Text(text) => json!(text),
            Self::List(items) => items.iter().map(|item| item.value.to_json()).collect(),
            Self::Map(entries) => entries
                .iter()
                .map(|entry| (entry.key.clone(), entry.node.value.to_json()))
                .collect(),
        }
    }
}

/// Cuts a number, which may have any length.
pub(super) fn shortened(written: &str) -> String {
    const MAX_CHARACTERS: usize = 40;
    match written.char_indices().nth(MAX_CHARACTERS) {
        None => written.to_owned(),
        Some((end, _)) => format!("{}…", &written[..end]),
    }
}
