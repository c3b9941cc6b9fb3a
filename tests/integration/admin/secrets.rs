//! No secret of a request is ever repeated: not in the log, the journal, the events or an error.

use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;

use crate::harness::{AUTH, Answer, CREATE, connect, raw};
use crate::process::Process;
use crate::scenarios::wait_until;

/// It is not the name of a tenant, so that nothing may ever show it.
pub(super) const CANARY: &str = "cAnArY7f3e";
pub(super) const ADMIN: &str = "aDmIn-CaNaRy-91";

/// A server that logs everything, and all answers it has given so far.
pub(super) struct Recorder {
    process: Process,
    answers: String,
}

impl Recorder {
    pub(super) fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same with more options.
    pub(super) fn start_with(options: &[&str]) -> Self {
        let own = ["--log", "trace", "--admin-token", ADMIN, "--debug-headers"];
        let process = Process::start(&[&own[..], options].concat());
        Self { process, answers: String::new() }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.process.address
    }

    /// Sends a request and keeps its whole answer.
    pub(super) fn send(&mut self, first: &str, headers: &str, body: &str) -> Answer {
        let length = body.len();
        let request = format!(
            "{first} HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        self.send_bytes(&request)
    }

    /// The same with the head as it is.
    pub(super) fn send_bytes(&mut self, request: &str) -> Answer {
        let bytes = raw(self.address(), request.as_bytes());
        let answer = Answer::parse(&bytes);
        self.answers.push_str(&answer.body);
        // the one header that has to carry a token
        let others = answer.headers.iter().filter(|(name, _)| name != "gn-access-token");
        self.answers.extend(others.map(|(name, value)| format!("\n{name}: {value}")));
        answer
    }

    pub(super) fn ask(&mut self, method: &str, path: &str, body: &str) -> Answer {
        let headers =
            format!("Authorization: Bearer {ADMIN}\r\nContent-Type: application/json\r\n");
        self.send(&format!("{method} /_sandbox/v1/{path}"), &headers, body)
    }

    /// Reads everything the API shows, stops the server, and returns all answers with the log.
    pub(super) fn stop(mut self) -> String {
        for path in [
            "status",
            "metrics",
            "tenants",
            "requests?limit=1000",
            "tenants/demo/requests",
            "tenants/demo/state",
            "tenants/demo/users",
            "tenants/demo/scenario",
            "tenants/*/scenario",
            "scenarios",
            "contract",
            "outcomes",
        ] {
            assert_eq!(self.ask("GET", path, "").status, 200, "{path}");
        }
        let calls = self.ask("GET", "status", "").json()["counts"]["calls"].as_u64().unwrap();
        assert!(calls > 0);
        let mut events = connect(self.address());
        let request = format!(
            "GET /_sandbox/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ADMIN}\r\nLast-Event-ID: 0\r\n\r\n"
        );
        events.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        let mut page = self.ask("GET", "requests?last=1", "").json();
        let last = format!("id: {}\n", page["next"].take().as_str().unwrap());
        wait_until("all events", Duration::from_secs(10), || {
            let mut chunk = [0; 4096];
            let read = events.read(&mut chunk).unwrap();
            assert_ne!(read, 0, "the stream ended");
            text.push_str(&String::from_utf8_lossy(&chunk[..read]));
            text.contains(&last)
        });
        // what comes last must be in the log, or lines before it may have been lost
        self.send("GET /the-very-last", "", "");
        let end = self.process.stop();
        assert!(end.stderr.contains("the-very-last"), "the log was cut: {}", end.stderr.len());
        format!("{}\n{text}\n{}\n{}", self.answers, end.stdout, end.stderr)
    }
}

/// Every place of a secret in a text, with its surroundings.
fn places(output: &str, secret: &str) -> Vec<String> {
    let (output, secret) = (output.to_lowercase(), secret.to_lowercase());
    let around = |(at, _): (usize, &str)| {
        let from = output[..at].char_indices().rev().nth(120).map_or(0, |(index, _)| index);
        output[from..at + secret.len()].to_owned()
    };
    output.match_indices(&secret).map(around).collect()
}

#[track_caller]
pub(super) fn assert_not_repeated(output: &str, secret: &str) {
    let places = places(output, secret);
    assert!(
        places.is_empty(),
        "{secret} is repeated {} times: {:#?}",
        places.len(),
        &places[..places.len().min(9)]
    );
}

pub(super) const KEY: &str =
    "Authorization: Bearer gnsb_demo\r\nContent-Type: application/json\r\n";

#[test]
fn a_header_that_is_kept_is_found_in_the_journal_and_the_events() {
    let mut recorder = Recorder::start();
    let headers = format!("{KEY}User-Agent: {CANARY}\r\n");
    recorder.send(&format!("POST {CREATE}"), &headers, "{}");
    // a header that is kept: twice in the journal of all, in that of the tenant, and in the events
    assert_eq!(places(&recorder.stop(), CANARY).len(), 4);
}

#[test]
fn tokens_and_other_headers_are_never_repeated() {
    let mut recorder = Recorder::start();
    for header in [
        "Authorization: Bearer CANARY",
        "Authorization: Bearer  CANARY",
        "Authorization: Basic CANARY",
        "Authorization: CANARY",
        "Authorization: Weird CANARY",
        "Authorization: CANARY x",
        "Authorization: BearerCANARY",
        "Authorization: Digest username=\"CANARY\"",
        "Authorization: Token CANARY",
        "Authorization: Bearer CANARY CANARY",
        "Authorization: Bearer gnsb_CANARY",
        "Authorization: Bearer gnsb_CANARY.500",
        "Authorization: Bearer gnsb_demo.CANARY",
        "Authorization: Bearer gnsb_demo.2x500,CANARY",
        "Authorization: Bearer gnsb_demo.500@CANARY",
        "Authorization: Bearer gnsb_demo.500+CANARY",
        "Authorization: Bearer gnsb_demo.500/CANARY",
        "Authorization: Bearer gnsb_anonymous.CANARY",
        "Authorization: Bearer gnat_CANARY",
        "Authorization: Bearer gnat_demo.1.0.x.CANARY",
        "Authorization: Bearer gn-demo-tokenCANARY",
        "Authorization: Bearer gnsb_demo\r\nAuthorization: Bearer CANARY",
        "gn-access-token: CANARY",
        "Cookie: session=CANARY",
        "X-Api-Key: CANARY",
        "Proxy-Authorization: Basic CANARY",
        "X-Anything: CANARY",
        "Authorization: Bearer CANARY\u{e9}",
        "X-Auth-Token: CANARY\r\nAuthorization: Bearer gnsb_demo",
        "Referer: http://x/?token=CANARY",
    ] {
        let header = header.replace("CANARY", CANARY);
        let headers = format!("{header}\r\nContent-Type: application/json\r\n");
        for first in [
            format!("POST {CREATE}"),
            format!("POST {CREATE}?access_token={CANARY}"),
            format!("GET {CREATE}"),
            format!("GET /nope?token={CANARY}"),
            format!("POST {AUTH}"),
            "GET /_sandbox/v1/status".into(),
            "PUT /_sandbox/v1/tenants/demo/scenario".into(),
        ] {
            recorder.send(&first, &headers, "{}");
        }
        let described: Vec<_> = header.lines().map(|line| line.split_once(": ").unwrap()).collect();
        let names: serde_json::Map<_, _> =
            described.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        recorder.ask("POST", "explain", &json!({"headers": names, "body": {}}).to_string());
    }
    let output = recorder.stop();
    assert_not_repeated(&output, CANARY);
    assert_not_repeated(&output, ADMIN);
}

#[test]
fn the_keys_of_a_login_and_the_issued_token_are_never_repeated() {
    let mut recorder = Recorder::start();
    for body in [
        r#"{"api_key":"CANARY","api_secret":"CANARY"}"#,
        r#"{"api_key":"demo-key","api_secret":"CANARY"}"#,
        r#"{"api_key":"gnsb_CANARY","api_secret":"gnsb-secret"}"#,
        r#"{"api_key":"gnsb_demo.CANARY","api_secret":"gnsb-secret"}"#,
        r#"{"api_key":"gnsb_demo","api_secret":"CANARY"}"#,
        r#"{"api_key":"demo-key","api_secret":["CANARY"]}"#,
        r#"{"api_key":{"x":"CANARY"},"api_secret":"x"}"#,
        r#"{"api_key":"demo-key","api_secret":"CANARY""#,
        r#"{"api_key":"demo-key","api\u005fsecret":"CANARY"}"#,
        r#"{"x":{"api_secret":"CANARY"}}"#,
        "api_key=CANARY&api_secret=CANARY",
        r#"{"api_key":"CANARY","api_secret":null}"#,
        "{\"api_secret\":\"CANARY\u{0}\"}",
    ] {
        let body = body.replace("CANARY", CANARY);
        for first in [
            format!("POST {AUTH}"),
            format!("POST /~500{AUTH}"),
            format!("GET {AUTH}"),
            format!("POST {AUTH}?api_secert={CANARY}&{CANARY}"),
        ] {
            recorder.send(&first, "Content-Type: application/json\r\n", &body);
        }
        recorder.ask("POST", "explain", &json!({"path": AUTH, "body": body}).to_string());
        if !body.contains("\\u") && body.contains("api_secret") {
            recorder.send(&format!("POST {CREATE}"), KEY, &body);
        }
    }
    let body = r#"{"api_key":"demo-key","api_secret":"demo-secret"}"#;
    let answer = recorder.send(&format!("POST {AUTH}"), "Content-Type: application/json\r\n", body);
    let issued = answer.header("gn-access-token").unwrap().to_owned();
    let headers = format!("Authorization: Bearer {issued}\r\nContent-Type: application/json\r\n");
    assert_eq!(recorder.send(&format!("POST {CREATE}"), &headers, "{}").status, 400);
    let output = recorder.stop();
    assert_not_repeated(&output, CANARY);
    assert_not_repeated(&output, &issued);
    assert_eq!(places(&output, "\"demo-secret\""), Vec::<String>::new());
}

#[test]
fn a_secret_under_a_misspelled_key_of_a_login_is_not_repeated() {
    let mut recorder = Recorder::start();
    for body in [
        r#"{"api_key":"demo-key","api_secert":"CANARY"}"#,
        r#"{"apiKey":"demo-key","apiSecret":"CANARY"}"#,
        r#"["demo-key","CANARY"]"#,
        r#""CANARY""#,
    ] {
        let body = body.replace("CANARY", CANARY);
        recorder.send(&format!("POST {AUTH}"), "Content-Type: application/json\r\n", &body);
    }
    assert_not_repeated(&recorder.stop(), CANARY);
}

#[test]
fn a_secret_whose_key_is_written_with_an_escape_is_redacted_in_every_body() {
    let mut recorder = Recorder::start();
    let body = format!(r#"{{"api\u005fsecret":"{CANARY}"}}"#);
    recorder.send(&format!("POST {CREATE}"), KEY, &body);
    assert_not_repeated(&recorder.stop(), CANARY);
}

#[test]
fn a_secret_under_any_name_of_one_is_redacted_in_every_body() {
    let mut recorder = Recorder::start();
    for body in [
        r#"{"gn-access-token":"CANARY"}"#,
        r#"{"group":{"x":[{"GN-Access-Token":"CANARY"}]}}"#,
        r#"{"Authorization":"Bearer CANARY"}"#,
        r#"{"accessToken":{"value":"CANARY"}}"#,
        r#"{"clientSecret":["CANARY"]}"#,
        r#"{"token":"CANARY""#,
        "access_token=CANARY",
    ] {
        let body = body.replace("CANARY", CANARY);
        for first in [format!("POST {CREATE}"), format!("POST {AUTH}"), format!("GET {CREATE}")] {
            recorder.send(&first, KEY, &body);
        }
        recorder.ask("POST", "explain", &json!({"path": CREATE, "body": body}).to_string());
    }
    assert_not_repeated(&recorder.stop(), CANARY);
}

#[test]
fn a_secret_sent_twice_is_in_no_finding_and_no_patch() {
    let mut recorder = Recorder::start();
    let body = format!(r#"{{"api_key":"demo-key","api_secret":"x","api_secret":"{CANARY}"}}"#);
    recorder.send(&format!("POST {AUTH}"), "Content-Type: application/json\r\n", &body);
    recorder.send(&format!("POST {CREATE}"), KEY, &body);
    recorder.ask("POST", "explain", &json!({"path": AUTH, "body": body}).to_string());
    assert_not_repeated(&recorder.stop(), CANARY);
}
