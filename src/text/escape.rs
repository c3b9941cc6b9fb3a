//! Escapes what a terminal would obey or not show, in text that is not quoted. Plain text stays as it
//! is; anything else is written as in a quoted text: controls and line ends, the C1 controls, and
//! characters that have no width or turn the direction.

use std::fmt::{self, Write};

use serde_json::{Map, Value};

/// Text that is displayed with escapes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Escaped<'t>(&'t str);

/// Returns the text to be displayed on one line, with escapes such as `\n` and `\u{1b}`.
pub(crate) fn escaped(text: &str) -> Escaped<'_> {
    Escaped(text)
}

/// Escapes a text of several lines; the line ends stay, so no value may bring its own.
pub(crate) fn escaped_lines(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(|line| escaped(line).to_string()).collect();
    lines.join("\n")
}

/// Whether escaping would change nothing.
pub(crate) fn is_plain(text: &str) -> bool {
    // a plain text has the same characters before and after
    is_visible_ascii(text) || escaped(text).to_string() == text
}

/// Escapes every text in a value, the names in objects too.
pub(crate) fn escape_strings(value: &mut Value) {
    match value {
        Value::String(text) => {
            if !is_visible_ascii(text) {
                *text = escaped(text).to_string();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(escape_strings),
        Value::Object(fields) => {
            let escape = |(name, mut value): (String, Value)| {
                escape_strings(&mut value);
                (escaped(&name).to_string(), value)
            };
            *fields = std::mem::take(fields).into_iter().map(escape).collect::<Map<_, _>>();
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        EscapingWriter(f).write_str(self.0)
    }
}

/// Escapes what is written, while it is written.
#[derive(Debug)]
pub(crate) struct EscapingWriter<W>(pub(crate) W);

impl<W: Write> Write for EscapingWriter<W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if is_visible_ascii(text) {
            return self.0.write_str(text);
        }
        let mut characters = text.escape_debug();
        while let Some(character) = characters.next() {
            if character != '\\' {
                self.0.write_char(character)?;
                continue;
            }
            let escape = characters.next().unwrap_or_default();
            // these are special in a quoted text only
            if !matches!(escape, '"' | '\'' | '\\') {
                self.0.write_char('\\')?;
            }
            self.0.write_char(escape)?;
        }
        Ok(())
    }
}

fn is_visible_ascii(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::property;

    /// Control, C1, line and direction characters, and some that have no width.
    const HOSTILE: [char; 30] = [
        '\u{0}',
        '\u{7}',
        '\u{8}',
        '\t',
        '\n',
        '\r',
        '\u{b}',
        '\u{1b}',
        '\u{7f}',
        '\u{80}',
        '\u{85}',
        '\u{9b}',
        '\u{9d}',
        '\u{ad}',
        '\u{61c}',
        '\u{180e}',
        '\u{200b}',
        '\u{200d}',
        '\u{200e}',
        '\u{200f}',
        '\u{2028}',
        '\u{2029}',
        '\u{202a}',
        '\u{202e}',
        '\u{2060}',
        '\u{2066}',
        '\u{2069}',
        '\u{feff}',
        '\u{fff9}',
        '\u{e0001}',
    ];

    #[test]
    fn plain_text_stays_and_anything_else_is_escaped() {
        for (text, expected) in [
            ("", ""),
            ("must be \"4\", not 'x' \\ y", "must be \"4\", not 'x' \\ y"),
            ("Zoë für 日本 e\u{301} 😀…", "Zoë für 日本 e\u{301} 😀…"),
            ("a\r\nb\tc", r"a\r\nb\tc"),
            ("\u{1b}[31mred\u{9b}0m", r"\u{1b}[31mred\u{9b}0m"),
            ("\u{202e}txt.exe", r"\u{202e}txt.exe"),
            ("\u{301}x", r"\u{301}x"),
        ] {
            assert_eq!(escaped(text).to_string(), expected);
            assert_eq!(is_plain(text), text == expected, "{text:?}");
        }
        assert_eq!(escaped_lines("a\nb\u{7}\n\rc"), "a\nb\\u{7}\n\\rc");
    }

    #[test]
    fn every_text_of_a_value_is_escaped_once() {
        let hostile = "\u{1b}\n";
        let mut value = json!({"a\u{7}": [hostile, {"b": hostile}], "c": "plain \"é\"", "d": 1.5});
        let shown = r"\u{1b}\n";
        let expected = json!({r"a\u{7}": [shown, {"b": shown}], "c": "plain \"é\"", "d": 1.5});
        for _ in 0..2 {
            escape_strings(&mut value);
            assert_eq!(value, expected);
        }
    }

    proptest! {
        #![proptest_config(property::cases(256))]

        #[test]
        fn nothing_hostile_is_left(
            parts in prop::collection::vec((any::<String>(), prop::sample::select(&HOSTILE[..])), 0..6)
        ) {
            let text: String = parts.iter().flat_map(|(text, hostile)| text.chars().chain([*hostile])).collect();
            let shown = escaped(&text).to_string();
            let is_hostile = |letter: char| letter.is_control() || HOSTILE.contains(&letter);
            prop_assert!(!shown.contains(is_hostile), "{:?}", shown);
            prop_assert_eq!(escaped(&shown).to_string(), shown);
        }
    }
}
