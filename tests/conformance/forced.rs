//! Every outcome can be forced on every endpoint, by every selector and in every phase. The journal
//! and `explain` show the same as the call.

use serde_json::Value;

use super::harness::{TestCall, endpoints, sandbox};
use crate::call::{Config, Sandbox};
use crate::http::{Reply, Request};
use crate::journal::CallRecord;
use crate::scenario::{ForcedOutcome, HEADER, Phase, read};
use crate::vendor::{Endpoint, endpoint_named};

/// Returns the HTTP status of a reply; `None` for a fault.
fn status_of(reply: &Reply) -> Option<u16> {
    reply.delivery.fault.is_none().then_some(reply.status.as_u16())
}

fn endpoint_of(record: &CallRecord) -> &'static Endpoint {
    endpoint_named(record.endpoint.as_ref().unwrap()).unwrap()
}

/// Explains a call, makes it, and compares both with the forced outcome.
fn assert_forced(sandbox: &Sandbox, request: &Request, outcome: ForcedOutcome, what: &str) {
    let explained = sandbox.explain(request).unwrap();
    let (reply, record) = sandbox.answer_with_record(request);
    let record = record.unwrap();
    let (name, status) = match outcome.refused_by(endpoint_of(&record)) {
        Some(why) => {
            let problem: Value = serde_json::from_slice(&reply.body).unwrap();
            assert_eq!(problem["detail"], why, "{what}");
            assert!(!record.committed && record.rule.is_none(), "{what}");
            ("unknown-scenario", Some(501))
        }
        None => (outcome.name(), outcome.status()),
    };
    assert_eq!(record.outcome, name, "{what}: {}", record.findings);
    assert_eq!(status_of(&reply), status, "{what}");
    assert_eq!(record.status, status_of(&reply), "{what}");
    let facts = |it: &CallRecord| {
        let [outcome, selector] = [&it.outcome, &it.selector].map(ToString::to_string);
        (outcome, selector, it.endpoint.as_ref().map(ToString::to_string))
    };
    assert_eq!(facts(&explained), facts(&record), "{what}: explain differs");
    assert_eq!(explained.committed, record.committed, "{what}: explain is wrong about the change");
}

/// Returns the request that forces an outcome by each selector, with the selector's name.
fn by_selector(call: &TestCall, outcome: ForcedOutcome) -> Vec<(&'static str, Request)> {
    let name = outcome.name();
    let mut selected = Vec::new();
    let mut header = call.clone();
    header.headers.push((HEADER, name.into()));
    selected.push(("header", header.request()));
    let mut url = call.request();
    url.uri = format!("/~{name}{}", url.uri.path()).parse().unwrap();
    selected.push(("url", url));
    if !call.endpoint.is_login() {
        let mut token = call.clone();
        token.tenant = format!("{}.{name}", call.tenant);
        selected.push(("token", token.request()));
    }
    for path in call.endpoint.magic_word_fields {
        let mut word = call.clone();
        let pointer = format!("/{}", path.replace('.', "/"));
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let parent = word.body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        parent.insert(key.to_owned(), format!("sandbox:{name}").into());
        selected.push(("magic-word", word.request()));
    }
    selected
}

#[test]
fn every_selector_forces_every_outcome_on_every_endpoint() {
    for endpoint in endpoints() {
        for outcome in ForcedOutcome::all() {
            for (selector, request) in by_selector(&TestCall::valid(endpoint), outcome) {
                // a new sandbox, so that no call repeats an earlier one
                let sandbox = sandbox();
                prepare_as(&sandbox, endpoint, &request);
                let what = format!("{} on {} by {selector}", outcome.name(), endpoint.name);
                assert_forced(&sandbox, &request, outcome, &what);
            }
        }
    }
}

/// Makes the calls that must come first, as the tenant of a request.
fn prepare_as(sandbox: &Sandbox, endpoint: &'static Endpoint, request: &Request) {
    let token = request.header(http::header::AUTHORIZATION).unwrap_or_default();
    let tenant = token.trim_start_matches("Bearer gnsb_").split('.').next().unwrap_or_default();
    let mut call = TestCall::valid(endpoint);
    call.tenant = tenant.to_owned();
    call.prepare(sandbox);
}

#[test]
fn an_outcome_can_be_forced_in_every_phase() {
    for endpoint in endpoints() {
        for phase in Phase::ALL {
            for outcome in ForcedOutcome::all().filter(|outcome| !outcome.is_real()) {
                let (sandbox, mut call) = (sandbox(), TestCall::valid(endpoint));
                call.headers.push((HEADER, format!("{}/{}", outcome.name(), phase.name())));
                call.prepare(&sandbox);
                let what = format!("{} on {} {}", outcome.name(), endpoint.name, phase.name());
                assert_forced(&sandbox, &call.request(), outcome, &what);
                if outcome.refused_by(endpoint).is_some() {
                    continue;
                }
                call.renew();
                let request = call.request();
                let (_, record) = sandbox.answer_with_record(&request);
                let record = record.unwrap();
                assert_eq!(record.phase.as_deref(), Some(phase.name()), "{what}");
                assert_eq!(record.committed, phase == Phase::AfterCommit, "{what}");
            }
        }
    }
}

#[test]
fn an_endpoint_without_an_example_refuses_the_outcome_wherever_it_is_named() {
    let mut seen = 0;
    for endpoint in endpoints().filter(|endpoint| endpoint.documented_example.is_none()) {
        seen += 1;
        let why = format!("{} has no documented example; use another outcome", endpoint.name);
        let line = format!("{}:documented-example", endpoint.name);
        let config = Config { scenario: Some(line.clone()), ..Config::default() };
        let error = Sandbox::new(config).err().unwrap().to_string();
        assert!(error.contains(&why), "{error}");
        let rule = |endpoints: &str| {
            let rule = format!(
                "{{ id: a, match: {{ endpoint: {endpoints} }}, do: {{ outcome: documented-example }} }}"
            );
            read(&format!("version: 1\nrules: [{rule}]\n"), Some("probe"))
        };
        let error = format!("{:?}", rule(endpoint.name).unwrap_err());
        assert!(error.contains(&why), "{error}");
        // a rule for several endpoints is for those that have an example
        for several in [format!("[create_group, {}]", endpoint.name), "any".to_owned()] {
            let sandbox = sandbox();
            sandbox.library.upload(rule(&several).unwrap()).unwrap();
            let mut call = TestCall::valid(endpoint);
            call.headers.push((HEADER, "probe".into()));
            let request = call.request();
            let (reply, record) = sandbox.answer_with_record(&request);
            let record = record.unwrap();
            assert_ne!(reply.status.as_u16(), 501, "{several}");
            assert_eq!(
                (record.rule, record.scenario.as_deref()),
                (None, Some("probe")),
                "{several}"
            );
        }
    }
    assert!(seen > 0, "every endpoint has an example");
}
