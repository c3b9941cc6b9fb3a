//! Leaves out of a call what could be a secret, before the journal sees it.

use std::borrow::Cow;
use std::ops::Range;

use http::header::HOST;
use http::{HeaderMap, HeaderName};
use memchr::memmem;

use super::cut::{MAX_BODY_BYTES, cut_bytes, cut_text};
use super::secret_values::{JsonText, SecretValues};
use crate::text::map_text;
use crate::text::secrets::{
    KnownSecrets, REDACTED, names_secret, tokens_left_out_of, without_user,
};
use crate::vendor::Endpoint;

/// The most that all headers of a request take when they are stored, in bytes.
const MAX_HEADERS_BYTES: usize = 6 * 1024;
/// The same of an answer.
const MAX_ANSWER_HEADERS_BYTES: usize = 2 * 1024;
/// The longest header name that is kept, in bytes.
const MAX_NAME_BYTES: usize = 64;
/// The longest header value that is kept, in bytes.
pub(crate) const MAX_VALUE_BYTES: usize = 1024;

/// A header: its name, and its value where the journal keeps it.
pub(crate) type Header<'a> = (Cow<'a, str>, Option<Cow<'a, str>>);

/// Whether the journal keeps the value of a header, by its lower-case name. Of all other headers it
/// keeps the name only.
pub(crate) fn keeps_header(name: &str) -> bool {
    matches!(
        name,
        "content-type"
            | "content-length"
            | "accept"
            | "user-agent"
            | "host"
            | "x-request-id"
            | "idempotency-key"
            | "traceparent"
    ) || name.starts_with("x-sandbox-")
}

/// Lists the headers of a request as they are journalled, as many as the limit allows.
pub(super) fn headers<'h>(headers: &'h HeaderMap, known: &KnownSecrets) -> Vec<Header<'h>> {
    list(headers, MAX_HEADERS_BYTES, keeps_header, known)
}

/// Lists the headers of an answer as they are journalled, as many as the limit allows.
pub(super) fn answer_headers<'h>(headers: &'h HeaderMap, known: &KnownSecrets) -> Vec<Header<'h>> {
    list(headers, MAX_ANSWER_HEADERS_BYTES, |name| !is_secret_header(name), known)
}

/// Whether the value of a header may be a secret, by its lower-case name.
pub(super) fn is_secret_header(name: &str) -> bool {
    // most answers have no other
    name != "content-type" && (names_secret(name.as_bytes()) || name.contains("session"))
}

fn list<'h>(
    headers: &'h HeaderMap,
    limit_bytes: usize,
    keeps: fn(&str) -> bool,
    known: &KnownSecrets,
) -> Vec<Header<'h>> {
    let mut kept: Vec<Header> = Vec::with_capacity(headers.len());
    let mut left = limit_bytes;
    for (name, value) in headers {
        let text = name.as_str();
        let value = keeps(text).then(|| value.to_str().ok()).flatten();
        let value = value.map(|value| shown_value(name, value, known));
        // one of ours says nothing of its own
        let is_ours = keeps_header(text) && !text.starts_with("x-");
        let shown_name = if is_ours { text.into() } else { known.shown(text) };
        let header = (cut_text(shown_name, MAX_NAME_BYTES), value);
        let Some(rest) = left.checked_sub(header_bytes(&header)) else { break };
        left = rest;
        kept.push(header);
    }
    kept
}

/// Returns what is shown of the value of a header.
fn shown_value<'h>(name: &HeaderName, value: &'h str, known: &KnownSecrets) -> Cow<'h, str> {
    let value = if *name == HOST { without_user(value) } else { value.into() };
    cut_text(map_text(value, |value| known.shown(value)), MAX_VALUE_BYTES)
}

fn header_bytes((name, value): &Header) -> usize {
    name.len() + value.as_ref().map_or(0, |value| value.len()) + 8
}

/// Redacts a body and keeps all other bytes. In that of a login every value is redacted, in all others those
/// under a secret key, and tokens wherever they stand. A body that may hold a secret and is not JSON becomes empty.
/// One that was accepted and has only the endpoint's own keys is kept as it is: a search of each would make every
/// call slower.
pub(super) fn body<'a>(
    endpoint: Option<&Endpoint>,
    body: &'a [u8],
    has_only_known_keys: bool,
    known: &KnownSecrets,
) -> Cow<'a, [u8]> {
    let is_login = endpoint.is_some_and(Endpoint::is_login);
    if has_only_known_keys && !is_login {
        return Cow::Borrowed(body);
    }
    let is_shown = !is_login && !may_hold_secret(body);
    let shown = if is_shown { Cow::Borrowed(body) } else { without_secret_values(endpoint, body) };
    without_tokens(shown, known)
}

/// Leaves tokens out of bytes that are kept to a limit, wherever they stand.
pub(super) fn without_tokens<'a>(mut bytes: Cow<'a, [u8]>, known: &KnownSecrets) -> Cow<'a, [u8]> {
    // what comes after is cut off in any case
    cut_bytes(&mut bytes, 2 * MAX_BODY_BYTES);
    known.left_out_of_bytes(tokens_left_out_of(bytes))
}

