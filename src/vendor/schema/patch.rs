//! The smallest patches that make a refused value pass.

use serde_json::{Map, Value, json};

use super::tree::Tree;
use super::{fits, is_phone};
use crate::vendor::finding::PatchOp;
use crate::vendor::{Field, Kind, Shape};
use crate::world::ids::parse_id;

/// What stands in the place of a value that cannot be read as what it was meant for.
const SOME_PHONE: &str = "919876543210";
const SOME_ID: &str = "abcd1234-5678-90ef-1112-234567890111";

/// Mends a value of the wrong kind: as what it was meant for, else as an example where one is
/// needed, else by taking it away.
pub fn wrong(
    pointer: &str,
    value: &Tree,
    kind: Kind,
    field: Option<&Field>,
    needed: bool,
) -> Vec<PatchOp> {
    let path = pointer.to_owned();
    let meant = convert(value, kind).or_else(|| needed.then(|| example(kind, field)));
    vec![match meant {
        Some(value) => PatchOp::Replace { path, value },
        None => PatchOp::Remove { path },
    }]
}

/// Mends a field that is missing: by the key that was meant for it, if its value will do.
pub fn missing(parent: &str, field: &Field, sent: Option<(&str, &Tree)>) -> Vec<PatchOp> {
    let path = format!("{parent}/{}", field.name);
    vec![match sent {
        Some((key, value)) if is_fit(value, field.kind) => {
            PatchOp::Move { from: format!("{parent}/{}", escape(key)), path }
        }
        _ => PatchOp::Add { path, value: example(field.kind, Some(field)) },
    }]
}

/// Mends an object that has none, or several, of the keys of which it needs one.
pub fn exactly_one(
    parent: &str,
    shape: &Shape,
    sent: &[&str],
    meant: Option<(&str, &str)>,
) -> Vec<PatchOp> {
    if let Some((key, name)) = meant {
        let from = format!("{parent}/{}", escape(key));
        return vec![PatchOp::Move { from, path: format!("{parent}/{name}") }];
    }
    if sent.is_empty() {
        let name = shape.exactly_one_of.last().expect("BUG: there is a choice");
        let field = shape
            .fields
            .iter()
            .find(|field| field.name == *name)
            .expect("BUG: a field of the shape");
        let path = format!("{parent}/{name}");
        return vec![PatchOp::Add { path, value: example(field.kind, Some(field)) }];
    }
    sent.iter().skip(1).map(|name| PatchOp::Remove { path: format!("{parent}/{name}") }).collect()
}

/// A key as a part of an RFC 6901 pointer.
pub fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn is_fit(value: &Tree, kind: Kind) -> bool {
    match (kind, value) {
        (Kind::List(item), Tree::List(items)) => items.iter().all(|value| is_fit(value, *item)),
        _ => fits(value, kind),
    }
}

/// What a value was meant for, if that can be told.
fn convert(value: &Tree, kind: Kind) -> Option<Value> {
    match (kind, value) {
        (Kind::Integer | Kind::Exactly(_), Tree::Text(text)) => {
            text.trim().parse::<i64>().ok().map(Value::from)
        }
        #[expect(clippy::cast_possible_truncation, reason = "only whole numbers within 53 bits")]
        (Kind::Integer | Kind::Exactly(_), Tree::Number(number)) => {
            (number.fract() == 0.0 && number.abs() < 9e15).then(|| json!(*number as i64))
        }
        (Kind::Boolean, Tree::Text(text)) => text.parse::<bool>().ok().map(Value::from),
        (Kind::Text, Tree::Integer(number)) => Some(json!(number.to_string())),
        (Kind::Text, Tree::Boolean(value)) => Some(json!(value.to_string())),
        (Kind::Phone, Tree::Integer(number)) => phone(&number.to_string()),
        (Kind::Phone, Tree::Text(text)) => phone(text),
        (Kind::Id, Tree::Text(text)) => id(text),
        _ => None,
    }
    .filter(|value| match kind {
        Kind::Exactly(wanted) => *value == json!(wanted),
        _ => true,
    })
}

fn phone(text: &str) -> Option<Value> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    is_phone(&digits).then(|| json!(digits))
}

/// An id in braces, behind a prefix, or without its dashes.
fn id(text: &str) -> Option<Value> {
    let text =
        text.trim().trim_start_matches("urn:uuid:").trim_start_matches('{').trim_end_matches('}');
    let digits: String = text.chars().filter(|letter| *letter != '-').collect();
    let all_hex = digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32];
    let id = all_hex.then(|| parts.map(|part| digits[part].to_owned()).join("-"))?;
    parse_id(&id).map(|_| json!(id))
}

/// A value that passes.
fn example(kind: Kind, field: Option<&Field>) -> Value {
    if let Some(example) = field.and_then(|field| field.example) {
        return serde_json::from_str(example).expect("BUG: examples in the ledger are JSON");
    }
    match kind {
        Kind::Integer | Kind::TextOrNumber => json!(1),
        Kind::Exactly(value) => json!(value),
        Kind::Id => json!(SOME_ID),
        Kind::Text | Kind::Secret => json!("text"),
        Kind::Phone => json!(SOME_PHONE),
        Kind::Boolean => json!(true),
        Kind::List(_) => json!([]),
        Kind::Object(shape) => {
            let needed =
                |field: &&Field| field.required || shape.exactly_one_of.last() == Some(&field.name);
            let fields = shape.fields.iter().filter(needed);
            let values: Map<_, _> = fields
                .map(|field| (field.name.to_owned(), example(field.kind, Some(field))))
                .collect();
            Value::Object(values)
        }
    }
}

/// A tree as JSON, the last of repeated keys winning.
pub fn to_json(value: &Tree) -> Value {
    match value {
        Tree::Null => Value::Null,
        Tree::Boolean(value) => json!(value),
        Tree::Integer(value) => json!(value),
        Tree::Number(value) => json!(value),
        Tree::Text(text) => json!(text),
        Tree::List(items) => items.iter().map(to_json).collect(),
        Tree::Object(entries) => {
            entries.iter().map(|(key, value)| ((*key).to_owned(), to_json(value))).collect()
        }
    }
}
