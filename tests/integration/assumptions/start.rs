//! How assumptions are turned, and who names those that are.

use serde_json::{Value, json};

use super::{POST_VIDEO, app, own_post, video};
use crate::harness::App;
use crate::process::{Process, command, run};

#[test]
fn explain_follows_the_assumptions() {
    let app = app("unknown-chat", "404");
    let body = json!({"path": POST_VIDEO, "body": video(), "headers": {"Authorization": "Bearer gnsb_demo", "Content-Type": "application/json"}}).to_string();
    let answer = own_post(&app, "explain", &body);
    assert_eq!(answer.json()["outcome"], "conversation-not-found", "{}", answer.body);
}

#[test]
fn status_and_ledger_name_what_is_turned() {
    let app = App::with(|builder| {
        builder
            .assume("unknown-user", "ignore")
            .assume("token-life", "24h")
            .assume("repeat-handle", "412")
    });
    let turned = json!({"unknown-user": "ignore", "repeat-handle": "412"});
    assert_eq!(app.own("status")["assumptions"], turned);
    assert_eq!(App::start().own("status")["assumptions"], json!({}));
    let ledger = app.own("contract");
    let all = ledger["assumptions"].as_array().unwrap();
    let active = |name: &str| all.iter().find(|one| one["name"] == name).unwrap()["active"].clone();
    assert_eq!((active("unknown-user"), active("token-life")), (json!("ignore"), json!("24h")));
    let shown = run(&["status", "--url", &app.sandbox.url()], &[]).stdout;
    assert!(
        shown.contains("assumptions turned: unknown-user=ignore, repeat-handle=412"),
        "{shown}"
    );
}

#[test]
fn a_wrong_assumption_of_the_builder_is_an_error_at_start() {
    let error = genuin_sandbox::RunningSandbox::builder().assume("unknown-usr", "ignore").start();
    let error = format!("{:#}", error.unwrap_err());
    assert!(
        error.starts_with(
            "assume: unknown assumption \"unknown-usr\"; did you mean \"unknown-user\"?"
        ),
        "{error}"
    );
}

#[test]
fn flag_and_variable_turn_assumptions_and_the_log_and_the_ready_line_name_them() {
    let listen = ("GNSB_LISTEN", "127.0.0.1:0");
    let variable = ("GNSB_ASSUME", "unknown-user = ignore , token-life=15m,token-life=15m");
    let json = ["--log-format", "json"];
    let process = Process::spawn(command(&json, &[listen, variable]));
    let ready: Value = serde_json::from_str(&process.ready_line).unwrap();
    assert_eq!(ready["assumptions"], json!(["unknown-user=ignore", "token-life=15m"]));
    let flags =
        ["--assume", "repeat-handle=412", "--assume", "unknown-chat=404,added-member=active"];
    let mut process = Process::spawn(command(&flags, &[listen, variable]));
    let assuming = "assuming unknown-chat=404, repeat-handle=412, added-member=active";
    let expected = format!(" (seed 42, scenario none, {assuming})\n");
    assert!(process.ready_line.ends_with(&expected), "{}", process.ready_line);
    let line = process.log_line("assumptions turned");
    assert!(
        line.ends_with(
            "assumptions turned: unknown-chat=404, repeat-handle=412, added-member=active"
        ),
        "{line}"
    );
    let process = Process::spawn(command(&[], &[listen, ("GNSB_ASSUME", "token-life=24h")]));
    assert!(process.ready_line.ends_with(" (seed 42, scenario none)\n"), "{}", process.ready_line);
    let end = process.stop();
    assert!(!end.stderr.contains("assumptions"), "{}", end.stderr);
}

#[test]
fn a_wrong_assumption_is_refused_at_start_with_the_nearest() {
    for (arguments, variables, why) in [
        (
            &["--assume", "unknown-usr=ignore"][..],
            &[][..],
            "unknown assumption \"unknown-usr\"; did you mean \"unknown-user\"?",
        ),
        (
            &["--assume=unknown-user=ignored"],
            &[],
            "unknown-user has no variant \"ignored\"; did you mean \"ignore\"?",
        ),
        (
            &["--assume", "token-life=15"],
            &[],
            "--assume: invalid value \"token-life=15\": token-life has no variant \"15\"; did you mean \"15m\"?",
        ),
        (&["--assume", "xyzzy=1"], &[], "unknown assumption \"xyzzy\" (known: "),
        (&["--assume", "xyzzy=1"], &[], " and 4 more)"),
        (&[], &[("GNSB_ASSUME", "token-life=15m,")], "\"\" names no variant; write NAME=VARIANT"),
        (
            &["--assume", "token-life=15m,token-life=24h"],
            &[],
            "--assume: token-life is both 15m and 24h",
        ),
        (
            &[],
            &[("GNSB_ASSUME", "token-life=15m,token-life=24h")],
            "GNSB_ASSUME: token-life is both 15m and 24h",
        ),
    ] {
        let end = run(arguments, variables);
        assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""), "{}", end.stderr);
        assert!(end.stderr.contains(why), "{}", end.stderr);
    }
}

#[test]
fn the_command_lists_every_assumption() {
    let listed: Value = serde_json::from_str(&run(&["assumptions", "--json"], &[]).stdout).unwrap();
    let listed = listed["assumptions"].as_array().unwrap();
    assert_eq!(listed.len(), 14);
    let text = run(&["assumptions"], &[]).stdout;
    for one in listed {
        let name = one["name"].as_str().unwrap();
        assert!(text.contains(&format!("{name}: ")), "{name}");
        assert!(!one["endpoints"].as_array().unwrap().is_empty(), "{name}");
        for variant in one["variants"].as_array().unwrap() {
            assert!(
                text.contains(&format!("\n  {}", variant["name"].as_str().unwrap())),
                "{variant}"
            );
            let choice = format!("{name}={}", variant["name"].as_str().unwrap());
            let checked = run(
                &["serve", "--assume", &choice, "--listen", "127.0.0.1:0", "--fixtures", "/none"],
                &[],
            );
            assert!(checked.stderr.contains("--fixtures"), "{choice}: {}", checked.stderr);
        }
    }
}
