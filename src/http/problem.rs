//! The sandbox's own refusals: problem+json (RFC 9457), never the vendor's envelope.

use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use crate::http::Reply;

/// The media type that tells our answers from the vendor's.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// A problem of the sandbox's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    detail: String,
    pointer: Option<String>,
    allow: Option<String>,
}

impl Problem {
    /// A problem whose `detail` says what is wrong and what to do.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), pointer: None, allow: None }
    }

    /// The same problem with the place in the request's body, as an RFC 6901 pointer.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }

    /// The same problem with the methods that would be answered.
    #[must_use]
    pub fn allowing(mut self, methods: &str) -> Self {
        self.allow = Some(methods.to_owned());
        self
    }

    /// What is wrong and what to do.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The problem as an answer.
    pub fn reply(&self) -> Reply {
        let title = self.status.canonical_reason().unwrap_or("Problem");
        let mut body = json!({
            "type": format!("urn:genuin-sandbox:{}", title.to_lowercase().replace(' ', "-")),
            "title": title,
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        if let Some(pointer) = &self.pointer {
            body["pointer"] = json!(pointer);
        }
        let reply = Reply::new(self.status, MEDIA_TYPE, body.to_string());
        match &self.allow {
            None => reply,
            Some(methods) => {
                let methods = HeaderValue::from_str(methods);
                reply.with_header(header::ALLOW, methods.expect("BUG: methods are visible ASCII"))
            }
        }
    }
}
