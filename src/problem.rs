//! The sandbox's own refusals: problem+json (RFC 9457), never the vendor's envelope.

use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::exchange::Reply;

/// The media type that tells our answers from the vendor's.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// A problem of the sandbox's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    r#type: String,
    title: &'static str,
    #[serde(serialize_with = "as_number")]
    status: StatusCode,
    detail: String,
    #[serde(skip)]
    allow: Option<HeaderValue>,
}

impl Problem {
    /// A problem whose `detail` says what is wrong and what to do.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let title = status.canonical_reason().unwrap_or("Problem");
        Self {
            r#type: format!("urn:genuin-sandbox:{}", title.to_lowercase().replace(' ', "-")),
            title,
            status,
            detail: detail.into(),
            allow: None,
        }
    }

    /// The same problem with the methods that would be answered.
    #[must_use]
    pub fn allowing(mut self, methods: &str) -> Self {
        let methods = HeaderValue::from_str(methods);
        self.allow = Some(methods.expect("BUG: methods are visible ASCII"));
        self
    }

    /// What is wrong and what to do.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The problem as an answer.
    pub fn reply(&self) -> Reply {
        let body = serde_json::to_vec(self).expect("BUG: plain data always becomes JSON");
        let reply = Reply::new(self.status, MEDIA_TYPE, body);
        match &self.allow {
            Some(methods) => reply.with_header(header::ALLOW, methods.clone()),
            None => reply,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn as_number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}
