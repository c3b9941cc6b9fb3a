//! `verify` with the number of calls that are held, and the commands.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Waiting, call, held, release};
use crate::admin::{ask, assert_problem, write};
use crate::harness::App;
use crate::process::run;
use crate::scenarios::Call;

#[test]
fn what_is_held_is_counted_with_and_without_the_calls_that_match() {
    let app = App::start();
    let address = app.sandbox.address();
    Call::new().send(&app);
    let _waiting = [(); 2].map(|()| Waiting::start(address, "demo", &call("demo", "hold")));
    for (expectation, pass, shown) in [
        (json!({"held": {"exactly": 2}}), true, json!(2)),
        (json!({"held": {"min": 1, "max": 2}}), true, json!(2)),
        (json!({"held": {"min": 3}}), false, json!(2)),
        (json!({"held": {"max": 1}}), false, json!(2)),
        (json!({"match": {"outcome": "500"}, "held": {"min": 1}}), true, json!(2)),
        (
            json!({"match": {"outcome": "500"}, "count": {"min": 1}, "held": {"min": 1}}),
            false,
            json!(2),
        ),
        (json!({"match": {"outcome": "hold"}, "count": {"exactly": 2}}), true, Value::Null),
        (
            json!({"match": {"outcome": "ok"}, "count": {"exactly": 1}, "held": {"exactly": 1}}),
            false,
            json!(2),
        ),
    ] {
        let verdict = write(address, "POST", "tenants/demo/verify", &expectation);
        assert_eq!((&verdict["pass"], &verdict["held"]), (&json!(pass), &shown), "{expectation}");
    }
    let elsewhere = write(address, "POST", "tenants/qa/verify", &json!({"held": {"exactly": 0}}));
    assert_eq!(elsewhere["pass"], true);
    for (held, detail, pointer) in [
        (json!({}), "held needs min, max or exactly", "/held"),
        (json!({"min": 2, "max": 1}), "min must not be greater than max", "/held"),
        (
            json!({"mni": 2}),
            "unknown key \"mni\"; did you mean \"min\"? (known: min, max, exactly)",
            "/held/mni",
        ),
    ] {
        let answer =
            ask(address, "POST", "tenants/demo/verify", &json!({"held": held}).to_string());
        assert_problem(&answer, 400, "Bad Request", detail, Some(pointer));
    }
}

#[test]
fn it_waits_until_enough_are_held_and_to_the_end_for_an_upper_bound() {
    let app = App::start();
    let address = app.sandbox.address();
    let verdict = move |held: Value, wait_ms: u64| {
        let body = json!({"held": held, "wait_ms": wait_ms});
        let verdict = write(address, "POST", "tenants/demo/verify", &body);
        (verdict["pass"].as_bool().unwrap(), verdict["held"].as_u64().unwrap())
    };
    // far less than the whole wait
    let enough = std::thread::spawn(move || verdict(json!({"min": 3}), 60_000));
    let waiting = [(); 3].map(|()| Waiting::send(address, &call("demo", "hold")));
    assert_eq!(enough.join().unwrap(), (true, 3));
    for (held, pass) in [
        (json!({"exactly": 3}), true),
        (json!({"max": 3}), true),
        (json!({"min": 1, "max": 2}), false),
        (json!({"exactly": 4}), false),
    ] {
        let started = Instant::now();
        assert_eq!(verdict(held.clone(), 120), (pass, 3), "{held}");
        assert!(started.elapsed() >= Duration::from_millis(120), "{held}: it waits to the end");
    }
    // there are too many now, which is not the end
    let none = std::thread::spawn(move || verdict(json!({"exactly": 0}), 3000));
    release(address, "demo", &json!({}));
    assert_eq!(none.join().unwrap(), (true, 0));
    drop(waiting);
}

#[test]
fn the_commands_list_and_release() {
    let app = App::start();
    let address = app.sandbox.address();
    let url = format!("http://{address}");
    let hold = |arguments: &[&str]| run(&[&["hold"], arguments, &["--url", &url]].concat(), &[]);
    assert_eq!(hold(&["list"]).stdout, "demo holds no calls\n");
    let waiting = [
        Waiting::start(address, "demo", &call("demo", "hold(3)/after-commit")),
        Waiting::start(address, "demo", &call("demo", "hold")),
    ];
    let listed = hold(&["list"]).stdout;
    let lines: Vec<_> = listed.lines().collect();
    assert_eq!(lines.len(), 2, "{listed}");
    assert!(
        lines[0].starts_with("demo/1    create_group, held ")
            && lines[0].contains(" by rule line of hold(3)/after-commit (header, after-commit); the change is made; goes in ")
            && lines[0].ends_with(" or when 3 calls are held"),
        "{listed}"
    );
    assert!(lines[1].contains(" by rule line of hold (header, after-auth); goes in "), "{listed}");
    let json: Value = serde_json::from_str(&hold(&["list", "--json"]).stdout).unwrap();
    assert_eq!(json["held"][1]["id"], "demo/2");
    let verify = ["verify", "--held", "2", "--url", &url];
    let end = run(&verify, &[]);
    assert_eq!((end.code, end.stdout.as_str()), (Some(0), "found 2 held calls\n"));
    let verify = ["verify", "--min-held", "1", "--wait-ms", "60000", "--url", &url];
    let end = run(&verify, &[]);
    assert_eq!((end.code, end.stdout.as_str()), (Some(0), "found 2 held calls\n"));
    let verify = ["verify", "--held", "1", "--max", "0", "--url", &url];
    let end = run(&verify, &[]);
    let said = "expected exactly 0 matching calls, found 2; expected exactly 1 held call, found 2; the newest is demo/2\n";
    assert_eq!((end.code, end.stdout.as_str()), (Some(1), said));
    let verify = ["verify", "--held", "2", "--max", "1", "--url", &url];
    let said = "expected at most 1 matching call, found 2; the newest is demo/2\n";
    assert_eq!(run(&verify, &[]).stdout, said, "what is met is left out");
    let released = hold(&["release", "--count", "1", "--as", "5026"]);
    assert_eq!(
        released.stdout,
        "released 1 call of demo, 1 is still held\ndemo/1    500 video-not-found\n"
    );
    let released = hold(&["release"]);
    assert_eq!(released.stdout, "released 1 call of demo\ndemo/2    200 ok\n");
    for (call, status) in waiting.into_iter().zip([500, 200]) {
        assert_eq!(call.answer().status, status);
    }
    assert_eq!(hold(&["release"]).stdout, "released 0 calls of demo\n");
    let end = hold(&["release", "--count", "0"]);
    assert_eq!(end.code, Some(2));
    let end = hold(&["release", "--as", "sever-error"]);
    assert_eq!(end.code, Some(2), "{}", end.stderr);
    assert!(end.stderr.contains("did you mean \"server-error\"?"), "{}", end.stderr);
    assert_eq!(held(address, "demo"), Vec::<Value>::new());
}

#[test]
fn all_that_go_are_listed_whether_their_connection_or_the_release_answers_them() {
    let app = App::start();
    let address = app.sandbox.address();
    for round in 1..=40 {
        let waiting = Waiting::start(address, "demo", &call("demo", "hold"));
        let expected = json!([format!("demo/{round}"), "ok", 200]);
        assert_eq!(release(address, "demo", &json!({})), (vec![expected], 0));
        assert_eq!(waiting.answer().status, 200);
    }
}
