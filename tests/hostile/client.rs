//! A client that sends any bytes.

use std::io::{self, BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

pub const CREATE: &str = "/api/thirdparty/group/create";

/// If the server hangs, a test fails after this time instead of hanging too.
pub const TIMEOUT: Duration = Duration::from_secs(20);

/// A connection that is kept open, and reopened when the server has closed it.
pub struct Client {
    address: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
}

/// An HTTP answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        Self { address, stream: None }
    }

    /// Calls Create Group as a tenant.
    pub fn create(&mut self, body: &[u8]) -> Answer {
        let headers = b"Authorization: Bearer gnsb_hostile\r\nContent-Type: application/json\r\n";
        self.send("POST", CREATE.as_bytes(), headers, body).expect("a well-formed call is answered")
    }

    /// Calls the sandbox's own API.
    pub fn own(&mut self, method: &str, path: &str, media_type: &str, body: &[u8]) -> Answer {
        let headers = format!("Content-Type: {media_type}\r\n");
        let path = format!("/_sandbox/v1{path}");
        self.send(method, path.as_bytes(), headers.as_bytes(), body).expect("the own API answers")
    }

    /// Sends any request; `None` if the server closes the connection without an answer.
    pub fn send(
        &mut self,
        method: &str,
        path: &[u8],
        headers: &[u8],
        body: &[u8],
    ) -> Option<Answer> {
        let mut bytes =
            [method.as_bytes(), b" ", path, b" HTTP/1.1\r\nHost: localhost\r\n"].concat();
        bytes.extend_from_slice(headers);
        bytes.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
        bytes.extend_from_slice(body);
        let mut stream = self.stream.take().unwrap_or_else(|| {
            let stream = TcpStream::connect(self.address).unwrap();
            stream.set_read_timeout(Some(TIMEOUT)).unwrap();
            BufReader::new(stream)
        });
        let is_closed = |error: &io::Error| {
            matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)
        };
        match stream.get_mut().write_all(&bytes) {
            Err(error) if is_closed(&error) => return None,
            written => written.unwrap(),
        }
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let read = match stream.read_until(b'\n', &mut head) {
                Err(error) if is_closed(&error) => 0,
                read => read.unwrap(),
            };
            if read == 0 {
                assert_eq!(String::from_utf8_lossy(&head), "", "an incomplete answer");
                return None;
            }
        }
        let head = String::from_utf8(head).unwrap();
        let status = head["HTTP/1.1 ".len()..][..3].parse().unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let body = if head.contains("\r\ntransfer-encoding: chunked\r\n") {
            read_chunks(&mut stream)
        } else {
            read_exactly(&mut stream, length.map_or(0, |length| length.parse().unwrap()))
        };
        if !head.contains("\r\nconnection: close\r\n") {
            self.stream = Some(stream);
        }
        Some(Answer { status, body })
    }
}

/// Reads the chunks of a body and puts them together.
fn read_chunks(stream: &mut BufReader<TcpStream>) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        let length = usize::from_str_radix(line.trim_end(), 16).unwrap();
        let chunk = read_exactly(stream, length + "\r\n".len());
        if length == 0 {
            return body;
        }
        body.extend_from_slice(&chunk[..length]);
    }
}

fn read_exactly(stream: &mut BufReader<TcpStream>, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).unwrap();
    bytes
}
