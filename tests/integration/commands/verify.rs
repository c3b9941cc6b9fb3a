//! `verify`: checks the calls against an expectation.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::json;

use super::{call, call_as, run_on, url};
use crate::process::{End, Process, command};
use crate::scenarios::Call;

/// Starts a server and makes two successful calls and a forced one.
fn three_calls() -> Process {
    let process = Process::start(&[]);
    call(&process);
    call(&process);
    Call::new().header("500").send_to(process.address);
    process
}

#[test]
fn a_met_expectation_is_exit_code_0() {
    let process = three_calls();
    let cases: [(&[&str], u64); 8] = [
        (&[], 3),
        (&["--exactly", "3"], 3),
        (&["--match", "{outcome: ok}", "--exactly", "2"], 2),
        (&["--match", "{outcome: 500, committed: false}"], 1),
        (&["--match", "{\"status\": 200}", "--min", "1", "--max", "2"], 2),
        (&["--match", "{body: {group.name: {glob: 'Tech *'}}}", "--min", "3"], 3),
        (&["--match", "{outcome: rate-limited}", "--max", "0"], 0),
        (&["--tenant", "other", "--exactly", "0"], 0),
    ];
    for (arguments, matched) in cases {
        let end = run_on(&process, &[&["verify"], arguments].concat());
        let expected =
            format!("found {matched} matching {}\n", if matched == 1 { "call" } else { "calls" });
        let found = (end.code, end.stdout, end.stderr);
        assert_eq!(found, (Some(0), expected, String::new()), "{arguments:?}");
    }
}

#[test]
fn an_unmet_expectation_is_exit_code_1_and_names_the_closest_call() {
    let process = three_calls();
    let cases: [(&[&str], &str); 3] = [
        (
            &["--match", "{status: 200}", "--exactly", "3"],
            "expected exactly 3 matching calls, found 2; closest is demo/3: \
             expected status 200, found 500\n",
        ),
        (&["--max", "2"], "expected at most 2 matching calls, found 3; the newest is demo/3\n"),
        (&["--tenant", "other"], "expected at least 1 matching call, found 0\n"),
    ];
    for (arguments, expected) in cases {
        let end = run_on(&process, &[&["verify"], arguments].concat());
        let found = (end.code, end.stdout.as_str(), end.stderr.as_str());
        assert_eq!(found, (Some(1), expected, ""), "{arguments:?}");
    }
}

#[test]
fn the_verdict_can_be_json() {
    let process = three_calls();
    let verdict = |arguments: &[&str]| {
        let end = run_on(&process, &[&["verify", "--json"], arguments].concat());
        (end.code, serde_json::from_str::<serde_json::Value>(&end.stdout).unwrap())
    };
    let held = json!({"pass": true, "matched": 2, "closest": null, "dropped": 0});
    assert_eq!(verdict(&["--match", "{outcome: ok}"]), (Some(0), held));
    let misses = json!([{"field": "outcome", "wanted": "ok", "found": "server-error"}]);
    let closest = json!({"seq": 3, "id": "demo/3", "misses": misses});
    let failed = json!({"pass": false, "matched": 2, "closest": closest, "dropped": 0});
    assert_eq!(verdict(&["--match", "{outcome: ok}", "--min", "3"]), (Some(1), failed));
}

#[test]
fn it_waits_until_the_expectation_is_met() {
    let process = Process::start(&[]);
    let url = url(&process);
    let arguments = ["verify", "--exactly", "2", "--wait-ms", "20000", "--url", &url];
    let child = command(&arguments, &[]).spawn().unwrap();
    assert_eq!([call_as(&process, "gnsb_demo"), call_as(&process, "gnsb_demo")], [200, 200]);
    let output = child.wait_with_output().unwrap();
    let found = (output.status.code(), String::from_utf8(output.stdout).unwrap());
    assert_eq!(found, (Some(0), "found 2 matching calls\n".into()));
}

