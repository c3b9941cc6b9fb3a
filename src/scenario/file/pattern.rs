//! Patterns on text: regular expressions and globs. Time grows with the size of the pattern times
//! that of the text and no faster; both sizes are bounded, since a match holds a tenant's lock.

use std::sync::Arc;

use regex::{Regex, RegexBuilder};
use serde_json::json;

use crate::config_file::{Node, Problems, Read};

/// The longest part of a text that is searched, in bytes.
const MAX_TEXT_BYTES: usize = 16 * 1024;
/// The longest glob, in bytes.
const MAX_GLOB_BYTES: usize = 1024;
/// The largest compiled regular expression, in bytes.
const MAX_REGEX_BYTES: usize = 256 * 1024;
/// The largest compiled glob: enough for every glob of the longest length.
const MAX_COMPILED_GLOB_BYTES: usize = 1024 * 1024;

/// A compiled pattern; two are equal if they were written in the same way.
#[derive(Debug, Clone)]
pub(crate) struct Pattern(Arc<Compiled>);

#[derive(Debug)]
struct Compiled {
    written: String,
    /// What every matching text starts with. Most texts differ there from most globs: comparing it first
    /// makes a call with 50 globs to look at 0.9 µs shorter (`cargo bench --bench call fifty`).
    prefix: String,
    regex: Regex,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.regex.as_str() == other.0.regex.as_str()
    }
}

impl Pattern {
    fn regex(written: &str) -> Result<Self, String> {
        let regex = compile(written, MAX_REGEX_BYTES)
            .map_err(|why| format!("not a regular expression: {why}"))?;
        Ok(Self::new(written, "", regex))
    }

    fn glob(written: &str) -> Result<Self, String> {
        // other globs have classes in brackets; nobody who writes them means the characters
        if written.is_empty() || written.contains(['[', ']', '{', '}']) {
            let message = "a glob must not be empty and supports only * and ?; use regex for more";
            return Err(message.into());
        }
        if written.len() > MAX_GLOB_BYTES {
            let length = written.len();
            return Err(format!("the glob has {length} bytes, the limit is {MAX_GLOB_BYTES}"));
        }
        let mut regex = String::from(r"(?s)\A");
        for letter in written.chars() {
            match letter {
                '*' => regex.push_str(".*"),
                '?' => regex.push('.'),
                _ => regex.push_str(&regex::escape(letter.encode_utf8(&mut [0; 4]))),
            }
        }
        let regex = compile(&(regex + r"\z"), MAX_COMPILED_GLOB_BYTES)?;
        let prefix = written.split(['*', '?']).next().unwrap_or_default();
        Ok(Self::new(written, prefix, regex))
    }

    fn new(written: &str, prefix: &str, regex: Regex) -> Self {
        let (written, prefix) = (written.to_owned(), prefix.to_owned());
        Self(Arc::new(Compiled { written, prefix, regex }))
    }

    pub fn as_written(&self) -> &str {
        &self.0.written
    }

    pub fn is_match(&self, text: &str) -> bool {
        // most texts differ in the first byte, where comparing whole slices is a call to the C library
        let Compiled { prefix, regex, .. } = &*self.0;
        let mut pairs = text.bytes().zip(prefix.bytes());
        text.len() >= prefix.len()
            && pairs.all(|(one, other)| one == other)
            && regex.is_match(&text[..text.floor_char_boundary(MAX_TEXT_BYTES)])
    }
}

fn compile(pattern: &str, limit_bytes: usize) -> Result<Regex, String> {
    let mut builder = RegexBuilder::new(pattern);
    builder.size_limit(limit_bytes).dfa_size_limit(limit_bytes).build().map_err(|error| {
        // the lines before the last draw the place in the pattern; a problem is one line
        let text = error.to_string();
        let last = text.lines().last().unwrap_or_default();
        last.trim_start_matches("error: ").trim_end_matches('.').to_owned()
    })
}

/// A regular expression; it matches anywhere in a text.
impl Read for Pattern {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let text = String::read(node, problems)?;
        problems.accept(node.at, Self::regex(&text))
    }

    fn schema() -> serde_json::Value {
        json!({"type": "string", "description": "matches anywhere unless anchored with ^ and $"})
    }
}

/// A pattern for a whole text, in which `*` stands for any characters and `?` for one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Glob(pub Pattern);

impl Read for Glob {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let text = String::read(node, problems)?;
        problems.accept(node.at, Pattern::glob(&text)).map(Self)
    }

    fn schema() -> serde_json::Value {
        json!({"type": "string", "description": "* stands for any characters, ? for one"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_matches_the_whole_text() {
        for (glob, yes, no) in [
            ("a", "a", "ab"),
            ("a*", "a\n", "ba"),
            ("*a", "bca", "ab"),
            ("*a*b*", "xaxbx", "xbxa"),
            ("a?c", "aßc", "ac"),
            ("*?", "x", ""),
            ("a**b", "ab", "a"),
            ("*aab", "aaab", "aaa"),
            ("?*ü", "xyü", "ü"),
            ("a.(b)+^$|\\", "a.(b)+^$|\\", "axb"),
        ] {
            let pattern = Pattern::glob(glob).unwrap();
            assert!(pattern.is_match(yes), "{glob:?} {yes:?}");
            assert!(!pattern.is_match(no), "{glob:?} {no:?}");
        }
        assert!(Pattern::glob("*").unwrap().is_match(""));
    }

    #[test]
    fn every_glob_of_the_longest_length_compiles() {
        for unit in ["?", "*", "a", "*?", "ü"] {
            let glob = unit.repeat(MAX_GLOB_BYTES / unit.len());
            assert!(Pattern::glob(&glob).is_ok(), "{unit}");
        }
        let why = Pattern::glob(&"a".repeat(MAX_GLOB_BYTES + 1)).unwrap_err();
        assert_eq!(why, "the glob has 1025 bytes, the limit is 1024");
    }
}
