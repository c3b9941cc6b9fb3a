//! The own API refuses a body or a parameter exactly if its document forbids it, as far as a schema can tell.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::received::allows;
use crate::admin::ask;
use crate::harness::App;

/// A path below the API's, its pattern and method, and bodies that it takes and that it refuses.
struct Bodies {
    method: &'static str,
    path: &'static str,
    pattern: &'static str,
    taken: Vec<Value>,
    refused: Vec<Value>,
}

#[test]
fn a_body_is_refused_exactly_if_the_document_forbids_it() {
    let app = App::start();
    for Bodies { method, path, pattern, taken, refused } in bodies() {
        for (body, is_taken) in
            taken.iter().map(|body| (body, true)).chain(refused.iter().map(|body| (body, false)))
        {
            let answer = ask(app.sandbox.address(), method, path, &body.to_string());
            let what = format!("{method} {path} {body}: {} {}", answer.status, answer.body);
            assert_eq!(answer.status < 300, is_taken, "{what}");
            assert!(is_taken || answer.status == 400, "{what}");
            let pointer = format!(
                "/paths/~1_sandbox~1v1~1{}/{}/requestBody/content/application~1json/schema",
                pattern.replace('/', "~1"),
                method.to_lowercase()
            );
            assert_eq!(allows(&pointer, body), is_taken, "{what}");
        }
    }
}

