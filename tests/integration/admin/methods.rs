//! HEAD, OPTIONS and DELETE, and the headers of every answer.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::SocketAddr;

use genuin_sandbox::internals::admin::{Access, routes};
use serde_json::json;

use super::guards::{all_requests, send, with};
use super::{ask, assert_problem, read, requests_to_all_routes, v1, write};
use crate::harness::{Answer, App, CREATE, connect, raw};
use crate::process::Process;
use crate::scenarios::Call;

/// Sends a request without a body and without a content type.
fn bare(address: SocketAddr, method: &str, path: &str) -> Answer {
    send(address, &format!("{method} {path} HTTP/1.1"), &["Host: localhost"])
}

#[test]
fn head_is_the_head_of_what_get_gets() {
    let app = App::start();
    let address = app.sandbox.address();
    Call::new().send(&app);
    let reads = requests_to_all_routes("demo").into_iter().filter(|(method, _)| method == "GET");
    let nowhere = [v1("stats"), v1("tenants/demo/requests?limit=0"), v1("tenants/demo/reset")];
    let paths = reads.map(|(_, path)| path).chain(nowhere);
    // its uptime changes, and a stream of events does not end
    for path in paths.filter(|path| ![v1("status"), v1("metrics"), v1("events")].contains(path)) {
        let get = bare(address, "GET", &path);
        let head = bare(address, "HEAD", &path);
        if path == v1("tenants/demo/reset") {
            assert_eq!((head.status, head.body.as_str()), (405, ""));
            assert_eq!(head.header("allow"), Some("POST, OPTIONS"));
            continue;
        }
        assert!(get.header("content-length").is_some_and(|length| length != "0"), "{path}");
        assert_eq!(head, Answer { body: String::new(), ..get }, "{path}");
    }
    assert_eq!(bare(address, "HEAD", &v1("status")).status, 200);
}

#[test]
fn what_a_client_accepts_chooses_no_format() {
    let app = App::start();
    let address = app.sandbox.address();
    Call::new().send(&app);
    let reads = requests_to_all_routes("demo").into_iter().filter(|(method, _)| method == "GET");
    let formats = ["text", "junit", "markdown", "json"];
    let formats = formats.map(|format| v1(&format!("tenants/demo/report?format={format}")));
    let paths = reads.map(|(_, path)| path).chain(formats);
    for path in paths.filter(|path| ![v1("status"), v1("metrics"), v1("events")].contains(path)) {
        let plain = bare(address, "GET", &path);
        for accept in ["image/png", "text/html,application/xml;q=0.9", "application/json;q=0", "x"]
        {
            let headers = ["Host: localhost", &format!("Accept: {accept}")];
            let answer = send(address, &format!("GET {path} HTTP/1.1"), &headers);
            assert_eq!(answer, plain, "{path} {accept}");
        }
    }
}

