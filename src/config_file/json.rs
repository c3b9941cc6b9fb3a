//! Reads JSON to nodes.
//!
//! The library's raw values are slices of the text, so each place follows from where its slice begins.
//! Each level of nesting is scanned once more for that; the depth is bounded.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::node::{FileLimits, MAX_DEPTH, Scalar, shortened};
use super::{FileProblem, Location, MapEntry, Node, Value};

pub(super) fn parse(text: &str, limits: FileLimits) -> Result<Node, FileProblem> {
    let whole = serde_json::from_str::<&RawValue>(text).map_err(|error| match unclosed(text) {
        Some(problem) if error.is_eof() => problem,
        _ => FileProblem::new(place_of(&error, text), message(&error)),
    })?;
    Reader { cursor: Cursor::new(text), nodes: 0, max_nodes: limits.nodes }.node(whole, 0)
}

/// Finds the bracket or quote that a text does not close.
fn unclosed(text: &str) -> Option<FileProblem> {
    let mut open = Vec::new();
    let mut is_escaped = false;
    for (offset, letter) in text.char_indices() {
        let is_quoted = matches!(open.last(), Some((_, '"')));
        match (is_quoted, letter) {
            _ if is_escaped => is_escaped = false,
            (true, '\\') => is_escaped = true,
            (true, '"') | (false, ']' | '}') => drop(open.pop()),
            (false, '[' | '{' | '"') => open.push((offset, letter)),
            _ => {}
        }
    }
    let (offset, letter) = open.pop()?;
    let message = match letter {
        '"' => "unclosed quote".into(),
        bracket => format!("unclosed bracket '{bracket}'"),
    };
    Some(FileProblem::new(Cursor::new(text).move_to(offset), message))
}

/// The library counts lines by LF, columns in bytes, and none at the end of a line.
fn place_of(error: &serde_json::Error, text: &str) -> Location {
    let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    let start: usize = lines.map(str::len).sum();
    let offset = text.floor_char_boundary(start + error.column().saturating_sub(1));
    Cursor::new(text).move_to(offset)
}

fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

struct Reader<'t> {
    cursor: Cursor<'t>,
    nodes: usize,
    max_nodes: usize,
}

impl<'t> Reader<'t> {
    fn node(&mut self, raw: &'t RawValue, depth: usize) -> Result<Node, FileProblem> {
        let at = self.enter(raw)?;
        let raw = raw.get();
        let value = match raw.as_bytes().first() {
            Some(b'n') => Value::Null,
            Some(b't' | b'f') => {
                Value::Boolean(Scalar { value: raw == "true", written: raw.to_owned() })
            }
            Some(b'"') => Value::Text(text(raw, at)?),
            Some(b'[' | b'{') if depth == MAX_DEPTH => {
                let message = format!("nested too deep, the limit is {MAX_DEPTH} levels");
                return Err(FileProblem::new(at, message));
            }
            Some(b'[') => {
                let items: Vec<&RawValue> = inner(raw, at)?;
                let items = items.into_iter().map(|item| self.node(item, depth + 1));
                Value::List(items.collect::<Result<_, _>>()?)
            }
            Some(b'{') => Value::Map(self.entries(inner(raw, at)?, depth)?),
            _ => number(raw, at)?,
        };
        Ok(Node { at, value })
    }

    fn entries(
        &mut self,
        entries: Entries<'t>,
        depth: usize,
    ) -> Result<Vec<MapEntry>, FileProblem> {
        let mut known = HashSet::new();
        let mut map = Vec::new();
        for (key, value) in entries.0 {
            let at = self.enter(key)?.of_key();
            let key = text(key.get(), at)?;
            if !known.insert(key.clone()) {
                let key: String = key.escape_debug().take(80).collect();
                return Err(FileProblem::new(at, format!("duplicate mapping key: {key}")));
            }
            map.push(MapEntry { key, at, node: self.node(value, depth + 1)? });
        }
        Ok(map)
    }

    /// Counts a value or key and returns its place.
    fn enter(&mut self, raw: &RawValue) -> Result<Location, FileProblem> {
        let offset = raw.get().as_ptr().addr() - self.cursor.text.as_ptr().addr();
        let at = self.cursor.move_to(offset);
        self.nodes += 1;
        if self.nodes > self.max_nodes {
            let message = format!("too many values, the limit is {}", self.max_nodes);
            return Err(FileProblem::new(at, message));
        }
        Ok(at)
    }
}

/// A place that only moves on, so that a long line is not counted again for each of its values.
struct Cursor<'t> {
    text: &'t str,
    offset: usize,
    at: Location,
}

impl<'t> Cursor<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, offset: 0, at: Location::START }
    }

    fn move_to(&mut self, offset: usize) -> Location {
        let mut letters = self.text[self.offset..].chars().peekable();
        while self.offset < offset {
            let Some(letter) = letters.next() else { break };
            self.offset += letter.len_utf8();
            // a line ends with LF, CR LF or CR, as in YAML
            self.at = match (letter, letters.peek()) {
                ('\n', _) => Location::new(self.at.line + 1, 1),
                ('\r', next) if next != Some(&'\n') => Location::new(self.at.line + 1, 1),
                _ => Location { column: self.at.column + 1, ..self.at },
            };
        }
        self.at
    }
}

