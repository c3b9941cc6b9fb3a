//! What is matched has a type: headers and parameters are text, a field has the types of the contract.
//! A matcher that could never match because of that is refused, or read as what was meant.

use indexmap::IndexSet;

use super::field_path::FieldPath;
use super::literal::Literal;
use crate::config_file::{MapEntry, Node, Problems, Read as _, Value};
use crate::vendor::schema::{Kind, Tree};

/// The conditions whose values are compared with the text itself.
const COMPARED: [&str; 4] = ["equals", "in", "glob", "regex"];

/// Returns a matcher for text: its numbers and truth values stand for the text they are written as.
pub(super) fn as_text(node: &Node) -> Node {
    let value = match &node.value {
        Value::Map(entries) => {
            let entry = |entry: &MapEntry| {
                let is_compared = COMPARED.contains(&entry.key.as_str());
                let node = if is_compared { written(&entry.node) } else { entry.node.clone() };
                MapEntry { node, ..entry.clone() }
            };
            Value::Map(entries.iter().map(entry).collect())
        }
        _ => return written(node),
    };
    Node { at: node.at, value }
}

/// Returns the conditions under `match` with text where their numbers stand for it: JSON does not keep how
/// they are written.
pub(crate) fn match_with_text(node: &Node) -> Node {
    let value = match &node.value {
        Value::Map(entries) => Value::Map(entries.iter().map(condition_with_text).collect()),
        Value::List(items) => Value::List(items.iter().map(match_with_text).collect()),
        value => value.clone(),
    };
    Node { at: node.at, value }
}

fn condition_with_text(entry: &MapEntry) -> MapEntry {
    let node = match (entry.key.as_str(), &entry.node.value) {
        ("header" | "path", Value::Map(named)) => {
            let as_text = |it: &MapEntry| MapEntry { node: as_text(&it.node), ..it.clone() };
            Node { at: entry.node.at, value: Value::Map(named.iter().map(as_text).collect()) }
        }
        ("any" | "not", _) => match_with_text(&entry.node),
        _ => entry.node.clone(),
    };
    MapEntry { node, ..entry.clone() }
}

fn written(node: &Node) -> Node {
    let value = match &node.value {
        Value::List(items) => Value::List(items.iter().map(written).collect()),
        value => value.written().map_or_else(|| value.clone(), |text| Value::Text(text.to_owned())),
    };
    Node { at: node.at, value }
}

/// Adds a problem for a condition that text can never meet.
pub(super) fn check_text(what: &str, node: &Node, problems: &mut Problems) {
    for entry in conditions(node).filter(|entry| entry.key == "type") {
        if let Value::Text(name) = &entry.node.value
            && !matches!(name.as_str(), "string" | "null")
        {
            let message = format!("{what} is a string, which is never of type {name}");
            problems.add(entry.node.at, message);
        }
    }
}

/// Adds a problem for each condition that no value of a field's types can meet.
pub(super) fn check_field(path: FieldPath, node: &Node, problems: &mut Problems) {
    let (path, kinds) = (path.path(), path.kinds());
    let takes = |value: Tree| kinds.iter().any(|kind| kind.has_type_of(&value));
    // several endpoints can have the field
    let types: IndexSet<_> = kinds.iter().map(|kind| types_of(*kind)).collect();
    let types = types.into_iter().collect::<Vec<_>>().join(" or ");
    let is_secret = kinds.iter().any(|kind| matches!(kind, Kind::Secret));
    for literal in literals(node) {
        let Some(sample) = sample(literal).filter(|sample| !takes(*sample)) else { continue };
        let found = if is_secret { "this value".into() } else { literal.value.describe() };
        let advice = advice(literal, sample, takes);
        problems.add(literal.at, format!("{path} is {types}, which never equals {found}{advice}"));
    }
    for entry in conditions(node).filter(|entry| entry.node.value != Value::Null) {
        let (is_possible, cause) = match entry.key.as_str() {
            "glob" | "regex" => (takes(Tree::Text("")), "matches no pattern; use equals or in"),
            "min_len" | "max_len" => {
                (takes(Tree::Text("")) || takes(Tree::List(&[])), "has no length; use equals or in")
            }
            _ => continue,
        };
        if !is_possible {
            problems.add(entry.node.at, format!("{path} is {types}, which {cause}"));
        }
    }
}

/// Names the JSON types of a kind.
fn types_of(kind: Kind) -> String {
    match kind {
        Kind::Integer | Kind::OneOfIntegers(_) => "an integer".into(),
        Kind::Text | Kind::Secret | Kind::Formatted(_) => "a string".into(),
        Kind::List(_) => "a list".into(),
        Kind::AnyOf(_, kinds) => {
            kinds.iter().map(|kind| types_of(*kind)).collect::<Vec<_>>().join(" or ")
        }
        Kind::TextOrNumber | Kind::Boolean | Kind::Object(_) | Kind::Any => kind.describe(),
    }
}

fn conditions(node: &Node) -> impl Iterator<Item = &MapEntry> {
    let entries = match &node.value {
        Value::Map(entries) => entries.as_slice(),
        _ => &[],
    };
    entries.iter()
}

/// Returns the values that a matcher compares with.
fn literals(node: &Node) -> Vec<&Node> {
    let Value::Map(entries) = &node.value else { return vec![node] };
    let mut literals = Vec::new();
    for entry in entries {
        match (entry.key.as_str(), &entry.node.value) {
            ("equals", _) => literals.push(&entry.node),
            ("in", Value::List(items)) => literals.extend(items),
            _ => {}
        }
    }
    literals
}