#[test]
fn head_of_events_opens_no_stream() {
    let app = App::start();
    let mut stream = connect(app.sandbox.address());
    let head = "HEAD /_sandbox/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let last = "GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(format!("{head}{head}{last}").as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let answers: Vec<_> = text.split("\r\n\r\n").collect();
    let [first, second, _, "ok"] = answers[..] else { panic!("{text}") };
    for answer in [first, second] {
        let answer = Answer::parse(format!("{answer}\r\n\r\n").as_bytes());
        let headers = [
            ("content-type", "text/event-stream"),
            ("x-accel-buffering", "no"),
            ("cache-control", "no-store"),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        assert_eq!(answer, Answer { status: 200, headers, body: String::new() });
    }
}

#[test]
fn options_lists_the_methods_of_every_route() {
    let app = App::start();
    let address = app.sandbox.address();
    let mut methods: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for (method, path) in requests_to_all_routes("demo") {
        let methods = methods.entry(path).or_default();
        methods.push(method.clone());
        methods.extend((method == "GET").then(|| "HEAD".to_owned()));
    }
    let events = v1("events");
    assert!(methods.len() > 20 && routes().count() > methods.len());
    for (path, mut methods) in methods {
        methods.push("OPTIONS".into());
        let answer = bare(address, "OPTIONS", &path);
        let headers = [("allow", methods.join(", ")), ("cache-control", "no-store".into())];
        let headers = headers.map(|(name, value)| (name.to_owned(), value)).to_vec();
        assert_eq!(answer, Answer { status: 204, headers, body: String::new() }, "{path}");
        // a stream of events does not end
        for method in methods.iter().filter(|method| (*method, &path) != (&"GET".into(), &events)) {
            assert_ne!(bare(address, method, &path).status, 405, "{method} {path}");
        }
    }
    for path in [v1("stats"), v1(""), "/_sandbox/v2".into(), "/_sandbox/nowhere".into()] {
        assert_eq!(bare(address, "OPTIONS", &path).status, 404, "{path}");
        assert_eq!(bare(address, "HEAD", &path).status, 404, "{path}");
    }
}

#[test]
fn head_and_options_are_guarded_like_get() {
    let token = Access { token: Some("s3cret".into()), ..Access::default() };
    let (app, with_token) = (App::start(), with(token));
    for method in ["HEAD", "OPTIONS", "GET"] {
        for path in [v1("tenants"), v1("nowhere"), "/_sandbox/v2".into()] {
            let first = format!("{method} {path} HTTP/1.1");
            let send = |app: &App, headers: &[&str]| send(app.sandbox.address(), &first, headers);
            let evil = "Origin: http://evil.com";
            assert_eq!(send(&app, &["Host: evil.com"]).status, 421, "{first}");
            assert_eq!(send(&app, &["Host: localhost", evil]).status, 403, "{first}");
            let preflight = ["Host: localhost", evil, "Access-Control-Request-Method: GET"];
            assert_eq!(send(&app, &preflight).status, 403, "{first}");
            assert_eq!(send(&app, &["Host: localhost", "Via: 1.1 x"]).status, 404, "{first}");
            let answer = send(&with_token, &["Host: localhost"]);
            assert_eq!(answer.status, 401, "{first}");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{first}");
        }
    }
}

#[test]
fn the_vendors_401_names_no_scheme() {
    let app = App::start();
    let answer = app.create_as("nobody", b"{}");
    assert_eq!((answer.status, answer.header("www-authenticate")), (401, None));
}

#[test]
fn a_delete_needs_no_content_type_and_an_empty_put_neither() {
    let app = App::start();
    let address = app.sandbox.address();
    write(address, "PUT", "tenants/demo/scenario", &json!({"scenario": "500"}));
    assert_eq!(bare(address, "DELETE", &v1("tenants/demo/scenario")).status, 204);
    assert_eq!(read(address, "tenants/demo/scenario")["override"], json!(null));
    let form = ["Host: localhost", "Content-Type: text/plain"];
    let answer = send(address, "DELETE /_sandbox/v1/tenants/demo HTTP/1.1", &form);
    assert_eq!(answer.status, 204, "{}", answer.body);
    let answer = bare(address, "PUT", &v1("tenants/demo/scenario"));
    assert_problem(&answer, 400, "Bad Request", "missing key \"scenario\"", Some(""));
}

#[test]
fn no_answer_may_be_stored_by_a_cache() {
    let app = App::start();
    let address = app.sandbox.address();
    let no_store = |answer: &Answer, what: &str| {
        let values: Vec<_> =
            answer.headers.iter().filter(|(name, _)| name == "cache-control").collect();
        assert_eq!(values, [&("cache-control".into(), "no-store".into())], "{what}: {answer:?}");
    };
    for (method, path) in all_requests() {
        if path == v1("events") {
            continue;
        }
        for host in ["localhost", "evil.com", "a b"] {
            let first = format!("{method} {path} HTTP/1.1");
            no_store(&send(address, &first, &[&format!("Host: {host}")]), &first);
        }
    }
    let verify = json!({"match": {}, "count": {"min": 1}, "wait_ms": 1});
    no_store(&ask(address, "POST", "tenants/demo/verify", &verify.to_string()), "verify");
    let long = "Host: localhost\r\nConnection: close\r\nContent-Length: 99999999";
    let request = format!("POST {} HTTP/1.1\r\n{long}\r\n\r\n", v1("explain"));
    let answer = Answer::parse(&raw(address, request.as_bytes()));
    assert_eq!(answer.status, 413);
    no_store(&answer, "413");
    let closed = Process::start(&["--admin", "off"]);
    no_store(&bare(closed.address, "GET", &v1("status")), "closed");
    for path in ["/livez", "/", "/nowhere", CREATE] {
        let answer = bare(address, "GET", path);
        assert_eq!(answer.header("cache-control"), None, "{path} is not of this API");
    }
}
