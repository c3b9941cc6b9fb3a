//! Finds the secret values of a JSON text by their places, so that all other bytes can stay as they are: a
//! repeated key, the digits of a number and the spaces of a body matter to who sends it again.

use std::fmt;
use std::ops::Range;

use serde::Deserializer as _;
use serde::de::{IgnoredAny, Visitor};

use crate::text::secrets::names_secret;
use crate::vendor::schema::Schema;
use crate::vendor::schema::secret::is_shown_key;

#[derive(Debug, Clone, Copy)]
pub(super) enum SecretValues {
    /// Those whose key names a secret.
    OfSecretKeys,
    /// All, as in a login, where a key may be misspelt; and the keys that may be a secret themselves.
    All(&'static Schema),
}

/// The most keys of a login that are compared with its fields, which takes long. All others are hidden.
const MAX_COMPARED_KEYS: usize = 256;

impl SecretValues {
    fn is_all(self) -> bool {
        matches!(self, Self::All(_))
    }

    /// Whether a key, with its quotes, may be a secret itself. So many keys are before it.
    fn hides_key(self, key: &[u8], keys_before: usize) -> bool {
        let Self::All(schema) = self else { return false };
        if keys_before >= MAX_COMPARED_KEYS {
            return true;
        }
        let text = with_unescaped(key, |text| String::from_utf8_lossy(text).into_owned());
        text.is_none_or(|text| !is_shown_key(schema, &text))
    }
}

/// A body that was read as JSON.
#[derive(Debug, Clone, Copy)]
pub(super) struct JsonText<'a>(&'a [u8]);

impl<'a> JsonText<'a> {
    /// Reads a body; `None` if it is no JSON. Numbers of any size, halves of surrogates and any depth are.
    pub(super) fn read(body: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(body).ok()?;
        serde_json::from_str::<IgnoredAny>(text).ok()?;
        Some(Self(body))
    }

    pub(super) fn is_object(self) -> bool {
        matches!(self.parts().next(), Some((Part::Open, at)) if self.0[at.start] == b'{')
    }

    /// Finds the secret values, the first one first. A list or object under a key that names a secret is one value.
    pub(super) fn secrets(self, secret: SecretValues) -> Vec<Range<usize>> {
        let mut places = Vec::new();
        let mut keys = 0;
        let mut parts = self.parts();
        while let Some((part, place)) = parts.next() {
            match part {
                Part::Key => {
                    let key = &self.0[place.clone()];
                    if secret.hides_key(key, keys) {
                        places.push(place);
                    }
                    keys += 1;
                    if is_secret_key(key) {
                        places.push(parts.value());
                    }
                }
                Part::Text if secret.is_all() => places.push(place),
                Part::Word if secret.is_all() && &self.0[place.clone()] != b"null" => {
                    places.push(place);
                }
                Part::Text | Part::Word | Part::Open | Part::Close => {}
            }
        }
        places
    }

    /// Reads the texts within the values at these places, keys aside.
    pub(super) fn texts_at(self, places: &[Range<usize>]) -> impl Iterator<Item = Vec<u8>> {
        let parts = places.iter().flat_map(move |place| {
            let value = Self(&self.0[place.clone()]);
            value.parts().map(move |(part, place)| (part, &value.0[place]))
        });
        let texts = parts.filter(|(part, _)| *part == Part::Text);
        texts.filter_map(|(_, text)| with_unescaped(text, <[u8]>::to_vec))
    }

    fn parts(self) -> Parts<'a> {
        Parts { text: self.0, at: 0 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Key,
    Text,
    /// A number, `true`, `false` or `null`.
    Word,
    Open,
    Close,
}

/// Goes through a text that is known to be JSON, which is what makes this so short.
struct Parts<'a> {
    text: &'a [u8],
    at: usize,
}

impl Iterator for Parts<'_> {
    type Item = (Part, Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        self.skip(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b':'));
        let start = self.at;
        let part = match *self.text.get(start)? {
            b'"' => {
                self.skip_text();
                let end = self.at;
                self.skip(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
                let is_key = self.text.get(self.at) == Some(&b':');
                return Some((if is_key { Part::Key } else { Part::Text }, start..end));
            }
            b'{' | b'[' => Part::Open,
            b'}' | b']' => Part::Close,
            _ => {
                self.skip(|byte| {
                    matches!(byte, b'-' | b'+' | b'.') || byte.is_ascii_alphanumeric()
                });
                return Some((Part::Word, start..self.at));
            }
        };
        self.at += 1;
        Some((part, start..self.at))
    }
}

impl Parts<'_> {
    /// Returns the place of the whole value that comes next.
    fn value(&mut self) -> Range<usize> {
        let Some((first, mut place)) = self.next() else { return self.at..self.at };
        let mut depth = usize::from(first == Part::Open);
        while depth > 0
            && let Some((part, Range { end, .. })) = self.next()
        {
            place.end = end;
            match part {
                Part::Open => depth += 1,
                Part::Close => depth -= 1,
                Part::Key | Part::Text | Part::Word => {}
            }
        }
        place
    }

    fn skip(&mut self, is_skipped: impl Fn(u8) -> bool) {
        let rest = &self.text[self.at..];
        self.at += rest.iter().position(|byte| !is_skipped(*byte)).unwrap_or(rest.len());
    }

    /// Goes behind the text in quotes that begins here.
    fn skip_text(&mut self) {
        self.at += 1;
        while let Some(next) = memchr::memchr2(b'"', b'\\', &self.text[self.at..]) {
            self.at += next + 1;
            if self.text[self.at - 1] == b'"' {
                return;
            }
            // what is escaped may be a quote
            self.at += 1;
        }
    }
}

