//! Web pages that call the vendor's routes, with `--cors-origin` and without it.

use std::io::Write as _;
use std::time::Duration;

use genuin_sandbox::{Limits, RunningSandbox};
use serde_json::json;

use crate::admin::{entries, list, read};
use crate::harness::{AUTH, Answer, App, CREATE, connect, raw};
use crate::process::{Process, command, run};

const PAGE: &str = "http://localhost:3000";
const BODY: &str = r#"{"type":4,"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667"}"#;

fn with(origins: &[&str]) -> App {
    let add = |builder, origin: &&str| genuin_sandbox::Builder::cors_origin(builder, *origin);
    App::with(|builder| origins.iter().fold(builder, add))
}

/// The headers of an answer that begin with `access-control-`, and `vary`.
fn cors_headers(answer: &Answer) -> Vec<(&str, &str)> {
    let headers = answer.headers.iter().map(|(name, value)| (&**name, &**value));
    let mut headers: Vec<_> = headers
        .filter(|(name, _)| name.starts_with("access-control-") || *name == "vary")
        .collect();
    headers.sort_unstable();
    headers
}

/// The headers of an answer to a page of an allowed origin.
fn allowed(origin: &str) -> Vec<(&'static str, &str)> {
    vec![
        ("access-control-allow-origin", origin),
        ("access-control-expose-headers", "gn-access-token"),
        ("vary", "Origin"),
    ]
}

/// Requests to the vendor's routes that are answered in every way, with the status; none for a fault.
fn requests() -> Vec<(u16, String)> {
    let request = |method: &str, path: &str, more: &str, body: &str| {
        let length = body.len();
        format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nOrigin: ORIGIN\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n{more}\r\n{body}"
        )
    };
    let token = "Authorization: Bearer gnsb_demo\r\n";
    let create = |scenario: &str| {
        let more = format!("{token}X-Sandbox-Scenario: {scenario}\r\n");
        request("POST", CREATE, &more, BODY)
    };
    let keys = r#"{"api_key":"demo-key","api_secret":"demo-secret"}"#;
    vec![
        (200, create("ok")),
        (200, request("POST", AUTH, "", keys)),
        (200, create("documented-example")),
        (200, create("truncate")),
        (400, request("POST", CREATE, token, "{}")),
        (401, request("POST", CREATE, "", BODY)),
        (429, create("429")),
        (500, create("5026")),
        (502, create("502")),
        (501, create("nonsense")),
        (500, request("POST", &format!("/~500{CREATE}"), token, BODY)),
        (404, request("GET", "/nowhere", "", "")),
        (404, request("GET", "/l/0123456789abcdef", "", "")),
        (404, request("GET", "/~500/livez", "", "")),
        (405, request("GET", CREATE, "", "")),
        (405, request("OPTIONS", CREATE, "", "")),
        (400, create("ok").replace("Host: x", "Host: x y")),
        (413, create("ok").replace(&format!("Length: {}", BODY.len()), "Length: 99999999")),
    ]
}

#[test]
fn every_answer_of_the_vendors_routes_allows_the_origin() {
    let other = "https://app.example";
    let app = with(&[PAGE, "https://app.example:443"]);
    for (status, request) in requests() {
        for origin in [PAGE, other] {
            let bytes = raw(app.sandbox.address(), request.replace("ORIGIN", origin).as_bytes());
            let answer = Answer::parse(&bytes);
            assert_eq!(answer.status, status, "{request}: {answer:?}");
            assert_eq!(cors_headers(&answer), allowed(origin), "{request}");
        }
    }
}

