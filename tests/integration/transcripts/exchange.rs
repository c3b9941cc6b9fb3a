//! One exchange over the socket: a request, its whole answer, and the journal's entry of it.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::time::Duration;

use serde_json::Value;

use super::record::{Record, body_lines};
use crate::admin::v1;
use crate::harness::{AUTH, Answer, App, CREATE, connect};
use crate::scenarios::{HEADER, wait_until};

const COMMUNITY: &str = "f2a05adb-93ce-4a19-b003-3523fa745667";

/// A request and why it is recorded.
pub struct Exchange {
    name: &'static str,
    why: &'static str,
    request: Request,
    with_entry: bool,
    is_stream: bool,
}

#[derive(Clone)]
pub struct Request {
    method: &'static str,
    target: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Exchange {
    pub fn new(name: &'static str, why: &'static str, request: Request) -> Self {
        Self { name, why, request, with_entry: false, is_stream: false }
    }

    /// Records the journal's entry of the call too.
    pub fn with_entry(self) -> Self {
        Self { with_entry: true, ..self }
    }

    /// Reads no further than the end of the first event.
    pub fn stream(self) -> Self {
        Self { is_stream: true, ..self }
    }

    pub fn make(self, app: &App) -> Record {
        let mut record = Record::new(self.name, self.why);
        self.request.write(&mut record);
        let newest = || newest_entry(app).map(|entry| entry["id"].clone());
        let before = if self.with_entry { newest() } else { None };
        if self.is_stream {
            let (head, event) = self.request.first_event(app);
            record.answer(&head, &self.request.target);
            record.event(&event);
            return record;
        }
        let bytes = self.request.send(app);
        if bytes.starts_with(b"HTTP/") {
            record.answer(&Answer::parse(&bytes), &self.request.target);
        } else {
            record.wire("< not HTTP:");
            for line in body_lines(&bytes) {
                record.wire(format!("< {line}").trim_end());
            }
        }
        if self.with_entry {
            // a fault is journalled after the client has seen it
            wait_until("the call is in the journal", Duration::from_secs(10), || {
                newest() != before
            });
            let entry = newest_entry(app).unwrap();
            if entry["tenant"] == "demo" {
                let last = v1("tenants/demo/requests/last");
                assert_eq!(app.send("GET", &last, &[], b"").json(), entry, "{}", self.name);
            }
            record.wire("journal entry");
            record.json(&entry, &[]);
        }
        record
    }
}

fn newest_entry(app: &App) -> Option<Value> {
    let page = app.send("GET", &v1("requests?limit=1000"), &[], b"").json();
    page["requests"].as_array().unwrap().last().cloned()
}

impl Request {
    pub fn new(method: &'static str, target: impl Into<String>) -> Self {
        Self { method, target: target.into(), headers: vec![], body: vec![] }
    }

    pub fn get(target: impl Into<String>) -> Self {
        Self::new("GET", target)
    }

    /// A valid Create Group call of tenant `demo` with only the mandatory fields.
    pub fn create() -> Self {
        Self::new("POST", CREATE)
            .header("Authorization", "Bearer gnsb_demo")
            .header("Content-Type", "application/json")
            .body(format!(r#"{{"type":4,"community_id":"{COMMUNITY}"}}"#))
    }

    /// Create Group with more after the mandatory fields, for example `"chat_id":1`.
    pub fn create_with(more: &str) -> Self {
        Self::create().body(format!(r#"{{"type":4,"community_id":"{COMMUNITY}",{more}}}"#))
    }

    pub fn auth(body: &str) -> Self {
        Self::new("POST", AUTH).header("Content-Type", "application/json").body(body)
    }

    /// A read of the own API.
    pub fn read(path: &str) -> Self {
        Self::get(v1(path))
    }

    /// A write of the own API.
    pub fn change(method: &'static str, path: &str, body: &str) -> Self {
        Self::new(method, v1(path)).header("Content-Type", "application/json").body(body)
    }

    /// Adds a header, also beside one of the same name.
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self
    }

    pub fn token(self, token: &str) -> Self {
        self.without("Authorization").header("Authorization", &format!("Bearer {token}"))
    }

    /// Asks for a scenario by header.
    pub fn scenario(self, scenario: &str) -> Self {
        self.header(HEADER, scenario)
    }

    pub fn target(mut self, target: impl Into<String>) -> Self {
        self.target = target.into();
        self
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    fn write(&self, record: &mut Record) {
        record.wire(&format!("> {} {}", self.method, self.target));
        for (name, value) in &self.headers {
            record.wire(&format!("> {name}: {value}"));
        }
        if !self.body.is_empty() {
            record.wire(">");
            for line in body_lines(&self.body) {
                record.wire(format!("> {line}").trim_end());
            }
        }
    }

    fn send(&self, app: &App) -> Vec<u8> {
        let headers: Vec<_> =
            self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        app.send_for_bytes(self.method, &self.target, &headers, &self.body)
    }

    /// The head of a stream of events, and the lines up to the end of the first event.
    fn first_event(&self, app: &App) -> (Answer, Vec<String>) {
        let mut stream = connect(app.sandbox.address());
        let mut request = format!("GET {} HTTP/1.1\r\nHost: sandbox\r\n", self.target);
        for (name, value) in &self.headers {
            write!(request, "{name}: {value}\r\n").unwrap();
        }
        request += "\r\n";
        stream.write_all(request.as_bytes()).unwrap();
        let mut reader = BufReader::new(stream);
        let mut line = || {
            let mut line = String::new();
            assert_ne!(reader.read_line(&mut line).unwrap(), 0, "the stream ended");
            line
        };
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            head += &line();
        }
        let mut event: Vec<String> = vec![];
        while !event.iter().any(|line| line.starts_with("data: ")) {
            // the size of a chunk ends in CR LF, a line of an event in LF
            let line = line();
            if !line.ends_with("\r\n") {
                event.push(line.trim_end_matches('\n').to_owned());
            }
        }
        (Answer::parse(head.as_bytes()), event)
    }
}
