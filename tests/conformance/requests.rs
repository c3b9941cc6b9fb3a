//! Every endpoint accepts its valid request, ignores unknown keys, and refuses repeated keys, missing
//! tokens and malformed path parameters.

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::json;

use super::harness::{TestCall, endpoints, sandbox};
use crate::call::Sandbox;
use crate::vendor::finding::Severity;
use crate::world::TenantName;

#[test]
fn a_valid_request_can_be_repeated() {
    for endpoint in endpoints() {
        let (sandbox, mut call) = (sandbox(), TestCall::valid(endpoint));
        call.prepare(&sandbox);
        for round in 1..=3 {
            call.renew();
            let (reply, record) = call.send_again(&sandbox);
            assert_eq!(reply.status, 200, "{}: {}", endpoint.name, record.findings);
            assert_eq!(record.endpoint.as_deref(), Some(endpoint.name));
            let is_clean = record.committed && record.findings.is_empty();
            assert!(is_clean, "{}, call {round}: {}", endpoint.name, record.findings);
        }
    }
}

/// How much there is of a tenant that calls add to.
fn made(sandbox: &Sandbox, tenant: &TenantName) -> BTreeMap<&'static str, usize> {
    let unlisted = || sandbox.tenants.unlisted(Instant::now());
    let tenant = sandbox.tenants.find(tenant).unwrap_or_else(unlisted);
    let state = tenant.lock();
    let (world, count) = (&state.world, state.world.counters());
    let recorded = world.groups().filter(|group| group.recorded_video.is_some()).count() as u64;
    let memberships = world.communities().map(|one| world.community_members(&one.community_id));
    let counts = [
        ("groups", count.groups),
        ("videos", count.videos + recorded),
        ("communities", count.communities),
        ("memberships", memberships.map(Iterator::count).sum::<usize>() as u64),
        ("categories", count.next_category.try_into().unwrap()),
        ("users", count.users),
        ("tokens", count.tokens),
    ];
    counts.map(|(kind, count)| (kind, count.try_into().unwrap())).into()
}

#[test]
fn an_explanation_says_what_the_call_then_adds() {
    for endpoint in endpoints() {
        for make in [TestCall::valid, TestCall::with_all_fields] {
            let (sandbox, call) = (sandbox(), make(endpoint));
            call.prepare(&sandbox);
            let request = call.request();
            let explained = sandbox.explain(&request).unwrap();
            let before = made(&sandbox, &explained.tenant);
            let (reply, record) = call.send_again(&sandbox);
            assert_eq!((reply.status.as_u16(), record.committed), (200, true), "{}", endpoint.name);
            assert_eq!(explained.tenant, record.tenant);
            let mut expected = made(&sandbox, &record.tenant);
            let has_community = expected["communities"] > before["communities"];
            for (kind, count) in &mut expected {
                *count -= before[kind];
            }
            // its members come with it
            expected.retain(|kind, count| *count > 0 && !(has_community && *kind == "memberships"));
            let told = explained.changes.iter();
            let added = told.clone().filter(|one| one.change.name() == "added");
            let added: BTreeMap<_, _> = added.map(|one| (one.kind.name(), one.count)).collect();
            assert_eq!(added, expected, "{}", endpoint.name);
            assert!(told.count() > 0, "{}: a valid request changes something", endpoint.name);
        }
    }
}

#[test]
fn a_request_with_every_field_is_accepted() {
    for endpoint in endpoints() {
        let (reply, record) = TestCall::with_all_fields(endpoint).send(&sandbox());
        let error = record.findings.iter().find(|finding| finding.severity == Severity::Error);
        assert_eq!((reply.status.as_u16(), error), (200, None), "{}", endpoint.name);
    }
}

#[test]
fn an_unknown_key_is_ignored_with_a_warning() {
    for endpoint in endpoints() {
        let mut call = TestCall::with_all_fields(endpoint);
        call.body["no_such_key"] = json!({"a": [1]});
        let (reply, record) = call.send(&sandbox());
        assert_eq!(reply.status, 200, "{}: {}", endpoint.name, record.findings);
        let mut findings = record.findings.iter();
        let warning = findings.find(|finding| finding.pointer == "/no_such_key");
        let severity = warning.map(|warning| warning.severity);
        assert_eq!(severity, Some(Severity::Warning), "{}", endpoint.name);
    }
}

#[test]
fn a_repeated_key_is_refused_at_any_depth() {
    for endpoint in endpoints() {
        let call = TestCall::with_all_fields(endpoint);
        let mut request = call.request();
        let text = call.body.to_string();
        for (body, reason) in [
            (text.replacen('{', "{\"x\":{\"a\":1,\"a\":2},", 1), "in an unknown field"),
            (text.replacen('{', "{\"x\":1,\"x\":1,", 1), "at the top"),
        ] {
            request.body = body.into();
            let (reply, _) = sandbox().answer_with_record(&request);
            assert_eq!(reply.status, 400, "{}: {reason}", endpoint.name);
        }
    }
}

#[test]
fn a_token_is_required_unless_the_endpoint_is_a_login() {
    for endpoint in endpoints() {
        let (sandbox, call) = (sandbox(), TestCall::valid(endpoint));
        call.prepare(&sandbox);
        let mut request = call.request();
        request.headers.remove(http::header::AUTHORIZATION);
        let status = sandbox.answer(&request).status.as_u16();
        assert_eq!(status, if endpoint.is_login() { 200 } else { 401 }, "{}", endpoint.name);
    }
}

#[test]
fn a_path_parameter_is_decoded_and_checked() {
    let mut seen = 0;
    for endpoint in endpoints() {
        for (index, (name, value)) in endpoint.valid_request.parameters.iter().enumerate() {
            seen += 1;
            let encoded = format!("%{:02x}{}", value.as_bytes()[0], &value[1..]);
            for (sent, status, reason) in [
                (value.to_uppercase(), 200, "ids are case-insensitive"),
                (encoded, 200, "the path is percent-decoded"),
                ("7".into(), 400, "it is not an id"),
            ] {
                let mut call = TestCall::valid(endpoint);
                call.parameters[index].1 = sent;
                let (reply, record) = call.send(&sandbox());
                assert_eq!(reply.status, status, "{} {name}: {reason}", endpoint.name);
                if status == 400 {
                    let clause = format!("{}.path.{name}", endpoint.name);
                    let found = record.findings.iter().any(|finding| {
                        finding.clause == clause && finding.message.starts_with("must be ")
                    });
                    assert!(found, "{}: {}", endpoint.name, record.findings);
                }
            }
        }
        let declared: Vec<_> = endpoint.parameters.fields.iter().map(|field| field.name).collect();
        let given: Vec<_> =
            endpoint.valid_request.parameters.iter().map(|(name, _)| *name).collect();
        assert_eq!(declared, given, "valid_request of {}", endpoint.name);
        let names = endpoint.path.split('/').filter_map(|segment| segment.strip_prefix('{'));
        let in_path: Vec<_> = names.map(|name| name.trim_end_matches('}')).collect();
        assert_eq!(declared, in_path, "the path and the parameters of {}", endpoint.name);
    }
    assert!(seen > 0, "no endpoint has a path parameter");
}