#[test]
fn a_408_allows_the_origin_too() {
    let limits = Limits { body_pause: Duration::from_millis(150), ..Limits::default() };
    let app = App::with(|builder| builder.cors_origin(PAGE).limits(limits));
    for (path, expected) in [(CREATE, allowed(PAGE)), ("/_sandbox/v1/explain", vec![])] {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nOrigin: {PAGE}\r\nContent-Length: 9\r\n\r\n{{"
        );
        let answer = Answer::parse(&raw(app.sandbox.address(), request.as_bytes()));
        assert_eq!((answer.status, cors_headers(&answer)), (408, expected), "{path}");
        let no_store = (path != CREATE).then_some("no-store");
        assert_eq!(answer.header("cache-control"), no_store, "{path}");
    }
}

/// The headers belong to one request, not to the connection.
#[test]
fn requests_of_one_connection_get_their_own_headers() {
    let app = with(&[PAGE]);
    let mut stream = connect(app.sandbox.address());
    let get = |path: &str, more: &str| format!("GET {path} HTTP/1.1\r\nHost: x\r\n{more}\r\n");
    let page = format!("Origin: {PAGE}\r\n");
    let last = format!("Connection: close\r\n{page}");
    let requests = [get("/nowhere", &page), get("/livez", &page), get("/_sandbox/v1/status", "")];
    stream.write_all((requests.concat() + &get("/nowhere", &last)).as_bytes()).unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut stream, &mut text).unwrap();
    let heads: Vec<_> = text.split("HTTP/1.1 ").skip(1).collect();
    let allows = heads.iter().map(|head| head.contains("access-control-allow-origin"));
    assert_eq!(allows.collect::<Vec<_>>(), [true, false, false, true], "{text}");
}

#[test]
fn other_origins_are_not_allowed_but_answered() {
    let app = with(&[PAGE]);
    let vary = [("vary", "Origin")];
    for (status, request) in requests() {
        for origin in ["http://evil.com", "http://localhost", "https://localhost:3000", "null", "*"]
        {
            let bytes = raw(app.sandbox.address(), request.replace("ORIGIN", origin).as_bytes());
            let answer = Answer::parse(&bytes);
            assert_eq!((answer.status, &*cors_headers(&answer)), (status, &vary[..]), "{origin}");
        }
        for origins in ["", "Origin: http://localhost:3000\r\nOrigin: http://localhost:3000\r\n"] {
            let request = request.replace("Origin: ORIGIN\r\n", origins);
            let answer = Answer::parse(&raw(app.sandbox.address(), request.as_bytes()));
            assert_eq!((answer.status, &*cors_headers(&answer)), (status, &vary[..]), "{origins}");
        }
    }
}

#[test]
fn a_star_allows_every_origin() {
    for app in [with(&["*"]), with(&[PAGE, "*"])] {
        for (status, request) in requests() {
            let request = request.replace("ORIGIN", "http://any.example");
            let answer = Answer::parse(&raw(app.sandbox.address(), request.as_bytes()));
            assert_eq!((answer.status, cors_headers(&answer)), (status, allowed("*")), "{request}");
        }
    }
}

fn preflight(app: &App, path: &str, origin: &str) -> Answer {
    let headers = [
        ("Origin", origin),
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "authorization,content-type,x-sandbox-scenario"),
    ];
    app.send("OPTIONS", path, &headers, b"")
}

#[test]
fn a_preflight_is_answered_204_and_is_no_call() {
    let app = App::with(|builder| builder.cors_origin(PAGE).scenario("2x500"));
    let address = app.sandbox.address();
    for path in [CREATE, AUTH, &format!("/~nonsense{CREATE}"), "/nowhere"] {
        let answer = preflight(&app, path, PAGE);
        let mut expected = allowed(PAGE);
        expected.push(("access-control-allow-methods", "POST"));
        let names = "authorization,content-type,x-sandbox-scenario";
        expected.push(("access-control-allow-headers", names));
        expected.sort_unstable();
        assert_eq!(cors_headers(&answer), expected, "{path}");
        assert_eq!((answer.status, &*answer.body), (204, ""), "{path}");
        assert_eq!(answer.headers.len(), expected.len(), "{path}: {answer:?}");
        let answer = preflight(&app, path, "http://evil.com");
        assert_eq!((answer.status, cors_headers(&answer)), (204, vec![("vary", "Origin")]));
    }
    assert_eq!(list(&read(address, "requests"), "requests"), Vec::<serde_json::Value>::new());
    assert_eq!(read(address, "status")["counts"]["calls"], json!(0));
    let statuses = [(); 3].map(|()| app.create(&serde_json::from_str(BODY).unwrap()).status);
    assert_eq!(statuses, [500, 500, 200], "it used up no step");
    assert_eq!(entries(address, "demo").len(), 3);
}

