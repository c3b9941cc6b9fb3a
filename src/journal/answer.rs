//! The answer of a call as the journal keeps it: [`RecordedAnswer`].

use std::borrow::Cow;

use memchr::memmem;
use serde::{Deserialize, Serialize};

use super::codec::bytes_in_one_piece;
use super::cut::{MAX_BODY_BYTES, cut_bytes};
use super::own_secrets::{secrets_of, without};
use super::redaction::{self, Header, may_hold_secret, replaced, without_tokens};
use super::secret_values::{JsonText, SecretValues};
use crate::http::{Fault, Reply, Request};
use crate::text::secrets::KnownSecrets;
use crate::vendor::Endpoint;

/// What was sent to the caller, without secrets. The headers are those of the call: the server adds
/// `content-length`, `date` and others of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedAnswer<'a> {
    /// The HTTP status; `None` for bytes that are not HTTP.
    pub status: Option<u16>,
    /// The headers; those that may be secret without their values.
    pub headers: Vec<Header<'a>>,
    /// The length of the body that was sent, in bytes.
    pub body_bytes: u64,
    /// Whether a part of the body is missing in `body`.
    pub truncated: bool,
    /// The body without its secrets.
    #[serde(with = "bytes_in_one_piece")]
    pub body: Cow<'a, [u8]>,
}

/// Whether an answer can hold something that the request has said and should not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Echo {
    /// It holds values of known fields only.
    None,
    /// It may hold anything.
    Possible,
}

impl<'a> RecordedAnswer<'a> {
    /// Returns what is kept of a reply; `None` for a fault that sends no answer.
    pub(crate) fn of(
        request: &Request,
        endpoint: Option<&Endpoint>,
        reply: &'a Reply,
        echo: Echo,
        known: &KnownSecrets,
    ) -> Option<Self> {
        let is_head = request.method == http::Method::HEAD;
        let (sent, is_whole): (&'a [u8], _) = match reply.delivery.fault {
            None if is_head => (&[], true),
            None => (&reply.body, true),
            Some(Fault::Truncate) => (&reply.body[..reply.body.len() / 2], false),
            Some(Fault::Garbage) => {
                return Some(Self {
                    status: None,
                    headers: Vec::new(),
                    body_bytes: Fault::GARBAGE.len() as u64,
                    truncated: false,
                    body: Fault::GARBAGE.into(),
                });
            }
            Some(Fault::Reset | Fault::Close | Fault::Hang) => return None,
        };
        let body = redacted_body(request, endpoint, sent, echo, known);
        let mut answer = Self {
            status: Some(reply.status.as_u16()),
            headers: redaction::answer_headers(&reply.headers, known),
            body_bytes: sent.len() as u64,
            truncated: !is_whole,
            body,
        };
        answer.cut_to_fit();
        Some(answer)
    }

    /// Cuts a body that is longer than the journal keeps.
    pub(super) fn cut_to_fit(&mut self) {
        if cut_bytes(&mut self.body, MAX_BODY_BYTES) {
            self.truncated = true;
        }
    }
}

/// Redacts the body of an answer: tokens, and if it can repeat the request, what stands under a secret key, and
/// what the request has said in a place for secrets.
fn redacted_body<'a>(
    request: &Request,
    endpoint: Option<&Endpoint>,
    body: &'a [u8],
    echo: Echo,
    known: &KnownSecrets,
) -> Cow<'a, [u8]> {
    match echo {
        Echo::None => body.into(),
        Echo::Possible => without_tokens(without_echo(request, endpoint, body), known),
    }
}

fn without_echo<'a>(
    request: &Request,
    endpoint: Option<&Endpoint>,
    body: &'a [u8],
) -> Cow<'a, [u8]> {
    let mut kept = Cow::Borrowed(body);
    if may_hold_secret(body)
        && let Some(json) = JsonText::read(body)
    {
        kept = replaced(body, &json.secrets(SecretValues::OfSecretKeys));
    }
    for secret in secrets_of(request, endpoint) {
        if memmem::find(&kept, &secret).is_some() {
            kept = Cow::Owned(without(&kept, &secret));
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue, Method};

    use super::*;
    use crate::vendor::{auth, create_group};

    fn none() -> KnownSecrets {
        KnownSecrets::default()
    }

    fn request(headers: &[(&'static str, &'static str)], body: &str) -> Request {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        Request {
            headers: headers.collect(),
            ..Request::json(Method::POST, "/", None, body.to_owned())
        }
    }

    #[test]
    fn what_an_answer_repeats_of_a_secret_is_redacted() {
        let login = Some(&auth::ENDPOINT);
        let other = Some(&create_group::ENDPOINT);
        let answer = r#"{"message":"no s3cr3t-value here, s3cr3t-value"}"#;
        let redacted = r#"{"message":"no [redacted] here, [redacted]"}"#;
        for (endpoint, headers, body, expected) in [
            (other, &[("authorization", "Bearer s3cr3t-value")][..], "", redacted),
            (None, &[("authorization", "s3cr3t-value")], "", redacted),
            (None, &[("cookie", "a=b; s3cr3t-value")], "", redacted),
            (None, &[("x-api-key", "s3cr3t-value")], "", redacted),
            (None, &[("gn-access-token", "s3cr3t-value")], "", redacted),
            (login, &[], r#"{"api_secret":"s3cr3t-value"}"#, redacted),
            (login, &[], r#"{"x":["s3cr3t-value"]}"#, redacted),
            (other, &[], r#"{"x":[{"API-Secret":["s3cr3t-value"]}]}"#, redacted),
            (other, &[], r#"{"x":{"GN-Access-Token":"s3cr3t-value"}}"#, redacted),
            (other, &[], r#"{"name":"s3cr3t-value"}"#, answer),
            (other, &[("user-agent", "s3cr3t-value")], "", answer),
            (other, &[("authorization", "Bearer no")], "", answer),
        ] {
            let kept = redacted_body(
                &request(headers, body),
                endpoint,
                answer.as_bytes(),
                Echo::Possible,
                &none(),
            );
            assert_eq!(String::from_utf8_lossy(&kept), expected, "{headers:?} {body}");
        }
    }

    #[test]
    fn an_answer_has_no_value_under_a_secret_key() {
        let request = request(&[], "");
        for (answer, expected) in [
            (r#"{"a":[{"api_secret":"x"}]}"#, r#"{"a":[{"api_secret":"[redacted]"}]}"#),
            ("<p>an api_secret</p>", "<p>an api_secret</p>"),
        ] {
            let kept = redacted_body(&request, None, answer.as_bytes(), Echo::Possible, &none());
            assert_eq!(String::from_utf8_lossy(&kept), expected);
        }
        let headers = [
            ("content-type", true),
            ("retry-after", true),
            ("x-sandbox-request", true),
            ("gn-access-token", false),
            ("set-cookie", false),
            ("x-api-key", false),
        ];
        let map = headers
            .map(|(name, _)| (HeaderName::from_static(name), HeaderValue::from_static("value")));
        let map: HeaderMap = map.into_iter().collect();
        for (name, value) in redaction::answer_headers(&map, &none()) {
            let is_kept = headers.contains(&(&*name, true));
            assert_eq!(value.is_some(), is_kept, "{name}");
        }
    }
}
