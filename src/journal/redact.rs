//! What may be kept of a call: everything but what could be a secret.

use std::borrow::Cow;

use serde_json::Value;

/// Headers whose values are kept; of all others only the name is.
const KEPT: [&str; 8] = [
    "content-type",
    "content-length",
    "accept",
    "user-agent",
    "host",
    "x-request-id",
    "idempotency-key",
    "traceparent",
];

/// Keys whose values are cut out of bodies.
const SECRET_KEYS: [&str; 2] = ["api_secret", "api_key"];

/// What stands in the place of a secret.
const CUT: &str = "[redacted]";

/// Whether the value of a header may be kept, by its lower-case name.
pub fn may_keep(name: &str) -> bool {
    KEPT.contains(&name) || name.starts_with("x-sandbox-")
}

/// A body without its secrets. One that may hold some and cannot be read is not kept.
pub fn body<'a>(endpoint: &str, body: &'a [u8]) -> Cow<'a, [u8]> {
    let named = || SECRET_KEYS.iter().any(|key| contains(body, key.as_bytes()));
    if endpoint != "auth" && !named() {
        return Cow::Borrowed(body);
    }
    match serde_json::from_slice::<Value>(body) {
        Ok(mut value) => {
            cut_secrets(&mut value);
            Cow::Owned(value.to_string().into_bytes())
        }
        Err(_) => Cow::Borrowed(&[]),
    }
}

fn contains(body: &[u8], needle: &[u8]) -> bool {
    // one search for the rarer first letters would be no faster at the size of a call
    body.windows(needle.len()).any(|window| window == needle)
}

fn cut_secrets(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                if SECRET_KEYS.contains(&key.as_str()) {
                    *value = Value::from(CUT);
                } else {
                    cut_secrets(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(cut_secrets),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_secrets_are_cut_out_wherever_they_stand() {
        let kept = |endpoint: &str, text: &str| {
            String::from_utf8(body(endpoint, text.as_bytes()).into_owned()).unwrap()
        };
        for (endpoint, text, expected) in [
            (
                "auth",
                r#"{"api_key":"a","api_secret":"b"}"#,
                r#"{"api_key":"[redacted]","api_secret":"[redacted]"}"#,
            ),
            ("auth", r#"{"api\u005fsecret":["b"]}"#, r#"{"api_secret":"[redacted]"}"#),
            ("auth", "{broken", ""),
            (
                "create_group",
                r#"{"x":[{"api_secret":1}]}"#,
                r#"{"x":[{"api_secret":"[redacted]"}]}"#,
            ),
            ("create_group", r#"{"api_secret": broken"#, ""),
            ("create_group", r#"{"type": 4 "#, r#"{"type": 4 "#),
        ] {
            assert_eq!(kept(endpoint, text), expected, "{text}");
        }
    }
}
