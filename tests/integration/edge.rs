//! Wrong methods, and the sandbox's own pages.

use std::io::{Read as _, Write as _};

use serde_json::{Value, json};

use crate::harness::{AUTH, Answer, App, CREATE, EXAMPLE, connect, raw};
use genuin_sandbox::RunningSandbox;

/// A valid Create Group body.
const BODY: &str = r#"{"type":4,"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667"}"#;

pub fn problem(answer: &Answer) -> Value {
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{answer:?}");
    let problem = answer.json();
    assert_eq!(problem["status"], json!(answer.status));
    assert!(problem.get("code").is_none(), "not the vendor's envelope");
    problem
}

#[test]
fn a_wrong_method_is_405_with_allow() {
    let app = App::start();
    for (path, allow) in
        [(CREATE, "POST"), (AUTH, "POST"), ("/livez", "GET, HEAD"), ("/", "GET, HEAD")]
    {
        let answer = app.send("DELETE", path, &[], b"");
        problem(&answer);
        assert_eq!((answer.status, answer.header("allow")), (405, Some(allow)), "{path}");
    }
}

#[test]
fn a_query_is_ignored() {
    let app = App::start();
    let headers = [("Authorization", "Bearer gnsb_demo"), ("Content-Type", "application/json")];
    let answer = app.post(&format!("{CREATE}?x=/y"), &headers, EXAMPLE.as_bytes());
    assert_eq!(answer.status, 200);
}

#[test]
fn links_begin_with_the_host_that_the_request_is_addressed_to() {
    let sandbox = RunningSandbox::start().unwrap();
    let create = |target: &str, host: &str| {
        let request = format!(
            "POST {target}{CREATE} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
             Authorization: Bearer gnsb_demo\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{BODY}",
            BODY.len()
        );
        Answer::parse(&raw(sandbox.address(), request.as_bytes()))
    };
    for (target, host, expected) in [
        ("", "b.example:4368", "http://b.example:4368/"),
        ("", "b.example:", "http://b.example/"),
        ("", "b.example.", "http://b.example/"),
        ("", "[::1]:", "http://[::1]/"),
        ("", "sandbox.ns.svc.cluster.local.:80", "http://sandbox.ns.svc.cluster.local:80/"),
        ("http://a.example", "b.example", "http://a.example/"),
        ("http://a.example:8080", "a.example", "http://a.example:8080/"),
        ("http://a.example.:", "b.example", "http://a.example/"),
        ("http://a.example/~ok", "b.example", "http://a.example/"),
    ] {
        let answer = create(target, host).json();
        for pointer in ["/data/share_url", "/data/community/share_url"] {
            let link = answer.pointer(pointer).and_then(Value::as_str).unwrap();
            assert!(link.starts_with(expected), "{target:?} {host:?}: {link}");
        }
    }
    for (target, host) in
        [("http://u@a.example", "a.example"), ("http://a.example", "u@a.example"), ("", "u@b")]
    {
        let answer = create(target, host);
        let detail = "the host has a user name before its @; expected a name or an address, with or without a port";
        assert_eq!((answer.status, &problem(&answer)["detail"]), (400, &json!(detail)));
    }
}

#[test]
fn a_connection_is_kept_alive() {
    let app = App::start();
    let mut stream = connect(app.sandbox.address());
    for _ in 0..3 {
        stream.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\nok") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            answer.push(byte[0]);
        }
        assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
    }
}

#[test]
fn health_is_plain_ok_for_http_1_0_too() {
    let app = App::start();
    for path in ["/livez", "/readyz", "/healthz"] {
        let request = format!("GET {path} HTTP/1.0\r\n\r\n");
        let answer = Answer::parse(&raw(app.sandbox.address(), request.as_bytes()));
        assert_eq!((answer.status, answer.body.as_str()), (200, "ok"), "{path}");
    }
}

#[test]
fn the_welcome_page_names_tokens_and_communities() {
    let answer = App::start().send("GET", "/", &[], b"");
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("text/html; charset=utf-8"))
    );
    for expected in ["gn-demo-token", "gnsb_", "f2a05adb-93ce-4a19-b003-3523fa745667", CREATE] {
        assert!(answer.body.contains(expected), "{expected}");
    }
}
