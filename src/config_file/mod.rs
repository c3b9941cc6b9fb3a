//! Files written by hand (fixtures, scenarios): YAML or JSON, every problem with its place.
//!
//! `node` parses text to a tree with line numbers, `read` turns nodes into strict types, `map` reads
//! structs key by key.

mod map;
mod node;
mod read;

pub use node::Location;

pub(crate) use map::{MapReader, RecordSchema, checked, record, unknown_key};
pub(crate) use node::{MapEntry, Node, Value, parse};
pub(crate) use read::{Located, Problems, Read, choice, one_of, text_or_number};

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

    /// Shows the line of `text` with a caret under the place.
    pub fn snippet(&self, text: &str) -> String {
        let number = self.at.line.to_string();
        let line = text.lines().nth(self.at.line.saturating_sub(1)).unwrap_or("");
        let indent: String = line
            .chars()
            .take(self.at.column.saturating_sub(1))
            .map(|letter| if letter == '\t' { '\t' } else { ' ' })
            .collect();
        let gutter = " ".repeat(number.len());
        format!("{number} | {line}\n{gutter} | {indent}^")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_points_at_its_place() {
        let problem = FileProblem::new(Location { line: 2, column: 3 }, "unknown key \"naem\"");
        assert_eq!(problem.in_file("a.yaml"), "a.yaml:2:3: unknown key \"naem\"");
        assert_eq!(problem.snippet("x: 1\n- naem: 2\n"), "2 | - naem: 2\n  |   ^");
    }
}