/// Whether a key, with its quotes, names a secret.
fn is_secret_key(key: &[u8]) -> bool {
    if memchr::memchr(b'\\', key).is_none() {
        return names_secret(key);
    }
    with_unescaped(key, names_secret).unwrap_or(true)
}

/// Looks at a text in quotes without its escapes. Halves of surrogates, which no `str` can hold, become bytes.
fn with_unescaped<T>(quoted: &[u8], look: fn(&[u8]) -> T) -> Option<T> {
    serde_json::Deserializer::from_slice(quoted).deserialize_bytes(Look(look)).ok()
}

struct Look<T>(fn(&[u8]) -> T);

impl<T> Visitor<'_> for Look<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_bytes<E>(self, text: &[u8]) -> Result<T, E> {
        Ok(self.0(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendor::auth;

    #[test]
    fn any_json_is_read_and_nothing_else() {
        let deep = "[".repeat(5000) + &"]".repeat(5000);
        for (text, expected) in [
            ("{}", true),
            (" \r\n\t[1,\"a\"] ", true),
            ("null", true),
            ("1e999", true),
            (r#"{"\ud800":"\udc00\ud800"}"#, true),
            (&deep, true),
            ("", false),
            ("{", false),
            ("{} {}", false),
            ("[1,]", false),
            (r#"{"a":"\x"}"#, false),
            ("\"a\nb\"", false),
            ("\u{feff}{}", false),
        ] {
            assert_eq!(JsonText::read(text.as_bytes()).is_some(), expected, "{text}");
        }
        assert!(JsonText::read(b"\"\xff\"").is_none());
    }

    #[test]
    fn secret_values_are_found_by_their_places() {
        let found = |text: &str, secret| {
            let places = JsonText::read(text.as_bytes()).unwrap().secrets(secret);
            places.into_iter().map(|place| text[place].to_owned()).collect::<Vec<_>>()
        };
        for (text, expected) in [
            (r#"{"token" : -1.5e+9 , "b":2}"#, &["-1.5e+9"][..]),
            (r#"{"token":"a","token":"b"}"#, &[r#""a""#, r#""b""#]),
            (r#"{"token":{"token":[1,{}],"x":"}"},"b":2}"#, &[r#"{"token":[1,{}],"x":"}"}"#]),
            (r#"[{"a":{"\u0074oken":null}}]"#, &["null"]),
            (r#"{"\ud800to\u006ben":true}"#, &["true"]),
            (r#"{"\ud800":true}"#, &[]),
            (r#"{"a\"token\\":"b"}"#, &[r#""b""#]),
            (r#"{"to\\u006ben":1,"a":"token"}"#, &[]),
            (r#"["token",":"]"#, &[]),
            (r#""token""#, &[]),
            (r#"{"token":[]}"#, &["[]"]),
        ] {
            assert_eq!(found(text, SecretValues::OfSecretKeys), expected, "{text}");
        }
        let all = r#"{"a":"b","c":[1,null,{"d":false,"t0ken":null,"token":null}]}"#;
        let secrets = found(all, SecretValues::All(auth::ENDPOINT.body));
        let expected = [r#""a""#, r#""b""#, r#""c""#, "1", r#""d""#, "false", r#""t0ken""#, "null"];
        assert_eq!(secrets, expected);
        let keys = r#"{"api_secert":"b","\u0061piKey":"c"}"#;
        let secrets = found(keys, SecretValues::All(auth::ENDPOINT.body));
        assert_eq!(secrets, [r#""b""#, r#""c""#]);
    }

    #[test]
    fn the_texts_of_a_secret_are_read_without_their_escapes() {
        let text = br#"{"token":{"a":"x\"\u0079","a":["z",1]},"b":"no"}"#;
        let json = JsonText::read(text).unwrap();
        let places = json.secrets(SecretValues::OfSecretKeys);
        assert_eq!(json.texts_at(&places).collect::<Vec<_>>(), [&b"x\"y"[..], b"z"]);
    }

    #[test]
    fn of_thousands_of_keys_in_a_login_the_first_are_shown() {
        let entries = ["\"api_key\":1"; 2 * MAX_COMPARED_KEYS].join(",");
        let text = format!("{{{entries}}}");
        let secrets = JsonText::read(text.as_bytes()).unwrap();
        let secrets = secrets.secrets(SecretValues::All(auth::ENDPOINT.body));
        let is_key = |place: &&Range<usize>| text[(*place).clone()] == *"\"api_key\"";
        assert_eq!(secrets.iter().filter(is_key).count(), MAX_COMPARED_KEYS);
        assert_eq!(secrets.len(), 3 * MAX_COMPARED_KEYS, "and all values");
    }
}
