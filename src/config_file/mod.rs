//! Files written by hand (fixtures, scenarios): YAML or JSON, every problem with its place.
//!
//! `json` and `yaml` read a text to nodes, which know their places, `read` turns nodes into strict
//! types, `map` reads structs key by key.

mod json;
mod map;
mod node;
mod problems;
mod read;
mod syntax;
mod yaml;

use std::path::Path;

use crate::text;

pub(crate) use map::{
    MapReader, RecordSchema, at_most_one_of, checked, needs_one_of, record, unknown_key,
};
pub(crate) use node::{FileLimits, Location, MapEntry, Node, Value};
pub(crate) use problems::{Cost, Problems};
pub(crate) use read::{
    Located, Read, TextOrNumber, choice, one_of, parsed_text, read_by_name, text_as_written,
    text_or_number,
};

/// What a text is said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// YAML. What begins like JSON is tried as JSON first, which allows what YAML does not.
    Yaml,
    Json,
    /// JSON or, as people write it to curl, YAML.
    JsonOrYaml,
}

/// Reads the text of a file that may be parsed; the error does not name the file.
pub(crate) fn read_text(path: &Path, limits: FileLimits) -> anyhow::Result<String> {
    text::read_file(path, limits.bytes as u64)
}

/// Parses one document of at most 1 MiB, 32 levels and 10 000 values, in YAML or JSON.
pub(crate) fn parse(text: &str) -> Result<Node, FileProblem> {
    parse_as(Format::Yaml, text)
}

/// Parses one document of small limits in one of the formats.
pub(crate) fn parse_as(format: Format, text: &str) -> Result<Node, FileProblem> {
    parse_within(FileLimits::SMALL, format, text)
}

/// Parses one document. If it is neither of two formats, the problem is that of the format it is said to be;
/// what does not begin like JSON is taken for YAML.
pub(crate) fn parse_within(
    limits: FileLimits,
    format: Format,
    text: &str,
) -> Result<Node, FileProblem> {
    if text.len() > limits.bytes {
        let message = format!("the file has {} bytes, the limit is {}", text.len(), limits.bytes);
        return Err(FileProblem::new(Location::START, message));
    }
    if text.trim().is_empty() {
        return Err(FileProblem::new(Location::START, "the file is empty"));
    }
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    if format == Format::Json {
        return json::parse(bare, limits);
    }
    if !bare.trim_start().starts_with(['{', '[']) {
        return yaml::parse(text, limits);
    }
    let no_json = match json::parse(bare, limits) {
        Ok(node) => return Ok(node),
        Err(problem) => problem,
    };
    yaml::parse(text, limits)
        .map_err(|no_yaml| if format == Format::Yaml { no_yaml } else { no_json })
}

/// One problem of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileProblem {
    /// The place of the value or key that is wrong.
    pub at: Location,
    /// Says what is wrong and what to do.
    pub message: String,
}

impl FileProblem {
    pub(crate) fn new(at: Location, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }

    /// Formats the problem on one line: `FILE:LINE:COL: message`.
    pub fn in_file(&self, file: &str) -> String {
        format!("{file}:{}:{}: {}", self.at.line, self.at.column, self.message)
    }

    /// Shows the line of `text` with a caret under the place; of a long line only what is around it.
    pub fn snippet(&self, text: &str) -> String {
        /// The most characters of a line on each side of the place.
        const MAX_SIDE: usize = 80;
        let number = self.at.line.to_string();
        let text = syntax::with_plain_lines(text);
        let line = text.lines().nth(self.at.line.saturating_sub(1)).unwrap_or("");
        let place = self.at.column.saturating_sub(1);
        let first = place.saturating_sub(MAX_SIDE);
        let mut shown: Vec<char> =
            line.chars().skip(first).take(2 * MAX_SIDE).map(visible).collect();
        if line.chars().nth(first + shown.len()).is_some() {
            shown.push('…');
        }
        if let (Some(cut), true) = (shown.first_mut(), first > 0) {
            *cut = '…';
        }
        let indent = shown.iter().take(place - first);
        let indent: String = indent.map(|it| if *it == '\t' { '\t' } else { ' ' }).collect();
        let (gutter, shown) = (" ".repeat(number.len()), String::from_iter(shown));
        format!("{number} | {shown}\n{gutter} | {indent}^")
    }
}

/// Replaces a character that would move the cursor or the text around it, and takes as much room.
fn visible(letter: char) -> char {
    let is_shown = letter == '\t' || text::is_plain(letter.encode_utf8(&mut [0; 4]));
    if is_shown { letter } else { char::REPLACEMENT_CHARACTER }
}