/// Reads a part of a text that is known to be JSON; what is wrong then is wrong with its meaning.
fn inner<'t, T: Deserialize<'t>>(raw: &'t str, at: Location) -> Result<T, FileProblem> {
    serde_json::from_str(raw).map_err(|error| FileProblem::new(at, message(&error)))
}

/// Reads a string; one with half of a surrogate pair is refused.
fn text(raw: &str, at: Location) -> Result<String, FileProblem> {
    let message = "half of a surrogate pair is no character; write both halves";
    serde_json::from_str(raw).map_err(|_| FileProblem::new(at, message))
}

fn number(raw: &str, at: Location) -> Result<Value, FileProblem> {
    let written = raw.to_owned();
    if let Ok(value) = raw.parse() {
        return Ok(Value::Integer(Scalar { value, written }));
    }
    match raw.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Value::Float(Scalar { value, written })),
        _ => Err(FileProblem::new(at, format!("the number {} is too large", shortened(raw)))),
    }
}

struct Entries<'t>(Vec<(&'t RawValue, &'t RawValue)>);

impl<'t> Deserialize<'t> for Entries<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntriesVisitor;

        impl<'t> Visitor<'t> for EntriesVisitor {
            type Value = Entries<'t>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<Entries<'t>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(EntriesVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Node, FileProblem> {
        super::parse(text, FileLimits::SMALL)
    }

    /// Returns the text from the place of each value and key on.
    fn starts(node: &Node, text: &str, found: &mut Vec<String>) {
        let mut add = |at: Location| {
            let line = text.lines().nth(at.line - 1).unwrap();
            found.push(line.chars().skip(at.column - 1).take(4).collect());
        };
        add(node.at);
        match &node.value {
            Value::List(items) => items.iter().for_each(|item| starts(item, text, found)),
            Value::Map(entries) => {
                for entry in entries {
                    let line = text.lines().nth(entry.at.line - 1).unwrap();
                    found.push(line.chars().skip(entry.at.column - 1).take(4).collect());
                    starts(&entry.node, text, found);
                }
            }
            _ => {}
        }
    }

    #[test]
    fn every_value_and_key_has_its_place() {
        let text = "\n {\"ä\\u0041\": [ 1.50,true ,null],\r\n\t\"\u{1f600}b\" :\n{\"c\":\"d\",\"e\":-0e1}}";
        let mut found = Vec::new();
        starts(&parse(text).unwrap(), text, &mut found);
        let expected = [
            "{\"ä\\",
            "\"ä\\u",
            "[ 1.",
            "1.50",
            "true",
            "null",
            "\"\u{1f600}b\"",
            "{\"c\"",
            "\"c\":",
            "\"d\",",
            "\"e\":",
            "-0e1",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_yaml_refuses_is_read() {
        for (text, expected) in [
            ("[\"\u{7f}\"]", "\u{7f}"),
            ("[\"\u{85}\u{9f}\"]", "\u{85}\u{9f}"),
            ("[\"\u{fffe}\u{1ffff}\"]", "\u{fffe}\u{1ffff}"),
            (r#"["\ud83d\ude00"]"#, "\u{1f600}"),
            (r#"["\/\u0000\b"]"#, "/\0\u{8}"),
            ("[\"a\\tb: - # &c *d\"]", "a\tb: - # &c *d"),
        ] {
            let node = parse(text).unwrap();
            assert_eq!(node.value.to_json(), serde_json::json!([expected]), "{text}");
        }
    }

    #[test]
    fn the_test_suite_of_json_is_read_and_refused_as_it_says() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/hostile/json");
        let mut seen = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            let is_read = parse(&text).map_err(|problem| problem.message);
            match name.as_bytes()[0] {
                b'y' if name.contains("duplicated_key") => {
                    assert_eq!(is_read.unwrap_err(), "duplicate mapping key: a", "{name}");
                }
                b'y' => assert!(is_read.is_ok(), "{name}: {is_read:?}"),
                b'n' => assert!(is_read.is_err(), "{name}: {is_read:?}"),
                _ => continue,
            }
            seen += 1;
        }
        assert!(seen > 200, "{seen} texts");
    }

    #[test]
    fn a_problem_with_a_long_number_is_short() {
        let digits = "9".repeat(1000);
        let problem = parse(&format!("[{digits}]")).unwrap_err();
        assert_eq!(problem.message, format!("the number {}… is too large", &digits[..40]));
        let long = parse(&format!("0.{digits}")).unwrap();
        assert_eq!(long.value.describe(), format!("the number 0.{}…", &digits[..38]));
    }

    #[test]
    fn a_line_ends_as_in_yaml() {
        let problem = parse("{\"a\":\r[1,\r\n \"b\" 2]}").unwrap_err();
        assert_eq!(problem.at, Location::new(3, 6));
    }

    #[test]
    fn a_long_line_is_read_in_one_pass() {
        let padding = " ".repeat(900_000);
        let text = format!("[{padding}{}1]", "1,".repeat(9_000));
        let Value::List(items) = parse(&text).unwrap().value else { panic!("a list") };
        let last = items.last().unwrap().at;
        assert_eq!((items.len(), last.column), (9_001, 900_000 + 2 * 9_000 + 2));
    }
}
