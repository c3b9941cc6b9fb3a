//! `explain`: what a call would get, from a body given in any of its ways.

use std::io::Write as _;
use std::process::Stdio;

use super::{printed, printed_json, run_on, url};
use crate::harness::EXAMPLE;
use crate::process::{Process, command};

const ACCEPTED: &str = "ok (HTTP 200) from create_group for demo; the change would be made: 1 group added, 1 video added\n\
                        no scenario was chosen\n";

#[test]
fn the_body_is_an_argument_a_file_or_stdin() {
    let process = Process::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("body.json");
    std::fs::write(&file, EXAMPLE).unwrap();
    assert_eq!(printed(&process, &["explain", EXAMPLE]), ACCEPTED);
    let file = format!("@{}", file.display());
    assert_eq!(printed(&process, &["explain", &file]), ACCEPTED);
    let url = url(&process);
    for arguments in [&["explain", "--url", &url][..], &["explain", "-", "--url", &url]] {
        let mut explain = command(arguments, &[]);
        let mut child = explain.stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(EXAMPLE.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), ACCEPTED, "{arguments:?}");
    }
    let calls = printed(&process, &["requests"]);
    assert_eq!(calls.lines().next(), Some("(no calls)"), "{calls}");
    let end = run_on(&process, &["explain", "@/nowhere.json"]);
    assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""));
    assert!(end.stderr.contains("cannot read the body from /nowhere.json"), "{}", end.stderr);
}

#[test]
fn it_says_which_rule_acts_and_what_is_wrong() {
    let process = Process::start(&[]);
    let forced = ["explain", EXAMPLE, "--header", "X-Sandbox-Scenario: 500+20ms/after-commit"];
    let text = printed(&process, &forced);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(
        lines[..2],
        [
            "server-error (HTTP 500 after 20 ms) from create_group for demo; the change would be made: 1 group added, \
             1 video added",
            "scenario 500+20ms/after-commit, chosen by header",
        ],
        "{text}"
    );
    assert!(lines[2].starts_with("  rule "), "{text}");
    let refused = printed(&process, &["explain", r#"{"type": "4"}"#, "--tenant", "qa"]);
    assert!(refused.starts_with("bad-request (HTTP 400) from create_group for qa\n"), "{refused}");
    let finding = "        error: /type must be the integer 4, not the string \"4\"; send it without quotes\n";
    assert!(refused.contains(finding), "{refused}");
    let late = ["--header", "X-Sandbox-Scenario: ambiguous-create", "--tenant", "qa"];
    let refused = printed(&process, &[&["explain", r#"{"type": 4}"#][..], &late].concat());
    let others = |line: &&str| !line.ends_with(": not reached");
    let rules: Vec<_> = refused.lines().skip(1).filter(others).take(3).collect();
    let expected = [
        "scenario ambiguous-create, chosen by header",
        "  rule created-but-failed: acts",
        "  the contract answers before rule created-but-failed can act",
    ];
    assert_eq!(rules, expected, "{refused}");
    let json = printed_json(&process, &["explain", "{}", "--header", "X-Sandbox-Scenario: close"]);
    assert_eq!((&json["outcome"], json["status"].is_null()), (&"close".into(), true), "{json}");
}

#[test]
fn the_tenants_token_is_sent_unless_a_call_has_another_or_none() {
    let process = Process::start(&[]);
    let other = ["-H", "x-request-id: 7"];
    let misplaced = ["-H", "gn-access-token: gn-demo-token"];
    let found_there = "the token was sent in gn-access-token";
    let none = "is missing";
    for (options, outcome, finding) in [
        (&[][..], "ok (HTTP 200)", ""),
        (&other, "ok (HTTP 200)", ""),
        (&["-H", "Authorization: Bearer gn-demo-token"], "ok (HTTP 200)", ""),
        (&["-H", "Authorization:"], "unauthorized (HTTP 401)", "Authorization"),
        (&misplaced, "unauthorized (HTTP 401)", found_there),
        (&["-H", "GN-Access-Token: x"], "unauthorized (HTTP 401)", found_there),
        (&["--no-token"], "unauthorized (HTTP 401)", none),
        (&["--no-token", "-H", "x-request-id: 7"], "unauthorized (HTTP 401)", none),
        (&["--no-token", "-H", "Authorization: Bearer gnsb_demo"], "ok (HTTP 200)", ""),
        (&["--no-token", "-H", "Content-Type: text/plain"], "unauthorized (HTTP 401)", none),
    ] {
        let text = printed(&process, &[&["explain", EXAMPLE], options].concat());
        assert!(text.starts_with(outcome), "{options:?}: {text}");
        assert!(text.contains(finding), "{options:?}: {text}");
    }
    let both = [&misplaced[..], &["-H", "Authorization: Bearer gnsb_demo"]].concat();
    let text = printed(&process, &[&["explain", EXAMPLE], &both[..]].concat());
    assert!(text.starts_with("ok (HTTP 200)"), "{text}");
    // a wrong Content-Type is not replaced
    let text = printed(&process, &["explain", EXAMPLE, "-H", "Content-Type: text/plain"]);
    assert!(text.starts_with("bad-request (HTTP 400)"), "{text}");
}

#[test]
fn method_path_and_headers_are_those_of_the_call() {
    let process = Process::start(&[]);
    let key = r#"{"api_key": "demo-key", "api_secret": "demo-secret"}"#;
    let login = printed(&process, &["explain", key, "--path", "/api/thirdparty/auth"]);
    assert!(login.starts_with("ok (HTTP 200) from auth for demo"), "{login}");
    let wrong = ["explain", "{}", "--method", "GET"];
    let refused = "wrong-method (HTTP 405) from the sandbox itself for demo\n";
    assert!(printed(&process, &wrong).starts_with(refused));
    let expired = ["explain", EXAMPLE, "-H", "authorization: Bearer gn-expired-token"];
    assert!(printed(&process, &expired).starts_with("unauthorized (HTTP 401) "));
    for (arguments, expected) in [
        (&["explain", "{}", "--path", "/livez", "--method", "GET"][..], "/path"),
        (&["explain", "{}", "--header", "no colon"], "write a header as \"Name: value\""),
    ] {
        let end = run_on(&process, arguments);
        assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(end.stderr.contains(expected), "{}", end.stderr);
    }
}

#[test]
fn a_body_is_explained_that_would_be_too_long_as_a_json_string() {
    let process = Process::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("long.json");
    // each quote and each end of a line takes a byte more in a string
    let lines = vec!["\"\",\n"; 200_000].concat();
    let long = EXAMPLE.replacen('{', &format!("{{\"x\": [{lines}0],"), 1);
    assert!(long.len() < 1024 * 1024);
    std::fs::write(&file, long).unwrap();
    let text = printed(&process, &["explain", &format!("@{}", file.display())]);
    assert!(text.starts_with(ACCEPTED), "{text}");
    for text in [r#""text""#, "null", "1", " {} "] {
        let explained = printed(&process, &["explain", text]);
        assert!(explained.starts_with("bad-request (HTTP 400)"), "{text}: {explained}");
    }
}
