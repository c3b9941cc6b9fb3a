//! The report in the own API: its formats, and which calls it judges.

use serde_json::{Value, json};

use super::{Client, found, group};
use crate::admin::{ask, assert_problem, each, list, read};
use crate::harness::App;
use crate::scenarios::Call;

/// Sends the same request again after a permanent failure.
fn retry_permanent(app: &App, tenant: &str) {
    let client = Client::new(app.sandbox.address(), tenant);
    for _ in 0..2 {
        assert_eq!(client.status("5026", &group("x")), 500);
    }
}

#[test]
fn a_report_says_what_was_found_in_which_calls_and_what_to_do() {
    let app = App::start();
    let address = app.sandbox.address();
    retry_permanent(&app, "b");
    Client::new(address, "a").status("", &group("x"));
    let finding = json!({
        "rule": "retried-permanent",
        "severity": "fix",
        "tenant": "b",
        "requests": [1, 2],
        "detail": "the same request was sent again once after video-not-found (500)",
        "remedy": "do not repeat a request after 400, 401, 404, 412 or a 500 with the code \"5026\": read the \
                   code besides the status, and change the request first",
    });
    let report = |calls: u64, operations: u64, tenants: Value| {
        json!({
            "calls": calls, "operations": operations, "fix": 1, "look": 0, "findings": [finding],
            "expectations": [], "unseen": 0, "cut_bodies": 0, "tenants": tenants,
        })
    };
    let b = json!({"tenant": "b", "calls": 2, "unseen": 0});
    let both = json!([{"tenant": "a", "calls": 1, "unseen": 0}, b]);
    assert_eq!(read(address, "report"), report(3, 2, both));
    assert_eq!(read(address, "tenants/b/report"), report(2, 1, json!([b])));
    let never = read(address, "tenants/never-used/report");
    assert_eq!((&never["calls"], &never["findings"]), (&json!(0), &json!([])));
    let tenants = each(&list(&read(address, "tenants"), "tenants"), "name");
    assert_eq!(tenants, ["a", "b"], "a report makes no tenant");
}

#[test]
fn calls_without_a_tenant_are_judged_too() {
    let app = App::start();
    let client = Client { token: "secret".into(), ..Client::new(app.sandbox.address(), "x") };
    for _ in 0..2 {
        assert_eq!(client.status("", &group("x")), 401);
    }
    let found = found(client.address);
    assert_eq!(found["anonymous"], ["retried-permanent [1,2]"]);
    assert_eq!(read(client.address, "tenants/anonymous/report")["fix"], 1);
    let answer = ask(client.address, "GET", "tenants/anonymous/checklist", "");
    assert_eq!(answer.status, 404, "nothing can be provoked there");
}

#[test]
fn calls_that_reach_no_endpoint_or_scenario_are_to_look_at() {
    let app = App::start();
    let token = [("Authorization", "Bearer gnsb_lost")];
    for (method, path) in [
        ("POST", "/api/wrong"),
        ("GET", "/api/thirdparty/group/create"),
        ("POST", "/api/wrong"),
        ("DELETE", "/1"),
        ("DELETE", "/2"),
        ("DELETE", "/3"),
        ("DELETE", "/4?token=s3cr3t"),
        ("GET", "/l/abc"),
    ] {
        assert!([404, 405].contains(&app.send(method, path, &token, b"").status), "{path}");
    }
    let client = Client::new(app.sandbox.address(), "odd");
    assert_eq!(client.status("outrage", &group("x")), 501);
    assert_eq!(app.create_as("gnsb_odd.outrage", group("x").to_string().as_bytes()).status, 501);
    let report = read(client.address, "report");
    assert_eq!((&report["fix"], &report["look"]), (&json!(0), &json!(2)));
    let findings = list(&report, "findings");
    assert_eq!(each(&findings, "severity"), ["look", "look"]);
    let shown: Vec<_> = findings
        .iter()
        .map(|finding| ["rule", "tenant", "requests", "detail"].map(|key| finding[key].clone()))
        .collect();
    let endpoints = "7 calls reached no endpoint: \"DELETE /1\" in 1 call, \"DELETE /2\" in 1 call, \
                     \"DELETE /3\" in 1 call, \"GET /api/thirdparty/group/create\" in 1 call, \
                     \"POST /api/wrong\" in 2 calls, and others";
    let scenarios = "2 calls got 501, the first for this: unknown scenario \"outrage\"; did you mean \"outage\"? \
                     (scenarios: ambiguous-create, flaky-twice, outage, partner-journey, rush-hour, slow)";
    assert_eq!(
        shown,
        [
            [
                json!("unknown-endpoints"),
                json!("lost"),
                json!([1, 2, 3, 4, 5, 6, 7]),
                json!(endpoints)
            ],
            [json!("unknown-scenarios"), json!("odd"), json!([1, 2]), json!(scenarios)],
        ]
    );
    let ignored = read(client.address, "report?ignore=unknown-endpoints:lost=a%20test");
    assert_eq!(ignored["look"], 1);
}

