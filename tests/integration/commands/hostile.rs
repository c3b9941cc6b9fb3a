//! What comes from clients or from a server cannot control the terminal of a command or forge its lines.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use serde_json::{Value, json};

use super::{printed, run_on};
use crate::harness::{EXAMPLE, raw};
use crate::process::{End, Process, run};
use crate::scenarios::Call;

/// Colors, C1, direction, width and lines; and how it is shown.
const HOSTILE: &str = "\u{1b}[31mx\u{9b}0m\u{7f}\u{202e}\u{200b}\u{85}\r\nerror: forged";
const SHOWN: &str = r"\u{1b}[31mx\u{9b}0m\u{7f}\u{202e}\u{200b}\u{85}\r\nerror: forged";

/// Starts a server that answers every request with this document, and returns its URL.
fn answering(status: u16, kind: &'static str, document: &Value) -> String {
    let body = document.to_string();
    serving(status, move |_| (kind, body.clone()))
}

/// Starts a server that answers by the first line of the request, and returns its URL.
fn serving(status: u16, reply: impl Fn(&str) -> (&'static str, String) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            answer(stream.unwrap(), status, &reply);
        }
    });
    url
}

fn answer(mut stream: TcpStream, status: u16, reply: &impl Fn(&str) -> (&'static str, String)) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut first, mut line, mut length) = (String::new(), String::new(), 0);
    reader.read_line(&mut first).unwrap();
    while reader.read_line(&mut line).unwrap() > 2 {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        line.clear();
    }
    reader.read_exact(&mut vec![0; length]).unwrap();
    let (kind, body) = reply(&first);
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).unwrap();
}

fn entry() -> Value {
    let finding = json!({"severity": "error", "pointer": HOSTILE, "clause": HOSTILE, "message": HOSTILE, "suggestion": HOSTILE});
    json!({
        "id": HOSTILE, "seq": 1, "tenant": HOSTILE, "time": HOSTILE, "method": HOSTILE, "path": HOSTILE, "query": HOSTILE,
        "endpoint": HOSTILE, "headers": {HOSTILE: HOSTILE}, "body": HOSTILE, "status": 400,
        "outcome": HOSTILE, "selector": HOSTILE, "scenario": HOSTILE, "rule": HOSTILE, "phase": HOSTILE,
        "committed": true, "findings": [finding], "duration_us": 1, "received_at": HOSTILE, "answered_at": HOSTILE,
        "answer": {"status": 400, "headers": {HOSTILE: HOSTILE}, "body": HOSTILE, "truncated": true},
        "connection": 1, "delivery": HOSTILE, "delay_ms": 1, "trace": HOSTILE,
    })
}

/// Asserts that nothing but these numbers of lines was printed, with nothing raw in them.
fn assert_harmless(end: &End, lines: usize, what: &str) {
    for text in [&end.stdout, &end.stderr] {
        let is_raw =
            |letter: &char| !matches!(letter, '\n' | ' '..='~') && HOSTILE.contains(*letter);
        let raw: Vec<_> = text.chars().filter(is_raw).collect();
        assert!(raw.is_empty(), "{what}: {raw:?} in {text:?}");
        assert!(!text.lines().any(|line| line.starts_with("error: forged")), "{what}: {text}");
    }
    assert_eq!(end.stdout.lines().count(), lines, "{what}: {}", end.stdout);
}

#[test]
fn a_servers_answer_is_shown_escaped_and_is_json_as_it_is() {
    let active = json!({
        "scenario": HOSTILE, "hits": 2, "hits_left": 1, "acted": 1, "ttl_left_s": 9, "ends": HOSTILE,
        "owner": HOSTILE, "reason": HOSTILE, "used_up": true, "used_up_for": [HOSTILE],
    });
    let next = json!({"selector": HOSTILE, "scenario": HOSTILE, "problem": HOSTILE});
    let summary = json!({"name": HOSTILE, "groups": 0, "idle_s": 0, "override": active});
    let miss = json!({"field": HOSTILE, "wanted": [HOSTILE], "found": HOSTILE});
    let closest = json!({"seq": 1, "id": HOSTILE, "misses": [miss]});
    let cases: [(&[&str], Value, usize, &str); 6] = [
        (&["requests"], json!({"requests": [entry()], "next": HOSTILE, "dropped": 0}), 3, ""),
        (
            &["override", "show"],
            json!({"tenant": HOSTILE, "override": active, "next": next}),
            2,
            "",
        ),
        (
            &["override", "show"],
            json!({"tenant": HOSTILE, "override": null, "next": next}),
            1,
            "none",
        ),
        (
            &["override", "list"],
            json!({"tenants": [summary], "tenant": HOSTILE, "override": active}),
            2,
            "",
        ),
        (&["reset"], json!({"tenant": HOSTILE, "reset": [HOSTILE, HOSTILE]}), 1, ""),
        (
            &["verify"],
            json!({"pass": false, "matched": 0, "closest": closest, "dropped": 0}),
            1,
            "",
        ),
    ];
    for (arguments, document, lines, reason) in cases {
        let what = format!("{arguments:?} {reason}");
        let url = answering(200, "application/json", &document);
        let end = run(&[arguments, &["--url", &url]].concat(), &[]);
        assert_harmless(&end, lines, &what);
        assert!(end.stdout.contains(SHOWN), "{what}: {}{}", end.stdout, end.stderr);
        let end = run(&[arguments, &["--url", &url, "--json"]].concat(), &[]);
        let printed: Value = serde_json::from_str(&end.stdout).unwrap();
        if arguments != ["override", "list"] {
            assert_eq!(printed, document, "{what}");
        }
    }
}

