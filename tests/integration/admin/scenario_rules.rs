//! What is said of the rules of a scenario: all that its file or line says, and nothing that it does not.

use serde_json::{Value, json};

use super::{ask, read};
use crate::harness::App;

/// The rules of a scenario as they are shown, without what every rule has.
fn rules(app: &App, name: &str) -> Vec<Value> {
    let mut shown = read(app.sandbox.address(), &format!("scenarios/{name}"));
    let rules = shown["rules"].as_array_mut().unwrap();
    for rule in &mut *rules {
        let rule = rule.as_object_mut().unwrap();
        for key in ["id", "enabled", "priority", "hits", "rate"] {
            assert!(rule.remove(key).is_some(), "{key}");
        }
    }
    std::mem::take(rules)
}

#[test]
fn a_rule_is_shown_with_all_that_its_file_says() {
    let app = App::start();
    let file = r#"
version: 1
rules:
  - id: all
    match: { endpoint: [create_group, add_users], body: { group.name: { glob: 'Fla?y*' } }, nth: 2..5, not: { tenant: 'ci-*' } }
    phase: after-validation
    chance: 0.0004
    limit: 7
    scope: field:group.name
    then: hold-last
    do:
      - { outcome: 5026, times: 3, delay: 1.5s, message: "no\tvideo", headers: { X-Try: 2 }, retry_after: 1m }
      - { outcome: ok, delay: { min: 100ms, max: 2s }, drip: { chunks: 4, over: 500ms } }
      - { fault: reset, delay: { median: 300ms, sigma: 0.6 } }
      - { outcome: hold(3), times: forever }
  - id: nothing
    do: { outcome: 500 }
"#;
    let yaml = [("Content-Type", "application/yaml")];
    let put = app.send("PUT", "/_sandbox/v1/scenarios/full", &yaml, file.as_bytes());
    assert_eq!(put.status, 200, "{}", put.body);
    let (phase, chance) = ("after-validation", 0.0004);
    let expected = json!([
        {
            "endpoints": ["create_group", "add_users"],
            "match": {
                "endpoint": ["create_group", "add_users"],
                "body": {"group.name": {"glob": "Fla?y*"}}, "nth": "2..5", "not": {"tenant": "ci-*"},
            },
            "limit": 7, "scope": "field:group.name", "then": "hold-last",
            "do": [
                {
                    "outcome": "video-not-found", "times": 3, "phase": phase, "chance": chance,
                    "delay": "1500ms", "message": "no\tvideo", "headers": {"x-try": "2"}, "retry_after": 60,
                },
                {
                    "outcome": "ok", "times": 1, "phase": phase, "chance": chance,
                    "delay": {"min": "100ms", "max": "2s"}, "drip": {"chunks": 4, "over": "500ms"},
                },
                {
                    "outcome": "reset", "times": 1, "phase": phase, "chance": chance,
                    "delay": {"median": "300ms", "sigma": 0.6, "max": "1h"},
                },
                {"outcome": "hold", "until_held": 3, "times": null, "phase": phase, "chance": chance},
            ],
        },
        {
            "endpoints": ["create_group"],
            "do": [{"outcome": "server-error", "times": null, "phase": "after-auth", "chance": null}],
        },
    ]);
    assert_eq!(json!(rules(&app, "full")), expected);
}

#[test]
fn a_line_is_shown_with_all_that_it_says() {
    let app = App::start();
    let step = |line: &str| {
        let shown = rules(&app, line);
        assert_eq!(shown.len(), 1, "{line}");
        assert_eq!(
            shown[0].as_object().unwrap().len(),
            2,
            "no more than endpoints and steps: {line}"
        );
        shown[0]["do"][0].clone()
    };
    for (line, expected) in [
        (
            "ok+800ms",
            json!({"outcome": "ok", "times": null, "phase": "after-auth", "chance": null, "delay": "800ms"}),
        ),
        (
            "hold(64)",
            json!({"outcome": "hold", "times": null, "phase": "after-auth", "chance": null, "until_held": 64}),
        ),
        (
            "2x502@0.04%25+1m%2Fafter-commit",
            json!({
                "outcome": "bad-gateway", "times": 2, "phase": "after-commit", "chance": 0.0004, "delay": "1m",
            }),
        ),
    ] {
        assert_eq!(step(line), expected, "{line}");
    }
}

#[test]
fn a_rule_that_is_the_same_but_for_how_it_is_written_is_shown_as_it_was_written_last() {
    let app = App::start();
    for endpoint in [json!("auth"), json!(["auth"])] {
        let rule = json!({"id": "a", "match": {"endpoint": endpoint}, "do": {"outcome": 412}});
        let file = json!({"version": 1, "rules": [rule]}).to_string();
        assert_eq!(ask(app.sandbox.address(), "PUT", "scenarios/mine", &file).status, 200);
        assert_eq!(rules(&app, "mine")[0]["match"], json!({"endpoint": endpoint}));
    }
}
