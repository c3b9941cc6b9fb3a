//! Answers written by hand, on a socket taken back from hyper before it wrote a byte of one.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::limits::Limits;
use super::socket::Transport;
use crate::http::Reply;

/// How long a client may take to read what little is written.
const WRITE_TIME: Duration = Duration::from_secs(5);

/// An answer after which the connection is closed, and that says so.
pub fn whole(reply: &Reply) -> Vec<u8> {
    let mut bytes = head(reply, "connection: close\r\n");
    bytes.extend_from_slice(&reply.body);
    bytes
}

/// The head as hyper writes it, then half of the body it promises.
pub fn first_half(reply: &Reply) -> Vec<u8> {
    let mut bytes = head(reply, "");
    bytes.extend_from_slice(&reply.body[..reply.body.len() / 2]);
    bytes
}

fn head(reply: &Reply, more: &str) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {}\r\n", reply.status);
    for (name, value) in &reply.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        write!(head, "{name}: {value}\r\n").expect("BUG: a string can always be written to");
    }
    let date = httpdate::fmt_http_date(SystemTime::now());
    write!(head, "{more}content-length: {}\r\ndate: {date}\r\n\r\n", reply.body.len())
        .expect("BUG: a string can always be written to");
    head.into_bytes()
}

/// Sends bytes and ends this side of the connection.
pub async fn send(stream: &mut impl Transport, bytes: &[u8]) {
    let sent = tokio::time::timeout(WRITE_TIME, async {
        stream.write_all(bytes).await?;
        stream.shutdown().await
    });
    if let Ok(Err(error)) = sent.await {
        tracing::debug!("an answer was not read: {error}");
    }
}

/// Ends this side of a connection and reads away a little of what still comes: closed at once, it
/// would be reset, and the answer with it.
pub async fn linger(stream: &mut impl Transport, limits: Limits) {
    let read = tokio::time::timeout(limits.linger_time, async {
        // an error says that it has ended already
        let _ = stream.shutdown().await;
        // small, since it is part of every connection's task
        let mut unread = [0; 512];
        let mut left = limits.linger_bytes;
        while left > 0
            && let Ok(read) = stream.read(&mut unread).await
            && read > 0
        {
            left = left.saturating_sub(read);
        }
    });
    if read.await.is_err() {
        tracing::trace!("a client went on sending after its answer");
    }
}
