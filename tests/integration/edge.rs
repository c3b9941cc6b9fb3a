//! The edge: limits, wrong paths and methods, our own pages.

use std::io::{Read as _, Write as _};

use serde_json::{Value, json};

use crate::harness::{AUTH, Answer, App, CREATE, EXAMPLE, connect, raw};

fn problem(answer: &Answer) -> Value {
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{answer:?}");
    let problem = answer.json();
    assert_eq!(problem["status"], json!(answer.status));
    assert!(problem.get("code").is_none(), "never the vendor's envelope");
    problem
}

#[test]
fn an_unknown_path_is_404_with_the_nearest_one() {
    let app = App::start();
    for (path, expected) in [
        ("/api/thirdparty/group/creat", "did you mean /api/thirdparty/group/create?"),
        ("/api/thirdparty/group/create/", "did you mean /api/thirdparty/group/create?"),
        ("/api/thirdparty/Auth", "did you mean /api/thirdparty/auth?"),
        ("/api/thirdparty/community/create", "does not answer yet"),
        ("/group/create", "did you mean /api/thirdparty/group/create?"),
        ("/community/create", "does not answer yet"),
        ("/api/thirdparty/community/created", "nothing is at"),
        ("/zzz", "the vendor's endpoints here are /api/thirdparty/group/create"),
        ("/..%2f..%2fetc/passwd", "nothing is at"),
    ] {
        let answer = app.post(path, &[], b"");
        let detail = problem(&answer)["detail"].as_str().unwrap().to_owned();
        assert_eq!(answer.status, 404, "{path}");
        assert!(detail.contains(expected), "{path}: {detail}");
    }
}

#[test]
fn a_made_up_link_says_so() {
    let app = App::start();
    for path in
        ["/l/0123456789abcdef", "/video/x", "/community/x", "/uploads/profile_images/rt/x.png"]
    {
        let answer = app.send("GET", path, &[], b"");
        assert_eq!(answer.status, 404, "{path}");
        assert!(problem(&answer)["detail"].as_str().unwrap().contains("made up by the sandbox"));
    }
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
fn a_query_does_not_change_the_path() {
    let app = App::start();
    let headers = [("Authorization", "Bearer gnsb_demo"), ("Content-Type", "application/json")];
    let answer = app.post(&format!("{CREATE}?x=/y"), &headers, EXAMPLE.as_bytes());
    assert_eq!(answer.status, 200);
}

#[test]
fn a_body_of_1_mib_is_read_and_a_longer_one_is_413() {
    let app = App::start();
    let body = |length: usize| {
        let end = " ".repeat(length - EXAMPLE.len());
        format!("{EXAMPLE}{end}").into_bytes()
    };
    assert_eq!(app.create_as("gnsb_demo", &body(1_048_576)).status, 200);
    let answer = app.create_as("gnsb_demo", &body(1_048_577));
    assert_eq!(answer.status, 413);
    assert!(problem(&answer)["detail"].as_str().unwrap().contains("1 MiB"));
}

#[test]
fn a_chunked_body_is_counted_too() {
    let app = App::start();
    let head = format!(
        "POST {CREATE} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer gnsb_demo\r\n\
         Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    );
    let chunked = |body: &str| format!("{head}{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let small = Answer::parse(&raw(app.sandbox.address(), chunked(EXAMPLE).as_bytes()));
    assert_eq!(small.status, 200);
    let large =
        Answer::parse(&raw(app.sandbox.address(), chunked(&"x".repeat(1_100_000)).as_bytes()));
    assert_eq!(large.status, 413);
}

#[test]
fn a_request_has_exactly_one_well_formed_host() {
    let app = App::start();
    let answer = |host: &str| {
        let request = format!("GET /livez HTTP/1.1\r\n{host}Connection: close\r\n\r\n");
        Answer::parse(&raw(app.sandbox.address(), request.as_bytes()))
    };
    for host in ["localhost", "my_sandbox:4368", "127.0.0.1:1", "[::1]:4368", "example.com"] {
        assert_eq!(answer(&format!("Host: {host}\r\n")).status, 200, "{host}");
    }
    for host in [
        "",
        "Host: \r\n",
        "Host: a\r\nHost: a\r\n",
        "Host: a b\r\n",
        "Host: a,b\r\n",
        "Host: u@a\r\n",
        "Host: a:x\r\n",
        "Host: a:99999\r\n",
        "Host: [::1\r\n",
        "Host: a/b\r\n",
    ] {
        let answer = answer(host);
        problem(&answer);
        assert_eq!(answer.status, 400, "{host:?}");
    }
}

#[test]
fn a_head_has_at_most_100_headers_and_16_kib() {
    let app = App::start();
    let status = |more: &str| {
        let request = format!("GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{more}\r\n");
        Answer::parse(&raw(app.sandbox.address(), request.as_bytes())).status
    };
    let many = |count: usize| {
        let lines: Vec<_> = (0..count).map(|number| format!("x-{number}: y\r\n")).collect();
        lines.concat()
    };
    assert_eq!(status(&many(98)), 200);
    assert_eq!(status(&many(99)), 431);
    assert_eq!(status(&format!("x: {}\r\n", "y".repeat(15_000))), 200);
    assert_eq!(status(&format!("x: {}\r\n", "y".repeat(17_000))), 431);
}

#[test]
fn a_connection_is_kept_for_the_next_call() {
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
fn health_is_plain_ok_also_for_old_clients() {
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
