//! JSON written piece by piece, where most pieces are known beforehand: half the time of serializing
//! a struct of strings that were put together first.

use uuid::Uuid;

use super::plain::plain_length;

/// The next key of an object: `key!(json, "type").number(4)`. It must need no escape.
macro_rules! key {
    ($json:expr, $name:literal) => {
        $json.entry($crate::vendor::schema::key!($name))
    };
    ($name:literal) => {
        concat!(",\"", $name, "\":")
    };
}
pub(crate) use key;

/// A JSON text on its way. The caller sees to it that keys and values alternate and that what was
/// begun is ended.
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// An empty text with room for so many bytes.
    pub fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes) }
    }

    /// What stands between the brackets of an object.
    pub fn entries(entries: impl FnOnce(&mut Self)) -> String {
        let mut json = Self::with_capacity(256);
        json.object(entries);
        json.bytes.pop();
        json.bytes.remove(0);
        String::from_utf8(json.bytes).expect("BUG: only text is written")
    }

    /// The text.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// An object, of what `entries` writes.
    pub fn object(&mut self, entries: impl FnOnce(&mut Self)) {
        self.bytes.push(b'{');
        entries(self);
        self.bytes.push(b'}');
    }

    /// A list; each item begins with [`Writer::item`].
    pub fn list(&mut self, items: impl FnOnce(&mut Self)) {
        self.bytes.push(b'[');
        items(self);
        self.bytes.push(b']');
    }

    /// Begins an item of a list.
    pub fn item(&mut self) -> &mut Self {
        if self.bytes.last() != Some(&b'[') {
            self.bytes.push(b',');
        }
        self
    }

    /// A key as `key!` makes it: between comma and colon, so that it is one piece.
    pub fn entry(&mut self, key: &'static str) -> &mut Self {
        let is_first = self.bytes.last() == Some(&b'{');
        self.bytes.extend_from_slice(&key.as_bytes()[usize::from(is_first)..]);
        self
    }

    /// Entries of an object that were written before, before any others.
    pub fn ready_entries(&mut self, entries: &str) {
        debug_assert_eq!(self.bytes.last(), Some(&b'{'));
        self.raw(entries);
    }

    /// A value that is JSON already.
    pub fn raw(&mut self, json: &str) {
        self.bytes.extend_from_slice(json.as_bytes());
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, value: bool) {
        self.raw(if value { "true" } else { "false" });
    }

    /// A whole number.
    pub fn number(&mut self, value: i64) {
        serde_json::to_writer(&mut self.bytes, &value).expect("BUG: a number always becomes JSON");
    }

    /// A whole number in a string.
    pub fn quoted_number(&mut self, value: i64) {
        self.bytes.push(b'"');
        self.number(value);
        self.bytes.push(b'"');
    }

    /// An id, in lower case.
    pub fn id(&mut self, id: Uuid) {
        let mut hyphenated = Uuid::encode_buffer();
        self.ready_string(&[id.hyphenated().encode_lower(&mut hyphenated)]);
    }

    /// A string of parts that need no escape.
    pub fn ready_string(&mut self, parts: &[&str]) {
        self.bytes.push(b'"');
        for part in parts {
            debug_assert!(is_ready(part), "{part:?} needs an escape");
            self.bytes.extend_from_slice(part.as_bytes());
        }
        self.bytes.push(b'"');
    }

    /// Any string.
    pub fn string(&mut self, text: &str) {
        if is_ready(text) {
            self.ready_string(&[text]);
        } else {
            serde_json::to_writer(&mut self.bytes, text)
                .expect("BUG: a string always becomes JSON");
        }
    }

    /// Any string, or `null`.
    pub fn string_or_null(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.string(text),
            None => self.raw("null"),
        }
    }
}

/// Whether a text stands in a JSON string as it is.
pub fn is_ready(text: &str) -> bool {
    plain_length(text.as_bytes()) == text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn what_is_written_piece_by_piece_is_the_compact_json() {
        let id = Uuid::from_u128(0x0bad_cafe_1111_4222_8333_4444_5555_6666);
        let mut writer = Writer::with_capacity(16);
        writer.object(|json| {
            key!(json, "a").number(-7);
            key!(json, "b").list(|json| {
                json.item().boolean(true);
                json.item().object(|_| ());
                json.item().list(|_| ());
            });
            key!(json, "c").id(id);
            key!(json, "d").string_or_null(None);
            key!(json, "e").string_or_null(Some("\"\n"));
            key!(json, "f").ready_string(&["x", "/", "y"]);
            key!(json, "g").quoted_number(12);
            let ready = Writer::entries(|json| key!(json, "i").string("\\"));
            key!(json, "h").object(|json| {
                json.ready_entries(&ready);
                key!(json, "j").raw("null");
            });
        });
        let expected = json!({
            "a": -7, "b": [true, {}, []], "c": "0badcafe-1111-4222-8333-444455556666",
            "d": null, "e": "\"\n", "f": "x/y", "g": "12",
            "h": {"i": "\\", "j": null},
        });
        assert_eq!(String::from_utf8(writer.into_bytes()).unwrap(), expected.to_string());
    }

    proptest! {
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
