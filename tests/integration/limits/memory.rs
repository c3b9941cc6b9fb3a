//! The limit on the memory of bodies and answers under way.

use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use super::{MUST_HAPPEN, receive};
use crate::harness::{Answer, App, CREATE, connect};
use crate::scenarios::wait_until;
use std::io::Write as _;

const BODY_BYTES: usize = 1_000_000;
const BODIES: usize = 60;

fn status(app: &App) -> Value {
    app.send("GET", "/_sandbox/v1/status", &[], b"").json()
}

/// Sends a body but for its last byte.
fn begin_body(app: &App) -> TcpStream {
    let mut stream = connect(app.sandbox.address());
    let head = format!(
        "POST {CREATE} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer gnsb_busy\r\n\
         Content-Length: {BODY_BYTES}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    // an error means that it has been refused
    let _ = stream.write_all(&vec![b' '; BODY_BYTES - 1]);
    stream
}

/// Begins many bodies; returns how many are refused.
fn refused_of_many(app: &App) -> usize {
    let address = app.sandbox.address();
    let streams: Vec<_> = (0..BODIES).map(|_| begin_body(app)).collect();
    // the rest of those that were not refused
    wait_until("all bodies have come", MUST_HAPPEN, || {
        let memory = &status(app)["memory"]["connections"];
        let held = memory["used_bytes"].as_u64().unwrap() / (BODY_BYTES as u64);
        held + memory["refused"].as_u64().unwrap() >= BODIES as u64
    });
    let mut refused = 0;
    for mut stream in streams {
        let _ = stream.write_all(b" ");
        stream.set_read_timeout(Some(MUST_HAPPEN)).unwrap();
        let mut first = [0; 12];
        std::io::Read::read_exact(&mut stream, &mut first).unwrap();
        if &first == b"HTTP/1.1 503" {
            refused += 1;
        }
    }
    // it goes on as before
    let answer = Answer::parse(&crate::harness::raw(
        address,
        b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ));
    assert_eq!(answer.status, 200);
    refused
}

#[test]
fn bodies_that_exceed_the_memory_are_refused_and_journalled() {
    let app = App::with(|builder| builder.max_memory_mib(12));
    let refused = refused_of_many(&app);
    let limit = status(&app)["memory"]["connections"]["limit_bytes"].as_u64().unwrap();
    let fit = usize::try_from(limit).unwrap() / BODY_BYTES;
    assert!((BODIES - fit..BODIES).contains(&refused), "{refused} of {BODIES}, {fit} fit");
    let page = app.send(
        "GET",
        "/_sandbox/v1/tenants/busy/requests?outcome=server-busy&limit=1000",
        &[],
        b"",
    );
    let entries = page.json()["requests"].as_array().unwrap().clone();
    assert_eq!(entries.len(), refused);
    let facts = ["status", "outcome", "endpoint", "body_bytes", "committed"];
    let expected = json!([503, "server-busy", null, BODY_BYTES, false]);
    assert_eq!(json!(facts.map(|key| &entries[0][key])), expected);
    let message = entries[0]["findings"][0]["message"].as_str().unwrap();
    assert!(message.contains("--max-memory"), "{message}");
    // with more memory, none is
    assert_eq!(refused_of_many(&App::with(|builder| builder.max_memory_mib(960))), 0);
}

/// Sends a verification with patterns of 30 KiB each that no call fulfils.
fn begin_verify(app: &App) -> TcpStream {
    let any: Vec<_> = (0..10)
        .map(|number| json!({"body": {"group.name": {"regex": format!("[ab]*a[ab]{{9}}c{number}")}}}))
        .collect();
    let body = json!({"match": {"any": any}, "wait_ms": 60_000}).to_string();
    let mut stream = connect(app.sandbox.address());
    let head = format!(
        "POST /_sandbox/v1/tenants/busy/verify HTTP/1.1\r\nHost: localhost\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    stream
}

#[test]
fn verifications_that_wait_take_memory_for_their_patterns() {
    let app = App::with(|builder| builder.max_memory_mib(12));
    let memory = || status(&app)["memory"]["connections"].clone();
    let waiting: Vec<_> = (0..20).map(|_| begin_verify(&app)).collect();
    wait_until("most are refused", MUST_HAPPEN, || memory()["refused"].as_u64() >= Some(12));
    let mut refused = begin_verify(&app);
    refused.set_read_timeout(Some(MUST_HAPPEN)).unwrap();
    let mut first = [0; 12];
    std::io::Read::read_exact(&mut refused, &mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 503");
    assert!(memory()["used_bytes"].as_u64() > Some(300_000), "{}", memory());
    drop(waiting);
    wait_until("they give it back", MUST_HAPPEN, || memory()["used_bytes"] == 0);
}

#[test]
fn connections_are_counted_by_what_they_do() {
    let app = App::start();
    let hanging = crate::scenarios::Call::new().header("hang").bytes(&[]);
    let mut streams: Vec<_> = (0..3).map(|_| connect(app.sandbox.address())).collect();
    streams[0].write_all(&hanging).unwrap();
    streams[1].write_all(b"GET /_sandbox/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let body = begin_body(&app);
    let count = |state: &str| status(&app)["counts"]["connections"][state].clone();
    wait_until("all are counted", MUST_HAPPEN, || {
        ["faulted", "streaming", "reading"].map(|state| count(state) == 1) == [true; 3]
    });
    assert!(count("answering").as_u64() >= Some(1), "the one that asks");
    let metrics = app.send("GET", "/_sandbox/v1/metrics", &[], b"").body;
    let faulted = "\ngenuin_sandbox_connections{instance=\"in-process\",state=\"faulted\"} 1\n";
    assert!(metrics.contains(faulted), "{metrics}");
    drop(body);
    drop(receive(streams.remove(0), Duration::from_millis(1)));
    wait_until("it is gone", MUST_HAPPEN, || count("faulted") == 0);
}