#[test]
fn followed_calls_are_shown_escaped() {
    let url = serving(200, |first| {
        if first.contains("/events?") {
            return ("text/event-stream", format!("event: call\ndata: {}\n\n", entry()));
        }
        ("application/json", json!({"requests": [], "next": "x", "dropped": 0}).to_string())
    });
    let end = run(&["requests", "--follow", "--url", &url], &[]);
    assert_eq!((end.code, end.stderr.as_str()), (Some(0), ""));
    assert_harmless(&end, 2, "a call and its finding");
    assert!(end.stdout.contains(SHOWN), "{}", end.stdout);
    let end = run(&["requests", "--follow", "--json", "--url", &url], &[]);
    assert_eq!(serde_json::from_str::<Value>(&end.stdout).unwrap(), entry());
}

#[test]
fn what_the_arguments_say_is_shown_escaped() {
    let end = run(&["check", HOSTILE.lines().next().unwrap()], &[]);
    let shown = SHOWN.split_once(r"\r\n").unwrap().0;
    let expected = format!("error: {shown} does not exist; name scenario files or directories\n");
    assert_eq!((end.code, end.stderr), (Some(2), expected));
    let process = Process::start(&["--scenario", "2x500,\n\u{85}ok*"]);
    assert!(
        process.ready_line.ends_with(" scenario 2x500,\\n\\u{85}ok*)\n"),
        "{}",
        process.ready_line
    );
}

#[test]
fn the_reason_of_a_refusal_is_shown_escaped() {
    let problem = json!({
        "type": "x", "title": HOSTILE, "status": 400, "detail": HOSTILE, "pointer": HOSTILE,
    });
    let url = answering(400, "application/problem+json", &problem);
    for arguments in [&["requests"][..], &["override", "show"], &["reset"], &["verify", "--json"]] {
        let end = run(&[arguments, &["--url", &url]].concat(), &[]);
        let expected = format!("error: {SHOWN}: {SHOWN}\n");
        assert_eq!((end.code, end.stdout.as_str(), end.stderr), (Some(2), "", expected));
    }
}

#[test]
fn what_a_client_sends_is_shown_escaped() {
    let mut process = Process::start(&[]);
    let address = process.address;
    // a line of steps may be written on several lines, with any space between
    let call =
        |scenario: &str| raw(address, &Call::new().url(scenario).bytes(&["Connection: close"]));
    call("2x500,%0A%C2%85%E2%80%A8ok*");
    let body = EXAMPLE.replacen('{', &format!("{{{}:1,", json!(HOSTILE)), 1);
    let create = |body: &str| {
        let head = "POST /api/thirdparty/group/create HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer gnsb_demo\r\n\
                    Content-Type: application/json\r\nConnection: close";
        raw(address, format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).as_bytes())
    };
    create(&body);
    create(&format!("{{{}:1}}", json!(HOSTILE)));
    let end = run_on(&process, &["requests"]);
    let lines: Vec<_> = end.stdout.lines().collect();
    assert!(
        lines[0].contains(r"(rule line of 2x500,\n\u{85}\u{2028}ok*, chosen by url"),
        "{lines:?}"
    );
    assert!(
        lines.iter().any(|line| line.contains(&format!("warning: /{SHOWN} is not"))),
        "{lines:?}"
    );
    let forged = lines.iter().filter(|line| line.contains("forged")).count();
    assert_harmless(&end, lines.len(), "requests");
    assert_eq!(forged, 2, "{lines:?}");
    let set = ["override", "set", "500,\u{2028}ok*", "--owner", HOSTILE, "--reason", HOSTILE];
    for arguments in [&set[..], &["override", "show"], &["override", "list"]] {
        let text = printed(&process, arguments);
        assert_eq!(text.lines().count(), 1, "{text}");
        let expected = format!("set by {SHOWN} ({SHOWN})");
        assert!(text.contains(r"forcing 500,\u{2028}ok* for demo: "), "{text}");
        assert!(text.contains(&expected), "{text}");
    }
    let end =
        run_on(&process, &["verify", "--match", &json!({"header": {HOSTILE: "x"}}).to_string()]);
    assert_harmless(&end, 0, "verify");
    assert_eq!((end.code, end.stderr.lines().count()), (Some(2), 1), "{}", end.stderr);
    assert!(end.stderr.starts_with(&format!("error: /match/header/{SHOWN}: ")), "{}", end.stderr);
    let path = "/_sandbox/v1/tenants/demo/groups/%1B%0Aforged%C2%85%E2%80%AE";
    raw(
        address,
        format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes(),
    );
    let line = process.log_line("is not a chat_id");
    assert!(line.contains(r#""\u{1b}\nforged\u{85}\u{202e}" is not a chat_id"#), "{line}");
    let log = process.stop().stderr;
    for line in log.lines() {
        assert!(line.starts_with("20") && !line.contains(char::is_control), "{line:?}");
    }
}
