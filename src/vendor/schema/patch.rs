//! Suggests the smallest RFC 6902 patches that make a refused value valid.

use serde_json::{Map, Value, json};

use super::fields::Kind;
use super::fields::{Field, ReferenceKind, Schema};
use super::lookup::WorldLookup;
use super::place::{ValuePlace, escape};
use super::secret::{holds_secret, is_secret_key};
use super::tree::{Tree, TreeEntry};
use crate::vendor::assumptions::UnknownFields;
use crate::vendor::finding::PatchOp;

/// Patches a value of the wrong kind: replaces it with its converted value, if the conversion is
/// unambiguous, or with an example if a value is needed, or else removes it.
pub(crate) fn for_wrong_type(
    place: &ValuePlace,
    value: &Tree,
    kind: Kind,
    lookup: &dyn WorldLookup,
) -> Vec<PatchOp> {
    let path = place.pointer();
    let referent = place.field.and_then(|field| field.refers_to);
    let mut meant = convert(value, kind);
    if let (Some(converted), Some(thing)) = (&meant, referent)
        && thing.is_id()
        && !lookup.knows(thing, converted)
    {
        meant = lookup.example(thing).or(meant);
    }
    let meant = meant.or_else(|| place.is_needed.then(|| example(kind, place.field, lookup)));
    vec![match (meant, referent) {
        (Some(value), _) => PatchOp::Replace { path, value },
        // a video without a name would not be found
        (None, Some(ReferenceKind::Video)) => match lookup.example(ReferenceKind::Video) {
            Some(value) => PatchOp::Replace { path, value },
            None => PatchOp::Remove { path: place.parent_pointer() },
        },
        (None, _) => PatchOp::Remove { path },
    }]
}

/// Patches a missing field: moves the value of a misspelled key if it is valid, or adds an example.
pub(crate) fn for_missing(
    parent: &ValuePlace,
    field: &'static Field,
    sent: Option<&TreeEntry>,
    unknown_fields: UnknownFields,
    lookup: &dyn WorldLookup,
) -> Vec<PatchOp> {
    let parent = parent.pointer();
    let path = format!("{parent}/{}", field.name);
    let pointer = |key: &str| format!("{parent}/{}", escape(key));
    let add = |path| PatchOp::Add { path, value: example(field.kind, Some(field), lookup) };
    match sent {
        Some((key, value)) if passes(value, field.kind) => {
            vec![PatchOp::Move { from: pointer(key), path }]
        }
        Some((key, _)) if unknown_fields == UnknownFields::Refuse => {
            vec![PatchOp::Remove { path: pointer(key) }, add(path)]
        }
        _ => vec![add(path)],
    }
}

/// Patches an object that has none or several of its alternative keys. `misspelled` is an unknown key
/// and the name that was meant.
pub(crate) fn for_exactly_one(
    place: &ValuePlace,
    schema: &'static Schema,
    sent: &[&str],
    misspelled: Option<(&str, &str)>,
    lookup: &dyn WorldLookup,
) -> Vec<PatchOp> {
    let parent = place.pointer();
    if let Some((key, name)) = misspelled {
        let from = format!("{parent}/{}", escape(key));
        return vec![PatchOp::Move { from, path: format!("{parent}/{name}") }];
    }
    if sent.is_empty() {
        let name = schema.exactly_one_of.last().expect("BUG: the schema has alternatives");
        let field = schema.field(name).expect("BUG: alternatives are fields of the schema");
        let path = format!("{parent}/{name}");
        return vec![PatchOp::Add { path, value: example(field.kind, Some(field), lookup) }];
    }
    sent.iter().skip(1).map(|name| PatchOp::Remove { path: format!("{parent}/{name}") }).collect()
}

/// Patches a repeated key: keeps its last value, unless that may be a secret.
pub(crate) fn for_repeated(place: &ValuePlace, key: &str, value: &Tree) -> Vec<PatchOp> {
    let value = value.to_json();
    if is_secret_key(key) || holds_secret(&value) {
        return Vec::new();
    }
    vec![PatchOp::Replace { path: place.pointer(), value }]
}

/// Whether a value is valid. Objects never are, since their fields are not checked here.
fn passes(value: &Tree, kind: Kind) -> bool {
    match (kind, value) {
        (Kind::Object(_), _) => false,
        (Kind::List(item), Tree::List(items)) => items.iter().all(|value| passes(value, *item)),
        _ => kind.accepts(value),
    }
}

/// Converts a value to the kind, if the conversion is unambiguous.
fn convert(value: &Tree, kind: Kind) -> Option<Value> {
    let converted = match (kind, value) {
        (Kind::Integer | Kind::OneOfIntegers(_), Tree::Text(text)) => {
            text.trim().parse::<i64>().ok().map(Value::from)
        }
        #[expect(clippy::cast_possible_truncation, reason = "only whole numbers within 53 bits")]
        (Kind::Integer | Kind::OneOfIntegers(_), Tree::Number(number)) => {
            let number = number.value();
            (number.fract() == 0.0 && number.abs() < 9e15).then(|| json!(number as i64))
        }
        (Kind::Boolean, Tree::Text(text)) => text.parse::<bool>().ok().map(Value::from),
        (Kind::Text, Tree::Integer(number)) => Some(json!(number.to_string())),
        (Kind::Text, Tree::Boolean(value)) => Some(json!(value.to_string())),
        (Kind::Formatted(format), value) => (format.repair)(value).map(Value::from),
        _ => None,
    };
    converted.filter(|value| match kind {
        Kind::OneOfIntegers(wanted) => value.as_i64().is_some_and(|value| wanted.contains(&value)),
        _ => true,
    })
}

/// Returns a valid value.
pub(crate) fn example(
    kind: Kind,
    field: Option<&'static Field>,
    lookup: &dyn WorldLookup,
) -> Value {
    if let Some(value) = field.and_then(|field| lookup.example(field.refers_to?)) {
        return value;
    }
    if let Some(example) = field.and_then(|field| field.example) {
        return serde_json::from_str(example).expect("BUG: examples in schemas are JSON");
    }
    match kind {
        Kind::Integer | Kind::TextOrNumber => json!(1),
        Kind::OneOfIntegers(values) => json!(values[0]),
        Kind::Formatted(format) => json!(format.example),
        Kind::Text | Kind::Secret | Kind::Any => json!("text"),
        Kind::Boolean => json!(true),
        Kind::List(_) => json!([]),
        Kind::AnyOf(_, kinds) => example(kinds[0], field, lookup),
        Kind::Object(schema) => {
            let needed = |field: &&Field| {
                field.required || schema.exactly_one_of.last() == Some(&field.name)
            };
            let fields = schema.fields.iter().filter(needed);
            let values: Map<_, _> = fields
                .map(|field| (field.name.to_owned(), example(field.kind, Some(field), lookup)))
                .collect();
            Value::Object(values)
        }
    }
}
