//! What a request says in places for secrets, and leaving it out where it is repeated.

use std::borrow::Cow;

use memchr::memmem;

use super::redaction::{is_secret_header, may_hold_secret, secret_values};
use super::secret_values::JsonText;
use crate::http::Request;
use crate::text::secrets::{KnownSecrets, MIN_SECRET_BYTES, REDACTED, TENANT_PREFIX};
use crate::text::to_json;
use crate::vendor::{Endpoint, Findings};

/// What a request has said in places for secrets.
pub(super) fn secrets_of(request: &Request, endpoint: Option<&Endpoint>) -> Vec<Vec<u8>> {
    let mut secrets = Vec::new();
    for (name, value) in &request.headers {
        if is_secret_header(name.as_str()) {
            // the scheme of an authorization is none
            secrets.extend(value.as_bytes().split(u8::is_ascii_whitespace).map(<[u8]>::to_vec));
        }
    }
    let is_login = endpoint.is_some_and(Endpoint::is_login);
    if (is_login || may_hold_secret(&request.body))
        && let Some(json) = JsonText::read(&request.body)
    {
        let values = secret_values(endpoint);
        secrets.extend(json.texts_at(&json.secrets(values)));
    }
    secrets.retain(|secret| {
        secret.len() >= MIN_SECRET_BYTES && !secret.eq_ignore_ascii_case(b"bearer")
    });
    secrets
}

/// The shortest secret that is looked for in our own messages, in bytes: words of theirs are shorter.
const MIN_SECRET_IN_MESSAGE_BYTES: usize = 12;

/// Leaves out of the findings of a call, and of its path if that is none of an endpoint's, what looks like a
/// secret, what is a known one, and what the request has said in a place for secrets.
pub(super) fn hide_in_messages(
    findings: &mut Findings,
    path: &mut Cow<str>,
    request: &Request,
    endpoint: Option<&Endpoint>,
    known: &KnownSecrets,
) {
    if findings.is_empty() {
        return;
    }
    let mut own = secrets_of(request, endpoint);
    own.retain(|secret| {
        secret.len() >= MIN_SECRET_IN_MESSAGE_BYTES && !secret.starts_with(TENANT_PREFIX.as_bytes())
    });
    let own: Vec<_> = own.iter().filter_map(|secret| std::str::from_utf8(secret).ok()).collect();
    if endpoint.is_none() {
        *path = without_all(std::mem::take(path).into_owned(), &own).into();
    }
    for finding in findings.iter_mut() {
        for text in [&mut finding.pointer, &mut finding.clause, &mut finding.message] {
            *text = without_all(known.shown(text).into_owned(), &own);
        }
        // a suggestion shows keys of the fixtures as examples
        finding.suggestion = finding.suggestion.take().map(|text| without_all(text, &own));
        let changes = to_json(&finding.patch);
        if without_all(known.shown(&changes).into_owned(), &own) != changes {
            finding.patch = Box::default();
        }
    }
}

fn without_all(text: String, secrets: &[&str]) -> String {
    secrets.iter().fold(text, |text, secret| {
        if text.contains(secret) { text.replace(secret, REDACTED) } else { text }
    })
}

/// Puts a mark in each place of a secret.
pub(super) fn without(body: &[u8], secret: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = memmem::find(rest, secret) {
        kept.extend_from_slice(&rest[..at]);
        kept.extend_from_slice(REDACTED.as_bytes());
        rest = &rest[at + secret.len()..];
    }
    kept.extend_from_slice(rest);
    kept
}
