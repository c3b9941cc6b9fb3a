//! Recognises the names of values that are secret: keys of a body, parameters of a query, headers.

use serde_json::Value;

/// What is before and after the one letter that is looked for, in each word that names a secret:
/// letters that are rare in texts, so that few places are looked at.
const WORDS: [(u8, &[u8], &[u8]); 5] = [
    (b'k', b"to", b"en"),
    (b'k', b"coo", b"ie"),
    (b'w', b"pass", b"ord"),
    (b'z', b"authori", b"ation"),
    (b'c', b"se", b"ret"),
];

/// Whether a text contains, in any case, a word that names a secret: `token`, `secret`, `password`,
/// `cookie`, `authorization` or `api_key`, of which the last is also written in one word or with `-`. So do
/// `gn-access-token`, `apiSecret` and `X-API-KEY`.
pub(crate) fn names_secret(text: &[u8]) -> bool {
    let is_named_at = |at: usize| is_word_around(text, at);
    // c is no rare letter, but c before r is; this halves the time for an ordinary body
    let is_secret_at = |at: usize| has_prefix(&text[at + 1..], b"r") && is_named_at(at);
    memchr::memchr3_iter(b'k', b'w', b'z', text).any(is_named_at)
        || memchr::memchr3_iter(b'K', b'W', b'Z', text).any(is_named_at)
        || memchr::memchr2_iter(b'c', b'C', text).any(is_secret_at)
}

fn is_word_around(text: &[u8], at: usize) -> bool {
    let letter = text[at].to_ascii_lowercase();
    let (before, after) = (&text[..at], &text[at + 1..]);
    let is_between = |first: &[u8], last: &[u8]| {
        has_prefix(after, last) && before.len() >= first.len() && {
            before[before.len() - first.len()..].eq_ignore_ascii_case(first)
        }
    };
    let is_word =
        |(own, first, last): &(u8, &[u8], &[u8])| *own == letter && is_between(first, last);
    WORDS.iter().any(is_word) || (letter == b'k' && has_prefix(after, b"ey") && ends_in_api(before))
}

fn has_prefix(text: &[u8], prefix: &[u8]) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

fn ends_in_api(text: &[u8]) -> bool {
    let end = text.iter().rposition(|byte| !b"-_ .".contains(byte)).map_or(0, |last| last + 1);
    end >= 3 && text[end - 3..end].eq_ignore_ascii_case(b"api")
}

/// Whether the value of a key is secret.
pub(crate) fn is_secret_key(key: &str) -> bool {
    names_secret(key.as_bytes())
}

/// Whether a value contains a secret anywhere.
pub(crate) fn holds_secret(value: &Value) -> bool {
    match value {
        Value::Object(map) => {
            map.iter().any(|(key, value)| is_secret_key(key) || holds_secret(value))
        }
        Value::Array(items) => items.iter().any(holds_secret),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendor::ENDPOINTS;
    use crate::vendor::schema::{Kind, Schema};

    #[test]
    fn a_name_is_secret_by_a_word_in_it_in_any_case() {
        for (name, expected) in [
            ("api_key", true),
            ("apikey", true),
            ("X-API--Key", true),
            ("apiSecret", true),
            ("gn-access-token", true),
            ("Gn_Access_ToKen", true),
            ("ACCESSTOKEN", true),
            ("token", true),
            ("refreshTokens", true),
            ("Authorization", true),
            ("proxy-authorization", true),
            ("password2", true),
            ("Set-Cookie", true),
            ("client.secret.value", true),
            ("", false),
            ("k", false),
            ("api", false),
            ("key", false),
            ("map_key", false),
            ("toke", false),
            ("oken", false),
            ("tokn_en", false),
            ("authority", false),
            ("description", false),
            ("secondary", false),
            ("keyword", false),
        ] {
            assert_eq!(is_secret_key(name), expected, "{name}");
            let among_others = format!("cookwzkc{name}kwzccook");
            assert_eq!(is_secret_key(&among_others), expected, "{among_others}");
        }
    }

    #[test]
    fn no_field_is_secret_but_those_of_a_login() {
        fn names(schema: &Schema) -> Vec<&'static str> {
            fn within(kind: &Kind) -> Vec<&'static str> {
                match kind {
                    Kind::Object(schema) => names(schema),
                    Kind::List(items) => within(items),
                    Kind::AnyOf(_, kinds) => kinds.iter().flat_map(within).collect(),
                    _ => Vec::new(),
                }
            }
            let fields = schema.fields.iter();
            fields.flat_map(|field| [vec![field.name], within(&field.kind)].concat()).collect()
        }
        for endpoint in ENDPOINTS {
            for name in names(endpoint.body) {
                assert_eq!(is_secret_key(name), endpoint.is_login(), "{name}");
            }
        }
    }
}
