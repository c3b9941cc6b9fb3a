//! The fields of bodies, path parameters and answers as data. Readers, findings, documents, matchers
//! and tests are derived from it.

use super::kind::Kind;
use super::provenance::Provenance;

/// The fields of an object.
#[derive(Debug)]
pub(crate) struct Schema {
    /// All fields, in order.
    pub(crate) fields: &'static [Field],
    /// If not empty: exactly one of these fields must be sent.
    pub(crate) exactly_one_of: &'static [&'static str],
}

/// A field of an object.
#[derive(Debug)]
pub(crate) struct Field {
    /// The key.
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// Whether the field must be present. A request in which it is absent or null is refused.
    pub(crate) required: bool,
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
    /// An uploaded video, by its file name.
    Video,
}

impl Schema {
    /// An object without fields.
    pub(crate) const EMPTY: &'static Self = &Self { fields: &[], exactly_one_of: &[] };

    pub(crate) fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Returns all fields, depth first, with their dotted paths: `group.members[].user_id`.
    pub(crate) fn paths(&self) -> Vec<(String, &'static Field)> {
        let mut found = Vec::new();
        collect(self, "", &mut found);
        found
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
        Kind::AnyOf(kinds) => kinds.iter().for_each(|kind| collect_below(*kind, path, found)),
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
