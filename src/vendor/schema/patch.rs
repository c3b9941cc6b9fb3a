//! Suggests the smallest RFC 6902 patches that make a refused value valid.

use serde_json::{Map, Value, json};

use super::fields::Kind;
use super::fields::{Field, ReferenceKind, Schema, TextFormat};
use super::lookup::{NamedThing, WorldLookup};
use super::place::{ValuePlace, escape};
use super::tree::{Tree, TreeEntry, last_of_each};
use crate::text::nearest_key;
use crate::text::secrets::{holds_secret, is_secret_key};
use crate::vendor::assumptions::{Assumptions, UnknownFields};
use crate::vendor::finding::PatchOp;

/// How many unknown keys are compared with the name of a missing field.
const MAX_COMPARED: usize = 1000;

/// Patches a value of the wrong kind: replaces it with its converted value, if the conversion is
/// unambiguous, or with an example if a value is needed, or else removes it.
pub(crate) fn for_wrong_type(
    place: &ValuePlace,
    value: &Tree,
    kind: Kind,
    lookup: &dyn WorldLookup,
) -> Vec<PatchOp> {
    let path = place.target();
    let referent = place.referent();
    // a video without a name would not be found
    let is_needed = place.is_needed || referent == Some(ReferenceKind::Video);
    let converted = convert(value, kind).or_else(|| id_of_named(value, kind, referent, lookup));
    let meant = converted.and_then(|it| accepted(it, kind, referent, lookup));
    let example = || example(kind, place.field, lookup).filter(|_| is_needed);
    match (meant.or_else(example), referent) {
        (Some(value), _) => vec![PatchOp::Replace { path, value }],
        (None, Some(ReferenceKind::Video)) => match place.parent().filter(|it| !it.is_root()) {
            Some(video) => vec![PatchOp::Remove { path: video.target() }],
            None => Vec::new(),
        },
        // there is nothing that would pass
        (None, _) if place.is_needed => Vec::new(),
        (None, _) => vec![PatchOp::Remove { path }],
    }
}

/// Returns the id of the thing that was named in the place of its id, as the kind has it.
fn id_of_named(
    value: &Tree,
    kind: Kind,
    referent: Option<ReferenceKind>,
    lookup: &dyn WorldLookup,
) -> Option<Value> {
    let Tree::Text(text) = value else { return None };
    let NamedThing { id, .. } = lookup.named(referent?, text)?;
    Some(if let Kind::List(_) = kind { json!([id]) } else { json!(id) })
}

/// Patches a missing field: moves the value of a misspelled key if it is valid, or adds an example.
pub(crate) fn for_missing(
    parent: &ValuePlace,
    field: &'static Field,
    sent: Option<&TreeEntry>,
    unknown_fields: UnknownFields,
    lookup: &dyn WorldLookup,
) -> Vec<PatchOp> {
    let parent = parent.target();
    let path = format!("{parent}/{}", field.name);
    let pointer = |key: &str| format!("{parent}/{}", escape(key));
    if let Some((key, _)) = sent.filter(|(_, value)| fits(value, field, lookup)) {
        return vec![PatchOp::Move { from: pointer(key), path }];
    }
    let Some(value) = example(field.kind, Some(field), lookup) else { return Vec::new() };
    let remove = sent.filter(|_| unknown_fields == UnknownFields::Refuse);
    let remove = remove.map(|(key, _)| PatchOp::Remove { path: pointer(key) });
    remove.into_iter().chain([PatchOp::Add { path, value }]).collect()
}

/// Returns the unknown key of an object that is probably a field which is missing, with a value that is
/// valid for it and not empty.
pub(crate) fn sent_instead<'t>(
    object: Tree<'t>,
    schema: &Schema,
    field: &Field,
) -> Option<&'t str> {
    let Tree::Object(entries) = object else { return None };
    let is_empty = |value: &Tree| matches!(value, Tree::Text("") | Tree::List([]));
    let fits = last_of_each(entries).into_iter().filter(|(key, value)| {
        schema.field(key).is_none() && !is_empty(value) && passes(value, field.kind)
    });
    let keys: Vec<_> = fits.take(MAX_COMPARED).map(|(key, _)| key).collect();
    nearest_key(field.name, keys.iter().copied())
}

