//! Patterns as documents write them. They are compiled once the rest of their condition is read, which says
//! whether case counts.

use serde_json::json;

use super::letter_case::LetterCase;
use super::pattern::{MAX_GLOB_BYTES, Pattern};
use super::regex::{self, Attempt, MAX_REGEX_BYTES};
use crate::config_file::{Cost, Node, Problems, Read};

/// Reads a pattern, unless the document costs too much already. `compile` also says what it took, in bytes.
fn read(
    node: &Node,
    problems: &mut Problems,
    compile: impl Fn(&str) -> (Result<Pattern, String>, usize),
) -> Option<Pattern> {
    let text = String::read(node, problems)?;
    if !problems.charge(node.at, Cost::default()) {
        return None;
    }
    let (pattern, bytes) = compile(&text);
    let pattern = problems.accept(node.at, pattern);
    let given_up = pattern.as_ref().map_or(0, Pattern::given_up_bytes);
    // what was refused or given up counts too, since a document may have many of them
    problems.charge(node.at, Cost { steps: 0, bytes: bytes + given_up });
    let pattern = pattern?;
    problems.charge(node.at, pattern.cost()).then_some(pattern)
}

/// A regular expression as it is written.
#[derive(Debug)]
pub(super) struct WrittenRegex(Node);

impl WrittenRegex {
    /// Compiles the expression, which matches anywhere in a text.
    pub(super) fn compile(&self, case: LetterCase, problems: &mut Problems) -> Option<Pattern> {
        read(&self.0, problems, |text| {
            let Attempt { states, bytes } = regex::compile(text, case);
            (states.and_then(|states| Pattern::regex(text, case, states)), bytes)
        })
    }
}

impl Read for WrittenRegex {
    fn read(node: &Node, _: &mut Problems) -> Option<Self> {
        Some(Self(node.clone()))
    }

    fn schema() -> serde_json::Value {
        json!({
            "type": "string",
            "description": "matches anywhere unless anchored with ^ and $",
            "maxLength": MAX_REGEX_BYTES,
        })
    }
}

/// A pattern for a whole text, in which `*` stands for any characters and `?` for one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Glob(pub(crate) Pattern);

/// A glob as it is written.
#[derive(Debug)]
pub(super) struct WrittenGlob(Node);

impl WrittenGlob {
    pub(super) fn compile(&self, case: LetterCase, problems: &mut Problems) -> Option<Pattern> {
        read(&self.0, problems, |text| (Pattern::glob(text, case), 0))
    }
}

impl Read for WrittenGlob {
    fn read(node: &Node, _: &mut Problems) -> Option<Self> {
        Some(Self(node.clone()))
    }

    fn schema() -> serde_json::Value {
        Glob::schema()
    }
}

impl Read for Glob {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        WrittenGlob(node.clone()).compile(LetterCase::Kept, problems).map(Self)
    }

    fn schema() -> serde_json::Value {
        json!({
            "type": "string",
            "description": "* stands for any characters, ? for one",
            "pattern": r"^[^\[\]{}]+$",
            "maxLength": MAX_GLOB_BYTES,
        })
    }
}
