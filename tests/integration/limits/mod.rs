//! The limits of the server, over raw sockets. Every limit is tested switched off too, where the same
//! check must fail.

mod bodies;
mod connections;
mod framing;
mod heads;
mod memory;
mod slow;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use genuin_sandbox::{HostCheck, Limits};
use serde_json::Value;

use crate::harness::{Answer, App, connect};

/// A time limit that tests wait for.
const SHORT: Duration = Duration::from_millis(150);
/// A time limit that no test reaches.
const NEVER: Duration = Duration::from_hours(24);
/// How long to wait for what must happen.
const MUST_HAPPEN: Duration = Duration::from_secs(20);
/// How long to wait for what must not happen.
const MUST_NOT_HAPPEN: Duration = Duration::from_millis(600);

/// A server with limits of its own, and how long clients wait for it.
struct Server {
    app: App,
    wait: Duration,
}

/// What a client received.
#[derive(Debug, PartialEq, Eq)]
enum Received {
    /// These bytes, then the connection was closed.
    Closed(Vec<u8>),
    /// These bytes, then the connection was reset.
    Reset(Vec<u8>),
    /// These bytes, and the connection is still open.
    Open(Vec<u8>),
}

impl Server {
    fn new(limits: Limits, wait: Duration) -> Self {
        Self { app: App::with(|builder| builder.limits(limits)), wait }
    }

    fn connect(&self) -> TcpStream {
        connect(self.app.sandbox.address())
    }

    fn send(&self, bytes: &[u8]) -> TcpStream {
        let mut stream = self.connect();
        stream.write_all(bytes).unwrap();
        stream
    }

    /// Reads until the server closes the connection.
    fn receive(&self, stream: TcpStream) -> Received {
        receive(stream, self.wait)
    }

    /// Reads the one answer after which the server closes the connection, as it must announce.
    fn last_answer(&self, stream: TcpStream) -> Result<Answer, String> {
        let received = self.receive(stream);
        let Received::Closed(bytes) = &received else { return Err(format!("{received:?}")) };
        let text = String::from_utf8_lossy(bytes);
        if text.matches("HTTP/1.1 ").count() != 1 {
            return Err(format!("not one answer: {text}"));
        }
        if !text.contains("\r\nconnection: close\r\n") {
            return Err(format!("does not announce that it closes: {text}"));
        }
        Ok(Answer::parse(bytes))
    }
}

fn receive(mut stream: TcpStream, wait: Duration) -> Received {
    stream.set_read_timeout(Some(wait)).unwrap();
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Ok(_) => Received::Closed(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => Received::Reset(bytes),
        Err(_) => Received::Open(bytes),
    }
}

/// Runs a check with a limit, where it must pass, and without it, where it must fail.
fn check_limit(on: Limits, off: Limits, check: impl Fn(&Server) -> Result<(), String>) {
    check(&Server::new(on, MUST_HAPPEN)).unwrap();
    let without = check(&Server::new(off, MUST_NOT_HAPPEN));
    assert!(without.is_err(), "the check passes without the limit, so it does not test it");
}

/// Checks that an answer is the sandbox's own problem with this status.
fn expect_problem(answer: &Answer, status: u16) -> Result<(), String> {
    let is_ours = answer.header("content-type") == Some("application/problem+json");
    if answer.status != status || !is_ours {
        return Err(format!("not a problem with {status}: {answer:?}"));
    }
    let body: Value = serde_json::from_str(&answer.body).map_err(|error| error.to_string())?;
    if body["status"] == status && body.get("code").is_none() {
        Ok(())
    } else {
        Err(format!("not a problem: {body}"))
    }
}

fn expect<T: PartialEq + std::fmt::Debug>(what: &str, is: &T, want: &T) -> Result<(), String> {
    if is == want { Ok(()) } else { Err(format!("{what}: {is:?}, not {want:?}")) }
}

/// A request that leaves the connection open.
const LIVEZ: &[u8] = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";

/// Reads the answer to [`LIVEZ`].
fn read_livez(stream: &mut TcpStream) -> Result<(), String> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\nok") {
        let mut byte = [0];
        match stream.read(&mut byte) {
            Ok(1) => bytes.push(byte[0]),
            ended => return Err(format!("{ended:?} after {:?}", String::from_utf8_lossy(&bytes))),
        }
    }
    Ok(())
}

#[test]
fn the_defaults_are_as_documented() {
    let seconds = Duration::from_secs;
    let documented = Limits {
        connections: 10_000,
        head_bytes: 16_384,
        headers: 100,
        head_time: seconds(10),
        idle_time: seconds(120),
        quiet_time: seconds(1),
        body_bytes: 1_048_576,
        body_pause: seconds(10),
        body_time: seconds(30),
        linger_bytes: 67_108_864,
        linger_time: seconds(5),
        waiting: 1000,
        host_check: HostCheck::On,
    };
    assert_eq!(Limits::default(), documented);
}
