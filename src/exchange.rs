//! One call as plain values: what came in and what goes out. Knows no socket and no runtime.

use std::net::IpAddr;

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, Method, StatusCode, Uri};

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

    /// The value of a header that is there once and is visible ASCII.
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
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The whole body.
    pub body: Bytes,
}

impl Reply {
    /// An answer with a body of the given media type.
    pub fn new(status: StatusCode, media_type: &'static str, body: impl Into<Bytes>) -> Self {
        let headers = vec![(http::header::CONTENT_TYPE, HeaderValue::from_static(media_type))];
        Self { status, headers, body: body.into() }
    }

    /// The same answer with one more header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
}
