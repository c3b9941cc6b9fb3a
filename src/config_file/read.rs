//! A tree of nodes to strict types: unknown keys are refused with the nearest name, and all
//! problems of a file are collected, not only the first.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{Entry, FileProblem, Node, Place, Value};
use crate::text::did_you_mean;

/// Everything found wrong so far.
#[derive(Debug, Default)]
pub struct Problems(Vec<FileProblem>);

impl Problems {
    /// Notes one more.
    pub fn add(&mut self, at: Place, message: impl Into<String>) {
        self.0.push(FileProblem { at, message: message.into() });
    }

    /// Notes that a node is of another type than wanted.
    pub fn wrong_type(&mut self, node: &Node, wanted: &str) {
        self.add(node.at, format!("this must be {wanted}, not {}", node.value.describe()));
    }

    /// Unwraps a value that was checked at `at`, or adds the error.
    pub fn accept<T>(&mut self, at: Place, checked: Result<T, impl Into<String>>) -> Option<T> {
        checked.map_err(|message| self.add(at, message)).ok()
    }

    /// All of them, in the order of the file.
    pub fn into_sorted(mut self) -> Vec<FileProblem> {
        self.0.sort_by_key(|problem| (problem.at.line, problem.at.column));
        self.0
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A type that can be read from a node.
pub trait Read: Sized {
    /// The value, or `None` once what is wrong has been noted.
    fn read(node: &Node, problems: &mut Problems) -> Option<Self>;

    /// Returns the JSON Schema of what `read` accepts; by default it allows anything.
    fn schema() -> Json {
        json!({})
    }
}

/// A value that remembers its place, for checks across a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<T> {
    /// Where it stands.
    pub at: Place,
    /// The value.
    pub value: T,
}

impl<T: Read> Read for Located<T> {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        T::read(node, problems).map(|value| Self { at: node.at, value })
    }

    fn schema() -> Json {
        T::schema()
    }
}

impl Read for String {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        match &node.value {
            Value::Text(text) => Some(text.clone()),
            Value::Integer(_) | Value::Float(_) | Value::Boolean(_) => {
                let found = node.value.describe();
                problems.add(node.at, format!("this must be text, not {found}; put it in quotes"));
                None
            }
            Value::Null | Value::List(_) | Value::Map(_) => {
                problems.wrong_type(node, "text");
                None
            }
        }
    }

    fn schema() -> Json {
        json!({"type": "string"})
    }
}

impl Read for bool {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        if let Value::Boolean(value) = node.value {
            return Some(value);
        }
        problems.wrong_type(node, "true or false");
        None
    }

    fn schema() -> Json {
        json!({"type": "boolean"})
    }
}

impl Read for i64 {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        if let Value::Integer(value) = node.value {
            return Some(value);
        }
        problems.wrong_type(node, "a whole number");
        None
    }

    fn schema() -> Json {
        json!({"type": "integer"})
    }
}

impl Read for f64 {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        match node.value {
            #[expect(clippy::cast_precision_loss, reason = "a number is a number")]
            Value::Integer(value) => Some(value as Self),
            Value::Float(value) => Some(value),
            _ => {
                problems.wrong_type(node, "a number");
                None
            }
        }
    }

    fn schema() -> Json {
        json!({"type": "number"})
    }
}

impl Read for u64 {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        if let Value::Integer(value) = node.value
            && let Ok(value) = Self::try_from(value)
        {
            return Some(value);
        }
        problems.wrong_type(node, "a whole number, 0 or more");
        None
    }

    fn schema() -> Json {
        json!({"type": "integer", "minimum": 0})
    }
}

impl Read for Uuid {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let text = String::read(node, problems)?;
        let id = crate::world::ids::parse_id(&text);
        if id.is_none() {
            problems.wrong_type(node, "an id of 8-4-4-4-12 hex digits");
        }
        id
    }

    fn schema() -> Json {
        json!({"type": "string", "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"})
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let Value::List(items) = &node.value else {
            problems.wrong_type(node, "a list");
            return None;
        };
        let read: Vec<T> = items.iter().filter_map(|item| T::read(item, problems)).collect();
        (read.len() == items.len()).then_some(read)
    }

    fn schema() -> Json {
        json!({"type": "array", "items": T::schema()})
    }
}

