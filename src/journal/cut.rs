//! Cuts what is too long to be kept.

use std::borrow::Cow;

use crate::text::map_text;

/// The longest body that is kept, in bytes: of a request, and of an answer.
pub(crate) const MAX_BODY_BYTES: usize = 16 * 1024;

/// Returns the longest prefix of at most `limit_bytes` bytes.
pub(super) fn cut(text: &str, limit_bytes: usize) -> &str {
    &text[..text.floor_char_boundary(limit_bytes)]
}

/// The same for a text that may be a copy.
pub(super) fn cut_text(text: Cow<'_, str>, limit_bytes: usize) -> Cow<'_, str> {
    map_text(text, |text| cut(text, limit_bytes).into())
}

/// Cuts bytes that are longer, between two letters if they are text; returns whether it did.
pub(super) fn cut_bytes(bytes: &mut Cow<[u8]>, limit_bytes: usize) -> bool {
    if bytes.len() <= limit_bytes {
        return false;
    }
    let is_inside_letter = |at: &usize| bytes[*at] & 0b1100_0000 == 0b1000_0000;
    let end = (limit_bytes - 3..=limit_bytes).rev().find(|at| !is_inside_letter(at));
    let end = end.unwrap_or(limit_bytes);
    match bytes {
        Cow::Borrowed(bytes) => *bytes = &bytes[..end],
        Cow::Owned(bytes) => bytes.truncate(end),
    }
    true
}
