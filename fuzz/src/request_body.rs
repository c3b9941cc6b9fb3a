//! Sends any bytes as the body of Create Group.
//!
//! The answer is 200, 400 or the 500 of a missing video, byte for byte the vendor's, and the findings
//! say why. Another sandbox gives the same answer to the same bytes. `explain` predicts it and
//! changes nothing. An unknown key does not change the verdict. A refused body passes once the
//! patches of its findings are applied.

use std::sync::LazyLock;

use bytes::Bytes;
use genuin_sandbox::CallRecord;
use genuin_sandbox::internals::call::Sandbox;
use genuin_sandbox::internals::http::{Delivery, Reply, Request};
use genuin_sandbox::internals::vendor::{Finding, Severity};
use json_patch::Patch;
use serde_json::{Value, json};

use super::{Input, answer, call, fresh, log};

static ONE: LazyLock<Sandbox> = LazyLock::new(fresh::sandbox);
static OTHER: LazyLock<Sandbox> = LazyLock::new(fresh::sandbox);

/// A key that the contract does not know, so that the explaining pass reads the whole body.
const UNKNOWN: &str = "not-of-the-contract";
/// The most rounds of patches: one for each step of the contract that can refuse.
const ROUNDS: usize = 6;
/// The most findings kept of each severity.
const LIMIT_FINDINGS: usize = 50;

/// Checks one input.
pub fn check(body: &[u8]) -> Input {
    let body = Bytes::copy_from_slice(body);
    let request = call::create(body.clone());
    let explained = explain(&ONE, &request);
    let (reply, record) = send(&ONE, &request);
    same(&explained, &record);
    let other = elsewhere(&request);
    assert_eq!(reply, other.0, "the same bytes get the same answer");
    same(&record, &other.1);
    findings_are_sound(&record, &body);
    if record.selector == "contract" {
        verdict_is_the_contracts(&reply, &record, &body);
        if record.outcome == "ok" {
            is_accepted_by_both_passes(&body);
        } else {
            patches_repair(&record, &body);
        }
    } else {
        let hidden = body.windows(2).any(|part| part == b"\\u");
        let named = body.windows(8).any(|part| part == b"sandbox:");
        assert!(record.selector == "magic-word" && (named || hidden), "{record:?}");
    }
    explain(&ONE, &request);
    log::take();
    fresh::forget(&ONE);
    Input::Used
}

/// Explains a call without making it, and checks that this changes nothing.
fn explain<'a>(sandbox: &Sandbox, request: &'a Request) -> Box<CallRecord<'a>> {
    let facts = || (sandbox.tenants.stats(), sandbox.journal.last_id(), sandbox.outcomes());
    let before = facts();
    let record = sandbox.explain(request).expect("it is a call to the vendor");
    assert_eq!(facts(), before, "explaining changes nothing");
    record
}

/// Makes a call, and checks its effect and its journal entry against its record.
fn send<'a>(sandbox: &Sandbox, request: &'a Request) -> (Reply, CallRecord<'a>) {
    let before = sandbox.tenants.stats().groups;
    let (mut reply, record) = sandbox.answer_with_record(request);
    // it names the place of the record, which is another in each sandbox
    reply.delivery.receipt = None;
    let record = record.expect("it is a call to the vendor");
    let created = sandbox.tenants.stats().groups - before;
    assert_eq!(created, usize::from(record.committed), "{record:?}");
    let [(name, _)] = &sandbox.tenants.all()[..] else { panic!("there is one tenant") };
    let entry = sandbox.journal.last(name).expect("every call is in the journal");
    let journalled = (entry.status, &*entry.outcome, entry.committed);
    assert_eq!(journalled, (record.status, &*record.outcome, record.committed));
    if record.status.is_some() {
        assert_eq!(record.status, Some(reply.status.as_u16()));
    }
    (reply, *record)
}

/// Makes the same call in another sandbox; one in sixteen goes to an unused one.
fn elsewhere(request: &Request) -> (Reply, CallRecord<'_>) {
    if request.body.iter().fold(0, |sum: u8, byte| sum.wrapping_add(*byte)).is_multiple_of(16) {
        return send(&fresh::sandbox(), request);
    }
    let answer = send(&OTHER, request);
    fresh::forget(&OTHER);
    answer
}

fn same(one: &CallRecord, other: &CallRecord) {
    // what differs between two sandboxes, or between a call and its explanation
    let other = CallRecord {
        id: one.id,
        seq: one.seq,
        nth: one.nth,
        duration_us: one.duration_us,
        received_us: one.received_us,
        answered_us: one.answered_us,
        authorization: one.authorization.clone(),
        evaluations: one.evaluations.clone(),
        changes: one.changes.clone(),
        ..other.clone()
    };
    assert_eq!(*one, other);
}

