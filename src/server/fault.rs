//! What goes wrong below HTTP, on a socket taken back from hyper before it wrote a byte.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::connection::{Stopped, told};
use crate::exchange::{Fault, Reply};

/// A fault and the answer it spoils.
pub struct Faulty {
    /// What goes wrong.
    pub fault: Fault,
    /// What would have been sent.
    pub reply: Reply,
}

/// How long a client may take to read what little is written.
const WRITE_TIME: Duration = Duration::from_secs(5);

/// How often a client that hangs is asked whether it is still there.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// Not an answer in any version of HTTP.
const GARBAGE: &[u8] = b"\x16\x03\x00\xff\xfe garbage \x00\x01\x02 not http \r\n\r\n\x7f\x80";

/// Plays a fault to its end.
pub async fn play(mut stream: TcpStream, faulty: Faulty, stopped: Stopped) {
    match faulty.fault {
        Fault::Reset => {
            // with nothing to linger for, closing sends an RST
            let _ = stream.set_zero_linger();
        }
        Fault::Close => {}
        Fault::Truncate => send(&mut stream, &first_half(&faulty.reply)).await,
        Fault::Garbage => send(&mut stream, GARBAGE).await,
        Fault::Hang => hang(stream, stopped).await,
    }
}

async fn send(stream: &mut TcpStream, bytes: &[u8]) {
    let sent = tokio::time::timeout(WRITE_TIME, async {
        stream.write_all(bytes).await?;
        stream.shutdown().await
    });
    if let Ok(Err(error)) = sent.await {
        tracing::debug!("a faulty answer was not read: {error}");
    }
}

/// The head as hyper writes it, then half of the body it promises.
fn first_half(reply: &Reply) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {}\r\n", reply.status);
    for (name, value) in &reply.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        write!(head, "{name}: {value}\r\n").expect("BUG: a string can always be written to");
    }
    let date = httpdate::fmt_http_date(SystemTime::now());
    write!(head, "content-length: {}\r\ndate: {date}\r\n\r\n", reply.body.len())
        .expect("BUG: a string can always be written to");
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(&reply.body[..reply.body.len() / 2]);
    bytes
}

/// Sends nothing until the client leaves or the server stops; what the client sends is read away,
/// since its leaving would not be seen behind unread bytes.
async fn hang(mut stream: TcpStream, stopped: Stopped) {
    let keepalive = socket2::TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE);
    // an error says that the peer is gone, which the next read will say too
    let _ = socket2::SockRef::from(&stream).set_tcp_keepalive(&keepalive);
    let gone = async {
        // small, since thousands may hang at once
        let mut unread = [0; 64];
        while stream.read(&mut unread).await.is_ok_and(|read| read > 0) {}
    };
    tokio::select! {
        () = gone => {}
        () = told(stopped) => {}
    }
}
