//! The matchers of a call's parts by their names: parameters of the path, headers, fields of the body.

use http::HeaderName;
use serde_json::json;

use super::field_path::{FieldPath, MAX_VALUES};
use super::letter_case::LetterCase;
use super::value_matcher::ValueMatcher;
use super::value_types::{as_text, check_field, check_text};
use crate::config_file::{Cost, MapReader, Node, Problems, Read};
use crate::text::did_you_mean;
use crate::vendor::{ENDPOINTS, Field};

/// What it costs to look for a header among as many as there may be, in steps.
const STEPS_OF_HEADER: u64 = 1000;
/// What it costs to look at a value of the body, and to compare it with a literal, in steps.
const STEPS_OF_VALUE: u64 = 3;

fn read_text(
    what: &str,
    node: &Node,
    case: LetterCase,
    problems: &mut Problems,
) -> Option<ValueMatcher> {
    check_text(what, node, problems);
    ValueMatcher::read_in_case(&as_text(node), case, problems)
}

/// Reads a map of names to matchers; `parse` checks each name, `read` reads its matcher.
fn read_named<K>(
    node: &Node,
    problems: &mut Problems,
    parse: impl Fn(&str) -> Result<K, String>,
    read: impl Fn(&K, &Node, &mut Problems) -> Option<ValueMatcher>,
) -> Option<Vec<(K, ValueMatcher)>> {
    let entries = MapReader::entries_of(node, problems)?;
    let mut named = Vec::new();
    for entry in entries {
        let name = problems.accept(entry.at, parse(&entry.key));
        let matcher = match &name {
            Some(name) => read(name, &entry.node, problems),
            None => ValueMatcher::read(&entry.node, problems),
        };
        named.extend(name.zip(matcher));
    }
    (named.len() == entries.len()).then_some(named)
}

/// How values are compared: ids are the same in either case.
fn case_of(ignores_case: bool) -> LetterCase {
    if ignores_case { LetterCase::Ignored } else { LetterCase::Kept }
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct PathMatchers(pub(crate) Vec<(String, ValueMatcher)>);

impl PathMatchers {
    fn fields() -> impl Iterator<Item = &'static Field> {
        ENDPOINTS.iter().flat_map(|endpoint| endpoint.parameters.fields)
    }

    /// Returns the name of every parameter of an endpoint's path.
    fn known() -> impl Iterator<Item = &'static str> {
        Self::fields().map(|field| field.name)
    }
}

impl Read for PathMatchers {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let name = |text: &str| {
            let is_known = Self::known().any(|name| name == text);
            is_known.then(|| text.to_owned()).ok_or_else(|| {
                let hint = did_you_mean(text, Self::known());
                format!("no endpoint has a path parameter {text:?}{hint}")
            })
        };
        let matcher = |name: &String, node: &Node, problems: &mut Problems| {
            let is_id = |field: &Field| field.name == name && field.kind.ignores_case();
            let case = case_of(Self::fields().any(is_id));
            read_text(&format!("path parameter {name}"), node, case, problems)
        };
        read_named(node, problems, name, matcher).map(Self)
    }

    fn schema() -> serde_json::Value {
        let property = |name: &str| (name.to_owned(), ValueMatcher::schema());
        let properties: serde_json::Map<_, _> = Self::known().map(property).collect();
        json!({"type": "object", "additionalProperties": false, "properties": properties})
    }
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct HeaderMatchers(pub(crate) Vec<(HeaderName, ValueMatcher)>);

impl Read for HeaderMatchers {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let name = |text: &str| {
            let name = HeaderName::from_bytes(text.as_bytes());
            name.map_err(|_| format!("invalid header name {text:?}"))
        };
        let matcher = |name: &HeaderName, node: &Node, problems: &mut Problems| {
            problems.charge(node.at, Cost { steps: STEPS_OF_HEADER, bytes: 0 });
            read_text(&format!("header {name}"), node, LetterCase::Kept, problems)
        };
        read_named(node, problems, name, matcher).map(Self)
    }

    fn schema() -> serde_json::Value {
        json!({"type": "object", "additionalProperties": ValueMatcher::schema()})
    }
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct FieldMatchers(pub(crate) Vec<(FieldPath, ValueMatcher)>);

impl Read for FieldMatchers {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let matcher = |path: &FieldPath, node: &Node, problems: &mut Problems| {
            let case = case_of(path.ignores_case());
            let matcher = ValueMatcher::read_in_case(node, case, problems)?;
            let per_value = STEPS_OF_VALUE * (1 + matcher.literal_count() as u64);
            let values = if path.is_in_list() { MAX_VALUES as u64 } else { 1 };
            problems.charge(node.at, Cost { steps: values * per_value, bytes: 0 });
            check_field(*path, node, problems);
            Some(matcher)
        };
        read_named(node, problems, FieldPath::parse, matcher).map(Self)
    }

    fn schema() -> serde_json::Value {
        let property = |path: &str| (path.replace("[]", ""), ValueMatcher::schema());
        let properties: serde_json::Map<_, _> = FieldPath::known().map(property).collect();
        json!({"type": "object", "additionalProperties": false, "properties": properties})
    }
}
