//! The parameters that a handler takes from a request's path, query and headers, as documents show them.

use serde_json::{Value, json};

use crate::world::TenantName;

#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) place: Place,
    pub(crate) description: &'static str,
    pub(crate) kind: ParameterKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In braces in the pattern of the path.
    Path,
    /// In the query, where it can be left out.
    Query,
    /// In a header, which can be left out.
    Header,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum ParameterKind {
    Text,
    /// What a schema says, more than once.
    Texts(fn() -> Value),
    OneOf(&'static [&'static str]),
    /// A text of a format, which is a regular expression.
    Formatted(&'static str),
    /// A text with as many characters as this, and at least one.
    TextUpTo(usize),
    Described(fn() -> Value),
    /// A whole number from one to another.
    Number(u64, u64),
}

pub(super) const TENANT_NAME: ParameterKind = ParameterKind::Formatted(TenantName::PATTERN);

pub(super) const TENANT_OR_ALL: &str = r"^([a-z0-9][a-z0-9-]{0,62}|\*)$";

impl Parameter {
    pub(super) const fn path(
        name: &'static str,
        description: &'static str,
        kind: ParameterKind,
    ) -> Self {
        Self { name, place: Place::Path, description, kind }
    }

    pub(super) const fn query(
        name: &'static str,
        description: &'static str,
        kind: ParameterKind,
    ) -> Self {
        Self { name, place: Place::Query, description, kind }
    }

    /// Returns a value of the parameter, which is written as text, as a document shows it.
    pub(super) fn value(&self, text: &str) -> Value {
        match self.kind {
            ParameterKind::Number(..) => text.parse::<u64>().map_or(json!(text), |it| json!(it)),
            ParameterKind::Texts(_) => json!([text]),
            ParameterKind::Text
            | ParameterKind::OneOf(_)
            | ParameterKind::Formatted(_)
            | ParameterKind::TextUpTo(_)
            | ParameterKind::Described(_) => json!(text),
        }
    }

    pub(super) fn describe(&self) -> Value {
        let place = match self.place {
            Place::Path => "path",
            Place::Query => "query",
            Place::Header => "header",
        };
        let schema = match self.kind {
            ParameterKind::Text => json!({"type": "string"}),
            ParameterKind::Texts(schema) => json!({"type": "array", "items": schema()}),
            ParameterKind::TextUpTo(length) => {
                json!({"type": "string", "minLength": 1, "maxLength": length})
            }
            ParameterKind::Described(schema) => schema(),
            ParameterKind::OneOf(names) => json!({"type": "string", "enum": names}),
            ParameterKind::Formatted(pattern) => json!({"type": "string", "pattern": pattern}),
            ParameterKind::Number(minimum, maximum) => {
                json!({"type": "integer", "minimum": minimum, "maximum": maximum})
            }
        };
        json!({
            "name": self.name,
            "in": place,
            "required": self.place == Place::Path,
            "description": self.description,
            "schema": schema,
        })
    }
}
