//! `normal`: exit code 0 exactly when nothing can affect the next call, and 1 with the reasons.

use serde_json::Value;

use super::{call, printed, printed_json, run_on, url};
use crate::process::{Process, command, run};
use crate::scenarios::Call;

/// A server with the machine's clock.
fn start(arguments: &[&str]) -> Process {
    Process::spawn(command(arguments, &[("GNSB_LISTEN", "127.0.0.1:0")]))
}

const NEXT: &str = "next: a valid Create Group gets ok (HTTP 200), chosen by contract\n";

/// What is printed and the exit code, without the time that is left.
fn normal(process: &Process, more: &[&str]) -> (Option<i32>, String) {
    let end = run_on(process, &[&["normal"], more].concat());
    assert_eq!(end.stderr, "");
    (end.code, end.stdout)
}

#[test]
fn each_cause_ends_it_with_code_1_until_it_is_undone() {
    let process = start(&[]);
    let fine = (Some(0), format!("demo is normal\n{NEXT}last: no call yet\n"));
    assert_eq!(normal(&process, &[]), fine);
    let forever = |tenant| {
        vec!["override", "set", "5026", "--tenant", tenant, "--owner", "ann", "--ttl", "forever"]
    };
    let clear = |tenant| vec!["override", "clear", "--tenant", tenant];
    for (set, undo, next, cause) in [
        (
            forever("demo"),
            clear("demo"),
            "next: a valid Create Group gets video-not-found (HTTP 500), chosen by override\n",
            "override: 5026 is forced for demo until it is cleared, set by \"ann\"; to end this: \
             genuin-sandbox override clear --tenant demo",
        ),
        (
            forever("*"),
            clear("*"),
            "next: a valid Create Group gets video-not-found (HTTP 500), chosen by override-all\n",
            "override-for-all: 5026 is forced for all tenants until it is cleared, set by \"ann\"; to end \
             this: genuin-sandbox override clear --tenant '*'",
        ),
        (
            vec!["clock", "freeze", "2030-01-01T00:00:00Z"],
            vec!["clock", "resume"],
            NEXT,
            "clock: the clock of demo is frozen at 2030-01-01T00:00:00.000Z; to end this: \
             genuin-sandbox clock resume --tenant demo",
        ),
        (
            vec!["clock", "advance", "25h"],
            vec!["reset", "--what", "clock"],
            NEXT,
            "clock: the clock of demo runs 25h ahead of the machine's; to end this: genuin-sandbox \
             clock resume --tenant demo",
        ),
    ] {
        printed(&process, &set);
        let expected =
            format!("demo is not normal, for 1 reason:\n  {cause}\n{next}last: no call yet\n");
        assert_eq!(normal(&process, &[]), (Some(1), expected), "{set:?}");
        printed(&process, &undo);
        assert_eq!(normal(&process, &[]), fine, "{undo:?}");
    }
}

#[test]
fn what_the_server_was_started_with_ends_it_with_code_1() {
    for (arguments, cause) in [
        (&["--scenario", "ok"][..], "scenario: \"ok\" is forced for all tenants by --scenario"),
        (&["--clock", "2030-01-01T00:00:00Z"], "clock: the clock of demo is frozen at 2030-01-01"),
        (&["--media", "strict"], "media: only videos of the fixtures are found, by --media strict"),
        (&["--assume", "token-life=15m"], "assumption: token-life is read as 15m, by --assume"),
    ] {
        let process = start(arguments);
        let (code, text) = normal(&process, &[]);
        let expected = format!("demo is not normal, for 1 reason:\n  {cause}");
        assert!(text.starts_with(&expected), "{text}");
        assert_eq!(code, Some(1), "{arguments:?}");
    }
}

#[test]
fn what_a_variable_has_set_is_named_by_it() {
    type Case<'c> = (&'c [&'c str], &'c [(&'c str, &'c str)], &'c str);
    let yaml = "{version: 1, name: inline, rules: [{id: a, do: {outcome: 500}}]}";
    let frozen = ("GNSB_CLOCK", "2030-01-01T00:00:00Z");
    let cases: [Case; 7] = [
        (&[], &[("GNSB_SCENARIO", "ok")], "\"ok\" is forced for all tenants by GNSB_SCENARIO, as"),
        (
            &[],
            &[("GNSB_SCENARIO_YAML", yaml)],
            "\"inline\" is forced for all tenants by GNSB_SCENARIO_YAML, as",
        ),
        (
            &["--scenario", "5026"],
            &[("GNSB_SCENARIO_YAML", yaml), ("GNSB_SCENARIO", "ok")],
            "\"5026\" is forced for all tenants by --scenario, as",
        ),
        (&[], &[frozen], "is frozen at 2030-01-01T00:00:00.000Z by GNSB_CLOCK"),
        (
            &["--clock=2031-01-01T00:00:00Z"],
            &[frozen],
            "is frozen at 2031-01-01T00:00:00.000Z by --clock",
        ),
        (&[], &[("GNSB_MEDIA", "strict")], "are found, by GNSB_MEDIA strict"),
        (&[], &[("GNSB_ASSUME", "token-life=15m")], "token-life is read as 15m, by GNSB_ASSUME"),
    ];
    for (arguments, variables, cause) in cases {
        let arguments = [&["--listen", "127.0.0.1:0"], arguments].concat();
        let process = Process::spawn(command(&arguments, variables));
        let (code, text) = normal(&process, &[]);
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains(cause), "{cause}: {text}");
    }
}

#[test]
fn hits_and_time_that_run_out_are_seen_at_once() {
    let process = start(&[]);
    printed(&process, &["override", "set", "500", "--hits", "1"]);
    assert_eq!(normal(&process, &[]).0, Some(1));
    assert_eq!(call(&process).status, 500);
    let (code, text) = normal(&process, &[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("\nlast: server-error (HTTP 500), chosen by override, "), "{text}");
}

#[test]
fn json_is_the_reply_of_the_api_with_the_same_code() {
    let process = start(&[]);
    let reply = printed_json(&process, &["normal"]);
    assert_eq!(
        (&reply["normal"], &reply["because"]),
        (&Value::from(true), &Value::from(vec![0; 0]))
    );
    printed(&process, &["override", "set", "500", "--tenant", "qa"]);
    let end = run_on(&process, &["normal", "--tenant", "qa", "--json"]);
    let reply: Value = serde_json::from_str(&end.stdout).unwrap();
    assert_eq!((end.code, &reply["normal"]), (Some(1), &Value::from(false)));
    assert_eq!(reply["because"][0]["what"], "override");
}

#[test]
fn those_who_choose_for_themselves_are_shown_and_change_no_code() {
    let process = start(&[]);
    Call::new().header("5026").send_to(process.address);
    let (code, text) = normal(&process, &[]);
    assert_eq!(code, Some(0));
    let expected = "these have chosen for their own calls in the last 10 minutes:\n  5026 by header: 1 \
                    call of no user agent\n";
    assert!(text.ends_with(expected), "{text}");
}

#[test]
fn what_is_no_tenant_ends_with_code_2_and_no_server_with_code_1() {
    let process = start(&[]);
    for name in ["*", "anonymous", "Not A Name"] {
        let end = run_on(&process, &["normal", "--tenant", name]);
        assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""), "{name}: {}", end.stderr);
    }
    let gone = url(&process);
    drop(process);
    let end = run(&["normal", "--url", &gone], &[]);
    assert_eq!((end.code, end.stdout.as_str()), (Some(1), ""), "{}", end.stderr);
}