/// Returns the field that an object lacks and that the value of this unknown key is probably meant for.
pub(crate) fn meant_field(
    object: Tree,
    schema: &'static Schema,
    key: &str,
    assumptions: &Assumptions,
) -> Option<&'static Field> {
    let Tree::Object(entries) = object else { return None };
    let is_absent = |field: &&Field| {
        let mut sent = entries.iter().rev().filter(|(name, _)| *name == field.name);
        sent.next()
            .is_none_or(|(_, value)| matches!(value, Tree::Null | Tree::Text("") | Tree::List([])))
    };
    let name = nearest_key(key, schema.fields.iter().map(|field| field.name))?;
    let field = schema.field(name).filter(|field| field.is_needed(assumptions));
    field.filter(is_absent).filter(|field| sent_instead(object, schema, field) == Some(key))
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
    let parent = place.target();
    if let Some((key, name)) = misspelled {
        let from = format!("{parent}/{}", escape(key));
        return vec![PatchOp::Move { from, path: format!("{parent}/{name}") }];
    }
    if sent.is_empty() {
        let name = schema.exactly_one_of.last().expect("BUG: the schema has alternatives");
        let field = schema.field(name).expect("BUG: alternatives are fields of the schema");
        let path = format!("{parent}/{name}");
        let value = example(field.kind, Some(field), lookup);
        return value.map(|value| PatchOp::Add { path, value }).into_iter().collect();
    }
    sent.iter().skip(1).map(|name| PatchOp::Remove { path: format!("{parent}/{name}") }).collect()
}

/// Patches a repeated key: keeps its last value, unless that may be a secret.
pub(crate) fn for_repeated(place: &ValuePlace, key: &str, value: &Tree) -> Vec<PatchOp> {
    let value = value.to_json();
    if is_secret_key(key) || holds_secret(&value) {
        return Vec::new();
    }
    vec![PatchOp::Replace { path: place.target(), value }]
}

/// Whether a value of a field is valid, and refers to something that there is.
pub(super) fn fits(value: &Tree, field: &Field, lookup: &dyn WorldLookup) -> bool {
    passes(value, field.kind) && {
        let value = value.to_json();
        accepted(value.clone(), field.kind, field.refers_to, lookup) == Some(value)
    }
}

/// Returns a value in which everything refers to something that there is: what does not is replaced or, in a
/// list, left out. `None` if nothing is left.
fn accepted(
    value: Value,
    kind: Kind,
    referent: Option<ReferenceKind>,
    lookup: &dyn WorldLookup,
) -> Option<Value> {
    match (kind, value) {
        (Kind::Object(schema), Value::Object(entries)) => {
            let entry = |(key, value): (String, Value)| match schema.field(&key) {
                Some(field) => {
                    let value = accepted(value, field.kind, field.refers_to, lookup)?;
                    Some((key, value))
                }
                None => Some((key, value)),
            };
            entries.into_iter().map(entry).collect::<Option<_>>().map(Value::Object)
        }
        (Kind::List(item), Value::Array(items)) => {
            let was_empty = items.is_empty();
            let items = items.into_iter().filter_map(|it| accepted(it, *item, referent, lookup));
            let items: Vec<_> = items.collect();
            (was_empty || !items.is_empty()).then_some(Value::Array(items))
        }
        (Kind::AnyOf(_, kinds), value) => match kinds.iter().find(|kind| has_shape(**kind, &value))
        {
            Some(kind) => accepted(value, *kind, referent, lookup),
            None => Some(value),
        },
        (_, value) => match referent {
            Some(thing) if !value.is_null() && !lookup.knows(thing, &value) => {
                lookup.like(thing, &value)
            }
            _ => Some(value),
        },
    }
}

/// Whether a value is an object, a list or neither, as those of a kind are.
fn has_shape(kind: Kind, value: &Value) -> bool {
    match kind {
        Kind::Object(_) => value.is_object(),
        Kind::List(_) => value.is_array(),
        Kind::AnyOf(_, kinds) => kinds.iter().any(|kind| has_shape(*kind, value)),
        _ => !value.is_object() && !value.is_array(),
    }
}

/// Whether a value is valid, whatever it refers to.
fn passes(value: &Tree, kind: Kind) -> bool {
    match (kind, value) {
        (Kind::Object(schema), Tree::Object(entries)) => object_passes(entries, schema),
        (Kind::List(item), Tree::List(items)) => items.iter().all(|value| passes(value, *item)),
        (Kind::AnyOf(_, kinds), value) => kinds.iter().any(|kind| passes(value, *kind)),
        _ => kind.accepts(value),
    }
}

