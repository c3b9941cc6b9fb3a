//! `verify`: whether as many calls were made as a test expects, now or within a time.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{ask, assert_problem, list, read, write};
use crate::harness::{App, CREATE};
use crate::scenarios::{Call, wait_until};

const DEMO: &str = "tenants/demo/verify";

/// Calls that end as ok, 5026, ok, server-error though committed, and unauthorized.
fn five_calls() -> App {
    let app = App::start();
    for call in [
        Call::new().name("One"),
        Call::new().name("Two").header("5026"),
        Call::new().name("Three"),
        Call::new().name("Four").header("500/after-commit"),
        Call::new().name("Five").token("gn-revoked-token"),
    ] {
        call.send(&app);
    }
    Call::new().token("gnsb_other").send(&app);
    app
}

#[test]
fn it_passes_when_the_count_is_met() {
    let app = five_calls();
    let cursor = read(app.sandbox.address(), "requests?limit=3")["next"].clone();
    for (expectation, pass, matched, reason) in [
        (json!({}), true, 5, "any call, at least one"),
        (json!({"match": {"outcome": "ok"}}), true, 2, "by outcome"),
        (json!({"match": {"outcome": "5026"}, "count": {"exactly": 1}}), true, 1, "by alias"),
        (json!({"match": {"outcome": 5026}, "count": {"exactly": 1}}), true, 1, "by bare number"),
        (json!({"match": {"status": 500}, "count": {"exactly": 2}}), true, 2, "by status"),
        (json!({"match": {"committed": true}, "count": {"exactly": 3}}), true, 3, "by committed"),
        (json!({"match": {"since": cursor}}), true, 2, "only calls behind a cursor"),
        (json!({"match": {"since": "3"}}), true, 5, "all behind an unknown one"),
        (json!({"match": {"since": 3}}), true, 5, "which may look like a number"),
        (json!({"match": {"body": {"group.name": "Three"}}}), true, 1, "by body"),
        (json!({"match": {"body": {"group.name": {"glob": "T*"}}}}), true, 2, "by a glob"),
        (json!({"match": {"header": {"x-sandbox-scenario": "5026"}}}), true, 1, "by header"),
        (json!({"match": {"nth": "2..3"}}), true, 2, "by number"),
        (json!({"match": {"not": {"body": {"group.name": "One"}}}}), true, 4, "by what is not"),
        (
            json!({"match": {"outcome": "ok", "body": {"group.name": "Two"}}}),
            false,
            0,
            "all must hold",
        ),
        (json!({"match": {"outcome": "ok"}, "count": {"min": 3}}), false, 2, "too few"),
        (json!({"match": {"outcome": "ok"}, "count": {"max": 1}}), false, 2, "too many"),
        (json!({"match": {"outcome": "ok"}, "count": {"min": 1, "max": 2}}), true, 2, "within"),
        (json!({"match": {"outcome": "reset"}, "count": {"exactly": 0}}), true, 0, "none"),
        (json!({"match": {"outcome": "reset"}, "count": {"max": 0}}), true, 0, "at most none"),
        (json!({"match": {"endpoint": "auth"}, "count": {"exactly": 0}}), true, 0, "no login"),
    ] {
        let answer = write(app.sandbox.address(), "POST", DEMO, &expectation);
        assert_eq!(
            [&answer["pass"], &answer["matched"]],
            [&json!(pass), &json!(matched)],
            "{reason}"
        );
        let is_short = !pass && matched < 3 && !reason.contains("too many");
        assert_eq!(answer["closest"].is_null(), !is_short, "{reason}: {answer}");
    }
}

#[test]
fn the_closest_call_is_shown_with_every_mismatch() {
    let app = five_calls();
    let expectation = json!({"match": {"outcome": "ok", "committed": true, "status": 200, "body": {"group.name": "Four"}}});
    let expected = json!({
        "pass": false, "matched": 0, "dropped": 0,
        "closest": {"seq": 3, "id": "demo/3", "misses": [
            {"field": "body.group.name", "wanted": "the string \"Four\"", "found": "the string \"Three\""},
        ]},
    });
    assert_eq!(write(app.sandbox.address(), "POST", DEMO, &expectation), expected);
    let expectation = json!({"match": {"outcome": "ok", "status": 500, "committed": false}});
    let answer = write(app.sandbox.address(), "POST", DEMO, &expectation);
    let misses = json!([{"field": "outcome", "wanted": "ok", "found": "video-not-found"}]);
    assert_eq!(answer["closest"], json!({"seq": 2, "id": "demo/2", "misses": misses}));
}

