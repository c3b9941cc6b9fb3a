//! Bytes as text in base64 (RFC 4648), for the few that are no text themselves.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Returns the text for bytes.
pub(crate) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Returns the bytes of a text; `None` if no bytes have it.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}
