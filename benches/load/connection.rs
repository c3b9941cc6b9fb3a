//! A minimal client: it writes bytes and reads until an answer is complete.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, bail};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection that is kept open.
pub struct Connection(TcpStream);

impl Connection {
    /// Opens a connection.
    pub fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self(stream))
    }

    /// Sends a request and reads its whole answer, which must have the status 200.
    pub fn make(&mut self, request: &[u8]) -> anyhow::Result<()> {
        self.0.write_all(request)?;
        let mut answer = Vec::with_capacity(4096);
        while length_of(&answer).is_none_or(|whole| answer.len() < whole) {
            let mut piece = [0; 4096];
            let read = self.0.read(&mut piece).context("no answer came")?;
            if read == 0 {
                bail!("the server hung up after {} bytes of an answer", answer.len());
            }
            answer.extend_from_slice(&piece[..read]);
        }
        if !answer.starts_with(b"HTTP/1.1 200 ") {
            let text = String::from_utf8_lossy(&answer);
            bail!("an answer is not 200: {}", text.lines().next().unwrap_or_default());
        }
        Ok(())
    }
}

/// Returns the length of an answer with its head, once the head has arrived.
fn length_of(answer: &[u8]) -> Option<usize> {
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&answer[..head]).ok()?.to_ascii_lowercase();
    let length = text.split("\r\n").find_map(|line| line.strip_prefix("content-length:"))?;
    Some(head + length.trim().parse::<usize>().ok()?)
}