#[test]
fn a_waiting_verify_answers_as_soon_as_no_later_call_can_change_the_verdict() {
    let wait = Duration::from_mins(1);
    for (count, calls, pass) in [
        (json!({"min": 1}), 1, true),
        (json!({"max": 0}), 1, false),
        (json!({"exactly": 1}), 2, false),
        (json!({"min": 1, "max": 2}), 3, false),
    ] {
        let app = App::start();
        let address = app.sandbox.address();
        let expectation = json!({"count": count, "wait_ms": wait.as_millis()});
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| {
                let start = Instant::now();
                (write(address, "POST", DEMO, &expectation), start.elapsed())
            });
            // the tenant is made when the wait begins
            wait_until("it waits", wait, || !list(&read(address, "tenants"), "tenants").is_empty());
            for _ in 0..calls {
                Call::new().send(&app);
            }
            let (answer, took) = waiting.join().unwrap();
            let verdict = [&answer["pass"], &answer["matched"], &answer["closest"]];
            assert_eq!(verdict, [&json!(pass), &json!(calls), &json!(null)], "{count}");
            assert!(took < wait / 10, "{count}: answered after {took:?} of {wait:?}");
        });
    }
}

#[test]
fn one_call_too_many_is_named() {
    let app = five_calls();
    for (expectation, newest) in [
        (json!({"match": {"outcome": "ok"}, "count": {"exactly": 0}}), "demo/3"),
        (json!({"match": {"outcome": "5026"}, "count": {"max": 0}}), "demo/2"),
        (json!({"count": {"max": 4}}), "demo/5"),
    ] {
        let answer = write(app.sandbox.address(), "POST", DEMO, &expectation);
        let facts = ["pass", "closest", "newest_match"].map(|key| &answer[key]);
        assert_eq!(json!(facts), json!([false, null, newest]), "{expectation}: {answer}");
    }
}

#[test]
fn an_upper_bound_does_not_hold_for_calls_that_the_journal_has_dropped() {
    let app = App::with(|builder| builder.journal_mib(1));
    let address = app.sandbox.address();
    let call = Call::new().name(&"x".repeat(14_000));
    let mut seen = Vec::new();
    for _ in 0..200 {
        call.send(&app);
        seen.push(read(address, "requests?last=1")["next"].clone());
    }
    let verdict = |expectation: Value| {
        let answer = write(address, "POST", DEMO, &expectation);
        (answer["pass"].clone(), answer.get("incomplete").cloned())
    };
    let incomplete = Some(json!(true));
    assert_eq!(verdict(json!({"count": {"max": 150}})), (json!(false), incomplete.clone()));
    assert_eq!(verdict(json!({"count": {"exactly": 200}})), (json!(false), incomplete.clone()));
    assert_eq!(verdict(json!({"count": {"min": 10}})), (json!(true), incomplete), "known");
    let lately = json!({"match": {"since": seen[189]}, "count": {"exactly": 10}});
    assert_eq!(verdict(lately), (json!(true), None), "none of these was dropped");
    write(address, "POST", "tenants/demo/reset", &json!({"what": ["journal"]}));
    assert_eq!(verdict(json!({"count": {"max": 0}})), (json!(true), None), "after a reset");
}

