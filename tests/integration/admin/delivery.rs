//! `requests`: what became of the answer of each call, and when it was sent.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use genuin_sandbox::Limits;
use serde_json::{Value, json};

use super::{entries, read, write};
use crate::harness::{Answer, App, CREATE, connect};
use crate::scenarios::{Call, Kept, wait_until};

const LIMIT: Duration = Duration::from_secs(30);

/// The newest entry of tenant `demo`.
fn last(app: &App) -> Value {
    read(app.sandbox.address(), "tenants/demo/requests/last")
}

/// Sends a call and does not wait for its answer.
fn send(app: &App, call: &Call) -> TcpStream {
    let mut stream = connect(app.sandbox.address());
    stream.write_all(&call.bytes(&[])).unwrap();
    stream
}

/// Waits until a tenant has so many entries and returns the newest.
fn wait_for(app: &App, count: usize) -> Value {
    let address = app.sandbox.address();
    wait_until("the call is under way", LIMIT, || entries(address, "demo").len() >= count);
    last(app)
}

/// How long after the request the answer was sent, in microseconds; asserts that it was sent.
fn took_us(entry: &Value) -> i64 {
    let time = |key: &str| {
        let text = entry[key].as_str().unwrap_or_else(|| panic!("no {key}: {entry}"));
        text.parse::<jiff::Timestamp>().unwrap().as_microsecond()
    };
    time("answered_at") - time("received_at")
}

fn wait_for_delivery(app: &App, delivery: &str) -> Value {
    wait_until(delivery, LIMIT, || last(app)["delivery"] == delivery);
    last(app)
}

#[test]
fn a_client_that_has_read_its_answer_finds_it_sent() {
    let app = App::start();
    let address = app.sandbox.address();
    let mut calling = Kept::open(address);
    let mut asking = connect(address);
    for number in 0..200 {
        // answers of one write and of many
        let name = "x".repeat(if number % 10 == 0 { 100_000 } else { 10 });
        assert_eq!(calling.call(&Call::new().name(&name).bytes(&[])), 200);
        let question =
            b"GET /_sandbox/v1/tenants/demo/requests/last HTTP/1.1\r\nHost: localhost\r\n\r\n";
        let answer = if number % 2 == 0 { ask(&mut asking, question) } else { last(&app) };
        assert_eq!(answer["seq"], number + 1);
        assert_eq!(answer["delivery"], "sent", "{number}");
        assert!(took_us(&answer) >= 0, "{answer}");
    }
}

/// Asks on a connection that stays open.
fn ask(stream: &mut TcpStream, question: &[u8]) -> Value {
    stream.write_all(question).unwrap();
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let read = stream.read(&mut chunk).unwrap();
        bytes.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= length.unwrap().parse().unwrap() {
            return serde_json::from_str(body).unwrap();
        }
    }
}