fn bodies() -> Vec<Bodies> {
    [
        bodies_of_overrides(),
        bodies_of_tenants(),
        bodies_of_expectations(),
        bodies_of_data(),
        bodies_of_scenarios(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn bodies_of_overrides() -> Vec<Bodies> {
    let override_body = |key: &str, value: Value| json!({"scenario": "500", key: value});
    vec![Bodies {
        method: "PUT",
        path: "tenants/demo/scenario",
        pattern: "tenants/{tenant_or_all}/scenario",
        taken: vec![
            override_body("hits", Value::Null),
            override_body("hits", json!(1.0)),
            override_body("ttl", json!("forever")),
            override_body("ttl", json!("0.5h")),
            override_body("ttl", Value::Null),
            override_body("owner", json!("ü".repeat(100))),
            override_body("reason", json!("x".repeat(500))),
            override_body("replace", Value::Null),
            json!({"scenario": 5026}),
        ],
        refused: vec![
            json!({}),
            json!({"scenario": null}),
            override_body("hits", json!(0)),
            override_body("hits", json!(1.5)),
            override_body("hits", json!(1e30)),
            override_body("ttl", json!("0s")),
            override_body("ttl", json!("0.0m")),
            override_body("ttl", json!("")),
            override_body("ttl", json!(10)),
            override_body("owner", json!("ü".repeat(101))),
            override_body("reason", json!("x".repeat(501))),
            override_body("replace", json!("yes")),
            override_body("until", json!("noon")),
        ],
    }]
}

fn bodies_of_tenants() -> Vec<Bodies> {
    vec![
        Bodies {
            method: "POST",
            path: "tenants/demo/reset",
            pattern: "tenants/{tenant}/reset",
            taken: vec![json!({}), json!({"what": null}), json!({"what": ["state", "clock"]})],
            refused: vec![
                json!({"what": ["all"]}),
                json!({"what": "state"}),
                json!({"what": [null]}),
            ],
        },
        Bodies {
            method: "POST",
            path: "tenants/demo/clock",
            pattern: "tenants/{tenant}/clock",
            taken: vec![
                json!({"freeze": "2024-09-24T09:13:31Z"}),
                json!({"freeze": "now"}),
                json!({"freeze": "2024-09-24T09:13:31+02:00", "advance": null}),
                json!({"advance": "25h"}),
                json!({"resume": true, "freeze": null}),
            ],
            refused: vec![
                json!({}),
                json!({"freeze": null}),
                json!({"freeze": "soon"}),
                json!({"freeze": "NOW"}),
                json!({"advance": ""}),
                json!({"advance": "25 hours"}),
                json!({"resume": false}),
                json!({"resume": true, "advance": "1s"}),
                json!({"freeze": "2024-09-24T09:13:31Z", "advance": "1s"}),
            ],
        },
        Bodies {
            method: "POST",
            path: "tenants/demo/release",
            pattern: "tenants/{tenant}/release",
            taken: vec![
                json!({}),
                json!({"count": null, "as": null}),
                json!({"count": 3, "as": 503}),
                json!({"as": "unavailable"}),
            ],
            refused: vec![
                json!({"count": 0}),
                json!({"as": "hold"}),
                json!({"as": "hold(3)"}),
                json!({"as": 5027}),
            ],
        },
    ]
}

fn bodies_of_expectations() -> Vec<Bodies> {
    let a_match = |key: &str, value: Value| json!({"match": {key: value}});
    vec![
        Bodies {
            method: "POST",
            path: "tenants/demo/verify",
            pattern: "tenants/{tenant}/verify",
            taken: vec![
                json!({}),
                json!({"count": {"min": 1, "max": 2}}),
                json!({"count": {"exactly": 1, "min": null}}),
                json!({"held": {"max": 0}, "count": null, "wait_ms": 1}),
                json!({"match": {"outcome": 5026, "status": 500, "committed": false, "since": "x"}}),
                a_match("outcome", json!("unknown-path")),
                a_match("body", json!({"type": 4, "group.name": {"glob": "a*"}})),
                a_match("not", json!({"path": {"chat_id": "x"}})),
                a_match("tenant", Value::Null),
            ],
            refused: vec![
                json!({"count": {}}),
                json!({"count": {"exactly": 1, "max": 1}}),
                json!({"count": {"exactly": null}}),
                json!({"held": {"at_least": 1}}),
                json!({"wait_ms": 60_001}),
                a_match("status", json!(99)),
                a_match("outcome", json!("no-such-outcome")),
                a_match("any", json!([{"outcome": "ok"}])),
                a_match("body", json!({"tpye": 4})),
                a_match("path", json!({"group_id": "x"})),
                a_match("tenant", json!("")),
                a_match("tenant", json!("team-[ab]")),
            ],
        },
        Bodies {
            method: "POST",
            path: "explain",
            pattern: "explain",
            taken: vec![
                json!({}),
                json!({"method": null, "headers": {"x-a": ["1", "ä"], "x-b": "2"}}),
                json!({"path": "/api/thirdparty/auth?x=1", "body": "{"}),
            ],
            refused: vec![
                json!({"method": ""}),
                json!({"method": "GET /"}),
                json!({"headers": {"x a": "1"}}),
                json!({"headers": {"x-a": "1\n2"}}),
                json!({"headers": {"x-a": 1}}),
            ],
        },
    ]
}

fn bodies_of_data() -> Vec<Bodies> {
    let user = |number: u8, key: &str, value: Value| {
        let mut user = json!({"user_id": format!("00000000-0000-4000-8000-0000000000{number:02}")});
        user[key] = value;
        user
    };
    let community = |number: u8, key: &str, value: Value| {
        let mut community = json!({
            "community_id": format!("00000000-0000-4000-8000-0000000000{number:02}"),
            "handle": format!("c{number}"),
            "name": "C",
            "color_code": "#000000",
            "text_color_code": "#ffFFff",
        });
        community[key] = value;
        community
    };
    vec![
        Bodies {
            method: "POST",
            path: "tenants/demo/users",
            pattern: "tenants/{tenant}/users",
            taken: vec![
                user(1, "username", Value::Null),
                user(2, "phone_number", json!("919876543210")),
                user(3, "profile_image", json!("a.png")),
                user(4, "brand", json!({"brand_id": 7, "brand_slug": "b"})),
            ],
            refused: vec![
                json!({"username": "x"}),
                json!({"user_id": "x"}),
                user(5, "phone_number", json!("+919876543210")),
                user(5, "profile_image", json!("")),
                user(5, "avatar", json!("no-such-avatar")),
                user(5, "brand", json!({"brand_id": 1e20, "brand_slug": "b"})),
            ],
        },
        Bodies {
            method: "POST",
            path: "tenants/demo/communities",
            pattern: "tenants/{tenant}/communities",
            taken: vec![community(1, "type", Value::Null), community(2, "brand_id", json!(-3.0))],
            refused: vec![
                community(3, "color_code", json!("red")),
                community(3, "type", json!(3)),
                community(3, "link_number", json!(-1)),
            ],
        },
    ]
}

fn bodies_of_scenarios() -> Vec<Bodies> {
    let rule = |key: &str, value: Value| {
        let mut rule = json!({"id": "a", "do": {"outcome": 500}});
        rule[key] = value;
        json!({"version": 1, "rules": [rule]})
    };
    let expect = |expectation: Value| {
        json!({
            "version": 1,
            "rules": [{"id": "a", "do": {"outcome": 500}}],
            "expect": [expectation],
        })
    };
    vec![Bodies {
        method: "POST",
        path: "scenarios/mine",
        pattern: "scenarios/{name}",
        taken: vec![
            rule("do", json!({"fault": "reset", "outcome": null})),
            rule("do", json!([{"outcome": "hold(3)"}])),
            rule("limit", Value::Null),
            rule("limit", json!(3.0)),
            rule("chance", json!(0.5)),
            rule("match", json!({"nth": 1.0})),
            rule("do", json!({"outcome": 500, "times": 3.0})),
            rule("do", json!({"outcome": 500, "delay": 0})),
            rule("do", json!({"outcome": 500, "delay": {"min": 0, "max": "1s"}})),
            rule("do", json!({"outcome": 500, "drip": {"chunks": 2.0, "over": 0.0}})),
            rule("do", json!({"outcome": 500, "retry_after": 2_592_000})),
            rule("do", json!({"outcome": 500, "retry_after": "1d"})),
            expect(json!({"no": "retry-storm"})),
            expect(json!({"outcome": 5026, "count": {"min": 1}})),
        ],
        refused: vec![
            json!({"version": 1, "rules": []}),
            json!({"version": 2, "rules": [{"id": "a", "do": {"outcome": 500}}]}),
            json!({"version": 1, "name": "A", "rules": [{"id": "a", "do": {"outcome": 500}}]}),
            rule("do", json!({})),
            rule("do", json!([])),
            rule("do", json!({"fault": "reset", "outcome": 500})),
            rule("do", json!({"fault": "reset", "retry_after": 2})),
            rule("limit", json!(0)),
            rule("limit", json!(1.5)),
            rule("chance", json!(2)),
            rule("match", json!({"nth": 0.0})),
            rule("match", json!({"nth": 1.5})),
            rule("do", json!({"outcome": 500, "times": 0})),
            rule("do", json!({"outcome": 500, "times": 2.5})),
            rule("do", json!({"outcome": 500, "delay": 5})),
            rule("do", json!({"outcome": 500, "drip": {"chunks": 0, "over": 0}})),
            rule("do", json!({"outcome": 500, "retry_after": 2_592_001})),
            rule("do", json!({"outcome": 500, "retry_after": 1.5})),
            rule("match", json!({"tenant": ""})),
            expect(json!({})),
            expect(json!({"no": "retry-storm", "outcome": 500})),
            expect(json!({"no": "retry-storm", "count": {"min": 1}})),
        ],
    }]
}

#[test]
fn a_parameter_is_refused_exactly_if_the_document_forbids_it() {
    let app = App::start();
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let (long, longer) = ("ü".repeat(200), "ü".repeat(201));
    for (path, name, taken, refused) in [
        ("requests", "text", vec!["a", &long], vec!["", &longer]),
        ("requests", "trace", vec![trace], vec!["", &trace[1..], &"0".repeat(32)]),
        ("report", "trace", vec![trace], vec!["7", &"0".repeat(32)]),
        ("requests", "outcome", vec!["ok", "5026", "unknown-path"], vec!["", "5027"]),
        ("requests", "limit", vec!["1", "1000"], vec!["0", "1001"]),
        ("switches", "tenant", vec!["*", "demo", "anonymous"], vec!["", "Demo", "**"]),
        ("switches", "last", vec!["1", "1000"], vec!["0", "1001"]),
        ("report", "format", vec!["json", "junit"], vec!["", "pdf"]),
        (
            "report",
            "ignore",
            vec!["retry-storm=x", "retry-storm:demo= a=b"],
            vec!["", "retry-storm", "retry-storm= ", "storm=x", "retry-storm:Demo=x"],
        ),
    ] {
        let values = taken.iter().map(|value| (value, true));
        for (value, is_taken) in values.chain(refused.iter().map(|value| (value, false))) {
            let encoded = utf8_percent_encode(value, NON_ALPHANUMERIC);
            let query = format!("{path}?{name}={encoded}");
            let answer = ask(app.sandbox.address(), "GET", &query, "");
            let what = format!("{path}?{name}={value}: {} {}", answer.status, answer.body);
            assert_eq!(answer.status == 200, is_taken, "{what}");
            let number = value.parse().ok().filter(|_| ["limit", "last"].contains(&name));
            let value = number.map_or_else(|| json!(value), |number: u64| json!(number));
            let value = if name == "ignore" { json!([value]) } else { value };
            let pointer = format!("/paths/~1_sandbox~1v1~1{path}/get/parameters/{name}/schema");
            assert_eq!(allows(&pointer, &value), is_taken, "{what}");
        }
    }
}
