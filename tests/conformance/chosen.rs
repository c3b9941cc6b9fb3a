//! Which endpoints a rule or a line is for, and that a line counts the calls to each for themselves.

use super::harness::{TestCall, endpoints};
use crate::call::{Config, Sandbox};
use crate::clock::Clock;
use crate::scenario::{ForcedOutcome, HEADER, read};
use crate::vendor::Endpoint;

/// A sandbox whose server has a scenario, which may be a line.
fn started_with(scenario: &str) -> Sandbox {
    let clock = Clock::Frozen(1_727_169_211_000);
    let scenario = Some(scenario.to_owned());
    Sandbox::new(Config { clock, scenario, ..Config::default() }).unwrap()
}

/// Makes the calls that must come first as if there were no scenario, then a call; returns its outcome.
fn outcome_of(sandbox: &Sandbox, call: &TestCall) -> String {
    for (endpoint, body) in call.endpoint.valid_request.preparation {
        let mut before = TestCall::valid(endpoint);
        before.tenant.clone_from(&call.tenant);
        before.body = serde_json::from_str(body).unwrap();
        before.headers.push((HEADER, "ok".into()));
        before.send_again(sandbox);
    }
    call.send_again(sandbox).1.outcome.to_string()
}

/// The endpoints whose calls a scenario of the server fails.
fn failed_by(scenario: &str) -> Vec<&'static str> {
    let is_failed = |endpoint: &&'static Endpoint| {
        outcome_of(&started_with(scenario), &TestCall::valid(endpoint)) == "server-error"
    };
    endpoints().filter(is_failed).map(|endpoint| endpoint.name).collect()
}

/// The endpoints whose calls a rule fails.
fn failed_by_rule(endpoint: &str) -> Vec<&'static str> {
    let rule = format!("{{ id: a, match: {{ {endpoint} }}, do: {{ outcome: 500 }} }}");
    let scenario = read(&format!("version: 1\nrules: [{rule}]\n"), Some("probe")).unwrap();
    let is_failed = |endpoint: &&'static Endpoint| {
        let sandbox = started_with("ok");
        sandbox.library.upload(scenario.clone()).unwrap();
        let mut call = TestCall::valid(endpoint);
        call.headers.push((HEADER, "probe".into()));
        outcome_of(&sandbox, &call) == "server-error"
    };
    endpoints().filter(is_failed).map(|endpoint| endpoint.name).collect()
}

#[test]
fn a_rule_is_for_the_endpoints_that_it_names() {
    let names: Vec<_> = endpoints().map(|endpoint| endpoint.name).collect();
    assert_eq!(failed_by_rule(""), names[..1], "without a name it is for the first");
    assert_eq!(failed_by_rule("tenant: '*'"), names[..1]);
    assert_eq!(failed_by_rule("endpoint: any"), names);
    for (place, name) in names.iter().enumerate() {
        assert_eq!(failed_by_rule(&format!("endpoint: {name}")), [*name]);
        let pair = &names[place..(place + 2).min(names.len())];
        assert_eq!(failed_by_rule(&format!("endpoint: [{}]", pair.join(", "))), pair);
    }
    let any_of = "any: [{ endpoint: create_group }, { endpoint: auth }]";
    assert_eq!(failed_by_rule(&format!("endpoint: any, {any_of}")), ["create_group", "auth"]);
    let others = failed_by_rule("endpoint: any, not: { endpoint: [auth, post_video] }");
    assert_eq!(others.len(), names.len() - 2);
}

#[test]
fn a_list_of_endpoints_is_read_strictly() {
    for (endpoint, expected) in [
        ("[]", "endpoint needs at least one name; write any for all of them"),
        ("[any]", "any stands for all endpoints; write endpoint: any"),
        ("[auth, post_vidoe]", "unknown endpoint \"post_vidoe\"; did you mean \"post_video\"?"),
        ("add_user", "unknown endpoint \"add_user\"; did you mean \"add_users\"?"),
    ] {
        let rule =
            format!("{{ id: a, match: {{ endpoint: {endpoint} }}, do: {{ outcome: 500 }} }}");
        let problems = read(&format!("version: 1\nrules: [{rule}]\n"), Some("probe")).unwrap_err();
        assert!(problems[0].message.starts_with(expected), "{problems:?}");
    }
}

#[test]
fn a_standing_line_is_for_every_endpoint_but_logins() {
    let others = endpoints().filter(|endpoint| !endpoint.is_login()).map(|endpoint| endpoint.name);
    assert_eq!(failed_by("500"), others.collect::<Vec<_>>());
    for endpoint in endpoints() {
        let mut call = TestCall::valid(endpoint);
        call.headers.push((HEADER, "500".into()));
        assert_eq!(outcome_of(&started_with("404"), &call), "server-error", "{}", endpoint.name);
    }
}

#[test]
fn a_line_with_an_endpoint_is_for_that_alone() {
    for endpoint in endpoints() {
        for line in ["NAME:1x500", "NAME: 500, 2x404", " NAME :500/before-auth"] {
            let line = line.replace("NAME", endpoint.name);
            assert_eq!(failed_by(&line), [endpoint.name], "{line}");
        }
    }
}

