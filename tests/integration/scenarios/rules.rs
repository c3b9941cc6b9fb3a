//! Which rule acts, how often, and for which calls.

use serde_json::json;

use super::{Call, ending, endings, with_rules};
use crate::admin::write;
use crate::harness::App;

fn ended(rules: &str, calls: usize) -> Vec<String> {
    let (app, _folder) = with_rules(rules);
    endings(&app, &Call::new(), calls)
}

/// Makes a call with each group name and returns the short names of the answers.
fn ended_by_name(app: &App, names: &[&str]) -> Vec<String> {
    names.iter().map(|name| ending(&Call::new().name(name).send(app))).collect()
}

#[test]
fn nth_counts_a_tenants_calls_to_the_endpoint() {
    for (nth, expected) in [
        ("3", ["ok", "ok", "500", "ok", "ok", "ok", "ok"]),
        ("\"2..5\"", ["ok", "500", "500", "500", "500", "ok", "ok"]),
        ("odd", ["500", "ok", "500", "ok", "500", "ok", "500"]),
        ("even", ["ok", "500", "ok", "500", "ok", "500", "ok"]),
        ("\"every 3\"", ["ok", "ok", "500", "ok", "ok", "500", "ok"]),
    ] {
        let rules = format!("- {{ id: a, match: {{ nth: {nth} }}, do: {{ outcome: 500 }} }}");
        let (app, _folder) = with_rules(&rules);
        app.auth(r#"{"api_key":"gnsb_demo","api_secret":"gnsb-secret"}"#);
        assert_eq!(ending(&Call::new().token("gnsb_other").header("ok").send(&app)), "ok");
        assert_eq!(endings(&app, &Call::new(), 7), expected, "{nth}");
    }
}

#[test]
fn a_limit_ends_a_rule_with_steps_left() {
    let once = "- { id: a, limit: 2, do: { outcome: 500 } }";
    assert_eq!(ended(once, 4), ["500", "500", "ok", "ok"]);
    let repeated = "- { id: a, limit: 3, then: repeat, do: [{ outcome: 500 }, { outcome: 404 }] }";
    assert_eq!(ended(repeated, 5), ["500", "404", "500", "ok", "ok"]);
    let with_next = format!("{once}\n- {{ id: b, do: {{ outcome: 412 }} }}");
    assert_eq!(ended(&with_next, 4), ["500", "500", "412", "412"]);
}

#[test]
fn then_says_what_follows_the_last_step() {
    let steps = "do: [{ outcome: 500, times: 2 }, { outcome: 404 }]";
    for (then, expected) in [
        ("", ["500", "500", "404", "ok", "ok", "ok", "ok"]),
        ("then: fall-through,", ["500", "500", "404", "ok", "ok", "ok", "ok"]),
        ("then: repeat,", ["500", "500", "404", "500", "500", "404", "500"]),
        ("then: hold-last,", ["500", "500", "404", "404", "404", "404", "404"]),
    ] {
        assert_eq!(ended(&format!("- {{ id: a, {then} {steps} }}"), 7), expected, "{then}");
    }
    let two = format!("- {{ id: a, {steps} }}\n- {{ id: b, do: {{ outcome: 412, times: 1 }} }}");
    assert_eq!(ended(&two, 5), ["500", "500", "404", "412", "ok"], "the rule after it");
}

#[test]
fn a_step_without_times_acts_forever_and_in_a_list_once() {
    assert_eq!(ended("- { id: a, do: { outcome: 500 } }", 3), ["500", "500", "500"]);
    assert_eq!(ended("- { id: a, do: [{ outcome: 500 }] }", 3), ["500", "ok", "ok"]);
    let forever = "- { id: a, do: [{ outcome: 500, times: forever }, { outcome: 404 }] }";
    assert_eq!(ended(forever, 3), ["500", "500", "500"]);
    assert_eq!(ended("- { id: a, do: { outcome: 500, times: 1 } }", 3), ["500", "ok", "ok"]);
}

#[test]
fn rules_of_higher_priority_come_first_and_equal_ones_in_file_order() {
    let rules = "\
- { id: low, priority: -1, do: { outcome: 401, times: 1 } }
- { id: first, do: { outcome: 404, times: 1 } }
- { id: second, priority: 0, do: { outcome: 412, times: 1 } }
- { id: high, priority: 5, do: { outcome: 500, times: 1 } }
- { id: off, priority: 9, enabled: false, do: { outcome: 503 } }";
    assert_eq!(ended(rules, 5), ["500", "404", "412", "401", "ok"]);
}

#[test]
fn one_rule_acts_on_a_call_and_the_others_use_nothing_up() {
    let rules = "\
- { id: a, match: { nth: odd }, do: [{ outcome: 500 }, { outcome: 404 }] }
- { id: b, do: [{ outcome: 412 }, { outcome: 401 }] }";
    assert_eq!(ended(rules, 5), ["500", "412", "404", "401", "ok"]);
}

#[test]
fn each_value_of_a_field_has_its_own_counters() {
    let rules =
        "- { id: a, scope: \"field:group.name\", do: [{ outcome: 500 }, { outcome: 404 }] }";
    let (app, _folder) = with_rules(rules);
    let ended = ended_by_name(&app, &["A", "B", "A", "A", "C", "B", "B"]);
    assert_eq!(ended, ["500", "500", "404", "ok", "500", "404", "ok"]);
    let other = Call::new().token("gnsb_other").name("A");
    assert_eq!(ending(&other.send(&app)), "500", "in each tenant");
}

#[test]
fn a_limit_counts_each_value_of_its_scope_by_itself() {
    for (settings, names, expected) in [
        (
            "limit: 1, do: { outcome: 503 }",
            ["A", "A", "B", "B", "A"],
            ["503", "ok", "503", "ok", "ok"],
        ),
        (
            "limit: 2, do: [{ outcome: 500, times: 3 }]",
            ["A", "B", "A", "A", "B"],
            ["500", "500", "500", "ok", "500"],
        ),
        (
            "limit: 3, then: repeat, do: [{ outcome: 500 }, { outcome: 404 }]",
            ["A", "A", "B", "A", "A"],
            ["500", "404", "500", "500", "ok"],
        ),
    ] {
        let rule = format!("- {{ id: a, scope: \"field:group.name\", {settings} }}");
        let (app, _folder) = with_rules(&rule);
        assert_eq!(ended_by_name(&app, &names), expected, "{settings}");
        let other = Call::new().token("gnsb_other").name("A");
        assert_eq!(ending(&other.send(&app)), expected[0], "in each tenant: {settings}");
    }
}

#[test]
fn a_rule_acts_only_on_calls_that_match() {
    for (matching, hit, miss) in [
        ("{ tenant: \"de*\" }", Call::new(), Call::new().token("gnsb_other")),
        ("{ body: { group.name: { glob: \"Re*\" } } }", Call::new().name("Retry"), Call::new()),
        ("{ body: { group.name: Retry } }", Call::new().name("Retry"), Call::new().name("Retry 2")),
        (
            "{ body: { group.members.phone_number: \"919876543211\" } }",
            Call::new().with("/group/members/0", json!({"phone_number": "919876543211"})),
            Call::new(),
        ),
        (
            "{ not: { body: { chat_id: { absent: true } } } }",
            Call::new().with("/chat_id", json!("0a0b0c0d-1111-4222-8333-444455556666")),
            Call::new(),
        ),
        (
            "{ any: [{ tenant: x }, { body: { group.tags: { in: [a, b] } } }] }",
            Call::new().tags("b"),
            Call::new().tags("c"),
        ),
        (
            "{ header: { authorization: { regex: \"[.]ok$\" } } }",
            // the scenario of the token is overruled by the header
            Call::new().token("gnsb_demo.ok").header("test"),
            Call::new(),
        ),
        ("{ tenant: demo, body: { group.tags: a } }", Call::new().tags("a"), Call::new().tags("b")),
    ] {
        let rules = format!("- {{ id: a, match: {matching}, do: {{ outcome: 500 }} }}");
        let (app, _folder) = with_rules(&rules);
        assert_eq!(ending(&hit.send(&app)), "500", "{matching}");
        assert_eq!(ending(&miss.send(&app)), "ok", "{matching}");
    }
}

#[test]
fn a_rule_acts_on_a_login_only_if_it_names_it() {
    let (app, _folder) = with_rules(
        "- { id: a, do: { outcome: 500 } }\n- { id: b, match: { endpoint: auth }, do: { outcome: 412 } }",
    );
    let keys = r#"{"api_key":"gnsb_demo","api_secret":"gnsb-secret"}"#;
    assert_eq!(ending(&app.auth(keys)), "412");
    assert_eq!(ending(&Call::new().send(&app)), "500");
}

#[test]
fn a_rule_missed_by_chance_can_act_on_a_later_call() {
    let rules = "- { id: a, priority: 1, chance: 0.5, phase: after-commit, do: { outcome: 504 } }\n\
                 - { id: b, do: { outcome: 500 } }";
    let endings = ended(rules, 30);
    let late = endings.iter().filter(|ending| **ending == "504").count();
    assert!((5..=25).contains(&late), "{endings:?}");
}

#[test]
fn a_line_in_use_keeps_its_counters_however_many_others_there_are() {
    let app = App::start();
    assert_eq!(endings(&app, &Call::new().header("1x500"), 1), ["500"]);
    for number in 1..=600 {
        let other = format!("{number}x400");
        assert_eq!(endings(&app, &Call::new().header(&other), 1), ["400"]);
        assert_eq!(endings(&app, &Call::new().header("1x500"), 1), ["ok"], "{number}");
    }
}

#[test]
fn explain_lists_every_rule_in_order_with_a_verdict() {
    let (app, _folder) = with_rules(
        "- { id: once, do: [{ outcome: 401 }] }
- { id: limited, limit: 1, do: { outcome: 412 } }
- { id: other, match: { body: { group.name: Other } }, do: { outcome: 404 } }
- { id: unlucky, chance: 0, do: { outcome: 500 } }
- { id: acts, do: { outcome: 503 } }
- { id: last, do: { outcome: 502 } }
- { id: off, priority: 1, enabled: false, do: { outcome: 404 } }",
    );
    assert_eq!(endings(&app, &Call::new(), 2), ["401", "412"]);
    let call = json!({"headers": {"authorization": "Bearer gnsb_demo"}, "body": {}});
    let explanation = write(app.sandbox.address(), "POST", "explain", &call);
    let expected = json!([
        {"rule": "off", "verdict": "disabled"},
        {"rule": "once", "verdict": "no step left"},
        {"rule": "limited", "verdict": "limit reached"},
        {"rule": "other", "verdict": "does not match"},
        {"rule": "unlucky", "verdict": "missed by chance"},
        {"rule": "acts", "verdict": "acts"},
        {"rule": "last", "verdict": "not reached"},
    ]);
    assert_eq!(explanation["rules"], expected);
    assert_eq!(explanation["rule"], "acts");
}
