//! Calls as a few words: `100 id=a body=x 500 committed` is one to Create Group 100 ms after the start. A comma and
//! a space are between two calls.

use std::sync::Arc;

use http::{HeaderName, HeaderValue, Method};

use crate::http::{Arrival, Request};
use crate::journal::{Authorization, CallRecord, DeliveryStatus, RecordedAnswer};
use crate::report::{GradingContext, IgnoredRule, KnownOutcome, Moment, Report, TenantGrade};
use crate::scenario::ForcedOutcome;
use crate::text::secrets::KnownSecrets;
use crate::vendor::tokens::expired;
use crate::vendor::{Outcome, endpoint_named};
use crate::world::TenantName;

/// When calls begin, in microseconds of real time.
const START_US: i64 = 1_700_000_000_000_000;

/// When they are judged: a day later.
const NOW_US: i64 = START_US + 24 * 60 * 60 * 1_000_000;

/// Writes a record; `seq` is its number in the tenant.
///
/// Words: the time in ms, `to=ENDPOINT`, `id=`, `body=`, `raw=` (a body as it is), `token=NUMBER`, `keys=NUMBER`, `key=`,
/// `takes=MS`, `delay=MS`, `retry-after=`, `left`, `pending`, `committed`, `expired`, `cut=BYTES`,
/// `field=` (an unknown one), `type=`, `query=`, `scenario=`, `own=POINTER` (the sandbox refuses it of itself because
/// of this, also with `rule`; else a rule forces all but `ok`), and the outcome.
pub(super) fn record(seq: u64, line: &str) -> CallRecord<'static> {
    let mut words = line.split_whitespace();
    let at_ms: i64 = words.next().unwrap().parse().unwrap();
    let words: Vec<_> = words.map(|word| word.split_once('=').unwrap_or((word, ""))).collect();
    let get = |name: &str| words.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
    let has = |name: &str| get(name).is_some();
    let number = |name: &str| get(name).map(|text| text.parse::<i64>().unwrap());
    let endpoint = get("to").unwrap_or("create_group");
    let endpoint = endpoint_named(endpoint).unwrap();
    let body = get("raw").map_or_else(
        || {
            let id = get("id").map(|id| format!(r#""{}":"{id}","#, endpoint.own_ids[0]));
            let (id, body) = (id.unwrap_or_default(), get("body").unwrap_or("x"));
            format!(r#"{{{id}"value":"{body}"}}"#)
        },
        str::to_owned,
    );
    let headers = [("key", "idempotency-key"), ("type", "content-type")];
    let headers = headers.into_iter().filter_map(|(word, header)| {
        let value = HeaderValue::from_str(get(word)?).unwrap();
        Some((HeaderName::from_static(header), value))
    });
    let query = get("query").map(|query| format!("?{query}")).unwrap_or_default();
    let target = format!("{}{query}", endpoint.path);
    let mut request = Request::json(Method::POST, &target, None, body);
    request.headers = headers.collect();
    let request = Box::leak(Box::new(request));
    let arrival = Arrival { received_us: START_US + at_ms * 1000, connection: 1 };
    let tenant = TenantName::parse("a").unwrap();
    let mut record =
        CallRecord::begin(&tenant, Some(endpoint), request, arrival, &KnownSecrets::default());
    record.seq = seq;
    record.body = (&*request.body).into();
    // these differ in their last letter, if at all
    record.note_cut_head(request, |text| text.last().copied().unwrap_or_default().into());
    if let Some(cut) = number("cut") {
        record.body_bytes = cut.try_into().unwrap();
        record.body_cut = true;
    }
    let outcome = words.iter().rev().find_map(|(word, _)| ForcedOutcome::parse(word)).unwrap();
    record.outcome = outcome.name().into();
    record.status = outcome.status();
    record.committed = has("committed") || outcome == ForcedOutcome::Contract(Outcome::Ok);
    let is_real = has("own") || outcome == ForcedOutcome::REAL;
    record.rule = (has("rule") || !is_real).then(|| "a".into());
    record.scenario = get("scenario").map(|name| name.to_owned().into());
    let token = number("token").unwrap_or(1);
    record.authorization =
        Some(Authorization { scheme: "Bearer".into(), fingerprint: token.try_into().unwrap() });
    record.long_body = number("long").map(|body| body.try_into().unwrap());
    record.login_keys = number("keys").map(|keys| keys.try_into().unwrap());
    record.delay =
        std::time::Duration::from_millis(number("delay").unwrap_or(0).try_into().unwrap());
    record.delivery = if has("pending") {
        DeliveryStatus::Pending
    } else if has("left") {
        DeliveryStatus::ClientLeft
    } else if outcome.status().is_none() {
        DeliveryStatus::Fault
    } else {
        DeliveryStatus::Sent
    };
    let ended = record.received_us + number("takes").unwrap_or(1) * 1000;
    let ended = (!has("pending")).then_some(ended);
    (record.answered_us, record.left_us) = if has("left") { (None, ended) } else { (ended, None) };
    if let Some(text) = get("retry-after") {
        record.answer = Some(RecordedAnswer {
            status: record.status,
            headers: vec![("retry-after".into(), Some(text.replace('_', " ").into()))],
            body_bytes: 0,
            truncated: false,
            body: Vec::new().into(),
        });
    }
    if has("expired") {
        record.findings = expired(None).into();
    }
    if let Some(pointer) = get("own") {
        record.findings.add(crate::vendor::Finding::error(pointer, "x", "is wrong"));
    }
    if let Some(field) = get("field") {
        let message = format!("{} and was ignored", crate::vendor::finding::UNKNOWN_FIELD);
        record.findings.add(crate::vendor::Finding::warning(format!("/{field}"), "x", message));
    }
    *record
}

fn find(name: &str) -> Option<KnownOutcome> {
    let outcome = ForcedOutcome::parse(name)?;
    Some(KnownOutcome { name: outcome.name(), failure: outcome.failure() })
}

pub(super) fn context(server_ends: bool) -> GradingContext {
    let moment = Moment { now_us: NOW_US, server_ends };
    let find_missed = crate::call::missed_target;
    GradingContext { find_outcome: find, find_missed, expectations: Arc::default(), moment }
}

/// The grade of a tenant with these calls, a day after the first.
pub(super) fn grade(tenant: &str, calls: &str) -> TenantGrade {
    grade_in(tenant, calls, context(false))
}

pub(super) fn grade_in(tenant: &str, calls: &str, context: GradingContext) -> TenantGrade {
    let anonymous = TenantName::anonymous();
    let tenant = TenantName::parse(tenant).unwrap_or(anonymous);
    let mut grade = TenantGrade::new(tenant, context);
    for (seq, line) in (1..).zip(calls.split(", ").filter(|line| !line.is_empty())) {
        grade.add(&record(seq, line));
    }
    grade
}

pub(super) fn report(tenant: &str, calls: &str) -> Report {
    report_ignoring(tenant, calls, &[])
}

pub(super) fn report_ignoring(tenant: &str, calls: &str, ignored: &[IgnoredRule]) -> Report {
    let mut report = Report::default();
    grade(tenant, calls).add_to(&mut report, ignored, 0);
    report
}

/// What is found in these calls: `no-backoff 1 2 3, retry-storm 4`.
pub(super) fn found(calls: &str) -> String {
    found_in("a", calls)
}

pub(super) fn found_in(tenant: &str, calls: &str) -> String {
    let findings = report(tenant, calls).findings;
    let text = |finding: &crate::report::client_finding::ClientFinding| {
        let requests = finding.requests.iter().map(ToString::to_string);
        format!("{} {}", finding.rule, requests.collect::<Vec<_>>().join(" "))
    };
    findings.iter().map(text).collect::<Vec<_>>().join(", ")
}
