//! Parses YAML or JSON to a tree whose values know their place. The only module that names the YAML
//! library.
//!
//! Anchors and aliases are refused: they are how a small file expands into a large one.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Value as Json, json};
use serde_saphyr::Spanned;

use super::FileProblem;

/// The largest file read, in bytes.
const MAX_FILE_BYTES: usize = 1024 * 1024;
/// The deepest nesting read.
const MAX_DEPTH: usize = 32;
/// The most values read.
const MAX_NODES: usize = 10_000;

/// A line and column of a file; both count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Location {
    pub line: usize,
    pub column: usize,
}

impl Location {
    /// The first character of a file.
    pub(crate) const START: Self = Self { line: 1, column: 1 };
}

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub at: Location,
    pub value: Value,
}

/// A key of a map, the key's place, and the value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MapEntry {
    pub key: String,
    pub at: Location,
    pub node: Node,
}

/// The values that YAML and JSON have in common.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<MapEntry>),
}

impl Value {
    /// Describes the value for a message: `a list`, `the text "x"`.
    pub fn describe(&self) -> String {
        match self {
            Self::Null => "nothing".into(),
            Self::Boolean(value) => value.to_string(),
            Self::Integer(value) => format!("the number {value}"),
            Self::Float(value) => format!("the number {value}"),
            Self::Text(value) => format!("the text {}", crate::text::quoted(value)),
            Self::List(_) => "a list".into(),
            Self::Map(_) => "a map".into(),
        }
    }

    /// Converts the value to JSON.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Boolean(value) => json!(value),
            Self::Integer(value) => json!(value),
            Self::Float(value) => json!(value),
            Self::Text(text) => json!(text),
            Self::List(items) => items.iter().map(|item| item.value.to_json()).collect(),
            Self::Map(entries) => entries
                .iter()
                .map(|entry| (entry.key.clone(), entry.node.value.to_json()))
                .collect(),
        }
    }
}

/// Parses one document of at most 1 MiB, 32 levels and 10 000 values.
pub(crate) fn parse(text: &str) -> Result<Node, FileProblem> {
    if text.len() > MAX_FILE_BYTES {
        let message = format!("the file has {} bytes, the limit is {MAX_FILE_BYTES}", text.len());
        return Err(FileProblem::new(Location::START, message));
    }
    if text.trim().is_empty() {
        return Err(FileProblem::new(Location::START, "the file is empty"));
    }
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_aliases: 0,
            max_anchors: 0,
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_nodes: MAX_NODES,
        },
        strict_booleans: true,
        merge_keys: serde_saphyr::options::MergeKeyPolicy::Error,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options::<Spanned<Value>>(text, options)
        .map(Node::from)
        .map_err(|error| to_problem(&error))
}

fn to_problem(error: &serde_saphyr::Error) -> FileProblem {
    let at = error.location().map_or(Location::START, place);
    let text = error.without_snippet().to_string();
    let message = if text.contains("Anchors")
        || text.contains("Aliases")
        || text.contains("unknown anchor")
    {
        "anchors (&) and aliases (*) are not supported; write the value out".into()
    } else if text.contains("Depth") || text.contains("recursion limit") {
        format!("nested too deep, the limit is {MAX_DEPTH} levels")
    } else if text.contains("Nodes") {
        format!("too many values, the limit is {MAX_NODES}")
    } else if text.contains("multiple YAML documents") {
        "a second document starts here; put it in a file of its own".into()
    } else {
        // cut the place, which the library repeats, and its advice about its own settings
        let text = text.split(" at line ").next().unwrap_or(&text);
        text.split(", set ").next().unwrap_or(text).to_owned()
    };
    FileProblem::new(at, message)
}

fn place(location: serde_saphyr::Location) -> Location {
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX).max(1);
    Location { line: count(location.line()), column: count(location.column()) }
}

impl From<Spanned<Value>> for Node {
    fn from(spanned: Spanned<Value>) -> Self {
        Self { at: place(spanned.referenced), value: spanned.value }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Integer(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        i64::try_from(value).map(Value::Integer).map_err(|_| E::custom("the number is too large"))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<Spanned<Value>>()? {
            list.push(item.into());
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Vec::new();
        while let Some((key, node)) = entries.next_entry::<Spanned<String>, Spanned<Value>>()? {
            map.push(MapEntry { at: place(key.referenced), key: key.value, node: node.into() });
        }
        Ok(Value::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_a_line_and_column() {
        let node = parse("a: 1\nb:\n  - x\n  - y: 2.5\n").unwrap();
        assert_eq!(node.at, Location { line: 1, column: 1 });
        let Value::Map(entries) = node.value else { panic!("a map") };
        assert_eq!(entries[1].at, Location { line: 2, column: 1 });
        let Value::List(items) = &entries[1].node.value else { panic!("a list") };
        assert_eq!(items[1].at, Location { line: 4, column: 5 });
    }

    #[test]
    fn json_is_accepted() {
        let node = parse("{\"a\": [1,\n true, null, \"x\"]}").unwrap();
        let Value::Map(entries) = node.value else { panic!("a map") };
        let Value::List(items) = &entries[0].node.value else { panic!("a list") };
        let values: Vec<_> = items.iter().map(|item| item.value.clone()).collect();
        let expected =
            [Value::Integer(1), Value::Boolean(true), Value::Null, Value::Text("x".into())];
        assert_eq!(values, expected);
    }

    #[test]
    fn unsupported_documents_are_refused_with_place_and_reason() {
        let deep = "[".repeat(40) + &"]".repeat(40);
        let wide = format!("[{}]", "1,".repeat(MAX_NODES + 1));
        let long = "#".repeat(MAX_FILE_BYTES + 1);
        for (text, line, expected) in [
            ("a: 1\na: 2\n", 2, "duplicate mapping key: a"),
            ("a: &x 1\nb: *x\n", 1, "anchors (&) and aliases (*) are not supported"),
            ("--- 1\n--- 2\n", 2, "a second document starts here"),
            ("a: [1, 2\n", 1, "unclosed bracket '['"),
            (" \n", 1, "the file is empty"),
            (&deep, 1, "nested too deep"),
            (&wide, 1, "too many values"),
            (&long, 1, "the limit is 1048576"),
        ] {
            let problem = parse(text).unwrap_err();
            let start: String = text.chars().take(20).collect();
            assert_eq!(problem.at.line, line, "{start}: {problem:?}");
            assert!(problem.message.contains(expected), "{start}: {problem:?}");
            assert!(!problem.message.contains("Options"), "{problem:?}");
        }
    }
}
