//! Rules match every endpoint by its body and by the parameters of its path, `verify` counts its calls
//! by the same conditions, and the linter knows its fields.

use serde_json::{Value, json};

use super::harness::{TestCall, endpoints, sandbox};
use crate::admin;
use crate::call::{Sandbox, run_examples};
use crate::http::Request;
use crate::scenario::{HEADER, Scenario, lint, read};
use crate::vendor::{Endpoint, Field};

fn scenario(endpoint: &Endpoint, conditions: &Value) -> Scenario {
    let text = json!({
        "version": 1,
        "rules": [{
            "id": "a",
            "match": merged(json!({"endpoint": endpoint.name}), conditions),
            "do": {"outcome": "server-error"},
        }],
    });
    read(&text.to_string(), Some("probe")).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn merged(mut object: Value, more: &Value) -> Value {
    for (key, value) in more.as_object().unwrap() {
        object[key] = value.clone();
    }
    object
}

/// Makes a call under a scenario and returns whether its rule acted.
fn is_forced(call: &TestCall, scenario: Scenario) -> bool {
    let sandbox = sandbox();
    sandbox.library.upload(scenario).unwrap();
    let mut call = call.clone();
    call.headers.push((HEADER, "probe".into()));
    let (_, record) = call.send(&sandbox);
    record.outcome == "server-error"
}

/// The fields at the top of a body that hold one value.
fn scalars(endpoint: &'static Endpoint) -> impl Iterator<Item = &'static Field> {
    endpoint.body.fields.iter().filter(|field| field.kind.is_scalar())
}

#[test]
fn a_rule_matches_each_field_of_each_endpoint() {
    for endpoint in endpoints() {
        let call = TestCall::with_all_fields(endpoint);
        for field in scalars(endpoint) {
            let value = &call.body[field.name];
            let what = format!("{} {}", endpoint.name, field.name);
            let equal = scenario(endpoint, &json!({"body": {field.name: value}}));
            assert_eq!(lint(&equal), [], "{what}: a live rule is not called dead");
            assert!(is_forced(&call, equal), "{what}");
            let absent = scenario(endpoint, &json!({"body": {field.name: {"absent": true}}}));
            assert!(!is_forced(&call, absent), "{what} is there");
        }
    }
}

#[test]
fn a_rule_matches_the_parameters_of_the_path() {
    let mut seen = 0;
    for endpoint in endpoints() {
        for (name, value) in endpoint.valid_request.parameters {
            seen += 1;
            let call = TestCall::valid(endpoint);
            for (matcher, expected) in [(json!(value), true), (json!({"glob": "x*"}), false)] {
                let rule = scenario(endpoint, &json!({"path": {*name: matcher}}));
                assert_eq!(is_forced(&call, rule), expected, "{} {name}", endpoint.name);
            }
        }
    }
    assert!(seen > 0, "some endpoint has a path parameter");
}

#[test]
fn a_number_for_a_parameter_of_the_path_stands_for_its_text() {
    for endpoint in endpoints() {
        for (name, _) in endpoint.valid_request.parameters {
            for (written, sent, expected) in
                [("007", "007", true), ("007", "7", false), ("{ in: [1.50] }", "1.50", true)]
            {
                let matcher =
                    format!("{{ endpoint: {}, path: {{ {name}: {written} }} }}", endpoint.name);
                let rule =
                    format!("{{ id: a, match: {matcher}, do: {{ outcome: server-error }} }}");
                let scenario =
                    read(&format!("version: 1\nrules:\n- {rule}\n"), Some("probe")).unwrap();
                let mut call = TestCall::valid(endpoint);
                call.parameters = vec![(*name, sent.to_owned())];
                assert_eq!(
                    is_forced(&call, scenario),
                    expected,
                    "{} {name}: {sent}",
                    endpoint.name
                );
            }
        }
    }
}

/// The warnings of a rule that looks at something its endpoints do not have.
fn foreign(rule: &Scenario) -> Vec<String> {
    let warnings = lint(rule).into_iter().map(|warning| warning.message);
    warnings.filter(|message| message.contains(" does not have; ")).collect()
}

#[test]
fn the_linter_warns_of_fields_of_other_endpoints() {
    for endpoint in endpoints() {
        for other in endpoints() {
            let foreign_field =
                scalars(other).find(|field| endpoint.body.field(field.name).is_none());
            let Some(field) = foreign_field else { continue };
            let condition = json!({"body": {field.name: {"present": true}}});
            let start = format!(
                "rule \"a\" looks at the field {}, which {} does not have; name an endpoint that has it: ",
                field.name, endpoint.name
            );
            let nested = [
                condition.clone(),
                json!({"any": [condition.clone()]}),
                json!({"not": {"any": [{"tenant": "x"}, condition.clone()]}}),
            ];
            for conditions in nested {
                let warnings = foreign(&scenario(endpoint, &conditions));
                assert_eq!(warnings.len(), 1, "{warnings:?}");
                assert!(warnings[0].starts_with(&start), "{warnings:?}");
                assert!(warnings[0][start.len()..].contains(other.name), "{warnings:?}");
            }
            let both = json!({"endpoint": [endpoint.name, other.name], "body": condition["body"]});
            assert_eq!(foreign(&scenario(endpoint, &both)), Vec::<String>::new(), "one has it");
            let inside = json!({"any": [{"endpoint": other.name, "body": condition["body"]}]});
            assert_eq!(foreign(&scenario(endpoint, &inside)), Vec::<String>::new(), "it has it");
        }
    }
}

#[test]
fn the_linter_warns_of_path_parameters_of_other_endpoints() {
    for owner in endpoints() {
        for (name, _) in owner.valid_request.parameters {
            for endpoint in endpoints() {
                let rule = scenario(endpoint, &json!({"path": {*name: "x"}}));
                let has_it = endpoint.parameters.field(name).is_some();
                assert_eq!(foreign(&rule).is_empty(), has_it, "{} {name}", endpoint.name);
            }
        }
    }
}

#[test]
fn a_field_that_is_a_list_at_one_endpoint_is_known_at_another() {
    for endpoint in endpoints() {
        for (path, _) in endpoint.body.paths() {
            let plain = path.replace("[]", "");
            let rule = scenario(endpoint, &json!({"body": {plain: {"present": true}}}));
            assert_eq!(foreign(&rule), Vec::<String>::new(), "{} {path}", endpoint.name);
        }
    }
}

/// Counts the calls of a tenant that match, by the own API.
fn verified(sandbox: &Sandbox, tenant: &str, conditions: &Value) -> u64 {
    let mut request = TestCall::valid(endpoints().next().unwrap()).request();
    request.uri = format!("/_sandbox/v1/tenants/{tenant}/verify").parse().unwrap();
    request.method = http::Method::POST;
    request.headers.insert(http::header::HOST, http::HeaderValue::from_static("localhost"));
    let request = Request { body: json!({"match": conditions}).to_string().into(), ..request };
    let reply = admin::respond(sandbox, &request).finish(sandbox);
    serde_json::from_slice::<Value>(&reply.body).unwrap()["matched"].as_u64().unwrap()
}

#[test]
fn calls_of_each_endpoint_are_verified_by_body_and_path() {
    for endpoint in endpoints().filter(|endpoint| !endpoint.is_login()) {
        let (sandbox, call) = (sandbox(), TestCall::valid(endpoint));
        call.send(&sandbox);
        let count = |conditions: &Value| {
            let conditions = merged(json!({"endpoint": endpoint.name}), conditions);
            verified(&sandbox, &call.tenant, &conditions)
        };
        assert_eq!(count(&json!({"outcome": "ok"})), 1, "{}", endpoint.name);
        for (name, value) in endpoint.valid_request.parameters {
            assert_eq!(count(&json!({"path": {*name: value}})), 1, "{} {name}", endpoint.name);
            assert_eq!(count(&json!({"path": {*name: "x"}})), 0, "{} {name}", endpoint.name);
        }
        for field in scalars(endpoint) {
            let is_sent = call.body.get(field.name).is_some();
            let present = json!({"body": {field.name: {"present": true}}});
            assert_eq!(count(&present), u64::from(is_sent), "{} {}", endpoint.name, field.name);
        }
    }
}

#[test]
fn an_example_can_call_every_endpoint() {
    for endpoint in endpoints() {
        let path: serde_json::Map<_, _> = endpoint
            .valid_request
            .parameters
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json!(value)))
            .collect();
        for (expect, holds) in [(["server-error", "ok"], true), (["ok", "ok"], false)] {
            let text = json!({
                "version": 1,
                "rules": [{
                    "id": "a",
                    "match": {"endpoint": endpoint.name, "path": path},
                    "do": [{"outcome": "server-error"}],
                }],
                "examples": [{"endpoint": endpoint.name, "expect": expect}],
            });
            let scenario = read(&text.to_string(), Some("probe")).unwrap();
            let results = run_examples(&scenario);
            assert_eq!(results.failures.is_empty(), holds, "{:?}", results.failures);
            assert_eq!(results.acted.iter().collect::<Vec<_>>(), ["a"], "{}", endpoint.name);
        }
    }
}
