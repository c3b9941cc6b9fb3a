//! `status`, `scenarios`, `state` and `clock`.

use std::time::Duration;

use serde_json::{Value, json};

use super::{call, call_as, printed, printed_json, run_on};
use crate::admin::{ask, read};
use crate::harness::raw;
use crate::process::{Process, command, run};
use crate::scenarios::{Call, wait_until};

#[test]
fn counts_of_one_have_the_singular() {
    let process = Process::start(&[]);
    call(&process);
    let status = printed(&process, &["status"]);
    assert!(status.contains("\n1 call by 1 tenant, 1 group (0 forgotten)\n"), "{status}");
    assert!(status.contains("\njournal: 1 entry in "), "{status}");
}

#[test]
fn status_says_what_is_running() {
    let process = Process::start(&["--seed", "7", "--scenario", "2x500, ok*"]);
    call(&process);
    call_as(&process, "gnsb_other");
    call_as(&process, "gnsb_other.ok");
    let text = printed(&process, &["status"]);
    let lines: Vec<_> = text.lines().collect();
    let status = read(process.address, "status");
    let (counts, memory) = (&status["counts"], &status["memory"]);
    let bytes = counts["journal_bytes"].as_u64().unwrap();
    let version = env!("CARGO_PKG_VERSION");
    assert!(
        lines[0].starts_with(&format!("genuin-sandbox {version}, instance test-1, ready, up ")),
        "{text}"
    );
    let used_kib =
        |budget: &str| memory[budget]["used_bytes"].as_u64().unwrap().div_ceil(1024).to_string();
    assert_eq!(
        lines[1..],
        [
            "seed 7, clock frozen at 2024-09-24T09:13:31.000Z, scenario 2x500, ok*",
            "3 calls by 2 tenants, 1 group (0 forgotten)",
            &format!("journal: 3 entries in {} KiB, 0 dropped", bytes.div_ceil(1024)),
            &format!(
                "memory: groups {} of 33792 KiB, journal {} of 32768 KiB, scenarios {} of 7168 KiB, \
                 additions {} of 12288 KiB, connections {} of 12288 KiB",
                used_kib("groups"),
                used_kib("journal"),
                used_kib("scenarios"),
                used_kib("additions"),
                used_kib("connections"),
            ),
            "scenarios: ambiguous-create, flaky-twice, outage, partner-journey, rush-hour, slow",
        ],
        "{text}"
    );
    let mut shown = printed_json(&process, &["status"]);
    let mut answer = read(process.address, "status");
    for answer in [&mut shown, &mut answer] {
        answer["uptime_s"].take();
        // that of a call before may still be open
        answer["counts"]["connections"].take();
    }
    assert_eq!(shown, answer);
}

#[test]
fn each_problem_of_a_reload_is_one_line_of_the_status() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(&["--scenarios", folder.path().to_str().unwrap()]);
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("a.yaml", "version: 1\nname: \"a\\nb\"\nrules: []\n");
    write("b\nc.yaml", "version: 2\n");
    let shown = || {
        let text = printed(&process, &["status"]);
        let (_, problems) = text.split_once("the last reload failed:\n")?;
        Some(problems.lines().map(str::to_owned).collect::<Vec<_>>())
    };
    wait_until("the problems are told", Duration::from_secs(10), || {
        shown().is_some_and(|lines| lines.iter().any(|line| line.contains("c.yaml")))
    });
    let lines = shown().unwrap();
    let folder = folder.path().display();
    assert!(lines.iter().all(|line| line.starts_with(&format!("  {folder}/"))), "{lines:#?}");
    assert!(lines[0].contains(r"a\nb"), "what looks like a line end is none: {lines:#?}");
    assert!(
        lines.last().unwrap().starts_with(&format!(r"  {folder}/b\nc.yaml:1:1: ")),
        "{lines:#?}"
    );
}

