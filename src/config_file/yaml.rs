//! Reads YAML to nodes. The only module that names the YAML library.
//!
//! Anchors and aliases are refused: they are how a small file expands into a large one.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use super::node::{FileLimits, MAX_DEPTH, Scalar};
use super::{FileProblem, Location, MapEntry, Node, Value, syntax};

pub(super) fn parse(text: &str, limits: FileLimits) -> Result<Node, FileProblem> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_aliases: 0,
            max_anchors: 0,
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_nodes: limits.nodes,
            // a node has two at most: the nodes are too many first
            max_events: 1_000_000 + 2 * limits.nodes,
        },
        strict_booleans: true,
        merge_keys: serde_saphyr::options::MergeKeyPolicy::Error,
        with_snippet: false,
    };
    let parsed = serde_saphyr::from_str_with_options::<Spanned<YamlValue>>(text, options);
    parsed.map(|value| node(value, text)).map_err(|error| to_problem(&error, text, limits))
}

fn to_problem(error: &serde_saphyr::Error, source: &str, limits: FileLimits) -> FileProblem {
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
        format!("too many values, the limit is {}", limits.nodes)
    } else if text.contains("multiple YAML documents") {
        "a second document starts here; put it in a file of its own".into()
    } else if text.contains("non-finite") {
        "not a finite number; for text put it in quotes".into()
    } else if text.contains("duplicate mapping key") {
        without_place(&text)
    } else if let Some(problem) = syntax::cause(source, at, &text) {
        return problem;
    } else {
        without_place(&text)
    };
    FileProblem::new(at, message)
}

/// Cuts the place, which the library repeats, and its advice about its own settings.
fn without_place(text: &str) -> String {
    let text = text.split(" at line ").next().unwrap_or(text);
    text.split(", set ").next().unwrap_or(text).to_owned()
}

fn place(location: serde_saphyr::Location) -> Location {
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX).max(1);
    Location::new(count(location.line()), count(location.column()))
}

/// Adds to each number and truth value how the text writes it.
fn node(spanned: Spanned<YamlValue>, text: &str) -> Node {
    let at = place(spanned.referenced);
    let written = |plain: String| written(spanned.referenced, text).unwrap_or(plain);
    let value = match spanned.value {
        YamlValue::Null => Value::Null,
        YamlValue::Boolean(value) => {
            Value::Boolean(Scalar { value, written: written(value.to_string()) })
        }
        YamlValue::Integer(value) => {
            Value::Integer(Scalar { value, written: written(value.to_string()) })
        }
        YamlValue::Float(value) => {
            Value::Float(Scalar { value, written: written(value.to_string()) })
        }
        YamlValue::Text(text) => Value::Text(text),
        YamlValue::List(items) => {
            Value::List(items.into_iter().map(|item| node(item, text)).collect())
        }
        YamlValue::Map(entries) => {
            let entries = entries.into_iter().map(|(key, value)| {
                let at = place(key.referenced).of_key();
                MapEntry { key: key.value, at, node: node(value, text) }
            });
            Value::Map(entries.collect())
        }
    };
    Node { at, value }
}

/// Returns what stands at a place; `None` if that is not the plain scalar but has a tag or quotes.
fn written(location: serde_saphyr::Location, text: &str) -> Option<String> {
    let span = location.span();
    let start = usize::try_from(span.byte_offset()?).ok()?;
    let end = start + usize::try_from(span.byte_len()?).ok()?;
    let written = text.get(start..end)?.trim();
    (!written.is_empty() && !written.starts_with(['"', '\'', '!'])).then(|| written.to_owned())
}

/// A value as the library gives it.
enum YamlValue {
    Null,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    List(Vec<Spanned<YamlValue>>),
    Map(Vec<(Spanned<String>, Spanned<YamlValue>)>),
}

impl<'de> Deserialize<'de> for YamlValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = YamlValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<YamlValue, E> {
        Ok(YamlValue::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<YamlValue, E> {
        Ok(YamlValue::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<YamlValue, E> {
        Ok(YamlValue::Integer(value))
    }

    #[expect(clippy::cast_precision_loss, reason = "as JSON reads numbers beyond 64 bits")]
    fn visit_u64<E>(self, value: u64) -> Result<YamlValue, E> {
        Ok(i64::try_from(value).map_or_else(|_| YamlValue::Float(value as f64), YamlValue::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<YamlValue, E> {
        Ok(YamlValue::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<YamlValue, E> {
        Ok(YamlValue::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<YamlValue, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(YamlValue::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<YamlValue, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(YamlValue::Map(map))
    }
}
