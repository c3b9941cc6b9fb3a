//! What an example sends: a JSON object written as YAML, with the places of its fields.

use serde_json::{Value as Json, json};

use crate::config_file::{Location, MapEntry, Node, Problems, Read, Value};
use crate::vendor::Endpoint;
use crate::vendor::schema::{Kind, Schema};

/// An object that is merged over a valid request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SentBody(Node);

/// A field that an endpoint does not have.
pub(crate) struct UnknownField {
    /// The place of its name.
    pub(crate) at: Location,
    /// As the ledger writes the path of a field: `group.members[].user_id`.
    pub(crate) path: String,
    /// `; did you mean "x"?`, or nothing.
    pub(crate) hint: String,
}

impl SentBody {
    pub(crate) fn to_json(&self) -> Json {
        self.0.value.to_json()
    }

    /// Returns the fields that an endpoint does not have, in the order of the file.
    pub(crate) fn unknown_fields(&self, endpoint: &'static Endpoint) -> Vec<UnknownField> {
        let mut unknown = Vec::new();
        add_unknown(&self.0, &[Kind::Object(endpoint.body)], "", endpoint.body, &mut unknown);
        unknown
    }

    /// The memory that it takes besides its own place, in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        heap_bytes(&self.0)
    }
}

impl Default for SentBody {
    fn default() -> Self {
        Self(Node { at: Location::default(), value: Value::Map(Vec::new()) })
    }
}

/// Adds the unknown fields in a value that an endpoint takes for one of `kinds`; `root` is its body.
fn add_unknown(
    node: &Node,
    kinds: &[Kind],
    path: &str,
    root: &'static Schema,
    unknown: &mut Vec<UnknownField>,
) {
    for kind in kinds {
        match (kind, &node.value) {
            (Kind::AnyOf(_, kinds), _) => add_unknown(node, kinds, path, root, unknown),
            (Kind::List(item), Value::List(items)) => {
                let path = format!("{path}[]");
                for node in items {
                    add_unknown(node, &[**item], &path, root, unknown);
                }
            }
            (Kind::Object(schema), Value::Map(entries)) => {
                let dot = if path.is_empty() { "" } else { "." };
                for entry in entries {
                    let path = format!("{path}{dot}{}", entry.key);
                    match schema.field(&entry.key) {
                        Some(field) => {
                            add_unknown(&entry.node, &[field.kind], &path, root, unknown);
                        }
                        None => unknown.push(unknown_field(entry, path, schema, root)),
                    }
                }
            }
            // a value of another type is refused by the endpoint itself
            _ => {}
        }
    }
}

fn unknown_field(entry: &MapEntry, path: String, schema: &Schema, root: &Schema) -> UnknownField {
    let meant = schema.meant_field(&entry.key, root);
    let hint = meant.map_or_else(String::new, |field| format!("; did you mean {field:?}?"));
    UnknownField { at: entry.at, path, hint }
}

/// The memory that a value takes besides its own place, in bytes.
fn heap_bytes(node: &Node) -> usize {
    match &node.value {
        Value::Text(text) => text.capacity(),
        Value::List(items) => {
            items.capacity() * size_of::<Node>() + items.iter().map(heap_bytes).sum::<usize>()
        }
        Value::Map(entries) => {
            let entry = |entry: &MapEntry| entry.key.capacity() + heap_bytes(&entry.node);
            entries.capacity() * size_of::<MapEntry>() + entries.iter().map(entry).sum::<usize>()
        }
        value => value.written().map_or(0, str::len),
    }
}

impl Read for SentBody {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        if matches!(node.value, Value::Map(_)) {
            return Some(Self(node.clone()));
        }
        problems.wrong_type(node, "a map");
        None
    }

    fn schema() -> Json {
        json!({"type": "object"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config_file::parse;
    use crate::vendor::endpoint_named;

    #[test]
    fn fields_that_an_endpoint_does_not_have_are_found_where_they_are() {
        for (endpoint, sent, expected) in [
            ("create_group", "{grup: {name: a}}", &["1:2 grup; did you mean \"group\"?"][..]),
            ("create_group", "{group: {nmae: a}}", &["1:10 group.nmae; did you mean \"name\"?"]),
            ("create_group", "{name: a}", &["1:2 name; did you mean \"group.name\"?"]),
            (
                "create_group",
                "{recoded_video: null}",
                &["1:2 recoded_video; did you mean \"recorded_video\"?"],
            ),
            (
                "create_group",
                "{group: {members: [{user_id: a}, {usr_id: a, zz: 1}]}}",
                &[
                    "1:35 group.members[].usr_id; did you mean \"user_id\"?",
                    "1:46 group.members[].zz",
                ],
            ),
            ("create_group", "{group: text, community_id: {a: 1}}", &[]),
            ("create_group", "{type: 4, group: {name: a, tags: b}, chat_id: null}", &[]),
            ("post_video", "{group: {name: a}}", &["1:2 group"]),
            ("create_group", "{video: a}", &["1:2 video; did you mean \"recorded_video\"?"]),
            ("create_community", "{handel: a}", &["1:2 handel; did you mean \"handle\"?"]),
        ] {
            let mut problems = Problems::default();
            let sent_body = SentBody::read(&parse(sent).unwrap(), &mut problems).unwrap();
            let unknown = sent_body.unknown_fields(endpoint_named(endpoint).unwrap());
            let unknown = unknown.into_iter().map(|UnknownField { at, path, hint }| {
                format!("{}:{} {path}{hint}", at.line, at.column)
            });
            assert_eq!(unknown.collect::<Vec<_>>(), expected, "{endpoint}: {sent}");
        }
    }
}
