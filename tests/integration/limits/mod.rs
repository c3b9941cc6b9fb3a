//! The limits of the edge, over raw sockets. Every guard is tested with the guard off too, where
//! the same test must fail.

mod bodies;
mod connections;
mod framing;
mod heads;
mod slow;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use genuin_sandbox::Limits;
use serde_json::Value;

use crate::harness::{Answer, App, connect};

/// A limit that is over soon, for tests that wait for it.
const SOON: Duration = Duration::from_millis(150);
/// A limit that is never over.
const NEVER: Duration = Duration::from_hours(24);
/// How long a test waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a test waits for what must not happen.
const IMPATIENCE: Duration = Duration::from_millis(600);

/// One client's view of a server with limits of its own.
struct Edge {
    app: App,
    patience: Duration,
}

/// What a client saw until the server closed the connection.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    /// Answers, the last of which was followed by an end.
    Closed(Vec<u8>),
    /// A reset after these bytes.
    Reset(Vec<u8>),
    /// These bytes, and the connection is still open.
    Open(Vec<u8>),
}

impl Edge {
    fn new(limits: Limits, patience: Duration) -> Self {
        Self { app: App::with(|builder| builder.limits(limits)), patience }
    }

    fn connect(&self) -> TcpStream {
        connect(self.app.sandbox.address())
    }

    fn send(&self, bytes: &[u8]) -> TcpStream {
        let mut stream = self.connect();
        stream.write_all(bytes).unwrap();
        stream
    }

    /// What comes until the server closes the connection.
    fn see(&self, stream: TcpStream) -> Seen {
        see(stream, self.patience)
    }

    /// The one answer after which the connection was closed, which it must say.
    fn last_answer(&self, stream: TcpStream) -> Result<Answer, String> {
        let seen = self.see(stream);
        let Seen::Closed(bytes) = &seen else { return Err(format!("{seen:?}")) };
        let text = String::from_utf8_lossy(bytes);
        if text.matches("HTTP/1.1 ").count() != 1 {
            return Err(format!("not one answer: {text}"));
        }
        if !text.contains("\r\nconnection: close\r\n") {
            return Err(format!("does not say that it closes: {text}"));
        }
        Ok(Answer::parse(bytes))
    }
}

fn see(mut stream: TcpStream, patience: Duration) -> Seen {
    stream.set_read_timeout(Some(patience)).unwrap();
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Ok(_) => Seen::Closed(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => Seen::Reset(bytes),
        Err(_) => Seen::Open(bytes),
    }
}

/// Runs a check with a guard, where it must hold, and without it, where it must not.
fn guarded(on: Limits, off: Limits, check: impl Fn(&Edge) -> Result<(), String>) {
    check(&Edge::new(on, PATIENCE)).unwrap();
    let held = check(&Edge::new(off, IMPATIENCE));
    assert!(held.is_err(), "the check holds without the guard, so it says nothing of it");
}

/// An answer of ours with this status.
fn problem(answer: &Answer, status: u16) -> Result<(), String> {
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

/// A call that is answered and leaves the connection open.
const LIVEZ: &[u8] = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";

/// Reads one answer of `/livez`.
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
