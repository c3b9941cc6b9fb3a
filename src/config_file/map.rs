//! Reads maps key by key and refuses unknown keys. `record!` declares a struct
//! together with its reader and its JSON Schema.

use serde_json::{Value as Json, json};

use super::{Location, MapEntry, Node, Problems, Read, Value};
use crate::described::nullable;
use crate::text::not_among;

/// Adds a problem for a key that is not among `known`.
pub(crate) fn unknown_key(entry: &MapEntry, known: &[&str], problems: &mut Problems) {
    let key = not_among(&entry.key, known.iter().copied());
    problems.add(entry.at, format!("unknown key {key}"));
}

/// Reads the keys of one map and remembers which were asked for.
pub(crate) struct MapReader<'n> {
    pub(crate) at: Location,
    entries: &'n [MapEntry],
    known: Vec<&'static str>,
}

impl<'n> MapReader<'n> {
    /// Returns the entries of a node that must be a map.
    pub(crate) fn entries_of(node: &'n Node, problems: &mut Problems) -> Option<&'n [MapEntry]> {
        if let Value::Map(entries) = &node.value {
            return Some(entries);
        }
        problems.wrong_type(node, "a map");
        None
    }

    pub(crate) fn open(node: &'n Node, problems: &mut Problems) -> Option<Self> {
        let entries = Self::entries_of(node, problems)?;
        Some(Self { at: node.at, entries, known: Vec::new() })
    }

    /// Reads a key; one that is absent or null has the default.
    pub(crate) fn or<T: Read>(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
        default: impl FnOnce() -> T,
    ) -> Option<T> {
        self.find(key).map_or_else(|| Some(default()), |node| T::read(node, problems))
    }

    pub(crate) fn required<T: Read>(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<T> {
        let node = self.find(key);
        if node.is_none() {
            problems.add(self.at, format!("missing key {key:?}"));
        }
        T::read(node?, problems)
    }

    fn find(&mut self, key: &'static str) -> Option<&'n Node> {
        self.known.push(key);
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        (entry.node.value != Value::Null).then_some(&entry.node)
    }

    /// Adds a problem for every unknown key.
    pub(crate) fn close(self, problems: &mut Problems) {
        for entry in self.entries {
            if !self.known.contains(&entry.key.as_str()) {
                unknown_key(entry, &self.known, problems);
            }
        }
    }
}

#[derive(Default)]
pub(crate) struct RecordSchema {
    properties: serde_json::Map<String, Json>,
    required: Vec<&'static str>,
}

impl RecordSchema {
    /// Adds a key; where one may be left out, null stands for that.
    pub(crate) fn add(&mut self, key: &'static str, doc: &str, schema: Json, is_required: bool) {
        let mut schema = if is_required { schema } else { nullable(schema) };
        if let (Json::Object(map), false) = (&mut schema, doc.is_empty()) {
            map.insert("description".into(), json!(doc.trim()));
        }
        self.properties.insert(key.to_owned(), schema);
        if is_required {
            self.required.push(key);
        }
    }

    pub(crate) fn into_json(self) -> Json {
        json!({
            "type": "object",
            "additionalProperties": false,
            "properties": self.properties,
            "required": self.required,
        })
    }
}

/// A key of a record that is enough with its value, and the keys that must have none then.
pub(crate) type Alternative<'a> = (&'a str, &'a [&'a str]);

/// Returns the schema of a record that needs one of some keys.
pub(crate) fn needs_one_of(mut schema: Json, alternatives: &[Alternative]) -> Json {
    let alternative = |(key, excluded): &Alternative| {
        let excluded = excluded.iter().map(|key| ((*key).to_owned(), json!({"type": "null"})));
        let mut properties: serde_json::Map<_, _> = excluded.collect();
        properties.insert((*key).to_owned(), json!({"not": {"type": "null"}}));
        json!({"required": [key], "properties": properties})
    };
    schema["anyOf"] = alternatives.iter().map(alternative).collect();
    schema
}

/// Returns the schema of a record that has at most one of two keys.
pub(crate) fn at_most_one_of(mut schema: Json, keys: [&str; 2]) -> Json {
    let without = |key: &str| json!({"properties": {key: {"type": "null"}}});
    schema["anyOf"] = keys.into_iter().map(without).collect();
    schema
}

/// Declares a struct with its reader and its schema. A literal after a field's name is its key in
/// the file; after the type comes `required`, `optional` (an `Option`), `or(default)`, or `place`
/// for the struct's own place. Doc comments of the fields become descriptions in the schema.
/// `as "name"` after the struct's name makes the schema available as `#/$defs/name`. After it may come `where`
/// with what the schema says of several keys; the caller of the reader has to check that.
macro_rules! record {
    ($(#[$attribute:meta])* $vis:vis struct $name:ident $(as $reference:literal)?
     $(where $relation:ident($argument:expr))? {
        $( $(#[doc = $doc:literal])*
           $field:ident $($key:literal)?: $type:ty => $how:ident $(($default:expr))? ),* $(,)?
    }) => {
        $(#[$attribute])*
        $vis struct $name { $( $(#[doc = $doc])* pub(crate) $field: $type ),* }

        impl $name {
            /// The schema written out.
            pub(crate) fn definition() -> serde_json::Value {
                let mut schema = $crate::config_file::RecordSchema::default();
                $( $crate::config_file::record!(
                    @add $how schema, $type,
                    $crate::config_file::record!(@key $field $($key)?), concat!("" $(, $doc)*)
                ); )*
                let schema = schema.into_json();
                $( let schema = $crate::config_file::$relation(schema, $argument); )?
                schema
            }
        }

        impl $crate::config_file::Read for $name {
            fn read(
                node: &$crate::config_file::Node,
                problems: &mut $crate::config_file::Problems,
            ) -> Option<Self> {
                let mut map = $crate::config_file::MapReader::open(node, problems)?;
                $( let $field = $crate::config_file::record!(
                    @$how map, problems, $crate::config_file::record!(@key $field $($key)?) $(, $default)?
                ); )*
                map.close(problems);
                Some(Self { $( $field: $field? ),* })
            }

            fn schema() -> serde_json::Value {
                $crate::config_file::record!(@schema $($reference)?)
            }
        }
    };
    (@schema) => { Self::definition() };
    (@schema $reference:literal) => {
        serde_json::json!({"$ref": concat!("#/$defs/", $reference)})
    };
    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:literal) => { $key };
    (@add place $schema:ident, $type:ty, $key:expr, $doc:expr) => {};
    (@add required $schema:ident, $type:ty, $key:expr, $doc:expr) => {
        $schema.add($key, $doc, <$type as $crate::config_file::Read>::schema(), true)
    };
    (@add $how:ident $schema:ident, $type:ty, $key:expr, $doc:expr) => {
        $schema.add($key, $doc, <$type as $crate::config_file::Read>::schema(), false)
    };
    (@place $map:ident, $problems:ident, $key:expr) => { Some($map.at) };
    (@required $map:ident, $problems:ident, $key:expr) => { $map.required($key, $problems) };
    (@optional $map:ident, $problems:ident, $key:expr) => { $map.or($key, $problems, || None) };
    (@or $map:ident, $problems:ident, $key:expr, $default:expr) => {
        $map.or($key, $problems, || $default)
    };
}
pub(crate) use record;

/// Declares a newtype with what its schema has beside that of the type in it, the values it accepts, and the
/// message about others.
macro_rules! checked {
    ($(#[$attribute:meta])* $vis:vis $name:ident($type:ty): $schema:tt, $accepts:expr, $message:expr) => {
        $(#[$attribute])*
        $vis struct $name($vis $type);

        impl $crate::config_file::Read for $name {
            fn read(
                node: &$crate::config_file::Node,
                problems: &mut $crate::config_file::Problems,
            ) -> Option<Self> {
                let (accepts, message): (fn(&$type) -> bool, fn(&$type) -> String) =
                    ($accepts, $message);
                let check =
                    |value: &$type| if accepts(value) { Ok(()) } else { Err(message(value)) };
                <$type>::read_checked(node, problems, check).map(Self)
            }

            fn schema() -> serde_json::Value {
                let mut schema = <$type as $crate::config_file::Read>::schema();
                if let serde_json::Value::Object(bounds) = json!($schema) {
                    bounds.into_iter().for_each(|(key, bound)| schema[key] = bound);
                }
                schema
            }
        }
    };
}
pub(crate) use checked;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config_file::{one_of, parse};

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
    fn a_whole_number_may_have_a_fraction_of_zero_and_must_be_exact() {
        for (written, age) in [("36.0", Some(36)), ("-0.0", Some(0)), ("1e3", Some(1000))] {
            let (person, problems) = read(&format!("name: Ada\nage: {written}\n"));
            assert_eq!((person.unwrap().age, problems), (age, vec![]), "{written}");
        }
        for written in ["36.5", "-1.0", "9007199254740993.0", "1e30"] {
            assert_eq!(read(&format!("name: Ada\nage: {written}\n")).1.len(), 1, "{written}");
        }
    }

    #[test]
    fn a_schema_says_that_null_stands_for_a_key_that_is_left_out() {
        let schema = Person::definition();
        assert_eq!(schema["properties"]["name"], json!({"type": "string"}));
        let tags = json!({"type": ["array", "null"], "items": {"type": "string"}});
        assert_eq!(schema["properties"]["tags"], tags);
        assert_eq!(schema["required"], json!(["name"]));
    }

    #[test]
    fn every_problem_is_reported_with_its_place() {
        let (person, problems) = read("naem: Ada\nage: old\ntags: [1, {}]\n");
        assert_eq!(person, None);
        assert_eq!(
            problems,
            [
                "p.yaml:1:1: missing key \"name\"",
                "p.yaml:1:1: unknown key \"naem\"; did you mean \"name\"? (known: name, age, tags)",
                "p.yaml:2:6: expected a whole number, 0 or more, found the text \"old\"",
                "p.yaml:3:8: expected text, found the number 1; put it in quotes",
                "p.yaml:3:11: expected text, found a map",
            ]
        );
    }

    #[test]
    fn a_long_unknown_name_is_cut() {
        let (_, problems) = read(&format!("name: Ada\n{}: 1\n", "é".repeat(500)));
        let cut = "é".repeat(80);
        let expected = format!("p.yaml:2:1: unknown key \"{cut}\"… (known: name, age, tags)");
        assert_eq!(problems, [expected]);
        let error = one_of(&"é".repeat(81), "part", &[("a", 1)]).unwrap_err();
        assert_eq!(error, format!("unknown part \"{cut}\"… (known: a)"));
    }
}
