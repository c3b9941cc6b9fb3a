//! What may be kept of a call: everything but what could be a secret.

use std::borrow::Cow;

use memchr::memmem;
use serde_json::Value;

use crate::vendor::schema::secret::is_secret_key;

/// What stands in the place of a secret.
const CUT: &str = "[redacted]";

/// Whether the value of a header may be kept, by its lower-case name; of all others only the name
/// is.
pub fn may_keep(name: &str) -> bool {
    matches!(
        name,
        "content-type"
            | "content-length"
            | "accept"
            | "user-agent"
            | "host"
            | "x-request-id"
            | "idempotency-key"
            | "traceparent"
    ) || name.starts_with("x-sandbox-")
}

/// A body without its secrets: of a login, every value is one. A body that may hold some and
/// cannot be read is not kept. Among the contract's own keys only those of a login hold secrets.
pub fn body<'a>(endpoint: &str, body: &'a [u8], only_known_keys: bool) -> Cow<'a, [u8]> {
    let login = endpoint == "auth";
    if !login && (only_known_keys || !may_hold_secret(body)) {
        return Cow::Borrowed(body);
    }
    match serde_json::from_slice::<Value>(body) {
        Ok(mut value) if value.is_object() || !login => {
            cut_secrets(&mut value, login);
            Cow::Owned(value.to_string().into_bytes())
        }
        _ => Cow::Borrowed(&[]),
    }
}

/// Whether `api` stands anywhere in a body, or an escape that may hide it.
fn may_hold_secret(body: &[u8]) -> bool {
    let is_api = |p: usize| {
        let around = p.checked_sub(1).and_then(|a| body.get(a..a + 3));
        around.is_some_and(|around| around.eq_ignore_ascii_case(b"api"))
    };
    memchr::memchr2_iter(b'p', b'P', body).any(is_api) || memmem::find(body, b"\\u").is_some()
}

fn cut_secrets(value: &mut Value, all: bool) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                if is_secret_key(key) {
                    *value = Value::from(CUT);
                } else {
                    cut_secrets(value, all);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| cut_secrets(item, all)),
        Value::Null => {}
        value if all => *value = Value::from(CUT),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_secrets_are_cut_out_wherever_they_stand() {
        let kept = |endpoint: &str, text: &str| {
            String::from_utf8(body(endpoint, text.as_bytes(), false).into_owned()).unwrap()
        };
        let both = r#"{"api_key":"[redacted]","api_secret":"[redacted]"}"#;
        for (endpoint, text, expected) in [
            ("auth", r#"{"api_key":"a","api_secret":"b"}"#, both),
            ("auth", r#"{"api\u005fsecret":["b"]}"#, r#"{"api_secret":"[redacted]"}"#),
            (
                "auth",
                r#"{"secert":"b","x":[1,null]}"#,
                r#"{"secert":"[redacted]","x":["[redacted]",null]}"#,
            ),
            ("auth", r#"["b"]"#, ""),
            ("auth", "{broken", ""),
            (
                "create_group",
                r#"{"x":[{"api_secret":1}]}"#,
                r#"{"x":[{"api_secret":"[redacted]"}]}"#,
            ),
            ("create_group", r#"{"API-Secret":1,"a":2}"#, r#"{"API-Secret":"[redacted]","a":2}"#),
            ("create_group", r#"{"\u0061pi_secret":1}"#, r#"{"api_secret":"[redacted]"}"#),
            ("create_group", r#"{"api_secret": broken"#, ""),
            ("create_group", r#"{"type": 4 "#, r#"{"type": 4 "#),
        ] {
            assert_eq!(kept(endpoint, text), expected, "{text}");
        }
    }
}
