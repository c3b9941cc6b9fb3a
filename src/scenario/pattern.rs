//! Patterns on text: regular expressions and globs, by an engine whose time grows with the size of
//! the pattern times that of the text and no faster; both are bounded.

use regex_lite::{Regex, RegexBuilder};
use serde_json::json;

use crate::document::{Node, Problems, Read};

/// A glob or regular expression; two are equal when they are written the same.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    regex: Regex,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.regex.as_str() == other.regex.as_str()
    }
}

impl Pattern {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a match is anywhere in a text.
    pub fn is_match(&self, text: &str) -> bool {
        let mut end = text.len().min(LIMIT_TEXT_BYTES);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.regex.is_match(&text[..end])
    }
}

/// As much of a text as is looked at, in bytes: a pattern holds a tenant's lock.
const LIMIT_TEXT_BYTES: usize = 16 * 1024;

impl Read for Pattern {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let text = String::read(node, problems)?;
        let regex = compile(&text)
            .map_err(|why| problems.add(node.at, format!("not a regular expression: {why}")))
            .ok()?;
        Some(Self { text, regex })
    }

    fn schema() -> serde_json::Value {
        json!({"type": "string", "description": "finds a match anywhere unless anchored with ^ and $"})
    }
}

/// A pattern in which `*` stands for any letters and `?` for one.
#[derive(Debug, Clone, PartialEq)]
pub struct Glob(Pattern);

impl Glob {
    /// Whether a whole text is of the pattern.
    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    /// The pattern it stands for.
    pub fn into_pattern(self) -> Pattern {
        self.0
    }
}

impl Read for Glob {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let text = String::read(node, problems)?;
        // brackets mean a class elsewhere; whoever writes them does not mean the letters
        if text.is_empty() || text.contains(['[', ']', '{', '}']) {
            let message =
                "a glob has only * and ? as special letters and is not empty; use regex for more";
            problems.add(node.at, message);
            return None;
        }
        let mut regex = String::from("(?s)^");
        for letter in text.chars() {
            match letter {
                '*' => regex.push_str(".*"),
                '?' => regex.push('.'),
                letter => regex.push_str(&regex_lite::escape(letter.encode_utf8(&mut [0; 4]))),
            }
        }
        regex.push('$');
        let regex = compile(&regex)
            .map_err(|why| problems.add(node.at, format!("the glob is too long: {why}")))
            .ok()?;
        Some(Self(Pattern { text, regex }))
    }

    fn schema() -> serde_json::Value {
        json!({"type": "string", "description": "* stands for any letters, ? for one"})
    }
}

/// Compiles a pattern of bounded size.
fn compile(text: &str) -> Result<Regex, String> {
    const LIMIT_BYTES: usize = 32 * 1024;
    RegexBuilder::new(text).size_limit(LIMIT_BYTES).build().map_err(|error| error.to_string())
}
