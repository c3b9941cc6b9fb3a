//! Reads the token from an `Authorization: Bearer …` header.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};

use super::{ACCESS_TOKEN_HEADER, refusal};
use crate::vendor::finding::Finding;

const SEND_BEARER: &str =
    "send Authorization: Bearer <gn-access-token>, for example Bearer gnsb_demo";

/// Returns the token of the only `Authorization` header. Errors do not repeat what was sent, since any
/// part of it may be a secret.
pub(super) fn bearer_token(headers: &HeaderMap) -> Result<&str, Finding> {
    let refused = |message: &str| Err(refusal(message).suggest(SEND_BEARER));
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = match (values.next(), values.next()) {
        (Some(value), None) => value,
        (Some(_), Some(_)) => {
            let message = "more than one Authorization header was sent";
            return Err(refusal(message).suggest("send exactly one"));
        }
        (None, _) if headers.contains_key(ACCESS_TOKEN_HEADER) => {
            return refused("the token was sent in gn-access-token, a header of answers only");
        }
        (None, _) => return refused("the Authorization header is missing"),
    };
    let Ok(value) = value.to_str().map(str::trim) else {
        return refused("the Authorization header contains more than visible ASCII");
    };
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    let token = token.trim_start();
    if !scheme.eq_ignore_ascii_case("bearer") {
        return match find_scheme(scheme) {
            Some(name) => refused(&format!("the Authorization scheme is {name}, not Bearer")),
            None => refused("the Authorization header does not start with Bearer"),
        };
    }
    if token.is_empty() {
        return refused("the Authorization header has no token after Bearer");
    }
    if token.contains([' ', '\t']) {
        return refused("the token contains a space");
    }
    Ok(token)
}

/// Splits an `Authorization` header into its scheme and the rest. What stands in the place of an unknown
/// scheme may be a secret, so that it belongs to the rest.
pub(super) fn split_scheme(value: &HeaderValue) -> (&'static str, &[u8]) {
    let text = value.to_str().map_or("", str::trim);
    let (scheme, rest) = text.split_once(' ').unwrap_or((text, ""));
    match find_scheme(scheme) {
        Some(scheme) => (scheme, rest.trim_start().as_bytes()),
        None => ("unknown", value.as_bytes()),
    }
}

fn find_scheme(scheme: &str) -> Option<&'static str> {
    let known = ["Bearer", "Basic", "Digest", "Token", "ApiKey", "Negotiate"];
    known.into_iter().find(|name| scheme.eq_ignore_ascii_case(name))
}