/// Checks that a finding has a clause, a pointer into the body and a message, and that the two
/// passes agree.
fn findings_are_sound(record: &CallRecord, body: &Bytes) {
    let sent: Option<Value> = serde_json::from_slice(body).ok();
    for finding in record.findings.iter() {
        assert!(!finding.message.is_empty());
        // only where the explaining pass finds nothing wrong, the clause is the endpoint alone
        assert_ne!(finding.clause, "create_group", "the two passes disagree: {finding:?}");
        let is_error = finding.severity == Severity::Error;
        assert!(is_error || finding.patch.is_empty(), "only errors have patches: {finding:?}");
        let parent = finding.pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
        if let Some(sent) = &sent {
            assert!(sent.pointer(parent).is_some(), "it points at nothing: {finding:?}");
        }
    }
}

/// Checks the status, body and findings of a call that no scenario affected.
fn verdict_is_the_contracts(reply: &Reply, record: &CallRecord, body: &Bytes) {
    assert_eq!((reply.headers.len(), reply.delivery), (1, Delivery::default()));
    let answered = answer::envelope(reply);
    let has_errors = record.findings.iter().any(|finding| finding.severity == Severity::Error);
    match reply.status.as_u16() {
        200 => {
            assert!(!has_errors && record.committed && record.outcome == "ok", "{record:?}");
            answer_is_for(&answered, body);
        }
        400 => {
            assert!(has_errors && record.outcome == "bad-request", "{record:?}");
            assert_eq!(reply.body, answer::BAD_REQUEST);
        }
        500 => {
            assert!(has_errors && record.outcome == "video-not-found", "{record:?}");
            assert_eq!(reply.body, answer::VIDEO_NOT_FOUND);
        }
        other => panic!("the contract does not answer {other} here"),
    }
}

/// Checks that a success repeats what was sent.
fn answer_is_for(answered: &Value, body: &Bytes) {
    let data = &answered["data"];
    assert_eq!(answered["message"], "Group has been created successfully.");
    let members = data["group"]["members"].as_array().expect("members are a list");
    assert_eq!(data["group"]["no_of_members"], json!(members.len()));
    // a body of exactly 128 levels is accepted, and one too deep for this reader
    let Ok(sent) = serde_json::from_slice::<Value>(body) else { return };
    assert_eq!(sent["type"], json!(4));
    for key in ["chat_id", "community_id"] {
        let echoed = if key == "chat_id" { &data[key] } else { &data["community"][key] };
        if let Some(id) = sent[key].as_str() {
            assert_eq!(*echoed, json!(id.to_lowercase()));
        }
    }
    let text = |value: &Value| value.as_str().map(str::to_owned);
    assert_eq!(text(&sent["group"]["name"]), text(&data["group"]["group_name"]));
    assert_eq!(text(&sent["group"]["description"]), text(&data["group"]["group_description"]));
    let discoverable = sent["settings"]["discoverable"].as_bool().unwrap_or(true);
    assert_eq!(data["settings"], json!({"discoverable": discoverable}));
    let messages = data["latest_messages"].as_array().expect("messages are a list");
    assert_eq!(messages.len(), usize::from(sent["recorded_video"].is_object()));
}

/// Adds an unknown key to a body that the typed pass has accepted, and checks that the explaining pass
/// accepts it too.
fn is_accepted_by_both_passes(body: &Bytes) {
    let text = std::str::from_utf8(body).expect("what is accepted is UTF-8");
    if text.contains(UNKNOWN) {
        return;
    }
    let more = format!("{{\"{UNKNOWN}\":[],");
    let request = call::create(Bytes::from(text.replacen('{', &more, 1)));
    let record = explain(&OTHER, &request);
    assert_eq!(record.outcome, "ok", "the two passes disagree: {:?}", record.findings);
}

/// Checks that a refused JSON object passes once the patches of its errors are applied; a later step
/// of the contract may then have patches of its own.
fn patches_repair(record: &CallRecord, body: &Bytes) {
    let Ok(mut body @ Value::Object(_)) = serde_json::from_slice::<Value>(body) else { return };
    let errors_of = |record: &CallRecord| -> Vec<Finding> {
        let errors = record.findings.iter().filter(|one| one.severity == Severity::Error);
        errors.cloned().collect()
    };
    let mut errors = errors_of(record);
    for _ in 0..ROUNDS {
        if errors.len() >= LIMIT_FINDINGS {
            return;
        }
        for finding in &errors {
            let patch: Patch = serde_json::from_value(json!(finding.patch)).expect("RFC 6902");
            if let Err(error) = json_patch::patch(&mut body, &patch) {
                panic!("{error}: {finding:?} in {body}");
            }
        }
        let request = call::create(Bytes::from(body.to_string()));
        let record = ONE.explain(&request).expect("it is a call to the vendor");
        if record.outcome == "ok" || record.selector != "contract" {
            return;
        }
        errors = errors_of(&record);
    }
    panic!("not repaired after {ROUNDS} rounds: {body}: {errors:?}");
}
