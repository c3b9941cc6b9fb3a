//! Random texts of marks and words: looking for what their marks tell of finds the same as looking for everything
//! everywhere.

use std::ops::Range;

use proptest::prelude::*;

use super::forms::secrets_marked;
use super::{KnownSecrets, names_secret, replaced_encoded, without_secrets};
use crate::property;
use crate::text::map_text;

const KNOWN: [&str; 4] = ["gn-demo-token", "gn-demo-token-2", "Zoë=1234", "%key-7"];

const PARTS: [&str; 38] = [
    "gnat_",
    "gnat",
    "_",
    "demo",
    "1.2",
    "eyJ",
    "ey",
    "J",
    "hbGciOiJIUzI1NiJ9.eyJzdWIi",
    "Bearer",
    "earer ",
    " ",
    "abcdef0123456789",
    "token",
    "API_KEY",
    "sig",
    "=",
    ":",
    "\"",
    "'",
    "&",
    "/",
    "//",
    "u",
    "@",
    "%",
    "%3D",
    "%5F",
    "%25",
    "%40",
    "[redacted]",
    "é",
    "basic ",
    "gn-demo-token",
    "gn-demo-token-2",
    "Zoë=",
    "1234",
    "key-7",
];

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&PARTS[..]), 0..12).prop_map(|parts| parts.concat())
}

/// Finds what looks like a secret by trying every form, whatever is in the text.
fn secrets_by_trying(text: &str) -> Vec<Range<usize>> {
    secrets_marked(text, u8::MAX)
}

/// Finds the known secrets by comparing each with every place, the longest first.
fn known_at(text: &str) -> Vec<Range<usize>> {
    let (mut places, mut at) = (Vec::new(), 0);
    while at < text.len() {
        let here = |secret: &&str| text.as_bytes()[at..].starts_with(secret.as_bytes());
        match KNOWN.into_iter().filter(here).map(str::len).max() {
            Some(length) => {
                places.push(at..at + length);
                at += length;
            }
            None => at += 1,
        }
    }
    places
}

const NAME_PARTS: [&str; 24] = [
    "to", "ken", "coo", "kie", "pass", "word", "authori", "zation", "se", "cret", "api", "key",
    "-", "_", ".", " ", "TO", "K", "EN", "API", "c", "x", "é", "1",
];

fn name() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&NAME_PARTS[..]), 0..8)
        .prop_map(|parts| parts.concat())
}

fn names_secret_plainly(name: &str) -> bool {
    let name = name.to_lowercase();
    let is_of_api = |(at, _)| name[..at].trim_end_matches(['-', '_', '.', ' ']).ends_with("api");
    ["token", "cookie", "password", "authorization", "secret"]
        .iter()
        .any(|word| name.contains(word))
        || name.match_indices("key").any(is_of_api)
}

proptest! {
    #![proptest_config(property::cases(5000))]

    #[test]
    fn every_secret_has_a_mark_of_its_form(text in text()) {
        prop_assert_eq!(without_secrets(&text), replaced_encoded(&text, secrets_by_trying));
    }

    #[test]
    fn every_name_of_a_secret_has_a_mark_of_its_word(name in name()) {
        let expected = names_secret_plainly(&name);
        prop_assert_eq!(names_secret(name.as_bytes()), expected);
        // a long text is searched in another way
        let long = format!("{}{name}", "x".repeat(64));
        prop_assert_eq!(names_secret(long.as_bytes()), expected);
    }

    #[test]
    fn every_known_secret_is_found(text in text()) {
        let known = KnownSecrets::new(KNOWN);
        prop_assert_eq!(known.left_out_of(&text), replaced_encoded(&text, known_at));
        let expected = map_text(replaced_encoded(&text, secrets_by_trying), |text| {
            replaced_encoded(text, known_at).into_owned().into()
        });
        prop_assert_eq!(known.shown(&text), expected);
    }
}
