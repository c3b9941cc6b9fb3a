//! `report` and `checklist`: what the sandbox finds in the calls of clients, over a real socket.

mod api;
mod clients;
mod commands;
mod expectations;
mod repeats;
mod verdict;

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use serde_json::{Value, json};

use crate::admin::read;
use crate::harness::{AUTH, Answer, CREATE, connect};

/// A client of one tenant, which makes a new connection for each call.
pub struct Client {
    pub address: SocketAddr,
    pub tenant: String,
    pub token: String,
}

impl Client {
    pub fn new(address: SocketAddr, tenant: &str) -> Self {
        Self { address, tenant: tenant.to_owned(), token: format!("gnsb_{tenant}") }
    }

    /// Calls Create Group; `None` if there is no answer.
    pub fn create(&self, scenario: &str, body: &Value) -> Option<Answer> {
        let mut stream = self.send(CREATE, scenario, body);
        let mut bytes = Vec::new();
        // an error is a reset
        stream.read_to_end(&mut bytes).ok()?;
        (!bytes.is_empty()).then(|| Answer::parse(&bytes))
    }

    /// The status of Create Group, 0 without an answer.
    pub fn status(&self, scenario: &str, body: &Value) -> u16 {
        self.create(scenario, body).map_or(0, |answer| answer.status)
    }

    /// Makes the same call several times over one connection, and sends them all at once: then the server
    /// takes up each when it has answered the last, however busy the machine is.
    pub fn create_in_a_row(&self, times: usize, scenario: &str, body: &Value) -> String {
        let last = self.request(CREATE, scenario, body);
        let others = last.replace("Connection: close\r\n", "").repeat(times - 1);
        let mut stream = connect(self.address);
        stream.write_all((others + &last).as_bytes()).unwrap();
        let mut answers = String::new();
        stream.read_to_string(&mut answers).unwrap();
        answers
    }

    /// Sends a call and does not wait for its answer.
    pub fn send(&self, path: &str, scenario: &str, body: &Value) -> TcpStream {
        let mut stream = connect(self.address);
        stream.write_all(self.request(path, scenario, body).as_bytes()).unwrap();
        stream
    }

    fn request(&self, path: &str, scenario: &str, body: &Value) -> String {
        let body = body.to_string();
        let scenario = if scenario.is_empty() {
            String::new()
        } else {
            format!("X-Sandbox-Scenario: {scenario}\r\n")
        };
        format!(
            "POST {path} HTTP/1.1\r\nHost: sandbox\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\n{scenario}Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
            self.token,
            body.len()
        )
    }

    /// Logs in and uses the new token from now on.
    pub fn log_in(&mut self) {
        let keys = json!({"api_key": format!("gnsb_{}", self.tenant), "api_secret": "gnsb-secret"});
        let mut bytes = Vec::new();
        self.send(AUTH, "", &keys).read_to_end(&mut bytes).unwrap();
        let answer = Answer::parse(&bytes);
        answer.header("gn-access-token").unwrap().clone_into(&mut self.token);
    }
}

/// A valid body that is like no other one with another name.
pub fn group(name: &str) -> Value {
    json!({
        "type": 4,
        "community_id": "f2a05adb-93ce-4a19-b003-3523fa745667",
        "group": {"name": name},
    })
}

/// The same with an own id.
pub fn group_with_id(name: &str, number: u32) -> Value {
    let mut body = group(name);
    body["chat_id"] = json!(format!("00000000-0000-4000-8000-{number:012}"));
    body
}

/// What is found in each tenant: `no-backoff [1, 2, 3]`.
pub fn found(address: SocketAddr) -> BTreeMap<String, Vec<String>> {
    let report = read(address, "report");
    let mut found = BTreeMap::<_, Vec<_>>::new();
    for finding in report["findings"].as_array().unwrap() {
        let text = |key: &str| finding[key].as_str().unwrap().to_owned();
        let requests = &finding["requests"];
        found.entry(text("tenant")).or_default().push(format!("{} {requests}", text("rule")));
    }
    found
}
