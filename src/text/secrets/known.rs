//! Finds secrets that are known: the tokens and secrets of the fixtures.

use std::borrow::Cow;
use std::ops::Range;

use super::marks::Marks;
use super::{forms, replaced, replaced_bytes, replaced_encoded, without_secrets};
use crate::memory::HashMap;
use crate::text::map_text;

/// The shortest secret that is looked for, in bytes: a shorter one could be any word.
pub(crate) const MIN_SECRET_BYTES: usize = 6;

/// Secrets that are looked for all at once.
#[derive(Debug)]
pub(crate) struct KnownSecrets {
    /// The marks of everything that can be a secret.
    marks: Marks,
    /// The secrets by how they begin, the longest first.
    by_start: HashMap<[u8; MIN_SECRET_BYTES], Vec<Box<str>>>,
}

/// What the first two bytes of a known secret are a mark of.
const KNOWN: u8 = 1 << 6;
/// The mark of what is percent-encoded, which can be anything.
const ENCODED: u8 = 1 << 7;

impl Default for KnownSecrets {
    fn default() -> Self {
        Self { marks: forms::MARKS.with(None, b"%", ENCODED), by_start: HashMap::default() }
    }
}

impl KnownSecrets {
    /// Takes secrets that are long enough to be told from words.
    pub(crate) fn new<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Self {
        let Self { mut marks, mut by_start } = Self::default();
        for secret in secrets {
            let Some(start) = secret.as_bytes().first_chunk() else { continue };
            marks = marks.with(Some(&start[..1]), &start[1..2], KNOWN);
            by_start.entry(*start).or_default().push(secret.into());
        }
        for secrets in by_start.values_mut() {
            secrets.sort_unstable_by_key(|secret| std::cmp::Reverse(secret.len()));
        }
        Self { marks, by_start }
    }

    /// Returns what is shown of a text: it without these secrets and without what looks like one.
    pub(crate) fn shown<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let marks = self.marks.in_text(text.as_bytes());
        if marks == 0 {
            return text.into();
        }
        if marks & ENCODED != 0 {
            return map_text(without_secrets(text), |text| self.left_out_of(text));
        }
        let shown = replaced(text, &forms::secrets_marked(text, marks));
        if marks & KNOWN == 0 {
            return shown;
        }
        map_text(shown, |text| replaced(text, &self.places(text.as_bytes())))
    }

    /// Returns a text without these secrets, percent-encoded or not.
    pub(crate) fn left_out_of<'t>(&self, text: &'t str) -> Cow<'t, str> {
        replaced_encoded(text, |text| self.places(text.as_bytes()))
    }

    /// Returns bytes without these secrets.
    pub(crate) fn left_out_of_bytes<'t>(&self, bytes: Cow<'t, [u8]>) -> Cow<'t, [u8]> {
        let places = self.places(&bytes);
        replaced_bytes(bytes, &places)
    }

    fn places(&self, text: &[u8]) -> Vec<Range<usize>> {
        let (mut places, mut at) = (Vec::new(), 0);
        if self.by_start.is_empty() {
            return places;
        }
        let is_start = |pair: &[u8]| self.marks.of(pair[0], pair[1]) & KNOWN != 0;
        while let Some(next) = text[at..].windows(2).position(is_start) {
            let start = at + next;
            at = start + 1;
            if let Some(secret) = self.at_start_of(&text[start..]) {
                at = start + secret.len();
                places.push(start..at);
            }
        }
        places
    }

    fn at_start_of(&self, text: &[u8]) -> Option<&str> {
        let secrets = self.by_start.get(text.first_chunk::<MIN_SECRET_BYTES>()?)?;
        let found = secrets.iter().find(|secret| text.starts_with(secret.as_bytes()));
        found.map(|secret| &**secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_secrets_are_left_out_wherever_they_stand() {
        let known = KnownSecrets::new(["gn-demo-token", "gn-demo-token-2", "gn-\"/é=", "short"]);
        for (text, expected) in [
            ("gn-demo-token", "[redacted]"),
            ("gn-demo-token-2.", "[redacted]."),
            ("xgn-demo-token3gn-gn-demo-token", "x[redacted]3gn-[redacted]"),
            ("/a/gn%2Ddemo-token/b", "/a/[redacted]/b"),
            ("a gn-\"/é= b", "a [redacted] b"),
            ("gn-demo-toke, short, gn-", "gn-demo-toke, short, gn-"),
            ("", ""),
        ] {
            assert_eq!(known.left_out_of(text), expected, "{text}");
        }
        let bytes = known.left_out_of_bytes(Cow::Borrowed(b"\xffgn-demo-token\xff"));
        assert_eq!(*bytes, *b"\xff[redacted]\xff");
    }

    #[test]
    fn secrets_that_begin_differently_are_all_found() {
        let known = KnownSecrets::new(["alpha-one", "beta-two", "aab-three", "alpha-"]);
        let shown = known.left_out_of("aaab-three alpha-x beta-two alpha-one");
        assert_eq!(shown, "a[redacted] [redacted]x [redacted] [redacted]");
        assert_eq!(KnownSecrets::default().left_out_of("gn-demo-token"), "gn-demo-token");
    }
}