#[test]
fn an_upper_bound_is_known_only_when_the_time_is_up() {
    let wait = Duration::from_millis(300);
    for (count, calls) in [
        (json!({"exactly": 0}), 0),
        (json!({"max": 1}), 1),
        (json!({"exactly": 1}), 1),
        (json!({"min": 1, "max": 3}), 2),
    ] {
        let app = App::start();
        for _ in 0..calls {
            Call::new().send(&app);
        }
        let expectation = json!({"count": count, "wait_ms": wait.as_millis()});
        let start = Instant::now();
        let answer = write(app.sandbox.address(), "POST", DEMO, &expectation);
        let took = start.elapsed();
        assert_eq!([&answer["pass"], &answer["matched"]], [&json!(true), &json!(calls)], "{count}");
        assert!(took >= wait, "{count}: answered after {took:?} of {wait:?}");
    }
}

#[test]
fn a_waiting_verify_answers_when_its_time_is_up() {
    let app = five_calls();
    let wait = Duration::from_millis(300);
    let count = json!({"min": 3});
    let expectation =
        json!({"match": {"outcome": "ok"}, "count": count, "wait_ms": wait.as_millis()});
    let start = Instant::now();
    let answer = write(app.sandbox.address(), "POST", DEMO, &expectation);
    let took = start.elapsed();
    assert_eq!([&answer["pass"], &answer["matched"]], [&json!(false), &json!(2)]);
    assert!(took >= wait, "answered after {took:?} of {wait:?}");
}

#[test]
fn many_tenants_wait_at_once_each_for_its_own_calls() {
    let app = App::start();
    let address = app.sandbox.address();
    std::thread::scope(|scope| {
        let waiting: Vec<_> = (0..20)
            .map(|number| {
                scope.spawn(move || {
                    let path = format!("tenants/t{number}/verify");
                    write(address, "POST", &path, &json!({"count": {"min": 2}, "wait_ms": 20_000}))
                })
            })
            .collect();
        for _ in 0..2 {
            for number in 0..20 {
                Call::new().token(&format!("gnsb_t{number}")).send(&app);
            }
        }
        for waiting in waiting {
            let answer = waiting.join().unwrap();
            assert_eq!([&answer["pass"], &answer["matched"]], [&json!(true), &json!(2)]);
        }
    });
}