#[test]
fn every_place_takes_a_line_with_an_endpoint() {
    for endpoint in endpoints() {
        let line = format!("{}:1x500", endpoint.name);
        let plain = TestCall::valid(endpoint);
        let mut calls = vec![plain.clone()];
        calls[0].headers.push((HEADER, line.clone()));
        if !endpoint.is_login() {
            let tenant = format!("{}.{line}", plain.tenant);
            calls.push(TestCall { tenant, ..plain.clone() });
        }
        for path in endpoint.magic_word_fields {
            let mut call = plain.clone();
            let pointer = format!("/{}", path.replace('.', "/"));
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            let parent = call.body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
            parent.insert(key.to_owned(), format!("sandbox:{line}").into());
            calls.push(call);
        }
        for call in calls {
            let outcome = outcome_of(&started_with("ok"), &call);
            assert_eq!(outcome, "server-error", "{}", call.request().uri);
        }
        let mut url = plain.request();
        for prefix in [line.clone(), line.replace(':', "%3A")] {
            url.uri =
                format!("/~{prefix}{}", endpoint.path_with(endpoint.valid_request.parameters))
                    .parse()
                    .unwrap();
            let sandbox = started_with("ok");
            let (_, record) = sandbox.answer_with_record(&url);
            assert_eq!(record.unwrap().outcome, "server-error", "{prefix}");
        }
    }
}

#[test]
fn an_unknown_endpoint_of_a_line_is_refused_with_the_nearest() {
    let endpoint = endpoints().next().unwrap();
    for (line, expected) in [
        ("post_vidio:2x500", "unknown endpoint \"post_vidio\"; did you mean \"post_video\"?"),
        ("create-group:ok+1s", "did you mean \"create_group\"?"),
        ("add_users:5o0", "unknown outcome \"5o0\""),
    ] {
        let (sandbox, mut call) = (started_with("ok"), TestCall::valid(endpoint));
        call.headers.push((HEADER, line.into()));
        let (reply, record) = call.send_again(&sandbox);
        assert_eq!(reply.status, 501);
        let why = record.findings.to_string();
        assert!(why.contains(expected), "{line}: {why}");
    }
    // what a token says is not repeated
    let (sandbox, mut call) = (started_with("ok"), TestCall::valid(endpoint));
    call.tenant += ".post_vidio:500";
    let why = call.send_again(&sandbox).1.findings.to_string();
    assert!(why.contains("unknown scenario; did you mean \"post_video:\"?"), "{why}");
}

#[test]
fn a_line_counts_the_calls_to_each_endpoint_for_themselves() {
    let sandbox = started_with("ok");
    for expected in ["server-error", "server-error", "ok", "ok"] {
        for endpoint in endpoints() {
            let mut call = TestCall::valid(endpoint);
            call.tenant = "demo".into();
            call.headers.push((HEADER, "2x500, ok*".into()));
            let outcome = outcome_of(&sandbox, &call);
            assert_eq!(outcome, expected, "{}", endpoint.name);
        }
    }
}

#[test]
fn the_chances_of_a_line_are_drawn_for_each_endpoint_by_itself() {
    let series = |endpoint: &'static Endpoint| {
        let sandbox = started_with("ok");
        let outcome = |_| {
            let mut call = TestCall::valid(endpoint);
            call.tenant = "demo".into();
            call.headers.push((HEADER, "500@50%".into()));
            call.send_again(&sandbox).1.outcome == "server-error"
        };
        (0..24).map(outcome).collect::<Vec<_>>()
    };
    let all: Vec<_> = endpoints().map(series).collect();
    for (place, one) in all.iter().enumerate() {
        assert!(one.contains(&true) && one.contains(&false), "{place}");
        assert!(!all[..place].contains(one), "{place} is like another");
    }
}

#[test]
fn an_outcome_that_the_endpoint_does_not_document_is_played_with_a_warning() {
    for endpoint in endpoints() {
        let is_forced = |it: &ForcedOutcome| !it.is_real() && it.refused_by(endpoint).is_none();
        for outcome in ForcedOutcome::all().filter(is_forced) {
            let (sandbox, mut call) = (started_with("ok"), TestCall::valid(endpoint));
            call.headers.push((HEADER, outcome.name().into()));
            let (_, record) = call.send_again(&sandbox);
            assert_eq!(record.outcome, outcome.name());
            let is_documented = match outcome {
                ForcedOutcome::Contract(outcome) => endpoint.outcomes.contains(&outcome),
                _ => true,
            };
            let (endpoint, outcome) = (endpoint.name, outcome.name());
            let warning = format!(
                "warning: {endpoint} does not document the outcome {outcome}, which a scenario forced"
            );
            let found = record.findings.to_string();
            assert_eq!(found, if is_documented { String::new() } else { warning });
            assert!(!record.findings.has_errors());
        }
    }
}
