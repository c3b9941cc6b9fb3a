//! `events`: the journal as server-sent events, resumed where a reader left off.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use serde_json::Value;

use super::{ask, assert_problem, entries, read};
use crate::harness::{App, connect};
use crate::process::Process;
use crate::scenarios::Call;

/// A reader of the stream, and how much of the current chunk is left.
pub struct Stream(BufReader<TcpStream>, usize);

impl Stream {
    /// Connects, and has read that it is connected.
    pub fn open(address: SocketAddr, query: &str, last: Option<&str>) -> Self {
        let mut stream = connect(address);
        let last = last.map_or(String::new(), |id| format!("Last-Event-ID: {id}\r\n"));
        let request =
            format!("GET /_sandbox/v1/events{query} HTTP/1.1\r\nHost: localhost\r\n{last}\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut stream = Self(BufReader::new(stream), 0);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(stream.0.read_line(&mut head).unwrap(), 0, "{head}");
        }
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        for line in ["content-type: text/event-stream\r\n", "cache-control: no-store\r\n"] {
            assert!(head.contains(line), "{head}");
        }
        assert_eq!(stream.line(), ": connected");
        assert_eq!(stream.line(), "");
        stream
    }

    /// The next line of the stream, whatever chunks it comes in.
    fn line(&mut self) -> String {
        let mut line = Vec::new();
        loop {
            match self.byte() {
                b'\n' => return String::from_utf8(line).unwrap(),
                byte => line.push(byte),
            }
        }
    }

    /// The next byte of the body, without the framing of chunks.
    fn byte(&mut self) -> u8 {
        while self.1 == 0 {
            let mut size = String::new();
            assert_ne!(self.0.read_line(&mut size).unwrap(), 0, "the stream ended");
            // the end of the chunk before is an empty line
            if size != "\r\n" {
                self.1 = usize::from_str_radix(size.trim_end(), 16).unwrap();
                assert_ne!(self.1, 0, "the stream ended");
            }
        }
        self.1 -= 1;
        let mut byte = [0];
        self.0.read_exact(&mut byte).unwrap();
        byte[0]
    }

    /// The cursor and the entry of the next event, which is a call.
    fn event(&mut self) -> (String, Value) {
        let (id, kind, data) = self.any_event();
        assert_eq!(kind, "call", "{data}");
        (id, data)
    }

    /// The cursor, the kind and the data of the next event.
    pub fn any_event(&mut self) -> (String, String, Value) {
        let [id, kind, data] = ["id: ", "event: ", "data: "].map(|field| {
            let line = self.line();
            line.strip_prefix(field).unwrap_or_else(|| panic!("{field}{line}")).to_owned()
        });
        assert_eq!(self.line(), "");
        (id, kind, serde_json::from_str(&data).unwrap())
    }

    /// The addresses of the next calls, and the cursor behind the last of them.
    fn calls(&mut self, count: usize) -> (Vec<Value>, String) {
        let events: Vec<_> = (0..count).map(|_| self.event()).collect();
        let ids = events.iter().map(|(_, entry)| entry["id"].clone()).collect();
        (ids, events.last().unwrap().0.clone())
    }

    fn ids(&mut self, count: usize) -> Vec<Value> {
        self.calls(count).0
    }
}

fn calls(app: &App, tenant: &str, count: usize) {
    for _ in 0..count {
        Call::new().token(&format!("gnsb_{tenant}")).send(app);
    }
}

#[test]
fn a_call_is_an_event_with_the_whole_entry() {
    let app = App::start();
    let address = app.sandbox.address();
    calls(&app, "demo", 2);
    let mut stream = Stream::open(address, "", None);
    Call::new().header("5026").send(&app);
    let (_, entry) = stream.event();
    assert_eq!(entry["id"], "demo/3", "what was before it connected is not sent");
    assert_eq!(entry, read(address, "tenants/demo/requests/last"));
    Call::new().token("gnsb_Demo").send(&app);
    let (_, entry) = stream.event();
    assert_eq!(entry["tenant"], "anonymous");
}

