//! Overrides of one tenant or all, bounded by hits and time, and their place among the selectors.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{ask, assert_problem, done, read, write};
use crate::harness::App;
use crate::process::Process;
use crate::scenarios::{Call, ending, endings, wait_until};

const DEMO: &str = "tenants/demo/scenario";
const ALL: &str = "tenants/*/scenario";

#[test]
fn an_override_is_shown_as_it_was_set() {
    let app = App::start();
    let address = app.sandbox.address();
    let off = json!({"tenant": "demo", "override": null, "next": {"selector": "contract", "scenario": null}});
    assert_eq!(read(address, DEMO), off);
    let body = json!({"scenario": 5026, "hits": 2, "ttl": "forever", "owner": "ci 7", "reason": "a \"video\" 😀"});
    let expected = json!({
        "scenario": "5026", "hits": 2, "hits_left": 2, "acted": 0, "ttl_left_s": null, "ends": null,
        "owner": "ci 7", "reason": "a \"video\" 😀",
    });
    let on = json!({
        "tenant": "demo", "override": expected, "next": {"selector": "override", "scenario": "5026"},
    });
    assert_eq!(write(address, "PUT", DEMO, &body), on);
    assert_eq!(read(address, DEMO), on);
    let on_for_all = json!({"tenant": "*", "override": expected});
    assert_eq!(write(address, "PUT", ALL, &body), on_for_all);
    assert_eq!(read(address, ALL), on_for_all);
    assert_eq!(
        read(address, "tenants/other/scenario"),
        json!({"tenant": "other", "override": null, "next": {"selector": "override-all", "scenario": "5026"}})
    );
    Call::new().send(&app);
    assert_eq!(read(address, DEMO)["override"]["hits_left"], 1);
    done(address, "DELETE", DEMO);
    assert_eq!(read(address, DEMO)["next"]["selector"], "override-all");
    done(address, "DELETE", ALL);
    assert_eq!(read(address, DEMO), off);
    done(address, "DELETE", DEMO);
}

#[test]
fn a_new_override_replaces_the_old_one_and_its_hits() {
    let app = App::start();
    let address = app.sandbox.address();
    write(address, "PUT", DEMO, &json!({"scenario": "5026", "hits": 2}));
    assert_eq!(endings(&app, &Call::new(), 1), ["5026"]);
    write(address, "PUT", DEMO, &json!({"scenario": "404", "hits": 2}));
    assert_eq!(endings(&app, &Call::new(), 3), ["404", "404", "ok"]);
}