#[test]
fn an_impossible_or_misspelled_expectation_is_refused_with_a_pointer() {
    let app = App::start();
    for (body, detail, pointer) in [
        (r#"{"count":{"min":3,"max":2}}"#, "min must not be greater than max", "/count"),
        (
            r#"{"count":{"exactly":1,"min":1}}"#,
            "exactly cannot be combined with min or max",
            "/count",
        ),
        (
            r#"{"count":{"exactly":1,"max":1}}"#,
            "exactly cannot be combined with min or max",
            "/count",
        ),
        (r#"{"count":{}}"#, "count needs min, max or exactly", "/count"),
        (r#"{"match":{"status":700}}"#, "status must be from 100 to 599, not 700", "/match/status"),
        (r#"{"match":{"status":99}}"#, "status must be from 100 to 599, not 99", "/match/status"),
        (r#"{"match":{"status":-5}}"#, "status must be from 100 to 599, not -5", "/match/status"),
        (
            r#"{"match":{"status":[200]}}"#,
            "expected a whole number, found a list; status must be from 100 to 599",
            "/match/status",
        ),
        (
            r#"{"match":{"outcome":"sever-error"}}"#,
            r#"unknown outcome "sever-error"; did you mean "server-error"?; GET /_sandbox/v1/outcomes lists them"#,
            "/match/outcome",
        ),
        (r#"{"wait_ms":60001}"#, "wait_ms must be at most 60000, not 60001", "/wait_ms"),
        (
            r#"{"wait_ms":"1"}"#,
            r#"expected a whole number, 0 or more, found the text "1""#,
            "/wait_ms",
        ),
        (
            r#"{"count":{"max":-1}}"#,
            "expected a whole number, 0 or more, found the number -1",
            "/count/max",
        ),
        (
            r#"{"mtach":{}}"#,
            r#"unknown key "mtach"; did you mean "match"? (known: match, count, held, wait_ms)"#,
            "/mtach",
        ),
        (
            r#"{"count":{"mim":1}}"#,
            r#"unknown key "mim"; did you mean "min"? (known: min, max, exactly)"#,
            "/count/mim",
        ),
        (
            r#"{"match":{"body":{"group.nme":"x"}}}"#,
            r#"the contract has no field "group.nme"; did you mean "group.name"?"#,
            "/match/body/group.nme",
        ),
        (
            r#"{"match":{"any":[]}}"#,
            "any needs at least one match; add one, or remove any",
            "/match/any",
        ),
        (
            r#"{"match":{"any":[{"nth":1},{"not":{"any":[]}}]}}"#,
            "any needs at least one match; add one, or remove any",
            "/match/any/1/not/any",
        ),
        ("[1]", "expected a map, found a list", ""),
    ] {
        let answer = ask(app.sandbox.address(), "POST", DEMO, body);
        assert_problem(&answer, 400, "Bad Request", detail, Some(pointer));
    }
    assert_eq!(read(app.sandbox.address(), "tenants")["tenants"], Value::Array(vec![]));
}

#[test]
fn a_header_is_compared_up_to_1_kib_and_what_is_cut_matches_nothing() {
    let app = App::start();
    let address = app.sandbox.address();
    let send = |bytes: usize| {
        let value = format!("{}END", "a".repeat(bytes - 3));
        let headers = [("Authorization", "Bearer gnsb_demo"), ("X-Sandbox-Note", &*value)];
        app.send("POST", CREATE, &headers, b"{}");
        read(address, "tenants/demo/requests/last")["head_truncated"].clone()
    };
    let matched = |header: Value| {
        let verdict = write(address, "POST", DEMO, &json!({"match": header}));
        (verdict["matched"].clone(), verdict["closest"]["misses"].clone())
    };
    let is_end = json!({"header": {"x-sandbox-note": {"glob": "*END"}}});
    let cut = json!([{
        "field": "header.x-sandbox-note", "wanted": "the whole value",
        "found": "cut because it was too long",
    }]);
    assert_eq!(send(1025), true);
    // whether it ends so is not known
    assert_eq!(matched(is_end.clone()).0, 0);
    assert_eq!(matched(json!({"not": is_end})), (json!(0), cut.clone()));
    let begins_so = json!({"header": {"x-sandbox-note": {"glob": "a*"}}});
    assert_eq!(matched(begins_so), (json!(0), cut));
    assert_eq!(matched(json!({"header": {"x-request-id": {"present": false}}})).0, 1, "another");
    assert_eq!(send(1024), Value::Null);
    assert_eq!(matched(is_end), (json!(1), Value::Null));
}

#[test]
fn conditions_on_what_the_journal_does_not_keep_are_refused() {
    let app = App::start();
    Call::new().name("big").with("/group/description", json!("x".repeat(20_000))).send(&app);
    let address = app.sandbox.address();
    let verdict = |expectation: &Value| write(address, "POST", DEMO, expectation);
    let by_body = json!({"match": {"body": {"group.name": "big"}}});
    let by_not = json!({"match": {"not": {"body": {"group.name": "big"}}}});
    for expectation in [by_body, by_not] {
        let verdict = verdict(&expectation);
        assert_eq!(
            (&verdict["pass"], &verdict["matched"]),
            (&json!(false), &json!(0)),
            "{expectation}"
        );
        assert_eq!(verdict["closest"]["misses"][0]["found"], json!("cut because it was too long"));
    }
    for (refused, pointer) in [
        (json!({"header": {"x-client": "a"}}), "/match/header/x-client"),
        (json!({"header": {"X-Client": "a"}}), "/match/header/X-Client"),
        (json!({"not": {"header": {"x-client": "a"}}}), "/match/not/header/x-client"),
        (json!({"endpoint": "auth", "body": {"api_secret": "a"}}), "/match/body/api_secret"),
        (
            json!({"any": [{"nth": 1}, {"endpoint": "auth", "body": {"api_secret": "a"}}]}),
            "/match/any/1/body/api_secret",
        ),
    ] {
        let answer = ask(address, "POST", DEMO, &json!({"match": refused}).to_string());
        assert_eq!(answer.status, 400, "{}", answer.body);
        assert_eq!(answer.json()["pointer"], json!(pointer), "{refused}");
    }
}