#[test]
fn a_server_is_named_by_a_flag_a_variable_or_its_host() {
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    for (arguments, variables, expected) in [
        (
            &["--instance", "web-1.example:2"][..],
            &[("GNSB_INSTANCE", "b_2")][..],
            "web-1.example:2",
        ),
        (&[], &[("GNSB_INSTANCE", "b_2")], "b_2"),
        (&[], &[("GNSB_INSTANCE", "")], &host),
        (&[], &[], &host),
    ] {
        let mut server = command(arguments, variables);
        server.args(["--listen", "127.0.0.1:0"]);
        server.env("GNSB_LOG_FORMAT", "json");
        let mut process = Process::spawn(server);
        assert_eq!(read(process.address, "status")["instance"], expected);
        let metrics = ask(process.address, "GET", "metrics", "").body;
        let samples = metrics.lines().filter(|line| !line.starts_with('#'));
        for sample in samples {
            let label = format!("{{instance=\"{expected}\"");
            assert!(sample.contains(&label), "{sample}");
        }
        call(&process);
        let line: Value = serde_json::from_str(&process.log_line("accepted")).unwrap();
        assert_eq!(line["instance"], expected);
    }
    for name in ["", "two words", "a\"b", "a\\b", "ä", &"x".repeat(254)] {
        let end = run(&["serve", "--instance", name], &[]);
        assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""), "{name}");
        assert!(end.stderr.contains("letters, digits and - . _ :"), "{}", end.stderr);
    }
}

#[test]
fn scenarios_are_listed_and_shown_with_their_hits() {
    let process = Process::start(&[]);
    let list = printed(&process, &["scenarios"]);
    let names: Vec<_> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(
        names,
        ["ambiguous-create", "flaky-twice", "outage", "partner-journey", "rush-hour", "slow"]
    );
    assert!(list.contains("\noutage            "), "{list}");
    assert!(list.contains("  1 rule    ") && list.contains("  6 rules   "), "{list}");
    assert_eq!(printed_json(&process, &["scenarios"]), read(process.address, "scenarios"));
    Call::new().header("flaky-twice").send_to(process.address);
    let text = printed(&process, &["scenarios", "flaky-twice"]);
    assert!(text.starts_with("flaky-twice: "), "{text}");
    let rule = ": 2x server-error; for create_group; hits: 1 in demo\n";
    assert!(text.contains(rule), "{text}");
    assert!(printed(&process, &["scenarios", "outage"]).ends_with("; hits: none\n"));
    assert_eq!(
        printed_json(&process, &["scenarios", "flaky-twice"]),
        read(process.address, "scenarios/flaky-twice")
    );
    let file = json!({
        "version": 1, "rules": [{"id": "a", "do": {"outcome": 500}}],
        "expect": [
            {"no": "no-backoff"}, {"outcome": 5026, "count": {"min": 1, "max": 3}}, {"outcome": "ok"},
        ],
    });
    super::ask_with(process.address, "PUT", "scenarios/binding", file.to_string().as_bytes());
    let expect = json!([
        {"no": "no-backoff"}, {"outcome": "video-not-found", "count": {"min": 1, "max": 3}},
        {"outcome": "ok"},
    ]);
    assert_eq!(read(process.address, "scenarios/binding")["expect"], expect);
    assert_eq!(read(process.address, "scenarios/flaky-twice")["expect"], json!([]));
    let text = printed(&process, &["scenarios", "binding"]);
    let expected = "  expects no no-backoff\n  expects outcome video-not-found (min 1, max 3)\n\
                    \u{20} expects outcome ok\n";
    assert!(text.ends_with(expected), "{text}");
    let end = run_on(&process, &["scenarios", "flaky-twize"]);
    assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""));
    assert!(end.stderr.contains("did you mean \"flaky-twice\"?"), "{}", end.stderr);
}

