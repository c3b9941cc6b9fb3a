//! The answer of a call as the journal keeps it: [`RecordedAnswer`].

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::cut::cut_bytes;
use super::record::{MAX_BODY_BYTES, bytes_in_one_piece};
use super::redaction::{self, Header};
use crate::http::{Fault, Reply, Request};
use crate::text::secrets::KnownSecrets;
use crate::vendor::Endpoint;

/// What was sent to the caller, without secrets. The headers are those of the call: the server adds
/// `content-length`, `date` and others of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedAnswer<'a> {
    /// The HTTP status.
    pub status: u16,
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
        let (sent, is_whole): (&[u8], _) = match reply.delivery.fault {
            None if is_head => (&[], true),
            None => (&reply.body, true),
            Some(Fault::Truncate) => (&reply.body[..reply.body.len() / 2], false),
            Some(Fault::Reset | Fault::Close | Fault::Garbage | Fault::Hang) => return None,
        };
        let body = redaction::answer_body(request, endpoint, sent, echo, known);
        let mut answer = Self {
            status: reply.status.as_u16(),
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