/// A value of the type of a literal; none for null, which stands for an absent value.
fn sample(node: &Node) -> Option<Tree<'_>> {
    match Literal::read(node, &mut Problems::default())? {
        Literal::Null => None,
        Literal::Boolean(value) => Some(Tree::Boolean(value)),
        // whether a value is allowed does not matter, only whether it is an integer
        Literal::Number(value) if value.fract() == 0.0 => Some(Tree::Integer(0)),
        Literal::Number(value) => Some(Tree::Number(value.into())),
        Literal::Text(_) | Literal::Id(_) => Some(Tree::Text("")),
    }
}

/// Says what to write instead, where that is clear.
fn advice(literal: &Node, sample: Tree, takes: impl Fn(Tree) -> bool) -> &'static str {
    match &literal.value {
        Value::Text(text) if takes(Tree::Integer(0)) && text.parse::<i64>().is_ok() => {
            "; remove the quotes"
        }
        Value::Text(_) if takes(Tree::Boolean(true)) => "; write true or false",
        _ if sample != Tree::Text("") && takes(Tree::Text("")) => "; put it in quotes",
        _ if takes(Tree::List(&[])) => "; use present, min_len or max_len",
        _ if takes(Tree::Object(&[])) => "; match one of its fields, or use present",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config_file::parse;
    use crate::scenario::file::call_matcher::CallMatcher;

    /// Returns the problems of a rule's `match`, with their columns.
    fn problems(written: &str) -> Vec<String> {
        let mut problems = Problems::default();
        CallMatcher::read(&parse(written).unwrap(), &mut problems);
        let problems = problems.into_sorted();
        problems.iter().map(|it| format!("{}: {}", it.at.column, it.message)).collect()
    }

    #[test]
    fn a_literal_that_a_field_never_equals_is_refused_with_the_type_of_the_field() {
        for (written, expected) in [
            (
                "{body: {group.name: 2024}}",
                "21: group.name is a string, which never equals the number 2024; put it in quotes",
            ),
            (
                "{body: {group.name: {equals: 007}}}",
                "30: group.name is a string, which never equals the number 007; put it in quotes",
            ),
            (
                "{body: {chat_id: {in: [\"a\", true]}}}",
                "29: chat_id is a string, which never equals true; put it in quotes",
            ),
            (
                "{body: {type: \"4\"}}",
                "15: type is an integer, which never equals the text \"4\"; remove the quotes",
            ),
            (
                "{body: {settings.discoverable: \"yes\"}}",
                "32: settings.discoverable is true or false, which never equals the text \"yes\"; \
                 write true or false",
            ),
            (
                "{body: {template_id: 1.5}}",
                "22: template_id is an integer, which never equals the number 1.5",
            ),
            (
                "{body: {group.topics: 3}}",
                "23: group.topics is a list, which never equals the number 3; use present, min_len \
                 or max_len",
            ),
            (
                "{not: {body: {group: x}}}",
                "22: group is an object, which never equals the text \"x\"; match one of its fields, \
                 or use present",
            ),
            (
                "{any: [{body: {actions.action_id: \"3\"}}]}",
                "35: actions[].action_id is an integer, which never equals the text \"3\"; remove \
                 the quotes",
            ),
            (
                "{endpoint: auth, body: {api_secret: 123}}",
                "37: api_secret is a string, which never equals this value; put it in quotes",
            ),
            (
                "{body: {template_id: {glob: \"1*\"}}}",
                "29: template_id is an integer, which matches no pattern; use equals or in",
            ),
            (
                "{body: {is_ai_generated: {min_len: 2}}}",
                "36: is_ai_generated is true or false, which has no length; use equals or in",
            ),
            (
                "{header: {x-try: {type: integer}}}",
                "25: header x-try is a string, which is never of type integer",
            ),
        ] {
            let found = problems(written);
            assert_eq!(found, [expected], "{written}");
        }
    }

    #[test]
    fn a_match_keeps_its_text_in_json() {
        let written = "{header: {x-v: 1.50, x-w: {in: [007], min_len: 2}}, body: {type: 4}, nth: 2, \
                       any: [{path: {id: 5}}, {not: {header: {x-a: {equals: true, present: true}}}}]}";
        let expected = serde_json::json!({
            "header": {"x-v": "1.50", "x-w": {"in": ["007"], "min_len": 2}}, "body": {"type": 4}, "nth": 2,
            "any": [{"path": {"id": "5"}}, {"not": {"header": {"x-a": {"equals": "true", "present": true}}}}],
        });
        assert_eq!(match_with_text(&parse(written).unwrap()).value.to_json(), expected);
    }

    #[test]
    fn literals_that_a_field_can_equal_are_accepted() {
        for written in [
            "{body: {group.name: null, type: 5, template_id: 4.0, settings.discoverable: false}}",
            "{body: {template_id: 10000000000000000, group.topics: {min_len: 1}, group: null}}",
            "{body: {recorded_video.size: 5, recorded_video.duration: {in: [\"5\", 5, 5.5, null]}}}",
            "{body: {type: {type: string}, community_id: not-an-id}}",
        ] {
            assert_eq!(problems(written), [""; 0], "{written}");
        }
    }
}
