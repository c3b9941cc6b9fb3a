//! A rule with a rate acts on calls beyond it, by the tenant's clock, on every endpoint.

use http::header::RETRY_AFTER;

use super::harness::{TestCall, endpoints, sandbox};
use crate::call::Sandbox;
use crate::scenario::{HEADER, lint, read};
use crate::tenant::TenantClock;
use crate::vendor::Endpoint;
use crate::world::TenantName;

const START_MS: i64 = 1_727_169_211_000;

/// A sandbox with one rule for every endpoint.
fn with_rule(settings: &str) -> Sandbox {
    let rule = format!("{{ id: a, match: {{ endpoint: any }}, {settings} }}");
    let text = format!("version: 1\nrules: [{rule}]\n");
    let sandbox = sandbox();
    sandbox.library.upload(read(&text, Some("probe")).unwrap()).unwrap();
    sandbox
}

fn calls_to(endpoint: &'static Endpoint) -> TestCall {
    let mut call = TestCall::valid(endpoint);
    call.tenant = "demo".into();
    call.headers.push((HEADER, "probe".into()));
    call
}

/// Makes a call at a time; returns the status and the `Retry-After`.
fn call_at(sandbox: &Sandbox, call: &TestCall, at_ms: i64) -> (u16, Option<String>) {
    let name = TenantName::parse("demo").unwrap();
    if let Some(tenant) = sandbox.tenants.find(&name) {
        tenant.lock().clock = TenantClock::Frozen(START_MS + at_ms);
    }
    let request = call.request();
    let before = sandbox.explain(&request).unwrap();
    let (reply, record) = call.send_again(sandbox);
    assert_eq!(before.rule, record.rule, "explain says the same");
    let verdict = before.evaluations[0].verdict;
    assert_eq!(verdict, if record.rule.is_some() { "acts" } else { "within its rate" });
    let retry_after = reply.headers.get(RETRY_AFTER);
    (reply.status.as_u16(), retry_after.map(|value| value.to_str().unwrap().to_owned()))
}

#[test]
fn calls_beyond_the_rate_are_told_when_the_next_one_passes() {
    for endpoint in endpoints() {
        let (sandbox, mut call) =
            (with_rule("rate: 2/2500ms, do: { outcome: 429 }"), calls_to(endpoint));
        for (at_ms, expected) in [
            (0, None),
            (600, None),
            (600, Some("2")),
            (1500, Some("1")),
            (2499, Some("1")),
            (2500, None),
            (2500, Some("1")),
            (3100, None),
            (3100, Some("2")),
            // the clock is turned back
            (-5000, None),
            (-5000, None),
            (-5000, Some("3")),
        ] {
            call.body = calls_to(endpoint).body;
            let (status, retry_after) = call_at(&sandbox, &call, at_ms);
            assert_eq!(retry_after.as_deref(), expected, "{} at {at_ms}", endpoint.name);
            assert_eq!(status == 429, expected.is_some(), "{} at {at_ms}", endpoint.name);
        }
    }
}

#[test]
fn a_rule_with_a_rate_can_say_what_it_does_with_calls_beyond() {
    let endpoint = endpoints().next().unwrap();
    for (settings, expected) in [
        ("rate: 1/1h, do: { outcome: 429 }", (429, Some("3600"))),
        ("rate: 1/1h, do: { outcome: 429, retry_after: 7s }", (429, Some("7"))),
        ("rate: 1/1h, do: { outcome: 429, headers: { retry-after: soon } }", (429, Some("soon"))),
        ("rate: 1/1h, do: { outcome: 503 }", (503, Some("3600"))),
        ("rate: 1/90s, do: { outcome: 500 }", (500, Some("90"))),
        ("rate: 1/1m, phase: after-commit, do: { outcome: 400 }", (400, Some("60"))),
        ("rate: 1/1h, do: { outcome: 504, headers: { retry-after: soon } }", (504, Some("soon"))),
        ("rate: 1/1h, do: { outcome: documented-example }", (200, None)),
        ("rate: 1/1h, do: { outcome: ok, delay: 1ms }", (200, None)),
        ("rate: 1/1h, do: { outcome: 503, retry_after: 3 }", (503, Some("3"))),
    ] {
        let (sandbox, call) = (with_rule(settings), calls_to(endpoint));
        call_at(&sandbox, &call, 0);
        let (status, retry_after) = call_at(&sandbox, &call, 0);
        assert_eq!((status, retry_after.as_deref()), expected, "{settings}");
    }
}

#[test]
fn each_value_of_a_field_has_a_rate_of_its_own() {
    let endpoint = endpoints().next().unwrap();
    let sandbox = with_rule("rate: 1/1s, scope: \"field:group.name\", do: { outcome: 429 }");
    for (name, expected) in [("A", 200), ("A", 429), ("B", 200), ("B", 429), ("A", 429)] {
        let mut call = calls_to(endpoint);
        call.body["group"]["name"] = name.into();
        assert_eq!(call_at(&sandbox, &call, 0).0, expected, "{name}");
    }
}

#[test]
fn a_call_that_ends_before_the_phase_of_the_rule_does_not_count() {
    let endpoint = endpoints().next().unwrap();
    let sandbox = with_rule("rate: 1/1s, phase: after-validation, do: { outcome: 429 }");
    let mut wrong = calls_to(endpoint);
    wrong.body["community_id"] = "x".into();
    for (call, expected) in
        [(&wrong, 400), (&wrong, 400), (&calls_to(endpoint), 200), (&calls_to(endpoint), 429)]
    {
        assert_eq!(call.send_again(&sandbox).0.status, expected);
    }
}

#[test]
fn a_rule_with_a_rate_leaves_calls_to_later_ones() {
    let text = "version: 1\nrules:\n- { id: a, rate: 1/1s, do: { outcome: 429 } }\n\
                - { id: b, do: { outcome: 500, times: forever } }\n";
    let scenario = read(text, Some("probe")).unwrap();
    assert_eq!(lint(&scenario), []);
    let sandbox = sandbox();
    sandbox.library.upload(scenario).unwrap();
    for expected in [500, 429, 429] {
        assert_eq!(calls_to(endpoints().next().unwrap()).send_again(&sandbox).0.status, expected);
    }
}