fn object_passes(entries: &[TreeEntry], schema: &Schema) -> bool {
    let value = |name| {
        let entry = entries.iter().find(|(key, _)| *key == name);
        entry.map(|(_, value)| value).filter(|value| **value != Tree::Null)
    };
    let is_valid = |field: &Field| {
        value(field.name).map_or(!field.required, |value| passes(value, field.kind))
    };
    let alternatives = schema.exactly_one_of.iter().filter(|name| value(**name).is_some()).count();
    schema.fields.iter().all(is_valid)
        && (schema.exactly_one_of.is_empty() || alternatives == 1)
        && last_of_each(entries).len() == entries.len()
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
        (Kind::Formatted(format), Tree::Object(entries)) => only_text_of(entries, format),
        (Kind::Formatted(format), value) => (format.repair)(value).map(Value::from),
        (Kind::List(Kind::List(_)), _) | (Kind::List(_), Tree::List(_)) => None,
        (Kind::List(item), value) if passes(value, *item) => Some(json!([value.to_json()])),
        (Kind::List(item), value) => convert(value, *item).map(|item| json!([item])),
        (Kind::Object(schema), value) => object_of(value, schema),
        (Kind::AnyOf(_, kinds), value) => {
            // what has the right type already keeps it
            let typed =
                |wanted: bool| kinds.iter().filter(move |kind| kind.has_type_of(value) == wanted);
            typed(true).chain(typed(false)).find_map(|kind| convert(value, *kind))
        }
        _ => None,
    };
    converted.filter(|value| match kind {
        Kind::OneOfIntegers(wanted) => value.as_i64().is_some_and(|value| wanted.contains(&value)),
        _ => true,
    })
}

/// Returns the text of an object that alone has a format which few texts have, such as that of an id.
fn only_text_of(entries: &[TreeEntry], format: &TextFormat) -> Option<Value> {
    let mut texts = entries.iter().filter_map(|(_, value)| match value {
        Tree::Text(text) if (format.accepts)(text) => Some(*text),
        _ => None,
    });
    let text = texts.next().filter(|_| texts.next().is_none());
    text.filter(|_| !(format.accepts)("a word")).map(Value::from)
}

/// Returns an object whose only field that is needed has a value that was sent bare.
fn object_of(value: &Tree, schema: &Schema) -> Option<Value> {
    if matches!(value, Tree::Object(_) | Tree::List(_) | Tree::Null) {
        return None;
    }
    let mut required = schema.fields.iter().filter(|field| field.required);
    let (first, others) = (required.next(), required.count());
    let alternatives = schema.exactly_one_of.iter().filter_map(|name| schema.field(name));
    let fields = first.filter(|_| others == 0).into_iter().chain(alternatives);
    let mut valued = fields.filter_map(|field| {
        let fits = passes(value, field.kind).then(|| value.to_json());
        Some((field.name, fits.or_else(|| convert(value, field.kind))?))
    });
    valued.next().map(|(name, value)| json!({ name: value }))
}

/// Returns a valid value; `None` if it would have to refer to something of which there is nothing.
pub(crate) fn example(
    kind: Kind,
    field: Option<&'static Field>,
    lookup: &dyn WorldLookup,
) -> Option<Value> {
    if let Some(thing) = field.and_then(|field| field.refers_to) {
        let known = lookup.example(thing);
        return match kind {
            Kind::List(_) => Some(known.map_or_else(|| json!([]), |known| json!([known]))),
            _ => known,
        };
    }
    if let Some(example) = field.and_then(|field| field.example) {
        return Some(serde_json::from_str(example).expect("BUG: examples in schemas are JSON"));
    }
    Some(match kind {
        Kind::Integer | Kind::TextOrNumber => json!(1),
        Kind::OneOfIntegers(values) => json!(values[0]),
        Kind::Formatted(format) => json!(format.example),
        Kind::Text | Kind::Secret | Kind::Any => json!("text"),
        Kind::Boolean => json!(true),
        Kind::List(_) => json!([]),
        Kind::AnyOf(_, kinds) => return example(kinds[0], field, lookup),
        Kind::Object(schema) => {
            let needed = |field: &&Field| {
                field.required || schema.exactly_one_of.last() == Some(&field.name)
            };
            let fields = schema.fields.iter().filter(needed);
            let value = |field: &'static Field| {
                Some((field.name.to_owned(), example(field.kind, Some(field), lookup)?))
            };
            Value::Object(fields.map(value).collect::<Option<Map<_, _>>>()?)
        }
    })
}
