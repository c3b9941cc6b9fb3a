//! Texts for people: quoting and escaping what comes from outside, suggesting names, reading files, writing YAML.

mod amounts;
mod append;
mod base64;
#[cfg(test)]
mod captured_log;
mod escape;
mod file;
mod named;
mod suggest;
mod yaml;

use serde::Serialize;

pub(crate) use amounts::{duration_us, plural, plural_with, seconds};
pub(crate) use append::append;
pub(crate) use base64::{from_base64, to_base64};
#[cfg(test)]
pub(crate) use captured_log::CapturedLog;
pub(crate) use escape::{EscapingWriter, escape_strings, escaped, escaped_lines, is_plain};
pub(crate) use file::{read_file, read_limited};
pub(crate) use named::named;
pub(crate) use suggest::{did_you_mean, listed, listed_ten, nearest, nearest_ten, not_among};
pub(crate) use yaml::yaml;

/// Writes plain data as JSON on one line.
pub(crate) fn to_json(data: &impl Serialize) -> String {
    serde_json::to_string(data).expect("BUG: plain data always becomes JSON")
}

/// Quotes text from outside and cuts it, so that it cannot be mistaken for our own message.
pub(crate) fn quoted(text: &str) -> String {
    const MAX_CHARACTERS: usize = 80;
    match text.char_indices().nth(MAX_CHARACTERS) {
        None => format!("{text:?}"),
        Some((end, _)) => format!("{:?}…", &text[..end]),
    }
}
