//! The fields of bodies, path parameters and answers as data. Readers, findings, documents, matchers
//! and tests follow from it; nothing else states a rule a second time.

use super::kind::Kind;
use super::provenance::Provenance;

/// The fields of an object.
#[derive(Debug)]
pub(crate) struct Schema {
    /// All that are known, in order.
    pub(crate) fields: &'static [Field],
    /// If not empty: exactly one of these fields must be sent.
    pub(crate) exactly_one_of: &'static [&'static str],
}

/// One field.
#[derive(Debug)]
pub(crate) struct Field {
    /// Its key.
    pub(crate) name: &'static str,
    /// What its value must be.
    pub(crate) kind: Kind,
    /// Whether it must be there: in a request, absent and null are refused; in an answer, it always is.
    pub(crate) required: bool,
    /// Whether an answer may hold null. In a request null means absent, for every optional field.
    pub(crate) nullable: bool,
    /// The source of the field itself.
    pub(crate) provenance: Provenance,
    /// A rule beyond its kind, and the source of that.
    pub(crate) rule: Option<(&'static str, Provenance)>,
    /// A value that passes, as JSON, where one of its kind alone would not.
    pub(crate) example: Option<&'static str>,
    /// What its value must name, where it names something of the tenant's world.
    pub(crate) names: Option<Named>,
}

/// Things of a tenant's world that a field can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
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

    /// The field of a name.
    pub(crate) fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Every field, depth first, by its dotted path: `group.members[].user_id`.
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