#[test]
fn a_wait_ends_when_its_time_is_up() {
    let process = three_calls();
    let End { code, stdout, .. } =
        run_on(&process, &["verify", "--exactly", "4", "--wait-ms", "50"]);
    assert_eq!((code, stdout.as_str()), (Some(1), "expected exactly 4 matching calls, found 3\n"));
    let end = run_on(&process, &["verify", "--wait-ms", "60001"]);
    assert_eq!(end.code, Some(2), "{}", end.stderr);
    assert!(end.stderr.contains("wait_ms must be at most 60000, not 60001"), "{}", end.stderr);
}

#[test]
fn a_misspelled_key_is_refused_with_the_nearest_known_one() {
    let process = Process::start(&[]);
    for (key, nearest) in [("outcom", "outcome"), ("comitted", "committed"), ("stauts", "status")] {
        let end = run_on(&process, &["verify", "--match", &format!("{{{key}: 1}}")]);
        assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""), "{key}");
        let expected = format!("unknown key {key:?}; did you mean {nearest:?}?");
        assert!(end.stderr.contains(&expected), "{expected}: {}", end.stderr);
    }
}

#[test]
fn a_match_that_cannot_be_read_is_refused_with_its_place() {
    let process = Process::start(&[]);
    for (matcher, expected) in [
        ("", "--match is empty; write conditions like '{outcome: ok}', or leave it out"),
        (" \n", "--match is empty; write conditions like '{outcome: ok}', or leave it out"),
        ("{outcome: [ok, 5026]}", "/match/outcome: expected text, found a list"),
        (
            "{not: {path: {chat_id: [1]}}}",
            "/match/not/path/chat_id: expected a single value, found a list",
        ),
        ("{since: {a: 1}}", "/match/since: expected text, found a map"),
    ] {
        let end = run_on(&process, &["verify", "--match", matcher]);
        assert_eq!((end.code, end.stderr), (Some(2), format!("error: {expected}\n")), "{matcher}");
    }
}

/// Runs `verify` with a text on the standard input.
fn verify_with(process: &Process, matcher: &str, input: &str) -> End {
    let url = url(process);
    let mut verify = command(&["verify", "--match", matcher, "--exactly", "2", "--url", &url], &[]);
    let mut child = verify.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    End { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[test]
fn a_match_can_be_in_a_file_or_on_the_standard_input() {
    let process = three_calls();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("match.yaml");
    std::fs::write(&file, "# those that succeed\noutcome: ok\n").unwrap();
    for matcher in [&format!("@{}", file.display()), "-", "@-"] {
        let end = verify_with(&process, matcher, "status: 200\n");
        let found = (end.code, end.stdout.as_str(), end.stderr.as_str());
        assert_eq!(found, (Some(0), "found 2 matching calls\n", ""), "{matcher}");
    }
}

#[test]
fn a_match_that_cannot_be_read_from_its_file_is_refused_with_its_name() {
    let process = Process::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &[u8]| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        format!("@{}", file.display())
    };
    let directory = format!("@{}", folder.path().display());
    for (matcher, input, expected) in [
        ("@/nowhere.yaml", "", "cannot read the conditions from /nowhere.yaml: No such file"),
        (&directory, "", ": it is a directory; name a regular file of at most 1048576 bytes"),
        (&write("binary", &[0xff]), "", "binary: it is not UTF-8"),
        (&write("empty", b" \n"), "", "empty is empty; write conditions like '{outcome: ok}'"),
        (&write("broken", b"a: 1\nb: ["), "", "broken:2:4: "),
        ("-", "a: 1\nb: [", "--match: <stdin>:2:4: "),
        ("-", "", "--match: <stdin> is empty; write conditions like '{outcome: ok}'"),
    ] {
        let end = verify_with(&process, matcher, input);
        assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""), "{matcher}");
        assert!(end.stderr.starts_with("error: --match: "), "{}", end.stderr);
        assert!(end.stderr.contains(expected), "{expected}: {}", end.stderr);
    }
}