/// Reads text, or a whole number as its digits: `5026` needs no quotes.
pub fn text_or_number(node: &Node, problems: &mut Problems) -> Option<String> {
    match &node.value {
        Value::Integer(number) => Some(number.to_string()),
        _ => String::read(node, problems),
    }
}

/// Notes a key that is not one of those known.
pub fn unknown_key(entry: &Entry, known: &[&str], problems: &mut Problems) {
    let hint = did_you_mean(&entry.key, known.iter().copied());
    let known = known.join(", ");
    problems.add(entry.at, format!("unknown key {:?}{hint} (known here: {known})", entry.key));
}

/// Reads one of a few names, or notes which there are.
pub fn choice<T: Copy>(
    node: &Node,
    problems: &mut Problems,
    what: &str,
    choices: &[(&'static str, T)],
) -> Option<T> {
    let text = String::read(node, problems)?;
    let found = choices.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
    if found.is_none() {
        let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
        let hint = did_you_mean(&text, names.iter().copied());
        let known = names.join(", ");
        problems.add(node.at, format!("unknown {what} {text:?}{hint} (known: {known})"));
    }
    found
}

/// Reads a map key by key and refuses the keys nobody asked for.
pub struct MapReader<'n> {
    at: Place,
    entries: &'n [Entry],
    known: Vec<&'static str>,
}

impl<'n> MapReader<'n> {
    /// The entries of a node that must be a map.
    pub fn entries_of(node: &'n Node, problems: &mut Problems) -> Option<&'n [Entry]> {
        if let Value::Map(entries) = &node.value {
            return Some(entries);
        }
        problems.wrong_type(node, "a map");
        None
    }

    /// Opens a node that must be a map.
    pub fn open(node: &'n Node, problems: &mut Problems) -> Option<Self> {
        let entries = Self::entries_of(node, problems)?;
        Some(Self { at: node.at, entries, known: Vec::new() })
    }

    /// A key that may be absent or null: `Some(None)`; `None` if its value is wrong.
    #[expect(clippy::option_option, reason = "a wrong value and an absent one differ")]
    pub fn optional<T: Read>(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<Option<T>> {
        self.known.push(key);
        match self.entries.iter().find(|entry| entry.key == key) {
            Some(entry) if entry.node.value != Value::Null => {
                T::read(&entry.node, problems).map(Some)
            }
            _ => Some(None),
        }
    }

    /// A key that must be there.
    pub fn required<T: Read>(&mut self, key: &'static str, problems: &mut Problems) -> Option<T> {
        let value = self.optional(key, problems)?;
        if value.is_none() {
            problems.add(self.at, format!("the key {key:?} is missing here"));
        }
        value
    }

    /// Notes every key that was never asked for.
    pub fn close(self, problems: &mut Problems) {
        for entry in self.entries {
            if !self.known.contains(&entry.key.as_str()) {
                unknown_key(entry, &self.known, problems);
            }
        }
    }
}

/// The schema of a record's field: an `Option` has that of its value.
pub trait FieldSchema {
    /// The schema.
    fn field_schema() -> Json;
}

impl<T: Read> FieldSchema for T {
    fn field_schema() -> Json {
        T::schema()
    }
}

impl<T: Read> FieldSchema for Option<T> {
    fn field_schema() -> Json {
        T::schema()
    }
}

/// Puts together the schema of a record.
#[derive(Default)]
pub struct RecordSchema {
    properties: serde_json::Map<String, Json>,
    required: Vec<&'static str>,
}

impl RecordSchema {
    /// One more field.
    pub fn add(&mut self, key: &'static str, doc: &str, mut schema: Json, mandatory: bool) {
        if let (Json::Object(map), false) = (&mut schema, doc.is_empty()) {
            map.insert("description".into(), json!(doc.trim()));
        }
        self.properties.insert(key.to_owned(), schema);
        if mandatory {
            self.required.push(key);
        }
    }

    /// The whole schema.
    pub fn into_value(self) -> Json {
        json!({
            "type": "object",
            "additionalProperties": false,
            "properties": self.properties,
            "required": self.required,
        })
    }
}

/// Declares a struct together with the way it is read from a map, and its schema. A field may have
/// a key of another name; after its type stands how: `required`, `optional` (an `Option`), or `or`
/// and a default.
macro_rules! record {
    ($(#[doc = $doc:literal])* $(#[derive($($derive:ident),*)])? $vis:vis struct $name:ident {
        $( $(#[doc = $field_doc:literal])*
           $field:ident $($key:literal)?: $type:ty => $how:ident $(($default:expr))? ),* $(,)?
    }) => {
        $(#[doc = $doc])* $(#[derive($($derive),*)])?
        $vis struct $name { $( $(#[doc = $field_doc])* pub $field: $type ),* }

        impl $crate::config_file::Read for $name {
            fn read(
                node: &$crate::config_file::Node,
                problems: &mut $crate::config_file::Problems,
            ) -> Option<Self> {
                let mut record = $crate::config_file::MapReader::open(node, problems)?;
                $( let $field = $crate::config_file::record!(
                    @$how record, problems, $crate::config_file::record!(@key $field $($key)?) $(, $default)?
                ); )*
                record.close(problems);
                Some(Self { $( $field: $field? ),* })
            }

            fn schema() -> serde_json::Value {
                let mut schema = $crate::config_file::RecordSchema::default();
                $( schema.add(
                    $crate::config_file::record!(@key $field $($key)?),
                    concat!("" $(, $field_doc)*),
                    <$type as $crate::config_file::FieldSchema>::field_schema(),
                    $crate::config_file::record!(@mandatory $how),
                ); )*
                schema.into_value()
            }
        }
    };
    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:literal) => { $key };
    (@mandatory required) => { true };
    (@mandatory $how:ident) => { false };
    (@required $record:ident, $problems:ident, $key:expr) => { $record.required($key, $problems) };
    (@optional $record:ident, $problems:ident, $key:expr) => { $record.optional($key, $problems) };
    (@or $record:ident, $problems:ident, $key:expr, $default:expr) => {
        $record.optional($key, $problems).map(|value| value.unwrap_or_else(|| $default))
    };
}
pub(crate) use record;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config_file::parse;

    record! {
        #[derive(Debug, PartialEq)]
        struct Person {
            name: String => required,
            age: Option<u64> => optional,
            tags: Vec<String> => or(Vec::new()),
        }
    }

    fn read(text: &str) -> (Option<Person>, Vec<String>) {
        let mut problems = Problems::default();
        let person = Person::read(&parse(text).unwrap(), &mut problems);
        let lines =
            problems.into_sorted().iter().map(|problem| problem.in_file("p.yaml")).collect();
        (person, lines)
    }

    #[test]
    fn a_record_is_read_by_its_keys() {
        let (person, problems) = read("name: Ada\nage: 36\ntags: [x]\n");
        let expected = Person { name: "Ada".into(), age: Some(36), tags: vec!["x".into()] };
        assert_eq!((person, problems), (Some(expected), vec![]));
    }

    #[test]
    fn all_problems_are_collected_each_with_its_place() {
        let (person, problems) = read("naem: Ada\nage: old\ntags: [1, {}]\n");
        assert_eq!(person, None);
        assert_eq!(
            problems,
            [
                "p.yaml:1:1: the key \"name\" is missing here",
                "p.yaml:1:1: unknown key \"naem\"; did you mean \"name\"? (known here: name, age, tags)",
                "p.yaml:2:6: this must be a whole number, 0 or more, not the text \"old\"",
                "p.yaml:3:8: this must be text, not the number 1; put it in quotes",
                "p.yaml:3:11: this must be text, not a map",
            ]
        );
    }
}
