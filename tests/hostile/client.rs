//! A sandbox, and a client that sends any bytes.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use genuin_sandbox::{Clock, RunningSandbox};
use serde_json::Value;

pub const CREATE: &str = "/api/thirdparty/group/create";
pub const COMMUNITY: &str = "f2a05adb-93ce-4a19-b003-3523fa745667";

/// If the server hangs, a test fails after this time instead of hanging too.
const TIMEOUT: Duration = Duration::from_secs(20);

pub fn sandbox() -> RunningSandbox {
    let clock = Clock::parse("2024-09-24T09:13:31Z").unwrap();
    RunningSandbox::builder().clock(clock).public_url("http://sandbox").start().unwrap()
}

/// A connection that is kept open, and reopened when the server has closed it.
pub struct Client<'s> {
    sandbox: &'s RunningSandbox,
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

impl<'s> Client<'s> {
    pub fn new(sandbox: &'s RunningSandbox) -> Self {
        Self { sandbox, stream: None }
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
        let address = self.sandbox.address();
        let mut stream = self.stream.take().unwrap_or_else(|| {
            let stream = TcpStream::connect(address).unwrap();
            stream.set_read_timeout(Some(TIMEOUT)).unwrap();
            BufReader::new(stream)
        });
        stream.get_mut().write_all(&bytes).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if stream.read_until(b'\n', &mut head).unwrap() == 0 {
                assert_eq!(String::from_utf8_lossy(&head), "", "an incomplete answer");
                return None;
            }
        }
        let head = String::from_utf8(head).unwrap();
        let status = head["HTTP/1.1 ".len()..][..3].parse().unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        stream.read_exact(&mut body).unwrap();
        if !head.contains("\r\nconnection: close\r\n") {
            self.stream = Some(stream);
        }
        Some(Answer { status, body })
    }
}

/// Sends bytes, closes this side, and returns the statuses of all answers.
pub fn statuses(sandbox: &RunningSandbox, bytes: &[u8]) -> Vec<u16> {
    let mut stream = TcpStream::connect(sandbox.address()).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    // an error means that the server has already refused the request and closed
    let _ = stream.write_all(bytes).and_then(|()| stream.shutdown(Shutdown::Write));
    let mut answers = Vec::new();
    match stream.read_to_end(&mut answers) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset),
    }
    let text = String::from_utf8_lossy(&answers);
    // each part starts with the minor version, then the status
    text.split("HTTP/1.").skip(1).map(|answer| answer[2..5].parse().unwrap()).collect()
}
