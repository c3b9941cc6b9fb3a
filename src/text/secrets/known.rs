//! Finds secrets that are known: the tokens and secrets of the fixtures.

use std::borrow::Cow;
use std::ops::Range;

use super::{replaced_bytes, replaced_encoded};
use crate::memory::HashMap;

/// The shortest secret that is looked for, in bytes: a shorter one could be any word.
pub(crate) const MIN_SECRET_BYTES: usize = 6;

/// Secrets that are looked for all at once.
#[derive(Debug, Default)]
pub(crate) struct KnownSecrets {
    /// Whether a secret begins with each of the 256 bytes, which rules most places out; empty without secrets.
    is_first: Vec<bool>,
    /// The secrets by how they begin, the longest first.
    by_start: HashMap<[u8; MIN_SECRET_BYTES], Vec<Box<str>>>,
}

impl KnownSecrets {
    /// Takes secrets that are long enough to be told from words.
    pub(crate) fn new<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Self {
        let (mut is_first, mut by_start) = (Vec::new(), HashMap::<_, Vec<Box<str>>>::default());
        for secret in secrets {
            let Some(start) = secret.as_bytes().first_chunk() else { continue };
            is_first.resize(1 << u8::BITS, false);
            is_first[usize::from(start[0])] = true;
            by_start.entry(*start).or_default().push(secret.into());
        }
        for secrets in by_start.values_mut() {
            secrets.sort_unstable_by_key(|secret| std::cmp::Reverse(secret.len()));
        }
        Self { is_first, by_start }
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
        if self.is_first.is_empty() {
            return places;
        }
        let is_first = |byte: &u8| self.is_first[usize::from(*byte)];
        while let Some(next) = text[at..].iter().position(is_first) {
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
