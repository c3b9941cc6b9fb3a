//! The contract as data: each field with its rule and where that is from. Explanations, tests and
//! the table in CONTRACT.md read it; nothing else states a rule a second time.

use serde::Serialize;

/// Where a fact is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// On the vendor's Create Group page.
    Documented,
    /// On another page of the same API.
    Sibling,
    /// Seen in public clients of the same backend.
    Observed,
    /// Our decision; nothing public says so.
    Assumed,
}

impl std::fmt::Display for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Documented => "documented",
            Self::Sibling => "sibling",
            Self::Observed => "observed",
            Self::Assumed => "assumed",
        })
    }
}

/// The JSON type and format a field must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An integer written without fraction or exponent.
    Integer,
    /// Only this integer.
    Exactly(i64),
    /// A UUID as text, any variant, any case.
    Id,
    /// A string.
    Text,
    /// A string that no message may repeat.
    Secret,
    /// 7 to 15 digits as text, the first not 0.
    Phone,
    /// A string or a number, of any format.
    TextOrNumber,
    /// `true` or `false`.
    Boolean,
    /// An object with fields of its own.
    Object(&'static Shape),
    /// A list whose items are all of one kind.
    List(&'static Kind),
}

impl Kind {
    /// The type as a user reads it.
    pub fn describe(self) -> String {
        match self {
            Self::Integer => "an integer".into(),
            Self::Exactly(value) => format!("the integer {value}"),
            Self::Id => "an id of 8-4-4-4-12 hex digits".into(),
            Self::Text | Self::Secret => "a string".into(),
            Self::Phone => {
                "a string of 7 to 15 digits with country code, without plus, the first not 0".into()
            }
            Self::TextOrNumber => "a string or a number".into(),
            Self::Boolean => "true or false".into(),
            Self::Object(_) => "an object".into(),
            Self::List(Self::Object(_)) => "a list of objects".into(),
            Self::List(Self::Integer) => "a list of integers".into(),
            Self::List(_) => "a list".into(),
        }
    }
}

/// The fields of an object.
#[derive(Debug, PartialEq, Eq)]
pub struct Shape {
    /// All that are known; others are ignored with a warning.
    pub fields: &'static [Field],
    /// If not empty: exactly one of these must be there.
    pub exactly_one_of: &'static [&'static str],
}

/// One field of a request.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// Its key.
    pub name: &'static str,
    /// What its value must be.
    pub kind: Kind,
    /// Whether absent or null is refused.
    pub required: bool,
    /// Where the field itself is from.
    pub mark: Mark,
    /// What else holds for it, and where that is from.
    pub rule: Option<(&'static str, Mark)>,
    /// A value that passes, as JSON, where one of its kind alone would not.
    pub example: Option<&'static str>,
}

impl Field {
    /// A field that may be absent, from the vendor's page, with no further rule.
    pub const fn optional(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, required: false, mark: Mark::Documented, rule: None, example: None }
    }

    /// A field that must be there.
    pub const fn required(name: &'static str, kind: Kind) -> Self {
        Self { required: true, ..Self::optional(name, kind) }
    }

    /// The same field with what else holds for it.
    #[must_use]
    pub const fn rule(mut self, rule: &'static str, mark: Mark) -> Self {
        self.rule = Some((rule, mark));
        self
    }

    /// The same field with a value that passes.
    #[must_use]
    pub const fn example(mut self, json: &'static str) -> Self {
        self.example = Some(json);
        self
    }

    /// The same field with another source.
    #[must_use]
    pub const fn from(mut self, mark: Mark) -> Self {
        self.mark = mark;
        self
    }
}

/// A place where the sandbox knowingly answers otherwise than the vendor's example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Deviation {
    /// The field of the answer.
    pub field: &'static str,
    /// What the page's example shows.
    pub example: &'static str,
    /// What the sandbox answers.
    pub sandbox: &'static str,
}

/// Every field of a shape, depth first, by its dotted path: `group.members[].user_id`.
pub fn paths(shape: &'static Shape) -> Vec<(String, &'static Field)> {
    let mut found = Vec::new();
    collect(shape, "", &mut found);
    found
}

fn collect(shape: &'static Shape, prefix: &str, found: &mut Vec<(String, &'static Field)>) {
    for field in shape.fields {
        let path = format!("{prefix}{}", field.name);
        found.push((path.clone(), field));
        match field.kind {
            Kind::Object(inner) => collect(inner, &format!("{path}."), found),
            Kind::List(Kind::Object(inner)) => collect(inner, &format!("{path}[]."), found),
            _ => {}
        }
    }
}