#[test]
fn pages_and_the_own_api_are_never_opened() {
    let app = with(&["*"]);
    for path in ["/", "/livez", "/readyz", "/healthz", "/_sandbox", "/_sandbox/v1/status"] {
        for method in ["GET", "HEAD", "DELETE", "OPTIONS"] {
            let answer = app.send(method, path, &[("Origin", "http://sandbox")], b"");
            assert_eq!(cors_headers(&answer), [], "{method} {path}: {answer:?}");
        }
        for origin in ["http://sandbox", PAGE] {
            let answer = preflight(&app, path, origin);
            assert_eq!(cors_headers(&answer), [], "{path}: {answer:?}");
            let expected: &[u16] = if path.starts_with("/_") { &[204, 403, 404] } else { &[405] };
            assert!(expected.contains(&answer.status), "{path}: {answer:?}");
        }
    }
}

#[test]
fn without_the_option_nothing_changes() {
    let (without, other) = (App::start(), with(&[]));
    for app in [&without, &other] {
        for (status, request) in requests() {
            let request = request.replace("ORIGIN", PAGE);
            let answer = Answer::parse(&raw(app.sandbox.address(), request.as_bytes()));
            assert_eq!((answer.status, cors_headers(&answer)), (status, vec![]), "{request}");
        }
        let answer = preflight(app, CREATE, PAGE);
        assert_eq!(answer.status, 405);
        assert!(
            answer.body.contains("web pages may call it with --cors-origin"),
            "{}",
            answer.body
        );
    }
}

#[test]
fn the_origins_are_given_by_flags_or_a_variable() {
    let listen = ["--listen", "127.0.0.1:0"];
    let list = "http://localhost:3000, https://app.example";
    for process in [
        Process::start(&["--cors-origin", PAGE, "--cors-origin", "https://app.example"]),
        Process::start(&["--cors-origin", list]),
        Process::spawn(command(&listen, &[("GNSB_CORS_ORIGIN", list)])),
    ] {
        for (origin, allows) in [(PAGE, true), ("https://app.example", true), ("http://x", false)] {
            let request = format!(
                "GET /nowhere HTTP/1.1\r\nHost: x\r\nOrigin: {origin}\r\nConnection: close\r\n\r\n"
            );
            let answer = Answer::parse(&raw(process.address, request.as_bytes()));
            assert_eq!(answer.header("access-control-allow-origin").is_some(), allows, "{origin}");
        }
    }
}

#[test]
fn an_origin_that_could_never_match_is_refused_at_start() {
    for (value, why) in [
        ("http://a.example/", "without the slash at the end: http://a.example"),
        ("http://a.example/x", "without the path: http://a.example"),
        ("http://a.example?x", "without the path: http://a.example"),
        ("a.example", "an origin begins with a scheme; write one like http://localhost:3000"),
        ("localhost:3000", "an origin begins with a scheme"),
        ("null", "an origin begins with a scheme"),
        ("http://*.example", "allow all with * alone"),
        ("http://localhost:*", "allow all with * alone"),
        ("**", "allow all with * alone"),
        ("\"http://a.example\"", "without quotes"),
        ("http://u@a.example", "is not an origin"),
        ("http://", "is not an origin"),
        ("://a.example", "is not an origin"),
        ("http://a.example:99999", "is not an origin"),
        ("http://a.example,", "an origin is empty"),
    ] {
        let end = run(&["--cors-origin", value], &[]);
        assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""), "{value}");
        assert!(end.stderr.contains(why), "{value}: {}", end.stderr);
        assert!(end.stderr.contains("error: --cors-origin: "), "{}", end.stderr);
        let end = run(&[], &[("GNSB_CORS_ORIGIN", value)]);
        assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""), "{value}");
        assert!(end.stderr.contains("error: GNSB_CORS_ORIGIN: "), "{}", end.stderr);
        let error = RunningSandbox::builder().cors_origin(value).start().map(drop);
        let is_list = value.ends_with(',');
        assert!(is_list || format!("{:#}", error.unwrap_err()).contains(why), "{value}");
    }
}
