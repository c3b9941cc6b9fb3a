//! Separates the texts for people in a JSON document from what machines read.

use serde_json::Value;

/// What the wire file shows in place of a text for people.
pub const TEXT: &str = "<text>";

/// Keys below which everything is data, whatever the keys there are called.
const DATA: [&str; 3] = ["example", "patch", "value"];

/// The keys whose strings are for people, in what the own API has at a path.
pub fn text_keys(path: &str) -> Vec<&'static str> {
    let Some(path) = path.strip_prefix("/_sandbox/v1/") else { return vec![] };
    match path.split(['/', '?']).next().unwrap() {
        "contract" => vec!["type", "rule", "example", "sandbox"],
        "outcomes" => vec!["body", "force"],
        "scenarios" => vec!["description", "warnings"],
        "openapi.json" | "scenario.schema.json" => vec!["title", "summary", "description"],
        "status" => vec!["last_error"],
        "explain" => vec!["verdict"],
        "tenants" if path.ends_with("/verify") => vec!["wanted", "found"],
        _ => vec![],
    }
}

/// Puts `<text>` in place of every text for people; gives each with its JSON Pointer.
pub fn take_texts(document: &mut Value, keys: &[&str]) -> Vec<(String, String)> {
    let mut taken = vec![];
    walk(document, "", keys, &mut taken);
    taken
}

fn walk(value: &mut Value, pointer: &str, keys: &[&str], taken: &mut Vec<(String, String)>) {
    match value {
        Value::Object(map) => {
            for (key, child) in map {
                let pointer = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
                if key == "findings" {
                    walk(child, &pointer, &["message", "suggestion"], taken);
                } else if keys.contains(&key.as_str()) && take(child, key, &pointer, taken) {
                } else if !DATA.contains(&key.as_str()) {
                    walk(child, &pointer, keys, taken);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                walk(item, &format!("{pointer}/{index}"), keys, taken);
            }
        }
        Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null => {}
    }
}

/// Takes a text or a list of texts; false if there is none.
fn take(value: &mut Value, key: &str, pointer: &str, taken: &mut Vec<(String, String)>) -> bool {
    match value {
        Value::String(text) if is_for_people(key, text) => {
            taken.push((pointer.to_owned(), std::mem::replace(text, TEXT.to_owned())));
            true
        }
        Value::Array(items) if items.iter().all(Value::is_string) => {
            for (index, item) in items.iter_mut().enumerate() {
                take(item, key, &format!("{pointer}/{index}"), taken);
            }
            true
        }
        _ => false,
    }
}

/// Whether a string at a key for texts is one: some keys hold a value or describe it in words.
fn is_for_people(key: &str, text: &str) -> bool {
    match key {
        "body" => !text.starts_with('{'),
        "wanted" | "found" => text.contains(' '),
        _ => true,
    }
}

/// Hides what is another in every run: the fingerprint of a token, cursors, and the time that is left.
pub fn without_fingerprint(text: &str) -> String {
    let hide = |text: String, before: &str, shown: &str, is_hidden: fn(char) -> bool| {
        let mut parts = text.split(before);
        let first = parts.next().unwrap().to_owned();
        let rest = parts.map(|part| part.trim_start_matches(is_hidden));
        rest.fold(first, |text, part| text + before + shown + part)
    };
    let is_hex = |letter: char| letter.is_ascii_hexdigit();
    let text = hide(text.to_owned(), "fingerprint ", "<hex>", is_hex);
    let text = hide(text, "--since ", "<hex>", is_hex);
    hide(text, "expires in ", "<time>", |letter| letter.is_ascii_alphanumeric() || letter == ' ')
}

/// Sets what differs from run to run to 0, or to `<now>`.
pub fn normalise(value: &mut Value) {
    const VARYING: [&str; 7] = [
        "duration_us",
        "uptime_s",
        "journal_bytes",
        "used_bytes",
        "ttl_left_s",
        "connection",
        "seconds_ago",
    ];
    match value {
        Value::Object(map) => {
            if map.get("frozen") == Some(&Value::Bool(false)) {
                map.insert("now".into(), "<now>".into());
            }
            // connections of calls before may still be open
            let counts_connections = map.contains_key("idle") && map.contains_key("faulted");
            for (key, child) in map {
                if counts_connections || VARYING.contains(&key.as_str()) && child.is_number() {
                    *child = 0.into();
                } else if let (Value::String(text), "next") = (&mut *child, key.as_str()) {
                    "<cursor>".clone_into(text);
                } else if let (Value::String(text), "at" | "ends" | "last") =
                    (&mut *child, key.as_str())
                {
                    "<time>".clone_into(text);
                } else if let (Value::String(text), "received_at" | "answered_at") =
                    (&mut *child, key.as_str())
                {
                    "<now>".clone_into(text);
                } else if let (Value::String(text), "authorization") = (&mut *child, key.as_str()) {
                    *text = without_fingerprint(text);
                } else {
                    normalise(child);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(normalise),
        Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null => {}
    }
}
