//! Starts a sandbox for a test and sends it plain bytes, so that no client library hides what is on
//! the wire.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use genuin_sandbox::{Builder, Clock, RunningSandbox};
use serde_json::Value;

use crate::openapi::check_answer;

/// The vendor's error bodies, byte for byte.
pub const BAD_REQUEST: &str =
    r#"{"code":"1099","message":"An unexpected error occurred processing the request","data":{}}"#;
pub const UNAUTHORIZED: &str = r#"{"code":"5159","message":"Invalid Use of API","data":{}}"#;
pub const VIDEO_NOT_FOUND: &str =
    r#"{"code":"5026","message":"Could not find the video.","data":{}}"#;
pub const BRAND_NOT_FOUND: &str = r#"{"code":"5235","message":"Brand not exists.","data":{}}"#;
pub const PRECONDITION_FAILED: &str =
    r#"{"code":"5166","message":"XXXX-[Invalid Use of API]","data":{}}"#;
pub const COMMUNITY_NOT_FOUND: &str = r#"{"code":"5218","message":"The community you are looking for is no longer available.","data":{}}"#;

pub const CREATE: &str = "/api/thirdparty/group/create";
pub const AUTH: &str = "/api/thirdparty/auth";

/// The vendor's own example request.
pub const EXAMPLE: &str = include_str!("examples/create-group.request.json");

/// The time of the vendor's example answer.
pub const EXAMPLE_TIME: &str = "2024-09-24T09:13:31Z";

/// A running sandbox with a frozen clock.
pub struct App {
    pub sandbox: RunningSandbox,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Without `date`, which is the machine's time.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl App {
    pub fn start() -> Self {
        Self::with(|builder| builder)
    }

    pub fn with(change: impl FnOnce(Builder) -> Builder) -> Self {
        let clock = Clock::parse(EXAMPLE_TIME).unwrap();
        let builder = RunningSandbox::builder().clock(clock).public_url("http://sandbox");
        Self { sandbox: change(builder).start().unwrap() }
    }

    /// Calls Create Group as tenant `demo`.
    pub fn create(&self, body: &Value) -> Answer {
        self.create_as("gnsb_demo", body.to_string().as_bytes())
    }

    pub fn create_as(&self, token: &str, body: &[u8]) -> Answer {
        let token = format!("Bearer {token}");
        let headers = [("Authorization", token.as_str()), ("Content-Type", "application/json")];
        self.post(CREATE, &headers, body)
    }

    pub fn auth(&self, body: &str) -> Answer {
        self.post(AUTH, &[("Content-Type", "application/json")], body.as_bytes())
    }

    pub fn post(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.send("POST", path, headers, body)
    }

    /// Calls an endpoint with a JSON body.
    pub fn post_as(&self, token: &str, path: &str, body: &Value) -> Answer {
        let token = format!("Bearer {token}");
        let headers = [("Authorization", token.as_str()), ("Content-Type", "application/json")];
        self.post(path, &headers, body.to_string().as_bytes())
    }

    /// Reads from the sandbox's own API.
    pub fn own(&self, path: &str) -> Value {
        let path = format!("/_sandbox/v1/{path}");
        let answer = raw(
            self.sandbox.address(),
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                .as_bytes(),
        );
        let answer = Answer::parse(&answer);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.json()
    }

    /// Returns the last call of tenant `demo`: its first finding, and its body after all patches.
    pub fn last_patched(&self) -> (Value, Value) {
        let last = self.own("tenants/demo/requests/last");
        let mut body = serde_json::from_str(last["body"].as_str().unwrap()).unwrap();
        for finding in last["findings"].as_array().unwrap() {
            if let Some(patch) = finding.get("patch") {
                let patch: json_patch::Patch = serde_json::from_value(patch.clone()).unwrap();
                json_patch::patch(&mut body, &patch).unwrap();
            }
        }
        (last["findings"][0].clone(), body)
    }

    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        Answer::parse(&self.send_for_bytes(method, path, headers, body))
    }

    /// Like `send`, for an answer that may not be HTTP.
    pub fn send_for_bytes(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Vec<u8> {
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: sandbox\r\n");
        for (name, value) in headers {
            write!(request, "{name}: {value}\r\n").unwrap();
        }
        write!(request, "Content-Length: {}\r\nConnection: close\r\n\r\n", body.len()).unwrap();
        let mut bytes = request.into_bytes();
        bytes.extend_from_slice(body);
        raw(self.sandbox.address(), &bytes)
    }
}

/// Sends bytes and reads until the server closes the connection. What comes back must be valid by the
/// sandbox's documents.
pub fn raw(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let answer = exchange(address, bytes);
    check_answer(address, bytes, &answer);
    answer
}

/// Like `raw`, without a look at what comes back.
pub fn exchange(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = connect(address);
    stream.write_all(bytes).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    answer
}

pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    // if the server hangs, the test fails instead of hanging too
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

impl Answer {
    pub fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let (head, body) =
            text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no head: {text:?}"));
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: Vec<_> = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            // the request has `Connection: close`
            .filter(|(name, value)| name != "date" && !(name == "connection" && value == "close"))
            .collect();
        let is_chunked = headers.iter().any(|(name, _)| name == "transfer-encoding");
        // of a stream that goes on, there may be a head only
        let body = if is_chunked && !body.is_empty() { unchunked(body) } else { body.to_owned() };
        Self { status, headers, body }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

/// Joins the chunks of a body.
fn unchunked(mut rest: &str) -> String {
    let mut body = String::new();
    loop {
        let (length, chunk) = rest.split_once("\r\n").expect("the last chunk is missing");
        let length = usize::from_str_radix(length, 16).unwrap();
        if length == 0 {
            return body;
        }
        body += &chunk[..length];
        rest = &chunk[length + 2..];
    }
}

/// Returns the vendor's whole answer for a body.
pub fn vendor(status: u16, body: &str) -> Answer {
    let headers = [
        ("content-type", "application/json; charset=utf-8".to_owned()),
        ("content-length", body.len().to_string()),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value));
    Answer { status, headers: headers.to_vec(), body: body.to_owned() }
}

/// Returns the keys of a JSON text without escapes, in the order in which they are written.
pub fn keys_in_order(text: &str) -> Vec<String> {
    let quoted = text.split('"').skip(1).step_by(2).zip(text.split('"').skip(2).step_by(2));
    quoted
        .filter(|(_, next)| next.trim_start().starts_with(':'))
        .map(|(key, _)| key.to_owned())
        .collect()
}

/// Returns the vendor's example request.
pub fn example() -> Value {
    serde_json::from_str(EXAMPLE).unwrap()
}

/// Sets one value of a body, at an RFC 6901 pointer whose parent exists.
pub fn set(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap_or_else(|| panic!("the body has no {parent}"));
    match parent {
        Value::Object(map) => {
            map.insert(key.to_owned(), value);
        }
        Value::Array(items) => items[key.parse::<usize>().unwrap()] = value,
        other => panic!("{pointer} is inside {other}"),
    }
    body
}

/// Removes one key of a body.
pub fn without(mut body: Value, pointer: &str) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(key).unwrap();
    body
}
