//! Scenarios over a real socket: which one a call gets, what is counted, what the caller gets.

mod annotations;
mod answers;
mod check_command;
mod check_refusals;
mod counting;
mod directory;
mod faults;
mod ids;
mod outcomes_command;
mod parked;
mod phases;
mod reload;
mod rules;
mod scalars;
mod selectors;
mod shutdown;
mod used_up;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Answer, App, BAD_REQUEST, CREATE, connect, example, raw, set, without};

pub const HEADER: &str = "X-Sandbox-Scenario";

/// Error bodies of the vendor that the contract's checks never give.
pub const SERVER_ERROR: &str = BAD_REQUEST;
pub const COMMUNITY_NOT_FOUND: &str = r#"{"code":"5218","message":"The community you are looking for is no longer available.","data":{}}"#;

/// A Create Group call that names scenarios in any of the places for it.
#[derive(Clone)]
pub struct Call {
    prefix: String,
    headers: Vec<(&'static str, String)>,
    token: String,
    body: Value,
}

impl Call {
    /// A valid call of tenant `demo` that can be repeated.
    pub fn new() -> Self {
        let token = "gnsb_demo".into();
        Self { prefix: String::new(), headers: vec![], token, body: without(example(), "/chat_id") }
    }

    /// Adds a header that names a scenario.
    pub fn header(mut self, scenario: &str) -> Self {
        self.headers.push((HEADER, scenario.to_owned()));
        self
    }

    /// Puts `prefix` into the URL as it is.
    pub fn url(mut self, prefix: &str) -> Self {
        self.prefix = format!("/~{prefix}");
        self
    }

    pub fn token(mut self, token: &str) -> Self {
        token.clone_into(&mut self.token);
        self
    }

    pub fn tags(self, tags: &str) -> Self {
        self.with("/group/tags", json!(tags))
    }

    pub fn name(self, name: &str) -> Self {
        self.with("/group/name", json!(name))
    }

    /// Sets a value in the body.
    pub fn with(mut self, pointer: &str, value: Value) -> Self {
        self.body = set(self.body, pointer, value);
        self
    }

    pub fn send(&self, app: &App) -> Answer {
        self.send_to(app.sandbox.address())
    }

    pub fn send_to(&self, address: SocketAddr) -> Answer {
        Answer::parse(&raw(address, &self.bytes(&["Connection: close"])))
    }

    /// The request as it is sent, with these header lines added.
    pub fn bytes(&self, more: &[&str]) -> Vec<u8> {
        let mut lines = vec![
            format!("POST {}{CREATE} HTTP/1.1", self.prefix),
            "Host: sandbox".into(),
            format!("Authorization: Bearer {}", self.token),
            "Content-Type: application/json".into(),
        ];
        lines.extend(self.headers.iter().map(|(name, value)| format!("{name}: {value}")));
        lines.extend(more.iter().map(|line| (*line).to_owned()));
        let body = self.body.to_string();
        format!("{}\r\nContent-Length: {}\r\n\r\n{body}", lines.join("\r\n"), body.len()).into()
    }
}

/// Starts a sandbox with a scenario of these rules; the folder must outlive it.
pub fn with_rules(rules: &str) -> (App, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    write_rules(&folder, "test", rules);
    let app = App::with(|builder| builder.scenarios(folder.path()).scenario("test"));
    (app, folder)
}

/// Writes `NAME.yaml` with these rules.
pub fn write_rules(folder: &TempDir, name: &str, rules: &str) {
    let text = format!("version: 1\nname: {name}\nrules:\n{rules}\n");
    std::fs::write(folder.path().join(format!("{name}.yaml")), text).unwrap();
}

/// The short name of an answer in the tests' tables.
pub fn ending(answer: &Answer) -> String {
    match answer.status {
        200 => "ok".into(),
        500 => match answer.json()["code"].as_str().unwrap() {
            "1099" => "500".into(),
            code => code.to_owned(),
        },
        status => status.to_string(),
    }
}

/// Makes a call several times and returns the short names of the answers.
pub fn endings(app: &App, call: &Call, calls: usize) -> Vec<String> {
    (0..calls).map(|_| ending(&call.send(app))).collect()
}

/// A connection that is kept for several calls.
pub struct Kept(BufReader<TcpStream>);

impl Kept {
    pub fn open(address: SocketAddr) -> Self {
        Self(BufReader::new(connect(address)))
    }

    /// A connection on which calls have been sent.
    pub fn over(stream: TcpStream) -> Self {
        Self(BufReader::new(stream))
    }

    /// Returns the socket once all answers have been read.
    pub fn into_inner(self) -> TcpStream {
        assert_eq!(self.0.buffer(), b"", "more than the answers");
        self.0.into_inner()
    }

    /// Makes a call and returns the status of its answer.
    pub fn call(&mut self, request: &[u8]) -> u16 {
        self.0.get_mut().write_all(request).unwrap();
        self.answer()
    }

    /// Reads the next answer and returns its status.
    pub fn answer(&mut self) -> u16 {
        let (mut status, mut length) = (0, 0);
        loop {
            let mut line = String::new();
            assert_ne!(self.0.read_line(&mut line).unwrap(), 0, "closed within a head");
            let line = line.trim_end();
            if line.is_empty() {
                break;
            } else if let Some(rest) = line.strip_prefix("HTTP/1.1 ") {
                status = rest[..3].parse().unwrap();
            } else if let Some(rest) = line.strip_prefix("content-length: ") {
                length = rest.parse().unwrap();
            }
        }
        self.0.read_exact(&mut vec![0; length]).unwrap();
        status
    }
}

/// Waits until a condition holds and returns how long that took.
pub fn wait_until(what: &str, limit: Duration, mut holds: impl FnMut() -> bool) -> Duration {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < limit, "not within {limit:?}: {what}");
        std::thread::yield_now();
    }
    start.elapsed()
}

/// Counts the open sockets and files of a process.
pub fn open_files(process: u32) -> usize {
    std::fs::read_dir(format!("/proc/{process}/fd")).unwrap().count()
}
