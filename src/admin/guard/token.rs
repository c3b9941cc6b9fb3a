//! The admin token, if one is required.

use http::header::AUTHORIZATION;
use http::{HeaderValue, StatusCode};
use subtle::ConstantTimeEq as _;

use crate::http::{Problem, Request, only_value};

/// Checks that a request carries the token, as the only `Authorization` and after `Bearer`.
pub(super) fn check(request: &Request, token: &str) -> Result<(), Problem> {
    let value = only_value(&request.headers, AUTHORIZATION).map_or(&[][..], HeaderValue::as_bytes);
    let sent = match value.split_at_checked("Bearer ".len()) {
        Some((scheme, sent)) if scheme.eq_ignore_ascii_case(b"Bearer ") => sent,
        _ => &[],
    };
    if sent.ct_eq(token.as_bytes()).into() {
        return Ok(());
    }
    let detail =
        "the admin token is missing or wrong; send Authorization: Bearer <token of --admin-token>";
    Err(Problem::new(StatusCode::UNAUTHORIZED, detail))
}
