//! One call as plain values: what came in and what goes out. Knows no socket and no runtime.

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, Method, StatusCode, Uri};
use serde::Serialize;

/// A request whose head and body have been read in full.
#[derive(Debug, Clone)]
pub struct Request {
    /// The HTTP method.
    pub method: Method,
    /// The request target as sent, percent-encoding untouched.
    pub uri: Uri,
    /// All headers, repeated ones kept apart.
    pub headers: HeaderMap,
    /// The whole body, at most the edge's limit.
    pub body: Bytes,
    /// Who sent it.
    pub peer: IpAddr,
}

impl Request {
    /// The path of the target, percent-encoding untouched.
    pub fn path(&self) -> &str {
        self.uri.path()
    }

    /// The first value of a header, if it is visible ASCII.
    pub fn header(&self, name: impl http::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// An answer, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: StatusCode,
    /// Headers besides `content-length` and `date`, which the edge adds.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
    /// How it is sent.
    pub delivery: Delivery,
}

/// How an answer is sent; carried out by the edge, never under a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delivery {
    /// What to wait before the first byte.
    pub delay: Duration,
    /// Sends the body in this many pieces over this time.
    pub drip: Option<(u64, Duration)>,
    /// What happens instead of a proper answer.
    pub fault: Option<Fault>,
}

/// What can happen below HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// A TCP RST before any byte.
    Reset,
    /// The connection is closed before any byte.
    Close,
    /// The head and half of the body, then closed.
    Truncate,
    /// Bytes that are not HTTP, then closed.
    Garbage,
    /// Nothing, until the client leaves.
    Hang,
}

impl Reply {
    /// An answer with a body of the given media type.
    pub fn new(status: StatusCode, media_type: &'static str, body: impl Into<Bytes>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        Self { status, headers, body: body.into(), delivery: Delivery::default() }
    }

    /// A reply without a body and its headers.
    pub(crate) fn empty(status: StatusCode) -> Self {
        let (headers, body) = (HeaderMap::new(), Bytes::new());
        Self { status, headers, body, delivery: Delivery::default() }
    }

    /// A reply with a JSON body; the order of keys is that of the value.
    pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Self {
        let body = serde_json::to_string(body).expect("BUG: plain data always becomes JSON");
        Self::new(status, "application/json", body)
    }

    /// The same answer with a header set, whatever it was before.
    #[must_use]
    pub fn with_header_set(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// The same answer with one more header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }
}
