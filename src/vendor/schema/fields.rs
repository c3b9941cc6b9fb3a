//! The fields of bodies, path parameters and answers as data. Readers, findings, documents, matchers
//! and tests are derived from it.

use super::provenance::Provenance;
use super::tree::Tree;
use crate::text::{nearest, nearest_key};
use crate::vendor::assumptions::{Assumptions, CommunityMandatory};

/// The fields of an object.
#[derive(Debug)]
pub(crate) struct Schema {
    /// The name in documents: `CreateGroupRequest`.
    pub(crate) name: &'static str,
    /// What the object is, as a sentence.
    pub(crate) description: &'static str,
    /// All fields, in order.
    pub(crate) fields: &'static [Field],
    /// If not empty: exactly one of these fields must be sent.
    pub(crate) exactly_one_of: &'static [&'static str],
    /// What documents call the object that has the first of these fields, the second, and so on.
    pub(crate) alternatives: &'static [&'static str],
    /// Whether a value that is accepted may hold keys which no schema knows.
    pub(crate) has_free_values: bool,
}

/// Whether a value of one of these fields may hold keys which no schema knows. It is settled when the
/// program is built, since every call asks.
pub(crate) const fn have_free_values(fields: &[Field]) -> bool {
    let mut index = 0;
    while index < fields.len() && !fields[index].kind.has_free_values() {
        index += 1;
    }
    index < fields.len()
}

/// A field of an object.
#[derive(Debug)]
pub(crate) struct Field {
    /// The key.
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// The kind as an assumption may have it.
    pub(crate) kind_under: fn(&Assumptions) -> Kind,
    /// Whether the field must be present. A request in which it is absent or null is refused.
    pub(crate) required: bool,
    /// Whether an assumption lets a required field be left out.
    pub(crate) may_be_left_out: fn(&Assumptions) -> bool,
    /// Whether a call is refused in which the value is absent, null or empty.
    pub(crate) non_empty: fn(&Assumptions) -> bool,
    /// Whether a list must have an item.
    pub(crate) needs_item: bool,
    /// Whether an answer may contain null. In requests, null means absent for every optional field.
    pub(crate) nullable: bool,
    /// The source of the field itself.
    pub(crate) provenance: Provenance,
    /// A rule beyond the kind, and the source of the rule.
    pub(crate) rule: Option<(&'static str, Provenance)>,
    /// A valid value as JSON, needed if a value of this kind is not valid in general.
    pub(crate) example: Option<&'static str>,
    /// What the value must refer to in the tenant's world, if anything.
    pub(crate) refers_to: Option<ReferenceKind>,
}

/// What a field's value can refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReferenceKind {
    /// A community, by its id.
    Community,
    /// A user, by their id.
    User,
    /// A group, by its `chat_id`.
    Group,
    /// An uploaded video, by its file name.
    Video,
    /// No community that there is: a handle that is free.
    FreeHandle,
    /// No group that there is: a `chat_id` that is free.
    FreeGroup,
    /// Somebody who can leave the group of the call: anybody but its owner.
    Leaver,
    /// A category, by its number.
    Category,
}

impl Schema {
    /// An object without fields.
    pub(crate) const EMPTY: &'static Self = &Self {
        name: "EmptyData",
        description: "An object without fields.",
        fields: &[],
        exactly_one_of: &[],
        alternatives: &[],
        has_free_values: false,
    };

    pub(crate) fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Returns all fields, depth first, with their dotted paths: `group.members[].user_id`.
    pub(crate) fn paths(&self) -> Vec<(String, &'static Field)> {
        let mut found = Vec::new();
        collect(self, "", &mut found);
        found
    }

    /// Returns the field that an unknown key of this object was probably meant as: one of the object's that is near
    /// enough, or the path of one elsewhere in the body `root`, or one of the object's that shares words with it.
    pub(crate) fn meant_field(&self, key: &str, root: &Schema) -> Option<String> {
        let names = || self.fields.iter().map(|field| field.name);
        let elsewhere = || {
            let elsewhere = root.paths().into_iter().find(|(_, field)| field.name == key);
            elsewhere.map(|(path, _)| path)
        };
        let of_object = |name: &str| name.to_owned();
        nearest(key, names())
            .map(of_object)
            .or_else(elsewhere)
            .or_else(|| nearest_key(key, names()).map(of_object))
    }
}

