//! The scenario that a URL names before the path of an endpoint.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// Returns what follows the `/~` of a path; clients may encode the tilde.
pub(super) fn after_tilde(path: &str) -> Option<&str> {
    ["/~", "/%7E", "/%7e"].iter().find_map(|start| path.strip_prefix(start))
}

/// Takes `/~NAME_OR_LINE` off a path, up to its first `/api/`, and decodes it once.
pub(super) fn split_scenario(path: &str) -> (Option<Cow<'_, str>>, &str) {
    let parts = after_tilde(path).and_then(|rest| Some(rest.split_at(rest.find("/api/")?)));
    match parts {
        Some((name, path)) => (Some(percent_decode_str(name).decode_utf8_lossy()), path),
        None => (None, path),
    }
}
