//! The formats of strings that several endpoints use.

use super::fields::{Kind, TextFormat};
use super::tree::Tree;
use crate::world::ids::parse_id;

/// A UUID as text, any variant, any case (`documented`: the vendor's examples are not RFC 4122
/// variants).
pub(crate) const ID: Kind = Kind::Formatted(&TextFormat {
    name: "Id",
    description: "an id of 8-4-4-4-12 hex digits",
    pattern: "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
    accepts: |text| parse_id(text).is_some(),
    integers: None,
    ignores_case: true,
    example: "abcd1234-5678-90ef-1112-234567890111",
    repair: repair_id,
});

/// The form of a phone number.
pub(crate) const PHONE_PATTERN: &str = "^[1-9][0-9]{6,14}$";

/// Digits with country code, without plus (shape `documented`, bounds E.164).
pub(crate) const PHONE: Kind = Kind::Formatted(&TextFormat {
    name: "PhoneNumber",
    description: "a string of 7 to 15 digits with country code, without a plus or a leading 0",
    pattern: PHONE_PATTERN,
    accepts: is_phone,
    integers: Some((1_000_000, 999_999_999_999_999)),
    ignores_case: false,
    example: "919876543210",
    repair: |value| {
        let written = match value {
            Tree::Integer(number) => number.to_string(),
            Tree::Text(text) => (*text).to_owned(),
            _ => return None,
        };
        let digits: String = written.chars().filter(char::is_ascii_digit).collect();
        is_phone(&digits).then_some(digits)
    },
});

/// The longest handle, in bytes (`assumed`).
const MAX_HANDLE_BYTES: usize = 64;

/// The form of a handle.
pub(crate) const HANDLE_PATTERN: &str = "^[a-zA-Z0-9_-]{1,64}$";

/// The name of a community in links (`assumed`).
pub(crate) const HANDLE: Kind = Kind::Formatted(&TextFormat {
    name: "Handle",
    description: "a string of 1 to 64 letters a to z, digits, _ and -",
    pattern: HANDLE_PATTERN,
    accepts: |text| (1..=MAX_HANDLE_BYTES).contains(&text.len()) && text.bytes().all(is_of_handle),
    integers: Some((i64::MIN, i64::MAX)),
    // no two communities differ in case alone, but each keeps the case that it was given
    ignores_case: false,
    example: "genuin-community",
    repair: |value| match value {
        Tree::Text(text) => nearest_handle(text),
        Tree::Integer(number) => nearest_handle(&number.to_string()),
        _ => None,
    },
});

fn is_of_handle(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// Returns the handle that is nearest to a text, with a dash for what a handle cannot have.
pub(crate) fn nearest_handle(text: &str) -> Option<String> {
    let is_not_allowed = |letter: char| !u8::try_from(letter).is_ok_and(is_of_handle);
    let words: Vec<_> = text.split(is_not_allowed).filter(|word| !word.is_empty()).collect();
    let mut handle = words.join("-");
    handle.truncate(MAX_HANDLE_BYTES);
    Some(handle).filter(|handle| !handle.is_empty())
}

/// Unix milliseconds as text, always a whole second (`documented`).
pub(crate) const MILLISECONDS: Kind = Kind::Formatted(&TextFormat {
    name: "Milliseconds",
    description: "Unix milliseconds as a string, a whole second",
    pattern: "^-?[0-9]+$",
    accepts: |text| text.parse::<i64>().is_ok(),
    integers: None,
    ignores_case: false,
    example: "1727169211000",
    repair: |_| None,
});

/// A link that starts with the sandbox's public address; empty if there is no file (shapes `sibling`).
pub(crate) const LINK: Kind = Kind::Formatted(&TextFormat {
    name: "Link",
    description: "a link, or an empty string",
    pattern: "^$|^https?://",
    accepts: |text| text.is_empty() || text.starts_with("http"),
    integers: None,
    ignores_case: false,
    example: "http://127.0.0.1:4368/l/19b6a3e7f2000000",
    repair: |_| None,
});

fn is_phone(text: &str) -> bool {
    (7..=15).contains(&text.len())
        && !text.starts_with('0')
        && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Repairs an id that is in braces, has a prefix, or has no dashes.
fn repair_id(value: &Tree) -> Option<String> {
    let Tree::Text(text) = value else { return None };
    let text =
        text.trim().trim_start_matches("urn:uuid:").trim_start_matches('{').trim_end_matches('}');
    let digits: String = text.chars().filter(|letter| *letter != '-').collect();
    let all_hex = digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32];
    let id = all_hex.then(|| parts.map(|part| digits[part].to_owned()).join("-"))?;
    parse_id(&id).map(|_| id)
}
