//! Texts of stored things: those that are stored together share one piece of memory.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::described::plain;

/// A text that cannot be changed in place. A group keeps about ten: one allocation for all of them
/// makes a call that creates one 1 µs shorter than one for each (`cargo bench --bench load`).
#[derive(Clone)]
pub(crate) struct Text {
    shared: Arc<str>,
    start: u32,
    end: u32,
}

impl Text {
    /// Stores texts in one piece of memory.
    pub(crate) fn together<const N: usize>(texts: [Option<&str>; N]) -> [Option<Self>; N] {
        let mut whole = String::with_capacity(texts.iter().flatten().map(|text| text.len()).sum());
        texts.iter().flatten().for_each(|text| whole.push_str(text));
        let shared: Arc<str> = whole.into();
        let mut end = 0;
        texts.map(|text| {
            let start = end;
            end += u32::try_from(text?.len()).expect("BUG: a body has a limit");
            Some(Self { shared: Arc::clone(&shared), start, end })
        })
    }

    /// Whether texts share one piece of memory that holds nothing else.
    pub(super) fn are_together<const N: usize>(texts: [Option<&Self>; N]) -> bool {
        let texts = || texts.iter().flatten();
        texts().next().is_none_or(|first| {
            let length: usize = texts().map(|text| text.len()).sum();
            length == first.shared.len()
                && texts().all(|text| Arc::ptr_eq(&text.shared, &first.shared))
        })
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        let end = u32::try_from(text.len()).expect("BUG: a body has a limit");
        Self { shared: text.into(), start: 0, end }
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.shared[self.start as usize..self.end as usize]
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Text {}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

plain! {
    Text => {"type": "string"};
    // a string or a number, or for questions a list
    JsonText => {};
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self)
    }
}

/// A JSON value as a caller wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JsonText(Text);

impl JsonText {
    /// Takes a text that must be JSON.
    pub(crate) fn new(json: Text) -> Self {
        Self(json)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn text(&self) -> &Text {
        &self.0
    }
}

impl Serialize for JsonText {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(&self.0).expect("BUG: it is JSON");
        raw.serialize(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stored_together_stay_apart() {
        let [first, none, empty, last] = Text::together([Some("grüße"), None, Some(""), Some("z")]);
        assert_eq!((first.as_deref(), none), (Some("grüße"), None));
        assert_eq!((empty.as_deref(), last), (Some(""), Some(Text::from("z"))));
    }
}
