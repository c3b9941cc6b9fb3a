//! Responses in bytes, for a socket taken back from hyper before it wrote any of one.

use std::time::SystemTime;

use crate::http::Reply;
use crate::text::append;

/// A response that announces that the connection closes after it.
pub(super) fn closing(reply: &Reply) -> Vec<u8> {
    let mut bytes = head(reply, "connection: close\r\n");
    bytes.extend_from_slice(&reply.body);
    bytes
}

/// The head as hyper writes it, then half of the body it announces.
pub(super) fn truncated(reply: &Reply) -> Vec<u8> {
    let mut bytes = head(reply, "");
    bytes.extend_from_slice(&reply.body[..reply.body.len() / 2]);
    bytes
}

fn head(reply: &Reply, connection: &str) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {}\r\n", reply.status);
    for (name, value) in &reply.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        append!(head, "{name}: {value}\r\n");
    }
    let date = httpdate::fmt_http_date(SystemTime::now());
    append!(head, "{connection}content-length: {}\r\ndate: {date}\r\n\r\n", reply.body.len());
    head.into_bytes()
}
