//! Literals: single values that a value of a call is compared with.

use serde_json::json;

use super::letter_case::LetterCase;
use crate::config_file::{Node, Problems, Read, Value};
use crate::vendor::schema::Tree;

/// A value in a scenario.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    /// Matches an absent value too.
    Null,
    Boolean(bool),
    /// 4 and 4.0 are the same number.
    Number(f64),
    Text(String),
    /// Matches an id in either case.
    Id(String),
}

/// One literal or more.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Literals(pub(super) Vec<Literal>);

impl Literal {
    /// Makes text that stands for a value whose case is ignored one that does so.
    pub(super) fn in_case(self, case: LetterCase) -> Self {
        match (self, case) {
            (Self::Text(text), LetterCase::Ignored) => Self::Id(text),
            (literal, _) => literal,
        }
    }

    pub(super) fn equals(&self, value: &Tree) -> bool {
        match (self, value) {
            (Self::Null, Tree::Null) => true,
            (Self::Boolean(literal), Tree::Boolean(value)) => literal == value,
            #[expect(
                clippy::cast_precision_loss,
                clippy::float_cmp,
                reason = "as exact as the literal"
            )]
            (Self::Number(literal), Tree::Integer(value)) => *literal == *value as f64,
            #[expect(
                clippy::float_cmp,
                reason = "numbers are equal if they are written for the same value"
            )]
            (Self::Number(literal), Tree::Number(number)) => *literal == number.value(),
            (Self::Text(literal), Tree::Text(value)) => *literal == *value,
            (Self::Id(literal), Tree::Text(value)) => literal.eq_ignore_ascii_case(value),
            _ => false,
        }
    }

    /// The memory that it takes besides its own place, in bytes.
    pub(super) fn heap_bytes(&self) -> usize {
        match self {
            Self::Text(text) | Self::Id(text) => text.capacity(),
            Self::Null | Self::Boolean(_) | Self::Number(_) => 0,
        }
    }

    /// Converts the literal to a value of a body.
    pub(crate) fn to_tree(&self) -> Tree<'_> {
        match self {
            Self::Null => Tree::Null,
            Self::Boolean(value) => Tree::Boolean(*value),
            #[expect(clippy::cast_possible_truncation, reason = "only whole numbers are cast")]
            Self::Number(value) if value.fract() == 0.0 && value.abs() < 1e15 => {
                Tree::Integer(*value as i64)
            }
            Self::Number(value) => Tree::Number((*value).into()),
            Self::Text(text) | Self::Id(text) => Tree::Text(text),
        }
    }
}

impl Read for Literal {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        match &node.value {
            Value::Null => Some(Self::Null),
            Value::Boolean(scalar) => Some(Self::Boolean(scalar.value)),
            #[expect(clippy::cast_precision_loss, reason = "numbers are compared as floats")]
            Value::Integer(scalar) => Some(Self::Number(scalar.value as f64)),
            Value::Float(scalar) => Some(Self::Number(scalar.value)),
            Value::Text(text) => Some(Self::Text(text.clone())),
            Value::List(_) | Value::Map(_) => {
                problems.wrong_type(node, "a single value");
                None
            }
        }
    }

    fn schema() -> serde_json::Value {
        json!({"type": ["string", "number", "boolean", "null"]})
    }
}

impl Read for Literals {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let literals = Vec::read(node, problems)?;
        if literals.is_empty() {
            problems.add(node.at, "an empty list matches nothing; add at least one value");
            return None;
        }
        Some(Self(literals))
    }

    fn schema() -> serde_json::Value {
        json!({"type": "array", "items": Literal::schema(), "minItems": 1})
    }
}
