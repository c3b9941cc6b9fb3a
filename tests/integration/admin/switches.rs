//! The log of switches: what was turned on or off, by whom and why, as a list and among the events.

use std::net::SocketAddr;
use std::time::Duration;

use genuin_sandbox::internals::admin::respond;
use genuin_sandbox::internals::call::{Config, Sandbox};
use genuin_sandbox::internals::http::Request;
use serde_json::{Value, json};

use super::events::Stream;
use super::{ask, assert_problem, done, each, list, read, write};
use crate::harness::App;
use crate::scenarios::{Call, wait_until, with_rules, write_rules};

const LIMIT: Duration = Duration::from_secs(30);

fn set(address: SocketAddr, tenant: &str, body: &Value) {
    write(address, "PUT", &format!("tenants/{tenant}/scenario"), body);
}

fn switches(address: SocketAddr, query: &str) -> Vec<Value> {
    list(&read(address, &format!("switches{query}")), "switches")
}

/// The entries without their times, which are in order.
fn untimed(mut switches: Vec<Value>) -> Vec<Value> {
    let times: Vec<_> = switches.iter_mut().map(|entry| entry["at"].take().to_string()).collect();
    assert!(times.is_sorted(), "{times:?}");
    for entry in &mut switches {
        entry.as_object_mut().unwrap().remove("at");
    }
    switches
}

#[test]
fn every_switch_is_listed_with_who_and_why() {
    let app = App::start();
    let address = app.sandbox.address();
    assert_eq!(read(address, "switches"), json!({"switches": [], "dropped": 0}));
    let ann = json!({"scenario": 5026, "hits": 2, "owner": "ann", "reason": "ticket\n7"});
    set(address, "demo", &ann);
    set(address, "demo", &json!({"scenario": "2x500, ok*", "hits": 1, "ttl": "forever"}));
    Call::new().send(&app);
    set(address, "*", &json!({"scenario": "outage", "ttl": "2h", "owner": "bob"}));
    done(address, "DELETE", "tenants/*/scenario");
    done(address, "DELETE", "tenants/*/scenario");
    set(address, "demo", &ann);
    write(address, "POST", "tenants/demo/reset", &json!({"what": ["scenarios", "journal"]}));
    for body in [
        json!({"freeze": "2030-01-01T00:00:00Z"}),
        json!({"advance": "25h"}),
        json!({"resume": true}),
        json!({"advance": "90m"}),
    ] {
        write(address, "POST", "tenants/qa/clock", &body);
    }
    let file = json!({"version": 1, "rules": [{"id": "a", "do": {"outcome": 500}}]});
    write(address, "PUT", "scenarios/mine", &file);
    done(address, "DELETE", "scenarios/mine");
    set(address, "qa", &json!({"scenario": "404", "ttl": "forever"}));
    done(address, "DELETE", "tenants/qa");

    let mut expected = Vec::new();
    let mut add =
        |what: &str, tenant: Value, [scenario, owner, reason]: [Value; 3], detail: &str| {
            expected.push(json!({
            "tenant": tenant, "what": what, "scenario": scenario, "owner": owner, "reason": reason,
            "detail": detail,
        }));
        };
    let (demo, qa, all) = (json!("demo"), json!("qa"), json!("*"));
    let of_ann = || [json!("5026"), json!("ann"), json!("ticket\n7")];
    let line = || [json!("2x500, ok*"), Value::Null, Value::Null];
    let of_bob = || [json!("outage"), json!("bob"), Value::Null];
    let nobody = || [(); 3].map(|()| Value::Null);
    let back = "back to the contract";
    add("override-set", demo.clone(), of_ann(), "forcing 5026 for demo for 2 calls, at most 10m");
    add(
        "override-replaced",
        demo.clone(),
        line(),
        r#"forcing 2x500, ok* for demo for 1 call; this replaced 5026, set by "ann" ("ticket\n7")"#,
    );
    add(
        "override-ended",
        demo.clone(),
        line(),
        &format!("2x500, ok* for demo ended after 1 hit, {back}"),
    );
    add("override-set", all.clone(), of_bob(), "forcing outage for all tenants for 2h");
    let cleared = format!("outage for all tenants was cleared after 0 hits, {back}");
    add("override-ended", all.clone(), of_bob(), &cleared);
    add("override-set", demo.clone(), of_ann(), "forcing 5026 for demo for 2 calls, at most 10m");
    let cleared = format!("5026 for demo was cleared by a reset after 0 hits, {back}");
    add("override-ended", demo.clone(), of_ann(), &cleared);
    add("reset", demo, nobody(), "reset demo: scenarios, journal");
    for set_to in [
        "is frozen at 2030-01-01T00:00:00.000Z",
        "is frozen at 2030-01-02T01:00:00.000Z",
        "runs with the machine's",
        "runs 1h 30m ahead of the machine's",
    ] {
        add("clock", qa.clone(), nobody(), &format!("the clock of qa {set_to}"));
    }
    let mine = || [json!("mine"), Value::Null, Value::Null];
    add("upload", all.clone(), mine(), "uploaded scenario mine");
    add("upload", all, mine(), "removed the uploaded scenario mine");
    let found = [json!("404"), Value::Null, Value::Null];
    add("override-set", qa.clone(), found.clone(), "forcing 404 for qa until it is cleared");
    let removed = format!("404 for qa was removed with its tenant after 0 hits, {back}");
    add("override-ended", qa.clone(), found, &removed);
    add("reset", qa, nobody(), "removed tenant qa");
    let found = untimed(switches(address, ""));
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.len(), expected.len());
}

