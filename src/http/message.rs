//! Requests and replies as plain values, without sockets and runtime.

use std::net::{IpAddr, Ipv4Addr};
use std::ops::{Deref, DerefMut};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Method, StatusCode, Uri, Version};
use serde::Serialize;

use super::delivery::Delivery;
use super::host::{Host, InvalidHost};
use crate::clock;
use crate::text::to_json;

/// A request whose head and body have been read in full.
#[derive(Debug, Clone)]
pub struct Request {
    /// The HTTP method.
    pub method: Method,
    /// The request target as sent, still percent-encoded.
    pub uri: Uri,
    /// The version of HTTP.
    pub version: Version,
    /// All headers; repeated ones are separate values.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
    /// The address of the client.
    pub peer: IpAddr,
}

/// When and on which connection a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arrival {
    /// The machine's time, in microseconds since the Unix epoch.
    pub(crate) received_us: i64,
    /// The number of the connection, from 1; 0 for a request that came over none.
    pub(crate) connection: u64,
}

impl Arrival {
    /// A request that comes now.
    pub(crate) fn now(connection: u64) -> Self {
        Self { received_us: clock::real_now_us(), connection }
    }
}

impl Request {
    /// Creates a request from this machine with a JSON body, and with an access token if one is given.
    pub fn json(method: Method, path: &str, token: Option<&str>, body: impl Into<Bytes>) -> Self {
        let json = HeaderValue::from_static("application/json");
        let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, json)]);
        if let Some(token) = token {
            let value = HeaderValue::from_str(&format!("Bearer {token}"));
            headers.insert(AUTHORIZATION, value.expect("BUG: a token is visible ASCII"));
        }
        Self {
            method,
            uri: path.parse().expect("BUG: the path is well-formed"),
            version: Version::HTTP_11,
            headers,
            body: body.into(),
            peer: Ipv4Addr::LOCALHOST.into(),
        }
    }

    /// Returns the path of the target, still percent-encoded.
    pub fn path(&self) -> &str {
        self.uri.path()
    }

    /// Returns the host that the request is addressed to; only HTTP/1.0 may have none.
    pub(crate) fn host(&self) -> Result<Option<Host<'_>>, InvalidHost> {
        Host::of(self.version, &self.uri, &self.headers)
    }

    /// Returns the address that the caller used, without a slash at the end.
    pub(crate) fn address(&self) -> String {
        match self.host() {
            Ok(Some(host)) => {
                let [name, colon, port] = host.parts();
                ["http://", name, colon, port].concat()
            }
            Ok(None) | Err(_) => "http://localhost".to_owned(),
        }
    }

    /// Returns the first value of a header, if it is visible ASCII.
    pub(crate) fn header(&self, name: impl http::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// An answer. Its parts are in a box, since it is handed through many functions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply(Box<ReplyParts>);

/// The parts of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyParts {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers, except `content-length` and `date`, which the server adds.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
    /// How the answer is sent.
    pub delivery: Delivery,
}

impl Deref for Reply {
    type Target = ReplyParts;

    fn deref(&self) -> &ReplyParts {
        &self.0
    }
}

impl DerefMut for Reply {
    fn deref_mut(&mut self) -> &mut ReplyParts {
        &mut self.0
    }
}

impl Reply {
    /// Creates an answer with a body of the given media type.
    pub(crate) fn new(
        status: StatusCode,
        media_type: &'static str,
        body: impl Into<Bytes>,
    ) -> Self {
        let mut reply = Self::empty(status);
        reply.headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        reply.body = body.into();
        reply
    }

    /// Creates an answer without a body and without headers.
    pub(crate) fn empty(status: StatusCode) -> Self {
        let (headers, body) = (HeaderMap::new(), Bytes::new());
        Self(Box::new(ReplyParts { status, headers, body, delivery: Delivery::default() }))
    }

    /// Takes the answer apart.
    pub fn into_parts(self) -> ReplyParts {
        *self.0
    }

    /// Creates an answer with a JSON body, whose keys are in the order of the value's fields.
    pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Self {
        Self::new(status, "application/json", to_json(body))
    }

    /// Returns the answer with a header, which replaces any value it had.
    #[must_use]
    pub(crate) fn with_header_set(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Returns the answer with the methods that its path takes.
    #[must_use]
    pub(crate) fn with_allow(self, methods: &str) -> Self {
        let methods = HeaderValue::from_str(methods).expect("BUG: methods are visible ASCII");
        self.with_header_set(http::header::ALLOW, methods)
    }

    /// Returns the answer with one more header.
    #[must_use]
    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }
}