#[cfg(test)]
mod tests {
    use super::node::MAX_DEPTH;
    use super::*;

    const MAX_NODES: usize = FileLimits::SMALL.nodes;

    #[test]
    fn a_problem_points_at_its_place() {
        let problem = FileProblem::new(Location::new(2, 3), "unknown key \"naem\"");
        assert_eq!(problem.in_file("a.yaml"), "a.yaml:2:3: unknown key \"naem\"");
        assert_eq!(problem.snippet("x: 1\n- naem: 2\n"), "2 | - naem: 2\n  |   ^");
        assert_eq!(problem.snippet("x: 1\n\t\tü"), "2 | \t\tü\n  | \t\t^");
        let hostile = "x: 1\n\u{1b}\u{202e}naem: 2\n";
        assert_eq!(problem.snippet(hostile), "2 | \u{fffd}\u{fffd}naem: 2\n  |   ^");
    }

    #[test]
    fn of_a_long_line_the_part_around_the_place_is_shown() {
        let line = format!("{}X{}", "ä".repeat(500), "b".repeat(500));
        let problem = FileProblem::new(Location::new(1, 501), "");
        let (ahead, after) = ("ä".repeat(79), "b".repeat(79));
        let expected = format!("1 | …{ahead}X{after}…\n  | {}^", " ".repeat(80));
        assert_eq!(problem.snippet(&line), expected);
        let at_start = FileProblem::new(Location::START, "");
        assert_eq!(at_start.snippet(&line), format!("1 | {}…\n  | ^", "ä".repeat(160)));
        let past_end = FileProblem::new(Location::new(7, 400), "");
        assert!(past_end.snippet(&line).ends_with('^'));
    }

    #[test]
    fn every_value_has_a_line_and_column() {
        let node = parse("a: 1\nb:\n  - x\n  - y: 2.5\n").unwrap();
        assert_eq!(node.at, Location::new(1, 1));
        let Value::Map(entries) = node.value else { panic!("a map") };
        assert_eq!(entries[1].at, Location::new(2, 1).of_key());
        let Value::List(items) = &entries[1].node.value else { panic!("a list") };
        assert_eq!(items[1].at, Location::new(4, 5));
    }

    #[test]
    fn a_scalar_is_kept_as_it_is_written() {
        for written in
            ["2", "-7", "1.50", "007", "0x10", "1e3", ".5", "true", "99999999999999999999"]
        {
            for text in [format!("[{written}, x]"), format!("a: 1\nü: {written} # b\n")] {
                let value = match parse(&text).unwrap().value {
                    Value::List(mut items) => items.remove(0).value,
                    Value::Map(mut entries) => entries.remove(1).node.value,
                    other => panic!("{other:?}"),
                };
                assert_eq!(value.written(), Some(written), "{text}");
            }
        }
    }

    #[test]
    fn unsupported_documents_are_refused_with_place_and_reason() {
        let deep = "[".repeat(40) + &"]".repeat(40);
        let deep_yaml = "- ".repeat(40);
        let wide = format!("[{}1]", "1,".repeat(MAX_NODES));
        let wide_yaml = "- 1\n".repeat(MAX_NODES + 1);
        let long = "#".repeat(FileLimits::SMALL.bytes + 1);
        for (text, line, expected) in [
            ("a: 1\na: 2\n", 2, "duplicate mapping key: a"),
            ("a: &x 1\nb: *x\n", 1, "anchors (&) and aliases (*) are not supported"),
            ("--- 1\n--- 2\n", 2, "a second document starts here"),
            ("a: [1, 2\n", 1, "unclosed bracket '['"),
            ("a: .nan\n", 1, "not a finite number; for text put it in quotes"),
            (" \n", 1, "the file is empty"),
            (&deep, 1, "nested too deep"),
            (&deep_yaml, 1, "nested too deep"),
            (&wide, 1, "too many values"),
            (&wide_yaml, 10_000, "too many values"),
            (&long, 1, "the limit is 1048576"),
        ] {
            let problem = parse(text).unwrap_err();
            let start: String = text.chars().take(20).collect();
            assert_eq!(problem.at.line, line, "{start}: {problem:?}");
            assert!(problem.message.contains(expected), "{start}: {problem:?}");
            assert!(!problem.message.contains("Options"), "{problem:?}");
        }
    }

