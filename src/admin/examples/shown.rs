//! Makes example answers stable: replaces values that differ from run to run, such as real times, and cuts lists
//! and texts.

use serde_json::{Value, json};

/// Of a list of objects so many are shown.
const MAX_ITEMS: usize = 2;

/// Of a text so many lines are shown.
const MAX_LINES: usize = 12;

/// Returns what is shown in place of the value of a key, where that differs from run to run.
fn fixed(key: &str, value: &Value) -> Option<Value> {
    let fixed = match (key, value) {
        (_, Value::Null) => return None,
        ("received_at", _) => json!("2024-09-24T09:13:31.000000Z"),
        ("answered_at" | "at", _) => json!("2024-09-24T09:13:31.000420Z"),
        ("next", Value::String(_)) => json!(CURSOR),
        ("connection", Value::Number(_)) | ("seconds_ago", _) => json!(1),
        ("duration_us", _) => json!(420),
        ("uptime_s", _) => json!(60),
        ("idle_s", _) => json!(0),
        ("held_ms", _) => json!(20),
        ("left_ms", _) => json!(59_980),
        ("used_bytes" | "journal_bytes", _) => json!(4096),
        _ => return None,
    };
    Some(fixed)
}

/// Stands for every cursor, which belong to one run.
const CURSOR: &str = "ca86df3c3";

/// What is before the fingerprint of a token, which another run does not know.
const FINGERPRINT: &str = "(fingerprint ";

const FIXED_FINGERPRINT: &str = "9d7a0695";

pub(super) fn shown(mut value: Value) -> Value {
    show(&mut value);
    value
}

fn show(value: &mut Value) {
    match value {
        Value::Array(items) => {
            if items.iter().any(Value::is_object) {
                items.truncate(MAX_ITEMS);
            }
            items.iter_mut().for_each(show);
        }
        Value::Object(fields) => {
            for (key, value) in fields {
                match fixed(key, value) {
                    Some(fixed) => *value = fixed,
                    None => show(value),
                }
            }
        }
        Value::String(text) => {
            if let Some((before, after)) = text.split_once(FINGERPRINT)
                && let Some(after) = after.get(FIXED_FINGERPRINT.len()..)
            {
                *text = format!("{before}{FINGERPRINT}{FIXED_FINGERPRINT}{after}");
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Returns a value in which the lists and objects below a depth are empty.
pub(super) fn emptied_below(depth: Option<u8>, mut value: Value) -> Value {
    fn empty(value: &mut Value, left: u8) {
        match (value, left.checked_sub(1)) {
            (Value::Array(items), None) => items.clear(),
            (Value::Object(fields), None) => fields.clear(),
            (Value::Array(items), Some(left)) => items.iter_mut().for_each(|it| empty(it, left)),
            (Value::Object(fields), Some(left)) => {
                fields.values_mut().for_each(|it| empty(it, left));
            }
            (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_), _) => {}
        }
    }
    if let Some(depth) = depth {
        empty(&mut value, depth);
    }
    value
}

/// Returns what is shown of an answer that is no JSON: the start, and of events what is shown of their data.
pub(super) fn shown_text(text: &str) -> Value {
    let line = |line: &str| {
        if let Some(data) = line.strip_prefix("data: ").and_then(|it| serde_json::from_str(it).ok())
        {
            return format!("data: {}", shown(data));
        }
        if line.starts_with("id: ") { format!("id: {CURSOR}") } else { line.to_owned() }
    };
    let lines: Vec<_> = text.lines().take(MAX_LINES).map(line).collect();
    Value::String(lines.join("\n") + "\n")
}
