//! The trace that a request is part of: [`TraceId`], out of its header `traceparent`.

use std::fmt;

use http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::http::only_value;

/// The header of W3C Trace Context.
const HEADER: &str = "traceparent";

/// The number of bytes of a whole header in version 00.
const VERSION_00_BYTES: usize = 55;

/// The id of a trace; never all zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TraceId([u8; 16]);

impl TraceId {
    pub(crate) fn schema() -> Value {
        // not all 0
        json!({
            "type": "string",
            "pattern": "^[0-9a-f]*[1-9a-f][0-9a-f]*$",
            "minLength": 32,
            "maxLength": 32,
        })
    }

    /// Reads the header of a request; `None` if it is missing, repeated or malformed.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        Self::from_header(only_value(headers, HEADER)?.to_str().ok()?)
    }

    /// Reads `version-traceid-parentid-flags`, in lower-case hex. A version that is not known may have
    /// more after that.
    fn from_header(text: &str) -> Option<Self> {
        let (known, rest) = text.split_at_checked(VERSION_00_BYTES)?;
        let mut parts = known.split('-');
        let mut part = || parts.next();
        let (version, trace, parent, flags) = (part()?, part()?, part()?, part()?);
        hex(flags, 2)?;
        let has_end = match hex(version, 2)? {
            0x00 => rest.is_empty(),
            0xff => false,
            _ => rest.is_empty() || rest.starts_with('-'),
        };
        (has_end && hex(parent, 16)? != 0).then(|| Self::parse(trace))?
    }

    /// Reads an id as [`fmt::Display`] writes it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        hex(text, 32).filter(|id| *id != 0).map(|id| Self(id.to_be_bytes()))
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// Reads exactly so many digits of a number in lower-case hex.
fn hex(text: &str, digits: usize) -> Option<u128> {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let is_hex = text.len() == digits && text.bytes().all(is_digit);
    is_hex.then(|| u128::from_str_radix(text, 16).ok())?
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn the_id_is_read_out_of_a_well_formed_header_only() {
        let parent = "00f067aa0ba902b7";
        for (header, is_read, reason) in [
            (format!("00-{ID}-{parent}-01"), true, "as the standard has it"),
            (format!("00-{ID}-{parent}-00"), true, "not sampled"),
            (format!("cc-{ID}-{parent}-01"), true, "a version to come"),
            (format!("cc-{ID}-{parent}-01-more"), true, "which may add to it"),
            (format!("cc-{ID}-{parent}-01more"), false, "after another dash"),
            (format!("00-{ID}-{parent}-01-more"), false, "version 00 has no more"),
            (format!("ff-{ID}-{parent}-01"), false, "ff is no version"),
            (format!("00-{ID}-{parent}"), false, "no flags"),
            (format!("00-{ID}-{parent}-1"), false, "half of the flags"),
            (format!("00-{ID}-{parent}-0x"), false, "flags that are not hex"),
            (format!("0-0{ID}-{parent}-01"), false, "dashes in other places"),
            (format!("00-{}-{parent}-01", ID.to_uppercase()), false, "upper case"),
            (format!("00-{}-{parent}-01", "0".repeat(32)), false, "a trace of zeros"),
            (format!("00-{ID}-{}-01", "0".repeat(16)), false, "a parent of zeros"),
            (format!("00-{}é-{parent}-01", &ID[2..]), false, "not ASCII"),
            (ID.to_owned(), false, "only the id"),
            (String::new(), false, "empty"),
        ] {
            let read = TraceId::from_header(&header).map(|id| id.to_string());
            assert_eq!(read.as_deref(), is_read.then_some(ID), "{reason}: {header}");
        }
    }

    #[test]
    fn a_repeated_header_names_no_trace() {
        let value =
            HeaderValue::from_static("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        let mut headers = HeaderMap::new();
        assert_eq!(TraceId::of(&headers), None);
        headers.append(HEADER, value.clone());
        assert_eq!(TraceId::of(&headers), TraceId::parse(ID));
        headers.append(HEADER, value);
        assert_eq!(TraceId::of(&headers), None);
    }

    #[test]
    fn an_id_is_read_as_it_is_written() {
        assert_eq!(TraceId::parse(ID).unwrap().to_string(), ID);
        for text in ["", "0", &ID[1..], &ID.to_uppercase(), &"0".repeat(32), &format!("{ID}0")] {
            assert_eq!(TraceId::parse(text), None, "{text}");
        }
    }
}
