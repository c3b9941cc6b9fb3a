//! `requests --curl`: run through a shell, each command makes the same call again.

use std::process::{Command, Stdio};

use proptest::prelude::*;
use serde_json::Value;

use super::{printed, printed_json, run_on, url};
use crate::harness::raw;
use crate::process::Process;
use crate::property;
use crate::scenarios::Call;

const PATH: &str = "/api/thirdparty/group/create";

/// Sends a call with these headers and bytes.
fn send(process: &Process, first: &str, headers: &[&str], body: &[u8]) {
    let headers: Vec<_> = headers.iter().map(|line| format!("{line}\r\n")).collect();
    let headers = headers.concat();
    let (host, length) = (process.address, body.len());
    let head = format!(
        "{first} HTTP/1.1\r\nHost: {host}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    raw(process.address, &[head.as_bytes(), body].concat());
}

const USUAL: [&str; 3] =
    ["Authorization: Bearer gnsb_demo", "Content-Type: application/json", "User-Agent: test/1"];

fn send_body(process: &Process, body: &[u8]) {
    send(process, &format!("POST {PATH}"), &USUAL, body);
}

/// Runs a script with a shell. Nothing of this machine changes what curl sends.
fn run_script(shell: &str, script: &str) {
    let output = Command::new(shell)
        .args(["-c", script])
        .env("GENUIN_TOKEN", "gnsb_demo")
        .env("HOME", "/nowhere")
        .env("NO_PROXY", "*")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{shell}: {stderr}\n{script}");
}

/// What a repeated call has in common with the first.
fn sent(entry: &Value) -> Value {
    let mut sent = serde_json::json!({});
    for key in [
        "method",
        "path",
        "query",
        "headers",
        "body",
        "body_base64",
        "tenant",
        "endpoint",
        "outcome",
    ] {
        sent[key] = entry[key].clone();
    }
    let headers = sent["headers"].as_object_mut().unwrap();
    if let Some(sent) = headers.get_mut("authorization") {
        // the test gives a token of its own
        *sent = sent.as_str().unwrap().split(" (").next().into();
    }
    // that of the connection; and which of two ways to say that there is no body
    headers.remove("connection");
    if headers.get("content-length").is_some_and(|length| length == "0") {
        headers.remove("content-length");
    }
    headers.sort_keys();
    sent
}

/// Prints the newest calls as commands, runs these, and compares the calls that come of it.
fn assert_repeated(process: &Process, shell: &str, count: usize) {
    let last = |count: usize| {
        let page = printed_json(process, &["requests", "--all", "--last", &count.to_string()]);
        page["requests"].as_array().unwrap().clone()
    };
    let first = last(count);
    let script = printed(process, &["requests", "--all", "--curl", "--last", &count.to_string()]);
    let raw: Vec<_> = script.chars().filter(|it| it.is_control() && *it != '\n').collect();
    assert!(raw.is_empty(), "{raw:?} in {script:?}");
    run_script(shell, &script);
    let all = last(2 * count);
    assert_eq!(all.len(), 2 * count);
    for (first, again) in first.iter().zip(&all[count..]) {
        assert_eq!(sent(again), sent(first), "by {shell}:\n{script}");
    }
}

#[test]
fn a_call_is_repeated_whatever_its_body_holds() {
    let process = Process::start(&[]);
    let bodies: [&[u8]; 26] = [
        br#"{"type": 4, "community_id": "f2a05adb-93ce-4a19-b003-3523fa745667"}"#,
        // only what is repeated makes it wrong
        br#"{"type": 4, "type": 4, "community_id": "f2a05adb-93ce-4a19-b003-3523fa745667", "x": "\u0041"}"#,
        br#"{"type": 4.0, "x": 1.50, "y": "a token", "y": 123456789012345678901234567890}"#,
        b"",
        b"'",
        br#"it's "quoted" `date` $(date) $HOME \ \\ \n !! ~ # & | ; < > * ? [a] {b,c}"#,
        b"'\\''",
        b"@/etc/passwd",
        b"@-",
        b"-n",
        b"--data-binary",
        b"-",
        b"%s %d %% %n %",
        b"\\0101 \\x41 \\n \\c",
        b"line\nline\n",
        b"\n",
        b"\n\n\n",
        b"tab\tcr\r\nlf",
        b"nul\0nul\x001\x007",
        b"\x1b[31mred\x1b]0;title\x07",
        b"\xff\xfe\x80 not UTF-8 \xc3",
        "größe 😀 \u{202e}turned\u{200b} \u{9b}31m".as_bytes(),
        "größe 😀 plain".as_bytes(),
        b"EOF\n'EOF'\nEOF",
        b"\0",
        &[b'x'; 16 * 1024],
    ];
    for body in bodies {
        send_body(&process, body);
    }
    // the shells that are `sh` here and there
    for shell in ["sh", "bash"] {
        assert_repeated(&process, shell, bodies.len());
    }
}

#[test]
fn a_call_is_repeated_with_its_method_path_and_headers() {
    let process = Process::start(&[]);
    let json = "Content-Type: application/json";
    let token = "Authorization: Bearer gnsb_demo";
    // the body of a call that comes to no endpoint is not kept
    let calls: [(&str, &[&str], &[u8]); 25] = [
        ("GET /api/thirdparty/nowhere", &[], b""),
        ("GET /api/thirdparty/nowhere", &["Accept: text/html", "User-Agent: a 'b' \"c\" $d"], b""),
        ("HEAD /nowhere", &[token], b""),
        ("OPTIONS /nowhere", &[token], b""),
        ("DELETE /nowhere", &[token, json], b""),
        ("PATCH /api/thirdparty/update_conversation/x", &[token, json], b"{}"),
        ("M-SEARCH /nowhere", &[token], b""),
        ("it's! /nowhere", &[token], b""),
        ("POST /a/../b/./c", &[token], b""),
        ("POST //double//slash/", &[token], b""),
        ("POST /[1-3]{a,b}", &[token], b""),
        ("POST /~2x500,ok*/api/thirdparty/group/create", &[token, json], b"{}"),
        ("POST /it's-$HOME-$(date)-;&*!", &[token], b""),
        ("POST /%00%2e%2E%ff", &[token], b""),
        ("POST /-x", &[token, "X-Sandbox-Scenario: 2x500, ok*"], b""),
        ("GET /api/thirdparty/nowhere?", &[], b""),
        ("GET /nowhere?a=b&c=%20+d&&e=?#f", &[token], b""),
        ("POST /api/thirdparty/group/create?it's=$HOME&[1-3]={a,b}", &[token, json], b"{}"),
        ("POST /~500/api/thirdparty/group/create?a=/../b/./c", &[token, json], b"{}"),
        ("POST /x?/../", &[token], b""),
        ("POST /x", &["authorization: basic eDp5"], b""),
        ("POST /x", &[token, "Idempotency-Key: @file", "X-Request-Id: -x"], b""),
        ("POST /x", &[token, "X-Request-Id:", "Accept;"], b""),
        ("POST /x", &[token, "X-Request-Id: a\tb"], b""),
        ("POST /x", &["traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"], b""),
    ];
    let mut count = 0;
    for (first, headers, body) in calls {
        send(&process, first, headers, body);
        let page = printed_json(&process, &["requests", "--all", "--last", "1000"]);
        let is_there = page["requests"].as_array().unwrap().len() > count;
        // what the server cannot read as HTTP is no call
        assert!(is_there || headers.contains(&"Accept;"), "{first}");
        count += usize::from(is_there);
    }
    assert_repeated(&process, "sh", count);
}

proptest! {
    #![proptest_config(property::cases(4))]

    #[test]
    fn any_bytes_are_repeated(
        bodies in prop::collection::vec(
            prop_oneof![
                prop::collection::vec(any::<u8>(), 0..200),
                "[ -~\\n\\t'\"\\\\%@$`\\x00-\\x1f\u{e9}\u{202e}]{0,80}".prop_map(String::into_bytes),
            ],
            1..16,
        ),
    ) {
        // a body that may hold a secret is kept only as far as it is JSON
        let secret = ["token", "secret", "password", "cookie", "authorization", "api"];
        let names_one = |body: &Vec<u8>| {
            let text = String::from_utf8_lossy(body).to_lowercase();
            secret.iter().any(|word| text.contains(word))
        };
        let bodies: Vec<_> = bodies
            .into_iter()
            .filter(|body| !names_one(body))
            .filter(|body| !String::from_utf8_lossy(body).contains("\\u"))
            .collect();
        prop_assume!(!bodies.is_empty());
        let process = Process::start(&[]);
        for body in &bodies {
            send_body(&process, body);
        }
        assert_repeated(&process, "sh", bodies.len());
    }
}

#[test]
fn a_command_reads_as_one_would_write_it() {
    let process = Process::start(&[]);
    let body = r#"{"type": 5, "community_id": "it's"}"#;
    let first = format!("POST {PATH}");
    let headers = [&USUAL[..], &["Accept: */*", "Cookie: secret", "X-Odd: secret"]].concat();
    send(&process, &first, &headers, body.as_bytes());
    let (url, time) = (url(&process), "2024-09-24T09:13:31.000Z");
    let expected = format!(
        "# tokens are not kept: export GENUIN_TOKEN=gnsb_demo, or another one\n\
         # demo/1 {time} 400 bad-request\n\
         # without headers whose values are not kept: cookie, x-odd\n\
         curl -X POST {url}{PATH} \\\n\
         \u{20} -H \"authorization: Bearer $GENUIN_TOKEN\" \\\n\
         \u{20} -H 'content-type: application/json' \\\n\
         \u{20} -H 'user-agent: test/1' \\\n\
         \u{20} -H 'accept: */*' \\\n\
         \u{20} --data-binary '{{\"type\": 5, \"community_id\": \"it'\\''s\"}}'\n"
    );
    assert_eq!(printed(&process, &["requests", "--curl"]), expected);
    send_body(&process, b"\x01");
    let text = printed(&process, &["requests", "--curl", "--last", "1"]);
    assert!(text.contains("\nprintf '\\001' |\ncurl -X POST "), "{text}");
    assert!(text.ends_with(" \\\n  --data-binary @-\n"), "{text}");
}

#[test]
fn no_token_is_advised_for_calls_that_name_no_tenant() {
    let process = Process::start(&[]);
    let introduction = || {
        let text = printed(&process, &["requests", "--all", "--curl"]);
        text.lines().next().unwrap().to_owned()
    };
    for refused in ["Bearer not-one-of-ours", "Bearer gnsb_anonymous"] {
        send(&process, &format!("POST {PATH}"), &[&format!("Authorization: {refused}")], b"{}");
        assert_eq!(
            introduction(),
            "# tokens are not kept: export GENUIN_TOKEN as the client sent it, which names no tenant"
        );
    }
    send(&process, &format!("POST {PATH}"), &["Authorization: Bearer gnsb_qa"], b"{}");
    let expected = "# tokens are not kept: export GENUIN_TOKEN=gnsb_qa, or another one";
    assert_eq!(introduction(), expected, "of the calls that name one");
}

#[test]
fn what_is_not_kept_is_said_and_not_pretended_to_be_there() {
    let process = Process::start(&[]);
    let comments = || {
        let text = printed(&process, &["requests", "--all", "--curl", "--last", "1"]);
        let comments = text.lines().filter(|line| line.starts_with("# "));
        comments.map(str::to_owned).collect::<Vec<_>>().join("\n")
    };
    send_body(&process, &vec![b'x'; 20_000]);
    let cut = "# not the whole call: 16384 of the 20000 bytes of its body are kept";
    assert!(comments().contains(cut), "{}", comments());
    send_body(&process, &vec![b'x'; 2_000_000]);
    let cut = "# not the whole call: 0 of the 2000000 bytes of its body are kept";
    assert!(comments().contains(cut), "{}", comments());
    let login = r#"{"api_key": "demo-key", "api_secret": "secret-7"}"#;
    send(
        &process,
        "POST /api/thirdparty/auth",
        &["Content-Type: application/json"],
        login.as_bytes(),
    );
    let redacted = "# not the whole call: secrets in its body read [redacted]";
    assert!(comments().contains(redacted), "{}", comments());
    let text = printed(&process, &["requests", "--all", "--curl"]);
    assert!(!text.contains("secret-7") && !text.contains("demo-key"), "{text}");
    let long = format!("User-Agent: {}", "u".repeat(1100));
    send(&process, &format!("POST /{}", "p".repeat(2000)), &[&long], b"");
    for cut in ["# the value of user-agent may have been cut", "# the path may have been cut"] {
        assert!(comments().contains(cut), "{}", comments());
    }
    send(&process, &format!("POST /x?{}", "q".repeat(2000)), &[], b"");
    assert!(comments().contains("# the query may have been cut"), "{}", comments());
    send(&process, "POST /x?page=2&access_token=secret-7", &[], b"");
    let redacted = "# not the whole call: secrets in its query read [redacted]";
    assert!(comments().contains(redacted), "{}", comments());
    let text = printed(&process, &["requests", "--all", "--curl", "--last", "1"]);
    assert!(text.contains("?page=2&access_token=[redacted]'"), "{text}");
}

#[test]
fn combinations_without_sense_are_refused() {
    let process = Process::start(&[]);
    for arguments in [
        &["requests", "--curl", "--json"][..],
        &["requests", "--har", "x.har", "--json"],
        &["requests", "--har", "x.har", "--curl"],
        &["requests", "--har", "x.har", "--follow"],
    ] {
        let end = run_on(&process, arguments);
        assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(end.stderr.contains("cannot be used with"), "{}", end.stderr);
    }
    assert!(!std::path::Path::new("x.har").exists());
    Call::new().send_to(process.address);
    let curl = printed(&process, &["requests", "--curl", "--tenant", "other"]);
    assert_eq!(curl, "", "there are no calls");
}
