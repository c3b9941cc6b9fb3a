//! Converts values of a body to the JSON types that their fields need, where nothing is lost: `"4"` to
//! `4`, `"true"` to `true`, and the other way round.

use super::fields::{Kind, Schema};
use super::tree::{Arena, Tree};

/// Returns a value in which everything that can be converted has the type that its field needs.
pub(crate) fn coerce<'t>(value: Tree<'t>, kind: Kind, arena: &'t Arena) -> Tree<'t> {
    match (kind, value) {
        (Kind::Object(schema), Tree::Object(entries)) => object(entries, schema, arena),
        (Kind::List(item), Tree::List(items)) => {
            let items: Vec<_> = items.iter().map(|value| coerce(*value, *item, arena)).collect();
            arena.list(&items)
        }
        (Kind::AnyOf(_, kinds), value) => {
            let of_its_type = kinds.iter().find(|kind| kind.has_type_of(&value));
            match of_its_type {
                Some(kind) => coerce(value, *kind, arena),
                None => scalar(value, kind, arena),
            }
        }
        _ => scalar(value, kind, arena),
    }
}

fn object<'t>(entries: &'t [(&'t str, Tree<'t>)], schema: &Schema, arena: &'t Arena) -> Tree<'t> {
    let coerced = |(key, value): &(&'t str, Tree<'t>)| match schema.field(key) {
        Some(field) => (*key, coerce(*value, field.kind, arena)),
        None => (*key, *value),
    };
    arena.object(&entries.iter().map(coerced).collect::<Vec<_>>())
}

fn scalar<'t>(value: Tree<'t>, kind: Kind, arena: &'t Arena) -> Tree<'t> {
    if kind.accepts(&value) {
        return value;
    }
    let converted = match value {
        // only as a number is written in JSON, so without a plus or zeros before it
        Tree::Text(text) => match text.parse::<i64>() {
            Ok(number) if number.to_string() == text => Tree::Integer(number),
            _ => match text {
                "true" => Tree::Boolean(true),
                "false" => Tree::Boolean(false),
                _ => return value,
            },
        },
        Tree::Integer(number) => Tree::Text(arena.text(&number.to_string())),
        Tree::Number(number) => Tree::Text(arena.text(&number.to_string())),
        Tree::Boolean(flag) => Tree::Text(if flag { "true" } else { "false" }),
        Tree::Null | Tree::List(_) | Tree::Object(_) => return value,
    };
    // an integer that is none of those allowed gets the message of an integer
    let is_integer = matches!((kind, converted), (Kind::OneOfIntegers(_), Tree::Integer(_)));
    if is_integer || kind.accepts(&converted) { converted } else { value }
}
