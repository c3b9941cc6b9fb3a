//! Recognises the keys of a body whose values are secret, in any spelling.

use serde_json::Value;

/// Whether the value of a key is secret: `api_key` and `api_secret`, in any case, with or without `_`.
pub(crate) fn is_secret_key(key: &str) -> bool {
    let plain: String = key
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .take(16)
        .collect();
    plain == "apikey" || plain == "apisecret"
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
