//! The one place that knows what a secret looks like: by the name before it, by how it is written, and
//! because a token was given at start.

mod forms;
mod known;
mod marks;
mod names;

use std::borrow::Cow;
use std::ops::Range;

use percent_encoding::percent_decode_str;

pub(crate) use forms::{ISSUED_PREFIX, TENANT_PREFIX};
pub(crate) use known::{KnownSecrets, MIN_SECRET_BYTES};
pub(crate) use names::{holds_secret, is_secret_key, names_secret};

/// What is shown in place of a secret.
pub(crate) const REDACTED: &str = "[redacted]";

/// Returns a text without what looks like a secret, percent-encoded or not: issued tokens, JSON web tokens,
/// the user before the host of a URL, and what follows the name of a secret, as in `token=…`.
pub(crate) fn without_secrets(text: &str) -> Cow<'_, str> {
    replaced_encoded(text, forms::secrets)
}

/// Returns bytes without tokens and without users of URLs.
pub(crate) fn tokens_left_out_of(bytes: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    let places = forms::tokens(&bytes);
    replaced_bytes(bytes, &places)
}

/// Returns a message without tokens and without users of URLs.
pub(crate) fn without_tokens(text: &str) -> Cow<'_, str> {
    replaced(text, &forms::tokens(text.as_bytes()))
}

/// Whether a text has something that `without_secrets` replaces.
pub(crate) fn has_secret(text: &str) -> bool {
    matches!(without_secrets(text), Cow::Owned(_))
}

/// Returns the host of a request without a user and password before it.
pub(crate) fn without_user(host: &str) -> Cow<'_, str> {
    match after_user(host) {
        Some(name) => format!("{REDACTED}@{name}").into(),
        None => host.into(),
    }
}

/// Returns what follows the user of a host, if one is named.
pub(crate) fn after_user(host: &str) -> Option<&str> {
    if !host.bytes().any(|byte| matches!(byte, b'@' | b'%')) {
        return None;
    }
    let encoded = host.rfind("%40").map(|at| at + 3);
    let end = encoded.max(host.rfind('@').map(|at| at + 1))?;
    Some(&host[end..])
}

/// Replaces what `find` finds in a text, also what it finds only once the text is percent-decoded: then
/// the part between two slashes or ampersands goes as a whole.
fn replaced_encoded(text: &str, find: impl Fn(&str) -> Vec<Range<usize>>) -> Cow<'_, str> {
    let shown = replaced(text, &find(text));
    if memchr::memchr(b'%', text.as_bytes()).is_none() {
        return shown;
    }
    let hides_secret = |part: &str| {
        let mut decoded = Cow::Borrowed(part);
        // an address within an address within an address
        for _ in 0..3 {
            let once = percent_decode_str(&decoded).decode_utf8_lossy().into_owned();
            if once == decoded {
                return false;
            }
            decoded = Cow::Owned(once);
            if !find(&decoded).is_empty() {
                return true;
            }
        }
        false
    };
    if !hides_secret(&shown) {
        return shown;
    }
    let parts = shown.split_inclusive(['/', '&']).map(|part| {
        let inner = part.trim_end_matches(['/', '&']);
        let is_shown = !hides_secret(inner);
        if is_shown { part.to_owned() } else { part.replacen(inner, REDACTED, 1) }
    });
    let parts: String = parts.collect();
    // a secret can lie across parts
    Cow::Owned(if hides_secret(&parts) { REDACTED.to_owned() } else { parts })
}

/// Puts a mark in the place of each range, which are in order and between letters.
fn replaced<'t>(text: &'t str, places: &[Range<usize>]) -> Cow<'t, str> {
    match replaced_bytes(text.as_bytes().into(), places) {
        Cow::Borrowed(_) => text.into(),
        Cow::Owned(bytes) => {
            String::from_utf8(bytes).expect("BUG: a secret is of whole letters").into()
        }
    }
}

fn replaced_bytes<'t>(bytes: Cow<'t, [u8]>, places: &[Range<usize>]) -> Cow<'t, [u8]> {
    if places.is_empty() {
        return bytes;
    }
    let (mut shown, mut end) = (Vec::with_capacity(bytes.len()), 0);
    for place in places {
        shown.extend_from_slice(&bytes[end..place.start]);
        shown.extend_from_slice(REDACTED.as_bytes());
        end = place.end;
    }
    shown.extend_from_slice(&bytes[end..]);
    shown.into()
}

#[cfg(test)]
mod random_tests;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoded_secret_is_found_and_its_part_goes_as_a_whole() {
        for (text, expected) in [
            ("/a/gnat%5Fdemo.1.2/b", "/a/[redacted]/b"),
            ("/a/gn%61t_demo.1.2", "/a/[redacted]"),
            ("/a%3Ftoken%3Dabc&x=%2F", "/[redacted]&x=%2F"),
            ("/a%253Ftoken%253Dabc/x", "/[redacted]/x"),
            ("/a%25253Fto%25256Ben%25253Dabc", "/[redacted]"),
            ("/http:%2F%2Fu:p%40h%2Fx/y", "/[redacted]/y"),
            ("http://u:p%40h/y", "[redacted]"),
            ("/a%20b/c%2Fd?x=%ff%zz%", "/a%20b/c%2Fd?x=%ff%zz%"),
            ("token=%5Bredacted%5D", "token=[redacted]"),
        ] {
            assert_eq!(without_secrets(text), expected, "{text}");
            assert_eq!(has_secret(text), text != expected, "{text}");
            assert_eq!(without_secrets(expected), expected, "twice");
        }
    }

    #[test]
    fn a_host_has_no_user() {
        for (host, expected, name) in [
            ("a.example:80", "a.example:80", None),
            ("u@a.example", "[redacted]@a.example", Some("a.example")),
            ("u:p@q@a.example", "[redacted]@a.example", Some("a.example")),
            ("u:p%40a.example", "[redacted]@a.example", Some("a.example")),
            ("u%40x:p@a.example", "[redacted]@a.example", Some("a.example")),
            ("u@", "[redacted]@", Some("")),
            ("", "", None),
        ] {
            assert_eq!((&*without_user(host), after_user(host)), (expected, name), "{host}");
        }
    }
}
