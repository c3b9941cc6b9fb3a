//! What goes wrong below HTTP, on a socket taken back from hyper before it wrote a byte.

use std::time::Duration;

use tokio::io::AsyncReadExt as _;

use super::connection::{Stopped, told};
use super::socket::Transport;
use super::wire;
use crate::http::{Fault, Reply};

/// A fault and the answer it spoils.
#[derive(Debug)]
pub struct Faulty {
    /// What goes wrong.
    pub fault: Fault,
    /// What would have been sent.
    pub reply: Reply,
}

/// How often a client that hangs is asked whether it is still there.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// Not an answer in any version of HTTP.
const GARBAGE: &[u8] = b"\x16\x03\x00\xff\xfe garbage \x00\x01\x02 not http \r\n\r\n\x7f\x80";

/// Plays a fault to its end.
pub async fn play<T: Transport>(mut stream: T, faulty: Faulty, stopped: Stopped) {
    match faulty.fault {
        Fault::Reset => stream.reset(),
        Fault::Close => {}
        Fault::Truncate => wire::send(&mut stream, &wire::first_half(&faulty.reply)).await,
        Fault::Garbage => wire::send(&mut stream, GARBAGE).await,
        Fault::Hang => hang(stream, stopped).await,
    }
}

/// Sends nothing until the client leaves or the server stops; what the client sends is read away,
/// since its leaving would not be seen behind unread bytes.
async fn hang<T: Transport>(mut stream: T, stopped: Stopped) {
    stream.keep_asking(KEEPALIVE);
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
