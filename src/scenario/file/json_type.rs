//! The types of JSON that a matcher can ask for.

use serde_json::json;

use crate::config_file::{Node, Problems, Read, Value, choice, text_as_written};
use crate::text::named;
use crate::vendor::schema::Tree;

named! {
    /// The type of a value; an absent one is null.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(super) enum JsonType {
        Null = "null",
        Boolean = "boolean",
        Integer = "integer",
        Number = "number",
        String = "string",
        List = "list",
        Object = "object",
    }
    const ALL;
}

/// What others call the types, where that is far from the names here.
const OTHER_NAMES: [(&str, &str); 12] = [
    ("nil", "null"),
    ("none", "null"),
    ("bool", "boolean"),
    ("int", "integer"),
    ("true", "boolean"),
    ("false", "boolean"),
    ("float", "number"),
    ("double", "number"),
    ("text", "string"),
    ("array", "list"),
    ("dict", "object"),
    ("map", "object"),
];

impl JsonType {
    pub(super) fn is_of(self, value: &Tree) -> bool {
        match value {
            Tree::Null => self == Self::Null,
            Tree::Boolean(_) => self == Self::Boolean,
            Tree::Integer(_) => matches!(self, Self::Integer | Self::Number),
            Tree::Number(_) if self == Self::Integer => value.integer().is_some(),
            Tree::Number(_) => self == Self::Number,
            Tree::Text(_) => self == Self::String,
            Tree::List(_) => self == Self::List,
            Tree::Object(_) => self == Self::Object,
        }
    }
}

impl Read for JsonType {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        // what YAML makes of the bare word
        if node.value == Value::Null {
            return Some(Self::Null);
        }
        let written = text_as_written(node, problems)?;
        let is_written = |(other, _): &&(&str, _)| other.eq_ignore_ascii_case(&written);
        if let Some((_, name)) = OTHER_NAMES.iter().find(is_written) {
            problems.add(node.at, format!("unknown type {written:?}; did you mean {name:?}?"));
            return None;
        }
        choice(node, problems, "type", &Self::ALL.map(|json_type| (json_type.name(), json_type)))
    }

    fn schema() -> serde_json::Value {
        json!({"enum": Self::ALL.map(Self::name)})
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config_file::parse;

    fn read(written: &str) -> Result<JsonType, String> {
        let mut problems = Problems::default();
        let read = JsonType::read(&parse(written).unwrap(), &mut problems);
        read.ok_or_else(|| problems.into_sorted().remove(0).message)
    }

    #[test]
    fn each_type_has_its_name_and_null_needs_no_quotes() {
        for json_type in JsonType::ALL {
            assert_eq!(read(json_type.name()), Ok(json_type));
        }
        for null in ["~", "Null", "\"null\""] {
            assert_eq!(read(null), Ok(JsonType::Null), "{null}");
        }
    }

    #[test]
    fn another_name_of_a_type_is_refused_with_the_one_here() {
        for (written, expected) in [
            ("array", "unknown type \"array\"; did you mean \"list\"?"),
            ("Array", "unknown type \"Array\"; did you mean \"list\"?"),
            ("text", "unknown type \"text\"; did you mean \"string\"?"),
            ("true", "unknown type \"true\"; did you mean \"boolean\"?"),
            ("bool", "unknown type \"bool\"; did you mean \"boolean\"?"),
            ("int", "unknown type \"int\"; did you mean \"integer\"?"),
            ("4", "unknown type \"4\" (known: "),
            ("[list]", "expected text, found a list"),
        ] {
            let why = read(written).unwrap_err();
            assert!(why.starts_with(expected), "{written}: {why}");
        }
    }
}