fn without_secret_values<'a>(endpoint: Option<&Endpoint>, body: &'a [u8]) -> Cow<'a, [u8]> {
    let is_login = endpoint.is_some_and(Endpoint::is_login);
    match JsonText::read(body) {
        Some(json) if json.is_object() || !is_login => {
            replaced(body, &json.secrets(secret_values(endpoint)))
        }
        _ => Cow::Borrowed(&[]),
    }
}

pub(super) fn secret_values(endpoint: Option<&Endpoint>) -> SecretValues {
    match endpoint {
        Some(endpoint) if endpoint.is_login() => SecretValues::All(endpoint.body),
        _ => SecretValues::OfSecretKeys,
    }
}

/// Puts a text in the place of each secret value.
pub(super) fn replaced<'a>(body: &'a [u8], secrets: &[Range<usize>]) -> Cow<'a, [u8]> {
    if secrets.is_empty() {
        return Cow::Borrowed(body);
    }
    let mut kept = Vec::with_capacity(body.len());
    let mut end = 0;
    for secret in secrets {
        kept.extend_from_slice(&body[end..secret.start]);
        kept.extend_from_slice(format!("\"{REDACTED}\"").as_bytes());
        end = secret.end;
    }
    kept.extend_from_slice(&body[end..]);
    Cow::Owned(kept)
}

/// Whether a body names a secret anywhere, or has an escape that may hide it.
pub(super) fn may_hold_secret(body: &[u8]) -> bool {
    names_secret(body) || memmem::find(body, b"\\u").is_some()
}

/// Returns the kept value of a header.
pub(crate) fn header_value<'h>(headers: &'h [Header], name: &str) -> Option<&'h str> {
    headers.iter().find(|(known, _)| known == name)?.1.as_deref()
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;
    use crate::http::{Arrival, Request};
    use crate::journal::CallRecord;
    use crate::vendor::schema::Kind;
    use crate::vendor::{ENDPOINTS, auth, create_group};
    use crate::world::TenantName;

    fn none() -> KnownSecrets {
        KnownSecrets::default()
    }

    #[test]
    fn a_secret_within_a_value_of_any_kind_is_redacted_in_an_accepted_body() {
        let mut found = 0;
        for endpoint in ENDPOINTS.iter().filter(|endpoint| endpoint.body.has_free_values) {
            let key = endpoint.body.fields.iter().find(|field| matches!(field.kind, Kind::Any));
            let Some(key) = key.map(|field| field.name) else { continue };
            let text = format!(r#"{{"{key}":{{"api_secret":"x"}}}}"#);
            let request = Request::json(Method::POST, "/", None, text.clone());
            let tenant = TenantName::parse("a").unwrap();
            let mut record =
                CallRecord::begin(&tenant, Some(endpoint), &request, Arrival::now(0), &none());
            record.committed = true;
            record.keep_body(Some(endpoint), &request, &none());
            let kept = String::from_utf8_lossy(&record.body);
            assert_eq!(kept, text.replace(r#""x""#, r#""[redacted]""#));
            found += 1;
        }
        assert!(found > 0);
    }

    #[test]
    fn secrets_are_redacted_at_any_depth_and_in_any_spelling() {
        let (login, other) = (&auth::ENDPOINT, &create_group::ENDPOINT);
        let both = r#"{"api_key":"[redacted]","api_secret":"[redacted]"}"#;
        for (endpoint, text, expected) in [
            (login, r#"{"api_key":"a","api_secret":"b"}"#, both),
            (login, r#"{"api\u005fsecret":["b"]}"#, r#"{"api\u005fsecret":"[redacted]"}"#),
            (
                login,
                r#"{"api_secert":"b","s3cr3t":[1,null]}"#,
                r#"{"api_secert":"[redacted]","[redacted]":["[redacted]",null]}"#,
            ),
            (login, r#"["b"]"#, ""),
            (login, "{broken", ""),
            (other, r#"{"x":[{"api_secret":1}]}"#, r#"{"x":[{"api_secret":"[redacted]"}]}"#),
            (other, r#"{"API-Secret":1,"a":2}"#, r#"{"API-Secret":"[redacted]","a":2}"#),
            (other, r#"{"\u0061pi_secret":1}"#, r#"{"\u0061pi_secret":"[redacted]"}"#),
            (
                other,
                r#"{"GN-ACCESS-token":"b","x":{"y":[{"Authorization":{"z":1}}]}}"#,
                r#"{"GN-ACCESS-token":"[redacted]","x":{"y":[{"Authorization":"[redacted]"}]}}"#,
            ),
            (other, r#"{"accessToken":"b"}"#, r#"{"accessToken":"[redacted]"}"#),
            (
                other,
                r#"{"acces\u0073_toke\u006e":"b"}"#,
                r#"{"acces\u0073_toke\u006e":"[redacted]"}"#,
            ),
            (other, r#"{"api_secret": broken"#, ""),
            (other, r#"{"password": broken"#, ""),
            (other, r#"{"type": 4 "#, r#"{"type": 4 "#),
        ] {
            let kept = body(Some(endpoint), text.as_bytes(), false, &none());
            assert_eq!(String::from_utf8_lossy(&kept), expected, "{text}");
        }
    }
}
