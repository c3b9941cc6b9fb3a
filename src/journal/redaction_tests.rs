//! Redaction of any JSON: what it keeps is known from how the body was written, and compared with a plain
//! redaction of the parsed value.

use proptest::prelude::*;
use serde_json::Value;

use super::redaction::body;
use crate::property;
use crate::text::append;
use crate::text::secrets::{KnownSecrets, REDACTED, is_secret_key};
use crate::vendor::schema::secret::is_shown_key;
use crate::vendor::{auth, create_group};

const KEYS: [&str; 12] = [
    "a",
    "name",
    "api_secret",
    "API-Key",
    "token",
    "x.password",
    "kécookie",
    "toke",
    "",
    "\"token\\",
    "sécret",
    "authorization\n",
];

const TEXTS: [&str; 6] = ["s3cr3t", "", "token", "\"},{[", "é😀", "\\u0074oken"];

const WORDS: [&str; 7] =
    ["null", "true", "1.50", "-0.0e-5", "123456789012345678901234567890", "7", "false"];

const SPACES: [&str; 4] = ["", " ", "\n\t", "\r\n "];

/// A text and, by the bits of a number, which of its letters are written as escapes.
type Letters = (&'static str, u32);

#[derive(Debug, Clone)]
enum Json {
    Text(Letters),
    Word(&'static str),
    List(Vec<Json>),
    Object(Vec<(Letters, Json)>),
}

fn letters(texts: &'static [&'static str]) -> impl Strategy<Value = Letters> {
    let escaped = prop_oneof![Just(0), any::<u32>()];
    (prop::sample::select(texts), escaped)
}

fn json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        letters(&TEXTS).prop_map(Json::Text),
        prop::sample::select(&WORDS[..]).prop_map(Json::Word),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        // keys repeat, since there are few
        let object = prop::collection::vec((letters(&KEYS), inner.clone()), 0..5);
        prop_oneof![
            1 => prop::collection::vec(inner, 0..4).prop_map(Json::List),
            3 => object.prop_map(Json::Object),
        ]
    })
}

/// Writes a body as it is sent and as it is to be kept.
struct Writer {
    sent: String,
    kept: String,
    all: bool,
    /// How often a space was written.
    spaces: usize,
}

impl Writer {
    fn write(&mut self, text: &str) {
        self.sent += text;
        self.kept += text;
        self.spaces += 1;
        let space = SPACES[self.spaces % SPACES.len()];
        self.sent += space;
        self.kept += space;
    }

    /// Writes a value that is secret or not.
    fn value(&mut self, json: &Json, is_secret: bool) {
        let is_leaf = matches!(json, Json::Text(_) | Json::Word(_));
        let is_redacted = is_secret || (self.all && is_leaf && !matches!(json, Json::Word("null")));
        let kept = self.kept.len();
        match json {
            Json::Text(letters) => self.write(&in_quotes(*letters)),
            Json::Word(word) => self.write(word),
            Json::List(items) => {
                self.write("[");
                for (index, item) in items.iter().enumerate() {
                    self.comma(index);
                    self.value(item, false);
                }
                self.write("]");
            }
            Json::Object(entries) => {
                self.write("{");
                for (index, (key, value)) in entries.iter().enumerate() {
                    self.comma(index);
                    let start = self.kept.len();
                    self.write(&in_quotes(*key));
                    if self.all && !is_shown_key(auth::ENDPOINT.body, key.0) {
                        self.redact_from(start);
                    }
                    self.write(":");
                    self.value(value, is_secret_key(key.0));
                }
                self.write("}");
            }
        }
        if is_redacted {
            self.redact_from(kept);
        }
    }

    fn redact_from(&mut self, start: usize) {
        // the space after it is not part of it
        let end = self.kept.trim_end_matches([' ', '\n', '\t', '\r']).len();
        self.kept.replace_range(start..end, &format!("\"{REDACTED}\""));
    }

    fn comma(&mut self, index: usize) {
        if index > 0 {
            self.write(",");
        }
    }
}

fn in_quotes((text, escaped): Letters) -> String {
    let mut quoted = String::from("\"");
    for (index, letter) in text.chars().enumerate() {
        if escaped >> (index % 32) & 1 == 1 {
            for half in letter.encode_utf16(&mut [0; 2]) {
                append!(quoted, "\\u{half:04x}");
            }
        } else {
            quoted += serde_json::to_string(&letter)
                .unwrap()
                .trim_start_matches('"')
                .strip_suffix('"')
                .unwrap();
        }
    }
    quoted + "\""
}

/// The same by the parsed value, in which of a repeated key the last is left.
fn redacted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let entries = map.into_iter().map(|(key, value)| {
                let is_secret = is_secret_key(&key);
                (key, if is_secret { REDACTED.into() } else { redacted(value) })
            });
            Value::Object(entries.collect())
        }
        Value::Array(items) => items.into_iter().map(redacted).collect(),
        value => value,
    }
}

proptest! {
    #![proptest_config(property::cases(2000))]

    #[test]
    fn secret_values_are_replaced_and_all_other_bytes_kept(json in json(), all in any::<bool>()) {
        let mut writer = Writer { sent: String::new(), kept: String::new(), all, spaces: 0 };
        writer.value(&json, false);
        let endpoint = if all { &auth::ENDPOINT } else { &create_group::ENDPOINT };
        let kept = body(Some(endpoint), writer.sent.as_bytes(), false, &KnownSecrets::default());
        let kept = std::str::from_utf8(&kept).unwrap();
        if all && !matches!(json, Json::Object(_)) {
            prop_assert_eq!(kept, "");
            return Ok(());
        }
        prop_assert_eq!(kept, &writer.kept, "{}", writer.sent);
        if all {
            // of several keys that are redacted, the parsed value has one
            return Ok(());
        }
        let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        prop_assert_eq!(value(kept), redacted(value(&writer.sent)), "{}", writer.sent);
    }
}