    #[test]
    fn json_and_yaml_have_the_same_limits() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        let blocks = |levels: usize| "- ".repeat(levels - 1) + "[]";
        let objects = |count: usize| {
            let entries = (0..count).map(|number| format!("\"k{number}\": 1"));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        };
        let entries = |count: usize| objects(count)[1..].replace(", ", "\n").replace('}', "");
        let half = MAX_NODES / 2;
        for (fits, exceeds) in [
            (nested(MAX_DEPTH), nested(MAX_DEPTH + 1)),
            (blocks(MAX_DEPTH), blocks(MAX_DEPTH + 1)),
            (objects(half - 1), objects(half)),
            (entries(half - 1), entries(half)),
        ] {
            assert!(parse(&fits).is_ok(), "{}", &fits[..40]);
            assert!(parse(&exceeds).is_err(), "{}", &exceeds[..40]);
        }
    }

    #[test]
    fn what_is_too_much_for_small_limits_is_within_large_ones() {
        let limits = FileLimits { bytes: 300_000, nodes: 40_000 };
        let lists = |count: usize| "- [x]\n".repeat(count);
        let json = |count: usize| format!("[{}[1]]", "[1],".repeat(count - 1));
        for text in [lists(19_000), json(19_000)] {
            assert!(parse(&text).is_err());
            assert!(parse_within(limits, Format::Yaml, &text).is_ok());
        }
        for text in [lists(20_000), json(20_000)] {
            let problem = parse_within(limits, Format::Yaml, &text).unwrap_err();
            assert_eq!(problem.message, "too many values, the limit is 40000");
        }
        let problem = parse_within(limits, Format::Json, &"1".repeat(300_001)).unwrap_err();
        assert_eq!(problem.message, "the file has 300001 bytes, the limit is 300000");
    }

    #[test]
    fn of_a_large_file_in_yaml_the_values_are_the_only_count() {
        // an empty list is two events of the library, which has a limit for these too
        let text = "- []\n".repeat(510_000);
        assert!(parse_within(FileLimits::LARGE, Format::Yaml, &text).is_ok());
    }

    #[test]
    fn json_and_yaml_read_the_same() {
        for text in [
            "{\"a\": [1, -2.50, true, null, \"x\"], \"b\": {}}",
            "\n\n  [\n  {\"ä\": \"\\u00e4\\n\"},\n\n[[]], 1e3 ]\n",
            "{\"a\": [1,\r\"b\",\r\n 2],\n\r\"c\": 99999999999999999999}",
            "[{\"k\": {\"\u{1f600}\": 0, \"l\": \"y\"}}]",
        ] {
            let limits = FileLimits::SMALL;
            assert_eq!(json::parse(text, limits), yaml::parse(text, limits), "{text:?}");
        }
    }

    #[test]
    fn yaml_in_braces_is_read_as_yaml() {
        let text = "{match: {outcome: ok}} # for curl";
        for format in [Format::Yaml, Format::JsonOrYaml] {
            let node = parse_as(format, text).unwrap();
            assert_eq!(node.value.to_json(), serde_json::json!({"match": {"outcome": "ok"}}));
        }
        assert!(parse_as(Format::Json, text).is_err());
    }

    #[test]
    fn of_a_text_that_is_neither_the_problem_of_its_format_is_told() {
        for (format, text, (line, column), expected) in [
            (Format::JsonOrYaml, "{\"a\": 1,\n \"b\": [1}", (2, 9), "expected `,` or `]`"),
            (Format::JsonOrYaml, "[\"ü\", \"\\ud83d\"]", (1, 7), "surrogate"),
            (
                Format::JsonOrYaml,
                "{\"a\": 1,\n \"ü\": 2, \"a\": 3}",
                (2, 10),
                "duplicate mapping key: a",
            ),
            (Format::JsonOrYaml, "{\"a\": 1e999}", (1, 7), "the number 1e999 is too large"),
            (Format::JsonOrYaml, "{\"a\": [1,", (1, 7), "unclosed bracket '['"),
            (Format::JsonOrYaml, "{\"a\": [1],\n \"]\": {}", (1, 1), "unclosed bracket '{'"),
            (Format::JsonOrYaml, "{\"a\": \"b\\\"}", (1, 7), "unclosed quote"),
            (Format::JsonOrYaml, "{\"a\": \"x\n", (1, 8), "control character"),
            (Format::JsonOrYaml, "a: [1\n", (1, 4), "unclosed bracket '['"),
            (Format::Json, "a: [1\n", (1, 1), "expected value"),
            (Format::Json, "[1,]", (1, 4), "expected value"),
            (Format::Yaml, "{a: [1\n", (1, 5), "unclosed bracket '['"),
        ] {
            let problem = parse_as(format, text).unwrap_err();
            let place = (problem.at.line, problem.at.column);
            assert_eq!(place, (line, column), "{text:?}: {}", problem.message);
            assert!(problem.message.contains(expected), "{text:?}: {}", problem.message);
        }
    }
}