#[test]
fn state_lists_the_groups_of_a_tenant() {
    let process = Process::start(&[]);
    let empty = "demo at 2024-09-24T09:13:31.000Z: 22 communities, 204 users, 0 groups created (0 forgotten)\n";
    assert_eq!(printed(&process, &["state"]), empty);
    let members = json!([{"phone_number": "919876543210"}]);
    let chat_id = "456e7890-b12c-4c23-89ef-126314214567";
    let call = Call::new().with("/chat_id", json!(chat_id)).with("/group/members", members);
    call.name("A \"b\"").send_to(process.address);
    let body = r#"{"members_added":[{"user_id":"0badcafe-1111-4222-8333-444455556666"}]}"#;
    let update = format!(
        "PATCH /api/thirdparty/update_conversation/{chat_id} HTTP/1.1\r\nHost: x\r\n\
         Authorization: Bearer gnsb_demo\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    assert!(raw(process.address, update.as_bytes()).starts_with(b"HTTP/1.1 200 "));
    let text = printed(&process, &["state"]);
    let expected = format!("{chat_id} \"A \\\"b\\\"\": 1 member, 2 pending invitations, 1 video");
    assert!(text.contains(" 1 group created "), "{text}");
    assert_eq!(text.lines().nth(1), Some(expected.as_str()), "{text}");
    assert_eq!(printed_json(&process, &["state"]), read(process.address, "tenants/demo/state"));
    assert!(printed(&process, &["state", "--tenant", "other"]).contains(" 0 groups created "));
}

#[test]
fn state_as_fixtures_prints_a_file_to_start_from() {
    let process = Process::start(&[]);
    Call::new().name("A \u{202e}\u{1b}[31mb").send_to(process.address);
    let text = printed(&process, &["state", "--as-fixtures"]);
    let expected = read(process.address, "tenants/demo/fixtures");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), expected);
    assert_eq!(expected["groups"].as_array().map(Vec::len), Some(1));
    assert_eq!(printed(&process, &["state", "--as-fixtures", "--json"]), text);
    let file = tempfile::NamedTempFile::with_suffix(".json").unwrap();
    std::fs::write(file.path(), text).unwrap();
    let copy = Process::start(&["--fixtures", file.path().to_str().unwrap()]);
    assert_eq!(read(copy.address, "tenants/demo/fixtures"), expected);
}

#[test]
fn the_clock_is_shown_frozen_advanced_and_resumed() {
    let process = Process::start(&[]);
    let frozen = |at: &str| format!("the clock of demo is frozen at {at}\n");
    assert_eq!(printed(&process, &["clock", "show"]), frozen("2024-09-24T09:13:31.000Z"));
    let set = ["clock", "freeze", "2030-01-01T00:00:00Z"];
    assert_eq!(printed(&process, &set), frozen("2030-01-01T00:00:00.000Z"));
    let moved = frozen("2030-01-02T01:00:00.000Z");
    assert_eq!(printed(&process, &["clock", "advance", "25h"]), moved);
    assert_eq!(printed(&process, &["clock", "show"]), moved);
    let shown = json!({"tenant": "demo", "now": "2030-01-02T01:00:00.000Z", "frozen": true});
    assert_eq!(printed_json(&process, &["clock", "show"]), shown);
    assert_eq!(read(process.address, "tenants/demo/clock"), shown);
    let running = printed(&process, &["clock", "resume"]);
    assert!(running.starts_with("the clock of demo runs at 2"), "{running}");
    let other = printed(&process, &["clock", "show", "--tenant", "other"]);
    assert_eq!(other, "the clock of other is frozen at 2024-09-24T09:13:31.000Z\n");
    for (arguments, expected) in [
        (["clock", "freeze", "tomorrow"], "2024-09-24T09:13:31Z"),
        (["clock", "advance", "soon"], "write it like 200ms, 1.5s, 2m or 25h"),
    ] {
        let end = run_on(&process, &arguments);
        assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(end.stderr.contains(expected), "{}", end.stderr);
    }
}
