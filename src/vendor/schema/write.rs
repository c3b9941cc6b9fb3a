//! Writes JSON piece by piece, with most pieces known in advance. It takes half the time of building
//! strings first and serializing a struct of them.

use uuid::Uuid;

use super::plain::plain_length;

/// Writes a JSON text. The caller makes sure that keys and values alternate.
pub(crate) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// Creates an empty text with the given capacity.
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes) }
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Writes an object with the entries that `entries` writes.
    pub(crate) fn object(&mut self, entries: impl FnOnce(&mut Self)) {
        let start = self.bytes.len();
        entries(self);
        // in place of the comma before the first key, so that each key is a piece of known length
        match self.bytes.get_mut(start) {
            Some(comma) => *comma = b'{',
            None => self.bytes.push(b'{'),
        }
        self.bytes.push(b'}');
    }

    /// Writes a list. Each item starts with [`Writer::item`].
    pub(crate) fn list(&mut self, items: impl FnOnce(&mut Self)) {
        self.bytes.push(b'[');
        items(self);
        self.bytes.push(b']');
    }

    /// Starts an item of a list.
    pub(crate) fn item(&mut self) -> &mut Self {
        if self.bytes.last() != Some(&b'[') {
            self.bytes.push(b',');
        }
        self
    }

    /// Writes a key, given as `,"key":`.
    #[inline]
    pub(crate) fn entry(&mut self, key: &'static str) -> &mut Self {
        self.bytes.extend_from_slice(key.as_bytes());
        self
    }

    /// Writes a value that is already JSON.
    pub(crate) fn raw(&mut self, json: &str) {
        self.bytes.extend_from_slice(json.as_bytes());
    }

    pub(crate) fn boolean(&mut self, value: bool) {
        self.raw(if value { "true" } else { "false" });
    }

    pub(crate) fn number(&mut self, value: i64) {
        serde_json::to_writer(&mut self.bytes, &value).expect("BUG: a number always becomes JSON");
    }

    /// Writes an integer as a string.
    pub(crate) fn quoted_number(&mut self, value: i64) {
        self.bytes.push(b'"');
        self.number(value);
        self.bytes.push(b'"');
    }

    /// Writes an id in lower case.
    pub(crate) fn id(&mut self, id: Uuid) {
        let mut hyphenated = Uuid::encode_buffer();
        self.plain_string(&[id.hyphenated().encode_lower(&mut hyphenated)]);
    }

    /// Writes a string of parts that need no escape.
    pub(crate) fn plain_string(&mut self, parts: &[&str]) {
        self.bytes.push(b'"');
        for part in parts {
            debug_assert!(needs_no_escape(part), "{part:?} needs an escape");
            self.bytes.extend_from_slice(part.as_bytes());
        }
        self.bytes.push(b'"');
    }

    /// Writes any string.
    pub(crate) fn string(&mut self, text: &str) {
        if needs_no_escape(text) {
            self.plain_string(&[text]);
        } else {
            serde_json::to_writer(&mut self.bytes, text)
                .expect("BUG: a string always becomes JSON");
        }
    }
}

/// Whether a text needs no escape in a JSON string.
pub(crate) fn needs_no_escape(text: &str) -> bool {
    plain_length(text.as_bytes()) == text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::property;

    proptest! {
        #![proptest_config(property::cases(256))]

        #[test]
        fn any_string_is_read_back_and_written_as_serde_writes_it(text: String) {
            let mut writer = Writer::with_capacity(0);
            writer.string(&text);
            let written = String::from_utf8(writer.into_bytes()).unwrap();
            prop_assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), json!(text));
            prop_assert_eq!(written, json!(text).to_string());
        }
    }
}
