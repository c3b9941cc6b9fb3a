//! Uploaded scenarios, and the documents of the API: outcomes, contract, schemas and metrics.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{ask, assert_problem, done, each, list, read};
use crate::harness::{AUTH, App, CREATE};
use crate::scenarios::{Call, ending, endings};

const YAML: &str = "version: 1\nname: mine\ndescription: Mine.\nrules:\n  - id: a\n    do: [ { outcome: 5026, times: 2 } ]\n";

#[test]
fn a_scenario_is_uploaded_in_yaml_or_json_used_and_deleted() {
    let json_text = r#"{"version":1,"description":"Mine.","rules":[{"id":"a","do":[{"outcome":5026,"times":2}]}]}"#;
    for (text, kind) in [(YAML, "application/yaml"), (json_text, "application/json")] {
        let app = App::start();
        let address = app.sandbox.address();
        let put = app.send(
            "PUT",
            "/_sandbox/v1/scenarios/mine",
            &[("Content-Type", kind)],
            text.as_bytes(),
        );
        let rule = |hits: Value| {
            json!({
                "name": "mine", "description": "Mine.", "seed": null, "rules": [{
                    "id": "a", "enabled": true, "priority": 0, "hits": hits,
                    "endpoints": ["create_group"], "rate": null,
                    "do": [{"outcome": "video-not-found", "times": 2, "phase": "after-auth", "chance": null}],
                }],
                "expect": [],
            })
        };
        let mut expected = rule(json!({}));
        expected["warnings"] = json!([]);
        assert_eq!((put.status, put.json()), (200, expected), "{kind}");
        assert_eq!(endings(&app, &Call::new().header("mine"), 3), ["5026", "5026", "ok"], "{kind}");
        assert_eq!(read(address, "scenarios/mine"), rule(json!({"demo": 2})), "{kind}");
        let names = each(&list(&read(address, "scenarios"), "scenarios"), "name");
        let all = [
            "ambiguous-create",
            "flaky-twice",
            "mine",
            "outage",
            "partner-journey",
            "rush-hour",
            "slow",
        ];
        assert_eq!(names, all, "{kind}");
        done(address, "DELETE", "scenarios/mine");
        assert_eq!(ending(&Call::new().header("mine").send(&app)), "501", "{kind}");
        assert_eq!(ask(address, "GET", "scenarios/mine", "").status, 404);
        let detail =
            r#"no scenario "mine" was uploaded; files and built-in scenarios cannot be deleted"#;
        assert_problem(
            &ask(address, "DELETE", "scenarios/mine", ""),
            404,
            "Not Found",
            detail,
            None,
        );
    }
}