/// The addresses of the calls of a tenant.
fn addresses(tenant: &str, seqs: impl IntoIterator<Item = usize>) -> Vec<Value> {
    seqs.into_iter().map(|seq| format!("{tenant}/{seq}").into()).collect()
}

#[test]
fn a_reader_resumes_after_its_last_event_without_loss_or_repeat() {
    let app = App::start();
    let address = app.sandbox.address();
    let mut stream = Stream::open(address, "", None);
    calls(&app, "demo", 3);
    let (ids, cursor) = stream.calls(2);
    assert_eq!(ids, addresses("demo", 1..=2));
    drop(stream);
    // more than are sent at once
    calls(&app, "other", 250);
    let mut stream = Stream::open(address, "", Some(&cursor));
    calls(&app, "demo", 5);
    let missed =
        [addresses("demo", [3]), addresses("other", 1..=250), addresses("demo", 4..=8)].concat();
    assert_eq!(stream.ids(256), missed);
    calls(&app, "demo", 1);
    assert_eq!(stream.ids(1), addresses("demo", [9]));
}

#[test]
fn an_event_id_of_an_earlier_run_starts_at_the_oldest_call() {
    let (before, app) = (App::start(), App::start());
    calls(&before, "demo", 2);
    let cursor = read(before.sandbox.address(), "requests?limit=1")["next"].clone();
    for _ in 0..3 {
        calls(&app, "other", 2);
        calls(&app, "demo", 1);
    }
    let address = app.sandbox.address();
    for last in [cursor.as_str().unwrap(), "0", "3", "x", "größe"] {
        let ids = Stream::open(address, "?tenant=demo", Some(last)).ids(3);
        assert_eq!(ids, addresses("demo", 1..=3), "{last}");
        assert_eq!(Stream::open(address, "", Some(last)).ids(9).len(), 9, "{last}");
    }
}

#[test]
fn a_reader_of_one_tenant_gets_only_its_events() {
    let app = App::start();
    let address = app.sandbox.address();
    let mut fresh = Stream::open(address, "?tenant=demo", None);
    let mut anonymous = Stream::open(address, "?tenant=anonymous", None);
    for _ in 0..3 {
        calls(&app, "other", 2);
        calls(&app, "demo", 1);
    }
    let (first, cursor) = fresh.calls(1);
    assert_eq!(first, addresses("demo", [1]));
    assert_eq!(fresh.ids(2), addresses("demo", 2..=3));
    let mut resumed = Stream::open(address, "?tenant=demo", Some(&cursor));
    calls(&app, "demo", 1);
    assert_eq!(resumed.ids(3), addresses("demo", 2..=4));
    app.send("GET", "/nowhere", &[], b"");
    assert_eq!(anonymous.ids(1), addresses("anonymous", [1]));
    assert_eq!(entries(address, "demo").len(), 4);
}

#[test]
fn an_unknown_parameter_or_tenant_is_refused() {
    let app = App::start();
    let address = app.sandbox.address();
    let detail = r#"unknown parameter "tennant"; did you mean "tenant"? (known: tenant)"#;
    assert_problem(&ask(address, "GET", "events?tennant=x", ""), 400, "Bad Request", detail, None);
    assert_eq!(ask(address, "GET", "events?tenant=Demo", "").status, 404);
}

#[test]
fn streams_and_waiting_verifications_end_with_the_server() {
    let process = Process::start(&[]);
    let address = process.address;
    let mut stream = Stream::open(address, "", None);
    let waiting = std::thread::spawn(move || {
        ask(address, "POST", "tenants/demo/verify", r#"{"wait_ms":60000}"#)
    });
    // it has made its tenant, so it waits
    crate::scenarios::wait_until("it waits", std::time::Duration::from_secs(10), || {
        !super::list(&read(address, "tenants"), "tenants").is_empty()
    });
    let end = process.stop();
    assert_eq!(end.code, Some(0), "{}", end.stderr);
    assert_eq!(waiting.join().unwrap().json()["pass"], false);
    let mut rest = String::new();
    stream.0.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "\r\n0\r\n\r\n", "the stream is ended, not cut");
}
