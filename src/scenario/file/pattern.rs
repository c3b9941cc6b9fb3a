//! Patterns on text: regular expressions and globs. The time of both grows with the size of the
//! pattern times that of the text and no faster; both sizes are bounded.

use regex::{Regex, RegexBuilder};
use serde_json::json;

use crate::config_file::{Node, Problems, Read};

/// A glob or regular expression; two are equal when they are written the same.
#[derive(Debug, Clone)]
pub enum Pattern {
    /// A glob.
    Glob(Glob),
    /// A regular expression.
    Regex(Regex),
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Glob(one), Self::Glob(other)) => one == other,
            (Self::Regex(one), Self::Regex(other)) => one.as_str() == other.as_str(),
            (Self::Glob(_), Self::Regex(_)) | (Self::Regex(_), Self::Glob(_)) => false,
        }
    }
}

impl Pattern {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Glob(glob) => &glob.text,
            Self::Regex(regex) => regex.as_str(),
        }
    }

    /// Whether a text matches: a glob as a whole, a regular expression anywhere.
    pub fn is_match(&self, text: &str) -> bool {
        match self {
            Self::Glob(glob) => glob.is_match(text),
            Self::Regex(regex) => regex.is_match(bounded(text)),
        }
    }
}

/// As much of a text as is looked at.
fn bounded(text: &str) -> &str {
    let mut end = text.len().min(LIMIT_TEXT_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// As much of a text as is looked at, in bytes: a pattern holds a tenant's lock.
const LIMIT_TEXT_BYTES: usize = 16 * 1024;

impl Read for Pattern {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let text = String::read(node, problems)?;
        let regex = compile(&text)
            .map_err(|why| problems.add(node.at, format!("not a regular expression: {why}")))
            .ok()?;
        Some(Self::Regex(regex))
    }

    fn schema() -> serde_json::Value {
        json!({"type": "string", "description": "finds a match anywhere unless anchored with ^ and $"})
    }
}

/// A pattern in which `*` stands for any letters and `?` for one.
#[derive(Debug, Clone, PartialEq)]
pub struct Glob {
    text: String,
    /// How many bytes stand before the first special letter, and how many after the last one.
    head_bytes: usize,
    tail_bytes: usize,
}

/// The longest glob, in bytes.
const LIMIT_GLOB_BYTES: usize = 1024;

impl Glob {
    fn new(text: String) -> Self {
        let head_bytes = text.find(['*', '?']).unwrap_or(text.len());
        let tail_bytes = text.len() - text.rfind(['*', '?']).map_or(0, |last| last + 1);
        Self { text, head_bytes, tail_bytes }
    }

    /// Whether a whole text is of the pattern.
    pub fn is_match(&self, text: &str) -> bool {
        let (mut glob, mut text) = (self.text.as_str(), bounded(text));
        // most texts are told apart by how they begin or end
        let (bytes, letters) = (text.as_bytes(), glob.as_bytes());
        let (head, tail) =
            (&letters[..self.head_bytes], &letters[letters.len() - self.tail_bytes..]);
        if !bytes.starts_with(head) || !bytes.ends_with(tail) {
            return false;
        }
        // what follows the last star, and where the text is tried that must match it; a star before
        // the last one never has to be tried again
        let mut last_star: Option<(&str, &str)> = None;
        loop {
            let mut letters = glob.chars();
            let fits = match letters.next() {
                Some('*') => {
                    glob = letters.as_str();
                    last_star = Some((glob, text));
                    continue;
                }
                Some(wanted) => {
                    let mut rest = text.chars();
                    let found = rest.next();
                    text = rest.as_str();
                    found.is_some_and(|found| wanted == '?' || wanted == found)
                }
                None if text.is_empty() => return true,
                None => false,
            };
            if fits {
                glob = letters.as_str();
                continue;
            }
            let Some((after_star, tried)) = &mut last_star else { return false };
            let mut rest = tried.chars();
            if rest.next().is_none() {
                return false;
            }
            *tried = rest.as_str();
            (glob, text) = (after_star, tried);
        }
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
        if text.len() > LIMIT_GLOB_BYTES {
            let length = text.len();
            let message =
                format!("the glob has {length} bytes, at most {LIMIT_GLOB_BYTES} are taken");
            problems.add(node.at, message);
            return None;
        }
        Some(Self::new(text))
    }

    fn schema() -> serde_json::Value {
        json!({"type": "string", "description": "* stands for any letters, ? for one"})
    }
}

/// Compiles a pattern of bounded size.
fn compile(text: &str) -> Result<Regex, String> {
    const LIMIT_BYTES: usize = 256 * 1024;
    let regex = RegexBuilder::new(text).size_limit(LIMIT_BYTES).dfa_size_limit(LIMIT_BYTES).build();
    regex.map_err(|error| {
        // the lines before the last one draw where it is, which the file's own place tells
        let whole = error.to_string();
        let last = whole.lines().last().unwrap_or_default();
        last.trim_start_matches("error: ").trim_end_matches('.').to_owned()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_glob_is_of_the_whole_text() {
        for (glob, yes, no) in [
            ("a", "a", "ab"),
            ("a*", "a", "ba"),
            ("*a", "bca", "ab"),
            ("*a*b*", "xaxbx", "xbxa"),
            ("a?c", "aßc", "ac"),
            ("*?", "x", ""),
            ("*", "", "\u{0}"),
            ("a**b", "ab", "a"),
            ("*aab", "aaab", "aaa"),
            ("?*ü", "xyü", "ü"),
        ] {
            let glob = Glob::new(glob.into());
            assert!(glob.is_match(yes), "{glob:?} {yes:?}");
            assert!(!glob.is_match(no) || glob.text == "*", "{glob:?} {no:?}");
        }
    }

    proptest! {
        /// A glob is a short way to write a regular expression.
        #[test]
        fn a_glob_matches_what_its_regular_expression_matches(
            glob in "[ab*?ü.]{0,8}",
            text in "[abü.\n]{0,12}",
        ) {
            let regex: String = glob
                .chars()
                .map(|letter| match letter {
                    '*' => ".*".into(),
                    '?' => ".".into(),
                    letter => regex::escape(letter.encode_utf8(&mut [0; 4])),
                })
                .collect();
            let regex = Regex::new(&format!("(?s)^{regex}$")).unwrap();
            prop_assert_eq!(Glob::new(glob).is_match(&text), regex.is_match(&text));
        }
    }
}