#[test]
fn a_reader_of_one_tenant_sees_its_own_and_what_concerns_all() {
    let app = App::start();
    let address = app.sandbox.address();
    for tenant in ["a", "b", "*", "a", "b", "b"] {
        set(address, tenant, &json!({"scenario": "500"}));
    }
    let file = json!({"version": 1, "rules": [{"id": "a", "do": {"outcome": 500}}]});
    write(address, "PUT", "scenarios/mine", &file);
    let whose = |query: &str| {
        let found = switches(address, query);
        let tenant = |entry: &Value| entry["tenant"].as_str().unwrap().to_owned();
        found.iter().map(tenant).collect::<Vec<_>>().join(" ")
    };
    for (query, expected) in [
        ("", "a b * a b b *"),
        ("?tenant=a", "a * a *"),
        ("?tenant=b", "b * b b *"),
        ("?tenant=*", "* *"),
        ("?tenant=%2A", "* *"),
        ("?tenant=nobody", "* *"),
        ("?tenant=anonymous", "* *"),
        ("?last=1", "*"),
        ("?last=3", "b b *"),
        ("?last=1000", "a b * a b b *"),
        ("?tenant=a&last=2", "a *"),
        ("?tenant=b&last=3", "b b *"),
    ] {
        assert_eq!(whose(query), expected, "{query}");
    }
}