#[test]
fn whatever_is_answered_was_sent() {
    let app = App::start();
    let address = app.sandbox.address();
    let request = |head: &str| {
        let mut stream = connect(address);
        stream.write_all(head.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        Answer::parse(&bytes).status
    };
    let token = "Authorization: Bearer gnsb_demo\r\nConnection: close\r\n";
    for (head, status) in [
        (format!("GET /nope HTTP/1.1\r\nHost: x\r\n{token}\r\n"), 404),
        (format!("GET {CREATE} HTTP/1.0\r\n{token}\r\n"), 405),
        (format!("HEAD {CREATE} HTTP/1.1\r\nHost: x\r\n{token}\r\n"), 405),
        (format!("GET {CREATE} HTTP/1.1\r\nHost: x\r\nHost: y\r\n{token}\r\n"), 400),
        (
            format!("POST {CREATE} HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n{token}\r\n"),
            413,
        ),
    ] {
        assert_eq!(request(&head), status, "{head}");
        let entry = last(&app);
        assert_eq!((&entry["status"], &entry["delivery"]), (&json!(status), &json!("sent")));
        assert!(took_us(&entry) >= 0, "{entry}");
    }
}

#[test]
fn a_body_that_breaks_off_is_told_from_one_with_malformed_chunks() {
    let app = App::start();
    let token = "Authorization: Bearer gnsb_demo\r\n";
    for (seq, (framing, body)) in [
        ("Content-Length: 20", "{"),
        ("Content-Length: 20", ""),
        ("Transfer-Encoding: chunked", "5\r\n{\"a\""),
        ("Transfer-Encoding: chunked", "1\r\n{\r\n"),
    ]
    .into_iter()
    .enumerate()
    {
        let head = format!("POST {CREATE} HTTP/1.1\r\nHost: x\r\n{token}{framing}\r\n\r\n");
        let mut stream = connect(app.sandbox.address());
        stream.write_all((head + body).as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        drop_after_reading(stream);
        wait_for(&app, seq + 1);
        let entry = last(&app);
        assert_eq!(
            [&entry["status"], &entry["outcome"]],
            [&json!(400), &json!("malformed-request")],
            "{framing} {body:?}"
        );
        let message = "the client closed its side of the connection in the middle of the body";
        assert_eq!(entry["findings"][0]["message"], message);
    }
    let malformed = format!(
        "POST {CREATE} HTTP/1.1\r\nHost: x\r\n{token}Transfer-Encoding: chunked\r\n\r\nx\r\n"
    );
    let mut stream = connect(app.sandbox.address());
    stream.write_all(malformed.as_bytes()).unwrap();
    drop_after_reading(stream);
    let entry = last(&app);
    assert_eq!([&entry["status"], &entry["delivery"]], [&json!(400), &json!("sent")]);
    let message = entry["findings"][0]["message"].as_str().unwrap();
    assert!(message.starts_with("the chunks of the body are malformed: "), "{message}");
}

#[test]
fn an_answer_is_pending_while_it_waits_and_sent_after_its_delay() {
    let app = App::start();
    let stream = send(&app, &Call::new().header("500+700ms"));
    let entry = wait_for(&app, 1);
    assert_eq!((&entry["delivery"], &entry["answered_at"]), (&json!("pending"), &Value::Null));
    assert_eq!((&entry["delay_ms"], &entry["answer"]["status"]), (&json!(700), &json!(500)));
    drop_after_reading(stream);
    let entry = last(&app);
    assert_eq!(entry["delivery"], "sent");
    assert!(took_us(&entry) >= 700_000, "{entry}");
    assert!(entry["duration_us"].as_i64().unwrap() < 700_000, "{entry}");
}

/// Reads the first bytes of the answer.
fn drop_after_reading(mut stream: TcpStream) {
    stream.read_exact(&mut [0; 12]).unwrap();
}

#[test]
fn a_caller_who_leaves_before_the_answer_has_left() {
    let app = App::start();
    for (count, scenario) in ["500+60s", "close+60s", "hang+60s"].into_iter().enumerate() {
        let stream = send(&app, &Call::new().header(scenario));
        assert_eq!(wait_for(&app, count + 1)["delivery"], "pending", "{scenario}");
        drop(stream);
        let entry = wait_for_delivery(&app, "client-left");
        assert_eq!(entry["answered_at"], Value::Null, "{scenario}");
        assert_eq!(entry["delay_ms"], 60_000, "{scenario}");
    }
}

#[test]
fn a_fault_that_was_seen_is_in_the_journal() {
    let app = App::start();
    for fault in ["reset", "close", "truncate", "garbage", "close+20ms"] {
        let mut stream = send(&app, &Call::new().header(fault));
        // an error is a reset
        let _ = stream.read_to_end(&mut Vec::new());
        let entry = last(&app);
        assert_eq!(entry["delivery"], "fault", "{fault}");
        assert!(took_us(&entry) >= 1000 * entry["delay_ms"].as_i64().unwrap(), "{entry}");
    }
}

#[test]
fn a_hang_is_a_fault_when_it_is_over() {
    let app = App::start();
    let stream = send(&app, &Call::new().header("hang"));
    let entry = wait_for(&app, 1);
    assert_eq!((&entry["delivery"], &entry["answered_at"]), (&json!("pending"), &Value::Null));
    let began = std::time::Instant::now();
    wait_until("some time has passed", LIMIT, || began.elapsed() >= Duration::from_millis(50));
    drop(stream);
    let entry = wait_for_delivery(&app, "fault");
    assert!(took_us(&entry) >= 50_000, "how long the client has waited: {entry}");
}

#[test]
fn each_of_many_calls_that_are_sent_at_once_is_delivered() {
    let app = App::start();
    let mut stream = connect(app.sandbox.address());
    let call = Call::new().bytes(&[]);
    let calls = 100;
    stream.write_all(&call.repeat(calls)).unwrap();
    wait_until("all are answered", LIMIT, || entries(app.sandbox.address(), "demo").len() == calls);
    wait_for_delivery(&app, "sent");
    for entry in entries(app.sandbox.address(), "demo") {
        assert_eq!(entry["delivery"], "sent", "{entry}");
        assert!(took_us(&entry) >= 0);
    }
}

#[test]
fn an_answer_that_is_not_read_is_pending_and_its_client_has_left_when_it_is_cut_off() {
    let limits = Limits { idle_time: Duration::from_secs(2), ..Limits::default() };
    let app = App::with(|builder| builder.limits(limits));
    let address = app.sandbox.address();
    let call = Call::new().name(&"x".repeat(900_000)).bytes(&[]);
    let mut stream = connect(address);
    let mut writing = stream.try_clone().unwrap();
    let writer = std::thread::spawn(move || {
        // more than the buffers of the sockets hold; an error is the end of the connection
        for _ in 0..40 {
            let _ = writing.write_all(&call);
        }
    });
    wait_for(&app, 1);
    // what was read was sent
    let mut read = vec![0; 900_000];
    stream.read_exact(&mut read).unwrap();
    writer.join().unwrap();
    let entry = wait_for_delivery(&app, "client-left");
    assert_eq!(entry["answered_at"], Value::Null);
    assert_eq!(entry["answer"]["truncated"], true);
    let all: Vec<_> = entries(address, "demo");
    let deliveries: Vec<_> = all.iter().map(|entry| entry["delivery"].as_str().unwrap()).collect();
    let sent = deliveries.iter().take_while(|delivery| **delivery == "sent").count();
    assert!(sent > 0 && sent < all.len(), "{deliveries:?}");
    assert!(deliveries[sent..].iter().all(|delivery| *delivery == "client-left"));
}

#[test]
fn a_dripped_answer_is_sent_with_its_last_piece() {
    let (app, _folder) = crate::scenarios::with_rules(
        "- { id: a, do: { outcome: ok, drip: { chunks: 4, over: 600ms } } }",
    );
    let mut stream = send(&app, &Call::new());
    stream.read_exact(&mut [0; 12]).unwrap();
    assert_eq!(last(&app)["delivery"], "pending");
    wait_for_delivery(&app, "sent");
    assert!(took_us(&last(&app)) >= 600_000, "{}", last(&app));
}

#[test]
fn the_delivery_of_a_call_that_was_dropped_meets_no_other() {
    let app = App::start();
    let address = app.sandbox.address();
    for (what, method, path, status) in
        [("reset", "POST", "tenants/demo/reset", 200), ("deleted", "DELETE", "tenants/demo", 204)]
    {
        let count = entries(address, "demo").len();
        let delayed = send(&app, &Call::new().header("500+700ms"));
        wait_for(&app, count + 1);
        assert_eq!(super::ask(address, method, path, "").status, status, "{what}");
        let others: Vec<_> = (0..3).map(|_| send(&app, &Call::new().header("500+60s"))).collect();
        let entry = wait_for(&app, 3);
        drop_after_reading(delayed);
        for entry in entries(address, "demo") {
            assert_eq!(entry["delivery"], "pending", "{what}: {entry}");
        }
        assert_eq!(last(&app), entry, "{what}");
        drop(others);
        wait_until("all have left", LIMIT, || {
            entries(address, "demo").iter().all(|entry| entry["delivery"] == "client-left")
        });
    }
}

#[test]
fn what_is_only_explained_has_no_answer_and_no_delivery() {
    let app = App::start();
    let explained = write(app.sandbox.address(), "POST", "explain", &json!({"body": {}}));
    for key in ["answer", "delivery", "received_at", "answered_at", "connection", "trace"] {
        assert_eq!(explained.get(key), None, "{key}");
    }
}
