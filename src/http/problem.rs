//! What the sandbox itself refuses: problem+json (RFC 9457), never the vendor's envelope.

use http::{HeaderValue, Method, StatusCode, header};
use serde::{Deserialize, Serialize};

use super::message::{Reply, Request};
use crate::described::described;
use crate::text::secrets::KnownSecrets;
use crate::text::{quoted, to_json};

/// The media type, which distinguishes these answers from the vendor's.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// Why the sandbox itself refuses a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    detail: String,
    pointer: Option<String>,
    allow: Option<String>,
    is_logged: bool,
}

impl Problem {
    /// Creates a problem; `detail` says what is wrong and what to do.
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), pointer: None, allow: None, is_logged: true }
    }

    /// Creates a problem with status 400.
    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// Creates a problem with status 404.
    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// Creates a problem with status 405; `allow` lists the methods that the path allows.
    pub(crate) fn wrong_method(request: &Request, allow: &str) -> Self {
        let (path, method) = (quoted(request.path()), quoted(request.method.as_str()));
        let is_preflight = request.method == Method::OPTIONS
            && request.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        let hint = if is_preflight { "; web pages may call it with --cors-origin" } else { "" };
        let detail = format!("{path} takes {allow}, not {method}{hint}");
        let problem = Self::new(StatusCode::METHOD_NOT_ALLOWED, detail);
        Self { allow: Some(allow.to_owned()), ..problem }
    }

    /// Returns the problem with its place in the request's body, an RFC 6901 pointer.
    #[must_use]
    pub(crate) fn at(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }

    /// Returns the problem as one that is not logged: it is the answer to a question, such as whether a line that is
    /// being typed is valid.
    #[must_use]
    pub(crate) fn unlogged(mut self) -> Self {
        self.is_logged = false;
        self
    }

    pub(crate) fn is_logged(&self) -> bool {
        self.is_logged
    }

    /// Returns the problem without secrets that are known.
    #[must_use]
    pub(crate) fn without(mut self, known: &KnownSecrets) -> Self {
        self.detail = known.left_out_of(&self.detail).into_owned();
        self.pointer = self.pointer.map(|pointer| known.left_out_of(&pointer).into_owned());
        self
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// What is wrong and what to do.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// Returns the problem as an answer.
    pub(crate) fn reply(&self) -> Reply {
        let title = self.status.canonical_reason().unwrap_or("Problem");
        let document = ProblemDocument {
            kind: format!("urn:genuin-sandbox:{}", title.to_lowercase().replace(' ', "-")),
            title: title.to_owned(),
            status: self.status.as_u16(),
            detail: self.detail.clone(),
            pointer: self.pointer.clone(),
        };
        let body = to_json(&document);
        let mut reply = Reply::new(self.status, MEDIA_TYPE, body);
        if let Some(methods) = &self.allow {
            reply = reply.with_allow(methods);
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            reply = reply.with_header(header::WWW_AUTHENTICATE, scheme);
        }
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            reply = reply.with_header(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        reply
    }
}

described! {
    /// The body of the answer.
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct ProblemDocument as "Problem" {
        #[serde(rename = "type")]
        kind: String,
        title: String,
        status: u16,
        pub(crate) detail: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        pub(crate) pointer: Option<String>,
    }
}