#[test]
fn what_cannot_be_listed_is_refused() {
    let app = App::start();
    let address = app.sandbox.address();
    let huge = "18446744073709551616";
    for (query, detail) in [
        ("last=0", "last must be from 1 to 1000, not 0".to_owned()),
        ("last=1001", "last must be from 1 to 1000, not 1001".to_owned()),
        ("last=-1", r#"last must be a whole number, 0 or more, not "-1""#.to_owned()),
        (
            &format!("last={huge}"),
            format!("last must be a whole number, 0 or more, not \"{huge}\""),
        ),
        (
            "tennant=a",
            r#"unknown parameter "tennant"; did you mean "tenant"? (known: tenant, last)"#
                .to_owned(),
        ),
        ("last=1&last=2", r#"duplicate parameter "last"; give it once"#.to_owned()),
    ] {
        let answer = ask(address, "GET", &format!("switches?{query}"), "");
        assert_problem(&answer, 400, "Bad Request", &detail, None);
    }
    for name in ["Demo", "", "a.b", "**", "a%00b"] {
        let answer = ask(address, "GET", &format!("switches?tenant={name}"), "");
        assert_eq!(answer.status, 404, "{name}: {}", answer.body);
    }
    assert_eq!(read(address, "tenants"), json!({"tenants": []}), "reading makes no tenant");
}

#[test]
fn an_override_ends_at_its_time_though_nobody_calls() {
    for tenant in ["demo", "*"] {
        let app = App::start();
        let address = app.sandbox.address();
        let path = format!("tenants/{tenant}/scenario");
        let body = json!({"scenario": "500", "ttl": "700ms", "owner": "ann", "reason": "why"});
        let ends = write(address, "PUT", &path, &body)["override"]["ends"].clone();
        let has_ended = || switches(address, "").len() == 2;
        wait_until("it has ended", LIMIT, has_ended);
        let ended = &switches(address, "")[1];
        let known = ["what", "owner", "reason", "scenario"].map(|key| ended[key].clone());
        assert_eq!(known, ["override-ended", "ann", "why", "500"]);
        // that is in milliseconds
        let at = ended["at"].as_str().unwrap();
        assert_eq!(format!("{}Z", &at[..at.len() - 4]), ends, "the time at which it was to end");
    }
}

#[test]
fn a_look_sees_that_an_override_is_over_before_any_timer_does() {
    // nothing but these requests happens to it
    let sandbox = Sandbox::new(Config::default()).unwrap();
    let ask = |method: &str, path: &str, body: &str| {
        let (method, body) = (method.parse().unwrap(), body.to_owned());
        let mut request = Request::json(method, &super::v1(path), None, body);
        request.headers.insert("host", http::HeaderValue::from_static("localhost"));
        let reply = respond(&sandbox, &request).finish(&sandbox);
        serde_json::from_slice::<Value>(&reply.body).unwrap()
    };
    for (number, tenant) in ["demo", "*"].into_iter().enumerate() {
        let path = format!("tenants/{tenant}/scenario");
        let what = || each(&list(&ask("GET", "switches", ""), "switches"), "what");
        let before = what().len();
        ask("PUT", &path, r#"{"scenario":"500","ttl":"20ms"}"#);
        wait_until("it is over", LIMIT, || what().len() == before + 2);
        assert_eq!(what()[4 * number..], ["override-set", "override-ended"], "{tenant}");
        ask("PUT", &path, r#"{"scenario":"500","ttl":"20ms"}"#);
        wait_until("it is shown no longer", LIMIT, || ask("GET", &path, "")["override"].is_null());
    }
}

#[test]
fn a_reload_concerns_all_tenants() {
    let (app, folder) = with_rules("- { id: a, do: { outcome: 500 } }");
    let address = app.sandbox.address();
    write_rules(&folder, "another", "- { id: a, do: { outcome: 404 } }");
    wait_until("it is read", LIMIT, || !switches(address, "").is_empty());
    let [reload] = &untimed(switches(address, "?tenant=demo"))[..] else { panic!() };
    let detail = reload["detail"].as_str().unwrap();
    assert!(detail.starts_with("reloaded scenarios from "), "{detail}");
    assert_eq!((&reload["what"], &reload["tenant"]), (&json!("reload"), &json!("*")));
}

#[test]
fn the_newest_thousand_of_ten_thousand_are_kept_within_their_budget() {
    let app = App::with(|builder| builder.max_memory_mib(12));
    let address = app.sandbox.address();
    let used = || read(address, "status")["memory"]["additions"]["used_bytes"].as_u64().unwrap();
    let mut kept = crate::scenarios::Kept::open(address);
    let mut most = 0;
    let body =
        json!({"scenario": "500", "owner": "é".repeat(100), "reason": "ö".repeat(500)}).to_string();
    for _ in 0..10 {
        for _ in 0..1000 {
            let request = format!(
                "PUT /_sandbox/v1/tenants/demo/scenario HTTP/1.1\r\nHost: localhost\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            assert_eq!(kept.call(request.as_bytes()), 200);
        }
        most = most.max(used());
    }
    let list = read(address, "switches");
    let (switches, dropped) = (super::list(&list, "switches"), list["dropped"].as_u64().unwrap());
    assert_eq!(switches.len() as u64 + dropped, 10_000);
    assert!((10..=1000).contains(&switches.len()), "{}", switches.len());
    // a tenant, its override and 64 KiB of switches
    assert!(most < 100 * 1024, "{most}");
    assert_eq!(read(address, "tenants/demo/scenario")["override"]["scenario"], "500");
}

fn shown((_, kind, data): &(String, String, Value)) -> String {
    match &**kind {
        "call" => format!("call {}", data["id"].as_str().unwrap()),
        "switch" => {
            let tenant = data["tenant"].as_str().unwrap_or("server");
            format!("switch {tenant} {}", data["what"].as_str().unwrap())
        }
        other => panic!("{other}: {data}"),
    }
}

#[test]
fn a_stream_tells_of_switches_between_the_calls() {
    let app = App::start();
    let address = app.sandbox.address();
    set(address, "demo", &json!({"scenario": "500"}));
    done(address, "DELETE", "tenants/demo/scenario");
    let mut streams = ["", "?tenant=demo"].map(|query| Stream::open(address, query, None));
    let mut expected = Vec::new();
    for number in 0..3 {
        Call::new().send(&app);
        expected.push(format!("call demo/{}", 2 * number + 1));
        set(address, "demo", &json!({"scenario": "ok", "hits": 1}));
        expected.push("switch demo override-set".to_owned());
        Call::new().send(&app);
        expected.push(format!("call demo/{}", 2 * number + 2));
        expected.push("switch demo override-ended".to_owned());
    }
    for stream in &mut streams {
        let events: Vec<_> = expected.iter().map(|_| stream.any_event()).collect();
        assert_eq!(events.iter().map(shown).collect::<Vec<_>>(), expected);
        let listed = switches(address, "?last=1");
        assert_eq!(events.last().unwrap().2, listed[0], "the same as in the list");
    }
    // a reader that comes back after any event misses nothing and gets nothing twice
    let mut fresh = Stream::open(address, "", Some("unknown"));
    let all: Vec<_> = (0..expected.len() + 2).map(|_| fresh.any_event()).collect();
    for (index, (id, ..)) in all.iter().enumerate().take(all.len() - 1) {
        let mut resumed = Stream::open(address, "", Some(id));
        let rest: Vec<_> = all[index + 1..].iter().map(|_| resumed.any_event()).collect();
        assert_eq!(rest, all[index + 1..], "after event {index}");
        // good for the journal too
        let page = read(address, &format!("requests?since={id}&limit=1000"));
        let calls = all[index + 1..].iter().filter(|(_, kind, _)| kind == "call").count();
        assert_eq!(list(&page, "requests").len(), calls, "after event {index}");
    }
}

#[test]
fn a_cursor_of_a_list_stands_before_the_switches_behind_its_call() {
    let app = App::start();
    let address = app.sandbox.address();
    let before = read(address, "requests")["next"].clone();
    set(address, "demo", &json!({"scenario": "ok"}));
    Call::new().send(&app);
    let between = read(address, "tenants/demo/requests?limit=1")["next"].clone();
    done(address, "DELETE", "tenants/demo/scenario");
    Call::new().send(&app);
    for (cursor, expected) in [
        (before, &["switch demo override-set", "call demo/1"][..]),
        (between, &["switch demo override-ended", "call demo/2"]),
    ] {
        let mut stream = Stream::open(address, "?tenant=demo", cursor.as_str());
        let events: Vec<_> = expected.iter().map(|_| shown(&stream.any_event())).collect();
        assert_eq!(events, expected, "{cursor}");
    }
}

#[test]
fn a_stream_of_one_tenant_tells_of_what_concerns_it() {
    let app = App::start();
    let address = app.sandbox.address();
    let mut streams = ["?tenant=a", "?tenant=anonymous"].map(|it| Stream::open(address, it, None));
    for tenant in ["b", "*", "a", "b"] {
        set(address, tenant, &json!({"scenario": "500"}));
    }
    let file = json!({"version": 1, "rules": [{"id": "a", "do": {"outcome": 500}}]});
    write(address, "PUT", "scenarios/mine", &file);
    let expected: [&[&str]; 2] = [
        &["switch * override-set", "switch a override-set", "switch * upload"],
        &["switch * override-set", "switch * upload"],
    ];
    for (stream, expected) in streams.iter_mut().zip(expected) {
        let events: Vec<_> = expected.iter().map(|_| shown(&stream.any_event())).collect();
        assert_eq!(events, expected);
    }
}

#[test]
fn many_calls_and_switches_at_once_are_each_told_once() {
    let app = App::start();
    let address = app.sandbox.address();
    let mut stream = Stream::open(address, "", None);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let app = &app;
            scope.spawn(move || {
                for _ in 0..50 {
                    Call::new().token(&format!("gnsb_t{thread}")).send(app);
                    let body = json!({"scenario": "ok"});
                    set(address, &format!("t{thread}"), &body);
                }
            });
        }
    });
    let events: Vec<_> = (0..400).map(|_| stream.any_event()).collect();
    let calls = events.iter().filter(|(_, kind, _)| kind == "call").map(shown);
    let mut calls: Vec<_> = calls.collect();
    calls.sort();
    calls.dedup();
    assert_eq!(calls.len(), 200);
    let shown: Vec<_> = events.iter().filter(|(_, kind, _)| kind == "switch").collect();
    let shown: Vec<_> = shown.into_iter().map(|(_, _, data)| data.clone()).collect();
    assert_eq!(shown, switches(address, ""));
}
