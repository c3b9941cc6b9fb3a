//! Files written by hand (fixtures, scenarios): YAML or JSON, every problem with its place.
//!
//! `node` turns text into a tree that knows its lines, `read` turns the tree into strict types.

mod node;
mod read;

pub use node::{Entry, Node, Place, Value, parse};
pub(crate) use read::record;
pub use read::{
    FieldSchema, Located, MapReader, Problems, Read, RecordSchema, choice, text_or_number,
    unknown_key,
};

/// One thing wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileProblem {
    /// Where.
    pub at: Place,
    /// What is wrong and what to do.
    pub message: String,
}

impl FileProblem {
    /// The problem on one line, with its place: `FILE:LINE:COL: message`.
    pub fn in_file(&self, file: &str) -> String {
        format!("{file}:{}:{}: {}", self.at.line, self.at.column, self.message)
    }

    /// The line of `text` in question with a caret under the place.
    pub fn snippet(&self, text: &str) -> String {
        let number = self.at.line.to_string();
        let line = text.lines().nth(self.at.line.saturating_sub(1)).unwrap_or("");
        let lead: String = line
            .chars()
            .take(self.at.column.saturating_sub(1))
            .map(|letter| if letter == '\t' { '\t' } else { ' ' })
            .collect();
        let gutter = " ".repeat(number.len());
        format!("{number} | {line}\n{gutter} | {lead}^")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_points_at_its_place() {
        let problem = FileProblem {
            at: Place { line: 2, column: 3 },
            message: "unknown key \"naem\"".into(),
        };
        assert_eq!(problem.in_file("a.yaml"), "a.yaml:2:3: unknown key \"naem\"");
        assert_eq!(problem.snippet("x: 1\n- naem: 2\n"), "2 | - naem: 2\n  |   ^");
    }
}
