//! Texts for people: quoting and escaping what comes from outside, suggesting names, reading files, writing YAML.

mod amounts;
mod append;
mod base64;
#[cfg(test)]
mod captured_log;
mod escape;
mod file;
mod named;
pub(crate) mod secrets;
mod suggest;
mod yaml;

use std::borrow::Cow;

use serde::Serialize;

pub(crate) use amounts::{duration_us, plural, plural_with, seconds};
pub(crate) use append::append;
pub(crate) use base64::{from_base64, to_base64};
#[cfg(test)]
pub(crate) use captured_log::CapturedLog;
pub(crate) use escape::{EscapingWriter, escape_strings, escaped, escaped_lines, is_plain};
pub(crate) use file::{read_file, read_limited};
pub(crate) use named::named;
pub(crate) use suggest::{
    did_you_mean, listed, listed_ten, nearest, nearest_key, nearest_ten, not_among,
};
pub(crate) use yaml::yaml;

/// Writes plain data as JSON on one line.
pub(crate) fn to_json(data: &impl Serialize) -> String {
    serde_json::to_string(data).expect("BUG: plain data always becomes JSON")
}

/// Quotes text from outside and cuts it, so that it cannot be mistaken for our own message. What looks like a
/// secret is left out.
pub(crate) fn quoted(text: &str) -> String {
    const MAX_CHARACTERS: usize = 80;
    // more than is shown, so that what is cut off cannot hide that it is a secret
    const MAX_LOOKED_AT_BYTES: usize = 4096;
    let looked_at = &text[..text.floor_char_boundary(MAX_LOOKED_AT_BYTES)];
    let shown = secrets::without_secrets(looked_at);
    match shown.char_indices().nth(MAX_CHARACTERS) {
        None => format!("{shown:?}"),
        Some((end, _)) => format!("{:?}…", &shown[..end]),
    }
}
/// Applies a change to a text that may be a copy, and copies it only if the change does.
pub(crate) fn map_text<'t>(
    text: Cow<'t, str>,
    change: impl for<'c> FnOnce(&'c str) -> Cow<'c, str>,
) -> Cow<'t, str> {
    match text {
        Cow::Borrowed(text) => change(text),
        Cow::Owned(text) => change(&text).into_owned().into(),
    }
}
