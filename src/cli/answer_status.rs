//! How commands show the HTTP status of an answer; a fault sends none.

/// As in a sentence: `HTTP 200`.
pub(super) fn describe_status(status: Option<u16>) -> String {
    status.map_or_else(|| "no answer".to_owned(), |status| format!("HTTP {status}"))
}

/// As in a column: `200`.
pub(super) fn status_or_dashes(status: Option<u16>) -> String {
    status.map_or_else(|| "---".to_owned(), |status| status.to_string())
}