fn collect(schema: &Schema, prefix: &str, found: &mut Vec<(String, &'static Field)>) {
    for field in schema.fields {
        let path = format!("{prefix}{}", field.name);
        if !found.iter().any(|(known, _)| *known == path) {
            found.push((path.clone(), field));
        }
        collect_below(field.kind, &path, found);
    }
}

fn collect_below(kind: Kind, path: &str, found: &mut Vec<(String, &'static Field)>) {
    match kind {
        Kind::Object(inner) => collect(inner, &format!("{path}."), found),
        Kind::List(item) => collect_below(*item, &format!("{path}[]"), found),
        Kind::AnyOf(_, kinds) => kinds.iter().for_each(|kind| collect_below(*kind, path, found)),
        Kind::Integer
        | Kind::OneOfIntegers(_)
        | Kind::Text
        | Kind::Secret
        | Kind::Formatted(_)
        | Kind::TextOrNumber
        | Kind::Boolean
        | Kind::Any => {}
    }
}

impl Field {
    /// Whether the field must be present and not null for a call to succeed.
    pub(crate) fn is_needed(&self, assumptions: &Assumptions) -> bool {
        let is_required = self.required && !(self.may_be_left_out)(assumptions);
        is_required || (self.non_empty)(assumptions)
    }
}

/// What holds for a field under every assumption.
pub(crate) fn always(_: &Assumptions) -> bool {
    true
}

/// What holds for a field under no assumption.
pub(crate) fn never(_: &Assumptions) -> bool {
    false
}

/// Whether the page's example shows which fields are mandatory, and not its list.
pub(crate) fn follows_example(assumptions: &Assumptions) -> bool {
    match assumptions.community_mandatory {
        CommunityMandatory::Listed => false,
        CommunityMandatory::Example => true,
    }
}

/// The JSON type and format of a field's value.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// An integer, written without fraction or exponent.
    Integer,
    /// One of these integers.
    OneOfIntegers(&'static [i64]),
    /// A string.
    Text,
    /// A string that no message may repeat.
    Secret,
    /// A string of a certain format.
    Formatted(&'static TextFormat),
    /// A string or a number, of any format.
    TextOrNumber,
    /// `true` or `false`.
    Boolean,
    /// An object with fields of its own.
    Object(&'static Schema),
    /// A list whose items are all of one kind.
    List(&'static Kind),
    /// A value of any of these kinds; no two of them accept the same JSON type.
    AnyOf(UnionName, &'static [Kind]),
    /// Any JSON value.
    Any,
}

/// What documents call a value of several kinds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum UnionName {
    Given(&'static str),
    /// After the first of the kinds; the second is a list of it.
    OneOrMany,
}

/// The format of a string.
#[derive(Debug)]
pub(crate) struct TextFormat {
    /// The name in documents: `PhoneNumber`.
    pub(crate) name: &'static str,
    /// What the string is, for messages: `an id of 8-4-4-4-12 hex digits`.
    pub(crate) description: &'static str,
    /// The format as a regular expression, for schemas.
    pub(crate) pattern: &'static str,
    /// Whether a string has the format.
    pub(crate) accepts: fn(&str) -> bool,
    /// The smallest and the largest integer that has the format when it is written as text.
    pub(crate) integers: Option<(i64, i64)>,
    /// Whether strings that differ in case alone are the same value.
    pub(crate) ignores_case: bool,
    /// A string that has the format.
    pub(crate) example: &'static str,
    /// Repairs a malformed value if it is clear what was meant.
    pub(crate) repair: fn(&Tree) -> Option<String>,
}

impl Kind {
    const fn has_free_values(&self) -> bool {
        match self {
            Self::Any => true,
            Self::Object(schema) => schema.has_free_values,
            Self::List(items) => items.has_free_values(),
            Self::AnyOf(_, kinds) => {
                let mut index = 0;
                while index < kinds.len() && !kinds[index].has_free_values() {
                    index += 1;
                }
                index < kinds.len()
            }
            Self::Integer
            | Self::OneOfIntegers(_)
            | Self::Text
            | Self::Secret
            | Self::Formatted(_)
            | Self::TextOrNumber
            | Self::Boolean => false,
        }
    }

    /// Describes the kind for messages and documents.
    pub(crate) fn describe(self) -> String {
        match self {
            Self::Integer => "an integer".into(),
            Self::OneOfIntegers([value]) => format!("the integer {value}"),
            Self::OneOfIntegers(values) => {
                let values: Vec<_> = values.iter().map(i64::to_string).collect();
                format!("one of the integers {}", values.join(", "))
            }
            Self::Text | Self::Secret => "a string".into(),
            Self::Formatted(format) => format.description.into(),
            Self::TextOrNumber => "a string or a number".into(),
            Self::Boolean => "true or false".into(),
            Self::Object(_) => "an object".into(),
            Self::List(Self::Object(_)) => "a list of objects".into(),
            Self::List(Self::Integer) => "a list of integers".into(),
            Self::List(Self::Text) => "a list of strings".into(),
            Self::List(Self::Formatted(format)) => format!("a list, each {}", format.description),
            // of the kinds that are named before it
            Self::List(_) => "a list".into(),
            Self::AnyOf(_, kinds) => {
                let kinds: Vec<_> = kinds.iter().map(|kind| kind.describe()).collect();
                kinds.join(" or ")
            }
            Self::Any => "any JSON value".into(),
        }
    }

    /// Whether a value is of this kind; does not check the fields of objects.
    pub(crate) fn accepts(self, value: &Tree) -> bool {
        match (self, value) {
            (Self::OneOfIntegers(values), Tree::Integer(value)) => values.contains(value),
            (Self::OneOfIntegers(values), Tree::Number(_)) => {
                value.integer().is_some_and(|value| values.contains(&value))
            }
            (Self::Integer, Tree::Number(_)) => value.integer().is_some(),
            (Self::Formatted(format), Tree::Text(text)) => (format.accepts)(text),
            (Self::List(kind), Tree::List(items)) => items.iter().all(|item| kind.accepts(item)),
            (Self::AnyOf(_, kinds), value) => kinds.iter().any(|kind| kind.accepts(value)),
            (Self::Any, _)
            | (Self::Integer, Tree::Integer(_))
            | (Self::Text | Self::Secret, Tree::Text(_))
            | (Self::TextOrNumber, Tree::Text(_) | Tree::Integer(_) | Tree::Number(_))
            | (Self::Boolean, Tree::Boolean(_))
            | (Self::Object(_), Tree::Object(_)) => true,
            _ => false,
        }
    }

    /// Whether values of this kind have no fields or items.
    pub(crate) fn is_scalar(self) -> bool {
        match self {
            Self::Object(_) | Self::List(_) | Self::Any => false,
            Self::AnyOf(_, kinds) => kinds.iter().all(|kind| kind.is_scalar()),
            Self::Integer
            | Self::OneOfIntegers(_)
            | Self::Text
            | Self::Secret
            | Self::Formatted(_)
            | Self::TextOrNumber
            | Self::Boolean => true,
        }
    }

    /// Whether a value has the JSON type of this kind, whatever its format.
    pub(crate) fn has_type_of(self, value: &Tree) -> bool {
        match (self, value) {
            (Self::Formatted(_), Tree::Text(_)) => true,
            (Self::OneOfIntegers(_), value) => value.integer().is_some(),
            (Self::List(_), value) => matches!(value, Tree::List(_)),
            (Self::AnyOf(_, kinds), value) => kinds.iter().any(|kind| kind.has_type_of(value)),
            (kind, value) => kind.accepts(value),
        }
    }

    /// Whether strings that differ in case alone are the same value, as of ids.
    pub(crate) fn ignores_case(self) -> bool {
        match self {
            Self::Formatted(format) => format.ignores_case,
            Self::AnyOf(_, kinds) => kinds.iter().any(|kind| kind.ignores_case()),
            Self::Integer
            | Self::OneOfIntegers(_)
            | Self::Text
            | Self::Secret
            | Self::TextOrNumber
            | Self::Boolean
            | Self::Object(_)
            | Self::List(_)
            | Self::Any => false,
        }
    }

    /// Whether a string can be of this kind.
    pub(crate) fn takes_text(self) -> bool {
        self.has_type_of(&Tree::Text(""))
    }
}
