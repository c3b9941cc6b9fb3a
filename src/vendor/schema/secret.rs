//! Which keys of a body hold secrets, however they are spelled.

use serde_json::Value;

/// Whether a key names a secret: `api_key` and `api_secret`, in any case, with or without `_`.
pub(crate) fn is_secret_key(key: &str) -> bool {
    let plain: String = key
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .take(16)
        .collect();
    plain == "apikey" || plain == "apisecret"
}

/// Whether a secret is anywhere in a value.
pub(crate) fn holds_secret(value: &Value) -> bool {
    match value {
        Value::Object(map) => {
            map.iter().any(|(key, value)| is_secret_key(key) || holds_secret(value))
        }
        Value::Array(items) => items.iter().any(holds_secret),
        _ => false,
    }
}