#[test]
fn hits_count_only_calls_in_which_a_rule_acted() {
    for path in [DEMO, ALL] {
        let app = App::start();
        let address = app.sandbox.address();
        write(address, "PUT", path, &json!({"scenario": "5026/after-validation", "hits": 2}));
        for (call, expected, reason) in [
            (Call::new().token("gn-revoked-token"), "401", "refused before the rule's phase"),
            (Call::new().with("/type", json!(5)), "400", "refused by a check before its phase"),
            (Call::new().header("404"), "404", "another selector chose the scenario"),
        ] {
            assert_eq!(ending(&call.send(&app)), expected, "{path}: {reason}");
        }
        let login = app.auth(r#"{"api_key":"demo-key","api_secret":"demo-secret"}"#);
        assert_eq!(login.status, 200, "{path}: no rule is for a login");
        let active = &read(address, path)["override"];
        assert_eq!([&active["acted"], &active["hits_left"]], [0, 2], "{path}");
        assert_eq!(endings(&app, &Call::new(), 3), ["5026", "5026", "ok"], "{path}");
        assert_eq!(read(address, path)["override"], Value::Null, "{path}");
    }
}

#[test]
fn hits_are_exact_under_parallel_calls_of_one_tenant_and_of_all() {
    for (path, tenants) in [(DEMO, 1), (ALL, 1), (ALL, 50)] {
        let app = App::start();
        write(app.sandbox.address(), "PUT", path, &json!({"scenario": "5026", "hits": 20}));
        let mut found = std::thread::scope(|scope| {
            let app = &app;
            let calls: Vec<_> = (0..50)
                .map(|number| {
                    let token =
                        if tenants == 1 { "gnsb_demo".into() } else { format!("gnsb_t{number}") };
                    scope.spawn(move || ending(&Call::new().token(&token).send(app)))
                })
                .collect();
            calls.into_iter().map(|call| call.join().unwrap()).collect::<Vec<_>>()
        });
        found.sort();
        let expected: Vec<_> = (0..50).map(|call| if call < 20 { "5026" } else { "ok" }).collect();
        assert_eq!(found, expected, "{path}, {tenants} tenants");
    }
}

#[test]
fn an_override_ends_when_its_time_is_over() {
    for path in [DEMO, ALL] {
        let app = App::start();
        let address = app.sandbox.address();
        write(address, "PUT", path, &json!({"scenario": "5026", "ttl": "100ms"}));
        let limit = Duration::from_secs(10);
        wait_until("it is over", limit, || read(address, path)["override"].is_null());
        assert_eq!(ending(&Call::new().send(&app)), "ok", "{path}");
    }
}

#[test]
fn a_call_ends_an_override_whose_time_is_over() {
    let app = App::start();
    let address = app.sandbox.address();
    write(address, "PUT", DEMO, &json!({"scenario": "5026", "hits": 1000, "ttl": "50ms"}));
    wait_until("it is over", Duration::from_secs(10), || ending(&Call::new().send(&app)) == "ok");
    assert_eq!(ending(&Call::new().send(&app)), "ok");
}

#[test]
fn without_a_ttl_it_lasts_10_minutes() {
    let app = App::start();
    for (body, ttl_s) in [
        (json!({"scenario": "500"}), Some(600)),
        (json!({"scenario": "500", "ttl": "2h"}), Some(7200)),
        (json!({"scenario": "500", "hits": 3}), Some(600)),
        (json!({"scenario": "500", "ttl": "forever"}), None),
        (json!({"scenario": "500", "hits": 3, "ttl": "forever"}), None),
        (json!({"scenario": "500", "hits": 3, "ttl": "1m"}), Some(60)),
    ] {
        let start = Instant::now();
        let answer = write(app.sandbox.address(), "PUT", DEMO, &body);
        let passed_s = start.elapsed().as_secs() + 1;
        match (answer["override"]["ttl_left_s"].as_u64(), ttl_s) {
            (None, None) => {}
            (Some(left), Some(ttl)) => assert!(
                left <= ttl && left + passed_s >= ttl,
                "{body}: {left} s left after at most {passed_s} s"
            ),
            other => panic!("{body}: {other:?}"),
        }
    }
}

#[test]
fn the_clock_of_the_tenant_does_not_end_it() {
    let app = App::start();
    let address = app.sandbox.address();
    write(address, "PUT", DEMO, &json!({"scenario": "5026", "ttl": "1m"}));
    write(address, "POST", "tenants/demo/clock", &json!({"advance": "25h"}));
    assert_eq!(ending(&Call::new().send(&app)), "5026");
}

/// The text of a log line.
fn log_text(process: &mut Process, part: &str) -> String {
    let line = process.log_line(part);
    line.split_once("INFO  ").unwrap_or_else(|| panic!("{line}")).1.to_owned()
}

#[test]
fn the_log_says_how_it_ended() {
    let mut process = Process::start(&[]);
    let address = process.address;
    for (path, whose) in [(DEMO, "demo"), (ALL, "all tenants")] {
        write(address, "PUT", path, &json!({"scenario": "5026", "hits": 2}));
        Call::new().send_to(address);
        Call::new().send_to(address);
        let expected = format!("5026 for {whose} ended after 2 hits, back to the contract");
        assert_eq!(log_text(&mut process, "ended"), expected);
        write(address, "PUT", path, &json!({"scenario": "503", "ttl": "1ms"}));
        let expected = format!("503 for {whose} expired after 0 hits, back to the contract");
        // nobody asks: the server itself ends it
        assert_eq!(log_text(&mut process, "expired"), expected);
        write(address, "PUT", path, &json!({"scenario": "503"}));
        done(address, "DELETE", path);
        let expected = format!("503 for {whose} was cleared after 0 hits, back to the contract");
        assert_eq!(log_text(&mut process, "cleared"), expected);
    }
}

#[test]
fn setting_replacing_and_ending_are_logged_with_owner_and_reason() {
    let mut process = Process::start(&[]);
    let address = process.address;
    for (path, whose) in [(DEMO, "demo"), (ALL, "all tenants")] {
        let body = json!({"scenario": "5026", "hits": 2, "owner": "ann", "reason": "a\nb"});
        write(address, "PUT", path, &body);
        let expected = format!(
            "forcing 5026 for {whose} for 2 calls, at most 10m, set by \"ann\" (\"a\\nb\")"
        );
        assert_eq!(log_text(&mut process, "forcing"), expected);
        write(address, "PUT", path, &json!({"scenario": "404", "hits": 1, "ttl": "forever"}));
        let expected = format!(
            "forcing 404 for {whose} for 1 call; this replaced 5026, set by \"ann\" (\"a\\nb\")"
        );
        assert_eq!(log_text(&mut process, "forcing"), expected);
        Call::new().send_to(address);
        let expected = format!("404 for {whose} ended after 1 hit, back to the contract");
        assert_eq!(log_text(&mut process, "ended"), expected);
        write(
            address,
            "PUT",
            path,
            &json!({"scenario": " 500,\nok\n", "ttl": "forever", "owner": "bob"}),
        );
        let expected =
            format!("forcing \"500,\\nok\" for {whose} until it is cleared, set by \"bob\"");
        assert_eq!(log_text(&mut process, "forcing"), expected);
        done(address, "DELETE", path);
        let expected = format!(
            "\"500,\\nok\" for {whose} was cleared after 0 hits, back to the contract, set by \"bob\""
        );
        assert_eq!(log_text(&mut process, "cleared"), expected);
    }
    write(address, "PUT", DEMO, &json!({"scenario": "5026"}));
    write(address, "POST", "tenants/demo/reset", &json!({"what": ["scenarios"]}));
    let expected = "5026 for demo was cleared by a reset after 0 hits, back to the contract";
    assert_eq!(log_text(&mut process, "5026 for demo was"), expected);
    assert_eq!(log_text(&mut process, "reset demo"), "reset demo: scenarios");
}

#[test]
fn what_another_owner_has_set_is_replaced_only_if_asked_for() {
    for (path, whose) in [(DEMO, "demo"), (ALL, "all tenants")] {
        let app = App::start();
        let address = app.sandbox.address();
        let set = |scenario: &str, owner: &str, replace: bool| {
            let body = json!({"scenario": scenario, "ttl": "forever", "hits": 3, "owner": owner,
                              "reason": "ticket 7", "replace": replace});
            ask(address, "PUT", path, &body.to_string())
        };
        assert_eq!(set("404", "ann", false).status, 200, "{path}: there is none");
        assert_eq!(set("500", "ann", false).status, 200, "{path}: her own");
        let detail = format!(
            "500 is forced for {whose} for 3 calls, set by \"ann\" (\"ticket 7\"); to replace it, send \
             replace: true (override set --replace)"
        );
        assert_problem(&set("503", "bob", false), 409, "Conflict", &detail, None);
        assert_eq!(read(address, path)["override"]["scenario"], "500", "{path}: it stays");
        assert_eq!(set("503", "bob", true).status, 200, "{path}: asked for");
        assert_eq!(set("401", "", false).status, 200, "{path}: no owner is given");
        assert_eq!(set("412", "ann", false).status, 200, "{path}: nobody's");
        Call::new().send(&app);
        Call::new().send(&app);
        Call::new().send(&app);
        assert_eq!(set("503", "bob", false).status, 200, "{path}: hers has ended");
    }
}

#[test]
fn a_refused_replacement_says_until_when_the_other_one_lasts() {
    let app = App::start();
    let address = app.sandbox.address();
    let set = |body: Value| ask(address, "PUT", DEMO, &body.to_string());
    let first = set(json!({"scenario": "500", "ttl": "2h", "owner": "ann"})).json();
    let ends = first["override"]["ends"].as_str().unwrap();
    let refused = set(json!({"scenario": "404", "owner": "bob"}));
    let detail = refused.json()["detail"].as_str().unwrap().to_owned();
    let until = format!(" (until {}Z), set by \"ann\"; ", &ends[..ends.find('.').unwrap()]);
    assert_eq!(refused.status, 409, "{detail}");
    assert!(detail.contains(&until), "{detail}");
}

#[test]
fn a_number_of_hits_is_asked_for_by_one_rule() {
    let app = App::start();
    for (hits, detail) in [
        (json!(0), "hits must be at least 1".to_owned()),
        (json!(-3), "hits must be at least 1".into()),
        (
            json!("3"),
            "expected a whole number, found the text \"3\"; hits must be at least 1".into(),
        ),
        (json!(true), "expected a whole number, found true; hits must be at least 1".into()),
    ] {
        let body = json!({"scenario": "500", "hits": hits}).to_string();
        let answer = ask(app.sandbox.address(), "PUT", DEMO, &body);
        assert_problem(&answer, 400, "Bad Request", &detail, Some("/hits"));
    }
}

#[test]
fn the_list_of_tenants_names_their_overrides() {
    let app = App::start();
    let address = app.sandbox.address();
    write(address, "PUT", "tenants/a/scenario", &json!({"scenario": "500", "ttl": "forever"}));
    write(address, "PUT", "tenants/b/scenario", &json!({"scenario": "404", "ttl": "1ms"}));
    wait_until("b's is over", Duration::from_secs(10), || {
        read(address, "tenants")["tenants"][1]["override"].is_null()
    });
    let tenants = &read(address, "tenants")["tenants"];
    let expected = json!({
        "scenario": "500", "hits": null, "hits_left": null, "acted": 0, "ttl_left_s": null, "ends": null,
        "owner": null, "reason": null,
    });
    assert_eq!([&tenants[0]["name"], &tenants[1]["name"]], ["a", "b"]);
    assert_eq!(tenants[0]["override"], expected);
}

#[test]
fn of_any_two_selectors_the_earlier_in_the_order_wins() {
    let order = [
        ("header", "404"),
        ("url", "412"),
        ("magic-word", "5026"),
        ("token", "401"),
        ("override", "500"),
        ("override-all", "503"),
        ("server", "400"),
    ];
    for (index, (first, expected)) in order.iter().enumerate() {
        for (second, _) in &order[index + 1..] {
            let on = |selector: &str| [*first, *second].contains(&selector);
            let app =
                App::with(|builder| if on("server") { builder.scenario("400") } else { builder });
            let address = app.sandbox.address();
            if on("override") {
                write(address, "PUT", DEMO, &json!({"scenario": "500"}));
            }
            if on("override-all") {
                write(address, "PUT", ALL, &json!({"scenario": "503"}));
            }
            let mut call = Call::new();
            for selector in [*first, *second] {
                call = match selector {
                    "header" => call.header("404"),
                    "url" => call.url("412"),
                    "magic-word" => call.tags("sandbox:5026"),
                    "token" => call.token("gnsb_demo.401"),
                    _ => call,
                };
            }
            assert_eq!(ending(&call.send(&app)), *expected, "{first} before {second}");
            let last = read(address, "tenants/demo/requests/last");
            assert_eq!(last["selector"], *first, "{first} before {second}");
        }
    }
}

#[test]
fn an_invalid_override_is_refused_and_the_old_one_stays() {
    let app = App::start();
    let address = app.sandbox.address();
    let long = |key: &str, length| json!({"scenario": "500", key: "é".repeat(length)}).to_string();
    let (long_owner, long_reason) = (long("owner", 101), long("reason", 501));
    let unknown = |what: &str| {
        format!(
            "unknown {what} (scenarios: ambiguous-create, flaky-twice, outage, partner-journey, rush-hour, slow"
        )
    };
    let outcome = unknown(r#"outcome "5027"; did you mean "5026"?"#)
        + "; outcomes: see genuin-sandbox outcomes)";
    let scenario = unknown(r#"scenario "outrage"; did you mean "outage"?"#) + ")";
    for path in [DEMO, ALL] {
        write(address, "PUT", path, &json!({"scenario": "404", "owner": "me"}));
        for (body, detail, pointer) in [
            (r#"{"scenario":"5027"}"#, outcome.as_str(), "/scenario"),
            (r#"{"scenario":"outrage"}"#, &scenario, "/scenario"),
            (r#"{"scenario":"500","hits":0}"#, "hits must be at least 1", "/hits"),
            (
                r#"{"scenario":"500","ttl":"0s"}"#,
                "ttl must be more than 0s and at most 30d, or forever",
                "/ttl",
            ),
            (
                r#"{"scenario":"500","ttl":"31d"}"#,
                "ttl must be more than 0s and at most 30d, or forever",
                "/ttl",
            ),
            (
                r#"{"scenario":"500","ttl":60}"#,
                r#""60" is not a duration; write it like 200ms, 1.5s, 2m or 25h"#,
                "/ttl",
            ),
            (
                r#"{"scenario":"500","tll":"1m"}"#,
                r#"unknown key "tll"; did you mean "ttl"? (known: scenario, hits, ttl, owner, reason, replace)"#,
                "/tll",
            ),
            (&long_owner, "owner must be at most 100 characters, not 101", "/owner"),
            (&long_reason, "reason must be at most 500 characters, not 501", "/reason"),
        ] {
            let answer = ask(address, "PUT", path, body);
            assert_problem(&answer, 400, "Bad Request", detail, Some(pointer));
        }
        assert_eq!(ask(address, "PUT", path, "").status, 400, "{path}: an empty body");
        let left = &read(address, path)["override"];
        assert_eq!([&left["scenario"], &left["owner"]], ["404", "me"], "{path}");
    }
}