#[test]
fn logins_with_other_keys_are_other_requests() {
    let app = App::start();
    let auth = |key: &str, secret: &str| {
        app.auth(&json!({"api_key": key, "api_secret": secret}).to_string()).status
    };
    assert_eq!([auth("gnsb_a", "wrong-1"), auth("gnsb_a", "wrong-2")], [412, 412]);
    assert_eq!([auth("gnsb_b", "wrong-1"), auth("gnsb_b", "wrong-1")], [412, 412]);
    assert_eq!([auth("nobody", "wrong-1"), auth("nobody", "wrong-1")], [412, 412]);
    let found = found(app.sandbox.address());
    assert_eq!(found.keys().collect::<Vec<_>>(), ["anonymous", "b"]);
    assert_eq!(found["b"], ["retried-permanent [1,2]"]);
}

#[test]
fn each_format_has_its_media_type() {
    let app = App::start();
    retry_permanent(&app, "b");
    for (format, media_type, start) in [
        ("", "application/json", "{\"calls\":2,"),
        ("json", "application/json", "{\"calls\":2,"),
        ("text", "text/plain; charset=utf-8", "fix   retried-permanent: b/1, b/2\n"),
        ("junit", "application/xml", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites "),
        ("markdown", "text/markdown; charset=utf-8", "## What the sandbox saw of the client\n"),
    ] {
        let query = if format.is_empty() { String::new() } else { format!("?format={format}") };
        let answer = ask(app.sandbox.address(), "GET", &format!("report{query}"), "");
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(media_type)));
        assert!(answer.body.starts_with(start), "{}", answer.body);
        let answer = ask(app.sandbox.address(), "GET", &format!("tenants/b/checklist{query}"), "");
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(media_type)));
    }
}

#[test]
fn calls_before_a_cursor_and_of_other_traces_are_not_judged() {
    let app = App::start();
    let address = app.sandbox.address();
    retry_permanent(&app, "b");
    let next = read(address, "tenants/b/requests")["next"].as_str().unwrap().to_owned();
    let since = |query: &str| read(address, &format!("tenants/b/report?since={next}{query}"));
    assert_eq!((&since("")["calls"], &since("")["fix"]), (&json!(0), &json!(0)));
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let traceparent = format!("traceparent: 00-{trace}-00f067aa0ba902b7-01");
    let call = Call::new().token("gnsb_b").header("400");
    for more in [&[traceparent.as_str(), "Connection: close"][..], &["Connection: close"]] {
        crate::harness::raw(address, &call.bytes(more));
    }
    assert_eq!((&since("")["calls"], &since("")["fix"]), (&json!(2), &json!(1)));
    let traced = since(&format!("&trace={trace}"));
    assert_eq!((&traced["calls"], &traced["fix"]), (&json!(1), &json!(0)));
}

#[test]
fn a_known_finding_is_ignored_with_its_reason() {
    let app = App::start();
    let address = app.sandbox.address();
    retry_permanent(&app, "b");
    retry_permanent(&app, "c");
    let report = read(address, "report?ignore=retried-permanent:b=ticket+7&ignore=no-backoff=x");
    assert_eq!(report["fix"], 1);
    let ignored = each(&list(&report, "findings"), "ignored");
    assert_eq!(ignored, [json!("ticket 7"), Value::Null]);
}

#[test]
fn a_question_that_cannot_be_answered_is_refused_with_what_is_known() {
    let app = App::start();
    for (path, detail) in [
        ("report?format=xml", "unknown format \"xml\" (known: json, text, junit, markdown)"),
        (
            "tenants/a/checklist?format=jnuit",
            "unknown format \"jnuit\"; did you mean \"junit\"? (known: json, text, junit, markdown)",
        ),
        (
            "report?trace=7",
            "\"7\" is not the id of a trace: write its 32 hexadecimal digits, in lower case and not all 0",
        ),
        (
            "report?ignore=no-backoff",
            "ignore: the reason is missing; write RULE=REASON or RULE:TENANT=REASON",
        ),
        (
            "report?sinec=1",
            "unknown parameter \"sinec\"; did you mean \"since\"? (known: since, trace, ignore, format)",
        ),
        ("report?format=text&format=text", "duplicate parameter \"format\"; give it once"),
    ] {
        let answer = ask(app.sandbox.address(), "GET", path, "");
        assert_problem(&answer, 400, "Bad Request", detail, None);
    }
}

#[test]
fn what_the_journal_has_dropped_is_not_called_passed() {
    let app = App::with(|builder| builder.journal_mib(1));
    let address = app.sandbox.address();
    let client = Client::new(address, "b");
    assert_eq!(client.status("5026", &group("x")), 500);
    let mut dropped = 0;
    for number in 0.. {
        client.status("", &group(&format!("{number}-{}", "x".repeat(15_000))));
        dropped = read(address, "tenants/b/requests?limit=1")["dropped"].as_u64().unwrap();
        if dropped > 0 {
            break;
        }
    }
    let report = read(address, "report");
    assert_eq!((report["unseen"].as_u64(), &report["fix"]), (Some(dropped), &json!(0)));
    let items = list(&read(address, "tenants/b/checklist"), "items");
    assert_eq!(items[0]["state"], "not-tried", "the 5026 may be gone, or its repeat");
    let xml = ask(address, "GET", "report?format=junit", "").body;
    assert!(xml.contains("failures=\"0\" errors=\"0\" skipped=\"13\""), "{xml}");
    ask(address, "POST", "tenants/b/reset", "{}");
    assert_eq!(read(address, "tenants/b/report")["unseen"], 0, "it was emptied on purpose");
}
