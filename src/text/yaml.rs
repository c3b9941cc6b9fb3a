//! Writes a JSON value as YAML, which any reader of YAML 1.2 reads back as the same value.

use std::fmt::Write as _;

use serde_json::Value;

/// Returns the value as a YAML document, in block style.
pub(crate) fn yaml(value: &Value) -> String {
    let mut text = String::new();
    write(&mut text, value, 0);
    text.push('\n');
    text
}

/// Writes a value after its key or dash; what takes lines of its own is indented by `depth` levels.
fn write(text: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (index, (key, value)) in map.iter().enumerate() {
                start_line(text, depth, index);
                scalar(text, key);
                text.push(':');
                write_below(text, value, depth + 1);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                start_line(text, depth, index);
                text.push('-');
                if is_block(item) {
                    text.push(' ');
                    write(text, item, depth + 1);
                } else {
                    write_below(text, item, depth + 1);
                }
            }
        }
        Value::Object(_) => text.push_str("{}"),
        Value::Array(_) => text.push_str("[]"),
        Value::String(string) => scalar(text, string),
        Value::Null | Value::Bool(_) | Value::Number(_) => text.push_str(&value.to_string()),
    }
}

/// Writes the value of a key: on lines of its own, or after the colon.
fn write_below(text: &mut String, value: &Value, depth: usize) {
    if is_block(value) {
        text.push('\n');
        text.push_str(&"  ".repeat(depth));
    } else {
        text.push(' ');
    }
    write(text, value, depth);
}

/// Whether a value takes lines of its own.
fn is_block(value: &Value) -> bool {
    match value {
        Value::Object(map) => !map.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Starts the line of an entry; the first one is where the writer stands.
fn start_line(text: &mut String, depth: usize, index: usize) {
    if index > 0 {
        text.push('\n');
        text.push_str(&"  ".repeat(depth));
    }
}

/// Writes a string, in quotes unless it can be taken for nothing else.
fn scalar(text: &mut String, string: &str) {
    if is_plain(string) {
        text.push_str(string);
        return;
    }
    // a JSON string is one of YAML, but for characters that YAML does not print
    for letter in Value::from(string).to_string().chars() {
        match letter {
            '\u{7f}'..='\u{9f}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{feff}'
            | '\u{fffe}'
            | '\u{ffff}' => {
                write!(text, "\\u{:04x}", u32::from(letter)).expect("BUG: a string takes text");
            }
            letter => text.push(letter),
        }
    }
}

/// Whether a string is a plain scalar that no schema of YAML reads as another type.
fn is_plain(string: &str) -> bool {
    const RESERVED: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let is_inside = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./$".contains(&byte);
    let starts_well = |byte: u8| byte.is_ascii_alphabetic() || b"_/$".contains(&byte);
    string.bytes().next().is_some_and(starts_well)
        && string.bytes().all(is_inside)
        && !RESERVED.contains(&&*string.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::property;

    fn read_back(text: &str) -> Value {
        serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let text = prop_oneof![
            any::<String>(),
            prop::sample::select(vec![
                "",
                " ",
                "no",
                "~",
                "1",
                "0x1",
                ".5",
                "1e3",
                "- a",
                "a: b",
                "a #b",
                "&a",
                "*a",
                "!t",
                "%",
                "@",
                "`",
                "|",
                ">",
                "?",
                ":",
                "-",
                "---",
                "...",
                "\"",
                "'",
                "\t",
                "\r\n",
                "\u{85}",
                "\u{2028}",
                "\u{feff}",
                "\u{7f}",
                "\0",
                "😀",
                "{",
                "[",
                ",",
                "null",
                "NULL",
                "2024-09-24",
                "1:30",
                "<<",
                "=",
                "/a/{b}",
                "$ref",
                "inf",
                ".nan",
            ])
            .prop_map(str::to_owned),
        ];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (-1e9..1e9).prop_map(|number: f64| json!(number)),
            text.clone().prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 40, 5, move |inner| {
            let entry = (text.clone(), inner.clone());
            prop_oneof![
                prop::collection::vec(inner, 0..4).prop_map(Value::from),
                prop::collection::vec(entry, 0..4)
                    .prop_map(|entries| Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(property::cases(256))]

        #[test]
        fn any_value_is_read_back_as_it_was(value in any_value()) {
            prop_assert_eq!(read_back(&yaml(&value)), value);
        }
    }

    #[test]
    fn maps_and_lists_are_indented_and_doubtful_strings_quoted() {
        let value =
            json!({"a": [{"b": 1, "c": []}, [true, {}], "x"], "200": "no", "t": "two words"});
        let expected = "\
a:
  - b: 1
    c: []
  - - true
    - {}
  - x
\"200\": \"no\"
t: \"two words\"
";
        assert_eq!(yaml(&value), expected);
    }
}