#[test]
fn json_is_read_as_json() {
    for (name, reason) in [
        ("a\u{7f}b", "a raw DEL"),
        ("\u{80}\u{9f}", "raw controls of C1"),
        ("\u{fffe}\u{fdd0}\u{1ffff}", "raw noncharacters"),
        (r"\ud83d\ude00", "a surrogate pair in escapes"),
        (r"\/\u0000", "escapes of JSON"),
    ] {
        let app = App::start();
        let rule = format!(
            r#"{{"id":"a","match":{{"body":{{"group.name":"{name}"}}}},"do":{{"outcome":412}}}}"#
        );
        let text = format!(r#"{{"version":1,"rules":[{rule}]}}"#);
        let put = ask(app.sandbox.address(), "PUT", "scenarios/mine", &text);
        assert_eq!(put.status, 200, "{reason}: {}", put.body);
        let name_sent: Value = serde_json::from_str(&format!("\"{name}\"")).unwrap();
        let call = Call::new().header("mine").with("/group/name", name_sent.clone());
        assert_eq!(ending(&call.send(&app)), "412", "{reason}");
        let matcher = format!(r#"{{"match":{{"body":{{"group.name":{name_sent}}}}}}}"#);
        let verdict = ask(app.sandbox.address(), "POST", "tenants/demo/verify", &matcher);
        assert_eq!((verdict.status, &verdict.json()["pass"]), (200, &json!(true)), "{reason}");
    }
}

#[test]
fn a_body_that_is_said_to_be_json_may_be_yaml_and_its_problem_is_that_of_json() {
    let app = App::start();
    let address = app.sandbox.address();
    let verify = |body: &str| ask(address, "POST", "tenants/demo/verify", body);
    assert_eq!(verify("{match: {outcome: ok}, count: {exactly: 0}}").status, 200);
    for (body, expected) in [
        ("{\"match\": {\"outcome\": \"ok\"}", "unclosed bracket '{' (line 1, column 1)"),
        ("{\n \"match\": nope}}", "expected ident (line 2, column 12)"),
        ("{\"count\": {\"min\": 1,\n\"min\": 2}}", "duplicate mapping key: min (line 2, column 1)"),
        ("match: [1", "unclosed bracket '[' (line 1, column 8)"),
    ] {
        let detail = format!("the body cannot be parsed: {expected}");
        assert_problem(&verify(body), 400, "Bad Request", &detail, Some(""));
    }
    let yaml = [("Content-Type", "application/yaml; charset=utf-8")];
    let answer = app.send("POST", "/_sandbox/v1/tenants/demo/verify", &yaml, b"{match: [1");
    let detail = "the body cannot be parsed: unclosed bracket '[' (line 1, column 9)";
    assert_problem(&answer, 400, "Bad Request", detail, Some(""));
}

#[test]
fn an_upload_replaces_the_built_in_scenario_until_it_is_deleted() {
    let app = App::start();
    let address = app.sandbox.address();
    let call = Call::new().header("outage");
    assert_eq!(ending(&call.send(&app)), "503");
    let text = r#"{"version":1,"rules":[{"id":"a","do":{"outcome":"412"}}]}"#;
    assert_eq!(ask(address, "PUT", "scenarios/outage", text).status, 200);
    assert_eq!(ending(&call.send(&app)), "412");
    assert_eq!(list(&read(address, "scenarios"), "scenarios").len(), 6);
    let again = text.replace("412", "5026");
    assert_eq!(ask(address, "PUT", "scenarios/outage", &again).status, 200);
    assert_eq!(ending(&call.send(&app)), "5026", "the last upload");
    done(address, "DELETE", "scenarios/outage");
    assert_eq!(ending(&call.send(&app)), "503");
    let detail =
        r#"no scenario "outage" was uploaded; files and built-in scenarios cannot be deleted"#;
    assert_problem(&ask(address, "DELETE", "scenarios/outage", ""), 404, "Not Found", detail, None);
}

#[test]
fn an_invalid_file_is_refused_with_its_line_and_the_old_one_stays() {
    let app = App::start();
    let address = app.sandbox.address();
    assert_eq!(ask(address, "PUT", "scenarios/mine", YAML).status, 200);
    for (name, text, detail) in [
        (
            "other",
            YAML,
            r#"line 2, column 7: the name "mine" does not match the file; write name: other"#,
        ),
        ("mine", "", "line 1, column 1: the file is empty"),
        ("mine", r#"{"version":1,"rules":["#, "line 1, column 22: unclosed bracket '['"),
        (
            "mine",
            "version: 1\nrules:\n  - id: a\n    do: { outcome: sever-error }\n",
            r#"line 4, column 20: unknown outcome "sever-error"; did you mean "server-error"?"#,
        ),
        (
            "mine",
            "version: 1\nrulse: []\nrules:\n  - { id: a, do: { outcome: 500 } }\n",
            r#"line 2, column 1: unknown key "rulse"; did you mean "rules"?"#,
        ),
        (
            "500",
            r#"{"version":1,"rules":[{"id":"a","do":{"outcome":"500"}}]}"#,
            r#"line 1, column 1: invalid scenario name "500": use a to z, 0 to 9 and -, start with a letter, at most 64 characters"#,
        ),
    ] {
        let answer = ask(address, "PUT", &format!("scenarios/{name}"), text);
        assert_eq!(answer.status, 400, "{text}");
        let found = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(found.starts_with(detail), "{text}: {found}");
    }
    assert_eq!(ending(&Call::new().header("mine").send(&app)), "5026");
    let detail = r#"unknown scenario "mien"; did you mean "mine"? (scenarios: ambiguous-create, flaky-twice, mine, outage, partner-journey, rush-hour, slow)"#;
    assert_problem(&ask(address, "GET", "scenarios/mien", ""), 404, "Not Found", detail, None);
}

#[test]
fn every_outcome_is_listed_with_how_to_force_it() {
    let app = App::start();
    let outcomes = list(&read(app.sandbox.address(), "outcomes"), "outcomes");
    assert_eq!(outcomes.len(), 20);
    for outcome in &outcomes {
        let name = outcome["name"].as_str().unwrap();
        assert!(
            outcome["force"].as_str().unwrap().contains(&format!("word sandbox:{name}")),
            "{name}"
        );
        let faults = ["reset", "close", "truncate", "garbage", "hang", "hold"];
        assert_eq!(outcome["status"].is_null(), faults.contains(&name), "{name}");
        // faults are forced in other tests
        if !outcome["status"].is_null() {
            let answer = Call::new().header(name).send(&app);
            assert_eq!(json!(answer.status), outcome["status"], "{name}");
        }
    }
}

#[test]
fn the_openapi_document_and_the_scenario_schema_describe_the_endpoints() {
    let app = App::start();
    let address = app.sandbox.address();
    let openapi = read(address, "openapi.json");
    assert_eq!(openapi["openapi"], "3.1.0");
    let paths: Vec<_> = openapi["paths"].as_object().unwrap().keys().collect();
    assert!([CREATE, AUTH].iter().all(|path| paths.iter().any(|known| known == path)), "{paths:?}");
    let responses: Vec<_> =
        openapi["paths"][CREATE]["post"]["responses"].as_object().unwrap().keys().collect();
    assert_eq!(responses, ["200", "400", "401", "500", "default"]);
    assert_eq!(openapi["paths"][AUTH]["post"]["security"], json!([]), "a login needs no token");
    assert_eq!(openapi["paths"][CREATE]["post"]["security"], json!([{"token": []}]));
    let token = &openapi["components"]["securitySchemes"]["token"];
    assert_eq!([&token["type"], &token["scheme"]], ["http", "bearer"]);
    let schema = read(address, "scenario.schema.json");
    assert_eq!(schema["title"], "genuin-sandbox scenario");
    assert_eq!(schema["required"], json!(["version", "rules"]));
}

#[test]
fn the_metrics_are_prometheus_text_and_match_the_calls() {
    let app = App::start();
    for scenario in ["ok", "5026", "5026", "outrage"] {
        Call::new().header(scenario).send(&app);
    }
    app.auth("{}");
    let answer = ask(app.sandbox.address(), "GET", "metrics", "");
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let mut described = BTreeSet::new();
    let mut samples = vec![];
    for line in answer.body.lines() {
        match line.split(' ').collect::<Vec<_>>().as_slice() {
            ["#", "HELP", name, _, ..] => {
                assert!(described.insert((*name).to_owned()), "{line} twice");
            }
            ["#", "TYPE", name, "counter" | "gauge"] => {
                assert!(described.contains(*name), "{line}");
            }
            [sample, value] => {
                assert!(described.contains(sample.split('{').next().unwrap()), "{line}");
                value.parse::<u64>().unwrap();
                samples.push(line.to_owned());
            }
            _ => panic!("{line}"),
        }
    }
    assert!(answer.body.ends_with('\n'));
    let call = |endpoint: &str, outcome: &str, count: u64| {
        format!(
            "genuin_sandbox_calls_total{{instance=\"in-process\",endpoint=\"{endpoint}\",outcome=\"{outcome}\"}} {count}"
        )
    };
    let one = |name: &str, value: u64| {
        format!("genuin_sandbox_{name}{{instance=\"in-process\"}} {value}")
    };
    for expected in [
        call("auth", "brand-not-found", 1),
        call("create_group", "ok", 1),
        call("create_group", "unknown-scenario", 1),
        call("create_group", "video-not-found", 2),
        one("tenants", 1),
        one("groups", 1),
        one("groups_forgotten_total", 0),
        one("journal_entries", 5),
        one("journal_dropped_total", 0),
    ] {
        assert!(samples.contains(&expected), "{expected} in {samples:#?}");
    }
}

#[test]
fn a_rule_is_shown_with_its_endpoints_and_its_rate() {
    let app = App::start();
    let address = app.sandbox.address();
    for (rule, endpoints, rate) in [
        ("match: { endpoint: any }, rate: 5/1s", json!(["any"]), json!("5/1s")),
        (
            "match: { endpoint: [post_video, auth] }, rate: 10/90s",
            json!(["auth", "post_video"]),
            json!("10/90s"),
        ),
        ("rate: 1/1500ms", json!(["create_group"]), json!("1/1500ms")),
        ("rate: 7 / 120m", json!(["create_group"]), json!("7/2h")),
        ("match: { nth: 1 }", json!(["create_group"]), json!(null)),
    ] {
        let text = format!("version: 1\nrules:\n- {{ id: a, {rule}, do: {{ outcome: 429 }} }}\n");
        let put = app.send(
            "PUT",
            "/_sandbox/v1/scenarios/mine",
            &[("Content-Type", "application/yaml")],
            text.as_bytes(),
        );
        assert_eq!(put.status, 200, "{}", put.body);
        let shown = &read(address, "scenarios/mine")["rules"][0];
        assert_eq!((&shown["endpoints"], &shown["rate"]), (&endpoints, &rate), "{rule}");
    }
    let line = &read(address, "scenarios/post_video:2x500")["rules"][0];
    assert_eq!((&line["endpoints"], &line["rate"]), (&json!(["post_video"]), &json!(null)));
}

#[test]
fn hits_are_counted_of_calls_without_an_accepted_token_too() {
    let app = App::start();
    let text = r#"{"version":1,"rules":[{"id":"a","phase":"before-auth","do":{"outcome":500}}]}"#;
    let address = app.sandbox.address();
    assert_eq!(ask(address, "PUT", "scenarios/early", text).status, 200);
    for token in ["", "gnsb_demo"] {
        assert_eq!(ending(&Call::new().token(token).header("early").send(&app)), "500", "{token}");
    }
    let hits = &read(address, "scenarios/early")["rules"][0]["hits"];
    assert_eq!(*hits, json!({"anonymous": 1, "demo": 1}));
}
