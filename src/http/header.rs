//! Reads the values of headers.

use http::header::AsHeaderName;
use http::{HeaderMap, HeaderValue};

/// Returns the value of a header that was sent exactly once.
pub(crate) fn only_value(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

/// Returns a media type without its parameters.
pub(crate) fn essence(media_type: &[u8]) -> &[u8] {
    media_type.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii()
}
