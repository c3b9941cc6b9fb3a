//! Requests that the sandbox itself refuses before they come to an endpoint: they have an entry in the
//! journal too, since "nothing arrived" and "it went to the wrong path" look the same to a client.

use std::fmt;
use std::time::Instant;

use http::{StatusCode, header};

use super::log_line::log_call;
use super::patience::Patience;
use super::unknown_path::{LinkTarget, meant_endpoint};
use super::{Sandbox, routes};
use crate::http::{Arrival, Problem, Reply, Request};
use crate::journal::{CallRecord, Echo, RecordedAnswer};
use crate::report::MissedTarget;
use crate::text::quoted;
use crate::vendor::finding::Finding;
use crate::world::TenantName;

/// The outcome of a call that names an unknown scenario.
pub(crate) const UNKNOWN_SCENARIO: &str = "unknown-scenario";

const UNKNOWN_PATH: &str = "unknown-path";
const WRONG_METHOD: &str = "wrong-method";

/// What a refused request is counted under, in place of an endpoint.
const NO_ENDPOINT: &str = "none";

/// The statuses of refusals and their outcomes.
const OUTCOMES: [(StatusCode, &str); 8] = [
    (StatusCode::BAD_REQUEST, "malformed-request"),
    (StatusCode::NOT_FOUND, UNKNOWN_PATH),
    (StatusCode::METHOD_NOT_ALLOWED, WRONG_METHOD),
    (StatusCode::REQUEST_TIMEOUT, "request-timeout"),
    (StatusCode::PAYLOAD_TOO_LARGE, "body-too-long"),
    (StatusCode::NOT_IMPLEMENTED, UNKNOWN_SCENARIO),
    (StatusCode::SERVICE_UNAVAILABLE, "server-busy"),
    (StatusCode::INSUFFICIENT_STORAGE, "too-many-tenants"),
];

/// The outcomes of requests that the sandbox itself refuses.
pub(crate) fn refusal_outcomes() -> impl Iterator<Item = &'static str> {
    OUTCOMES.into_iter().map(|(_, name)| name)
}

/// Finds what a call has missed, by its record.
pub(crate) fn missed_target(record: &CallRecord) -> Option<MissedTarget> {
    match &*record.outcome {
        UNKNOWN_SCENARIO => Some(MissedTarget::Scenario),
        // who opens a link of an answer does nothing wrong
        UNKNOWN_PATH if LinkTarget::of(&record.method, &record.path).is_some() => None,
        UNKNOWN_PATH | WRONG_METHOD => Some(MissedTarget::Endpoint),
        _ => None,
    }
}

/// What there is of the body of a refused request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SentBody {
    Whole,
    /// It was refused before its body was read.
    Unread,
}

impl Sandbox {
    /// Answers a request that the server refuses, and journals it, unless it is for one of our own pages.
    pub(crate) fn refuse(&self, request: &Request, arrival: Arrival, problem: &Problem) -> Reply {
        // the server gives a body once it has read all of it
        let body = if request.body.is_empty() { SentBody::Unread } else { SentBody::Whole };
        let refused = self.refuse_with_record(request, body, arrival, problem, Patience::Wait);
        refused.expect("BUG: it waits").0
    }

    /// Logs a request that is refused and not journalled.
    pub(crate) fn log_refused(&self, request: &Request, why: &dyn fmt::Display) {
        let (method, path) = (quoted(request.method.as_str()), quoted(request.path()));
        let line = format!("refused {method} {path}: {why}");
        tracing::info!("{}", self.known_secrets.left_out_of(&line));
    }

    pub(super) fn refuse_with_record<'a>(
        &self,
        request: &'a Request,
        body: SentBody,
        arrival: Arrival,
        problem: &Problem,
        patience: Patience,
    ) -> Option<(Reply, Option<Box<CallRecord<'a>>>)> {
        let problem = problem.clone().without(&self.known_secrets);
        let mut reply = problem.reply();
        if routes::is_page(request.path()) {
            self.log_refused(request, &problem.detail());
            return Some((reply, None));
        }
        let (started, known) = (Instant::now(), &self.known_secrets);
        let named = self.verifier.verify(&request.headers).tenant;
        // if there is no room for the tenant, the request is still journalled
        let (name, tenant) = match self.get_or_create_tenant_at(&named, started) {
            Ok(tenant) => (named, tenant),
            Err(_) => (TenantName::anonymous(), self.tenants.anonymous()),
        };
        let now_ms = patience.lock(&tenant)?.clock.now_ms(self.clock);
        let mut record = self.record_refusal((&name, now_ms), request, arrival, &problem);
        if body == SentBody::Unread {
            let length = declared_length(request);
            record.body_bytes = length.unwrap_or_default();
            record.body_cut = match length {
                Some(length) => length > 0,
                None => request.headers.contains_key(header::TRANSFER_ENCODING),
            };
        }
        self.count(NO_ENDPOINT, &record.outcome);
        record.add_duration(started);
        let answer = RecordedAnswer::of(request, None, &reply, Echo::Possible, known);
        let receipt = self.journal.append_answered(&mut record, answer.as_ref());
        reply.delivery.receipt = Some(receipt);
        log_call(&record);
        Some((self.with_debug_headers(reply, &record), Some(record)))
    }

    /// Returns the record of a refusal that is not made: nothing is changed, counted or journalled.
    pub(super) fn explain_refusal<'a>(
        &self,
        request: &'a Request,
        problem: &Problem,
    ) -> Box<CallRecord<'a>> {
        let name = self.verifier.verify(&request.headers).tenant;
        let tenant = self.tenants.find(&name);
        let tenant = tenant.unwrap_or_else(|| self.tenants.unlisted(Instant::now()));
        let problem = problem.clone().without(&self.known_secrets);
        let now_ms = tenant.lock().clock.now_ms(self.clock);
        self.record_refusal((&name, now_ms), request, Arrival::now(0), &problem)
    }

    /// Returns the record of a refused request whose body was read.
    fn record_refusal<'a>(
        &self,
        (name, now_ms): (&TenantName, i64),
        request: &'a Request,
        arrival: Arrival,
        problem: &Problem,
    ) -> Box<CallRecord<'a>> {
        let outcome = OUTCOMES.iter().find(|(status, _)| *status == problem.status());
        let outcome = outcome.map_or("refused", |(_, name)| name);
        let mut record = CallRecord::begin(name, None, request, arrival, &self.known_secrets);
        record.time_ms = now_ms;
        record.authorization = self.authorization_of(request);
        record.note_cut_head(request, |text| self.verifier.fingerprint(text));
        record.status = Some(problem.status().as_u16());
        record.outcome = outcome.into();
        record.selector = NO_ENDPOINT.into();
        record.findings = Finding::error("", format!("sandbox.{outcome}"), problem.detail()).into();
        // a login with a misspelt path has secrets all the same
        let meant = meant_endpoint(request.path());
        record.keep_body(meant, request, &self.known_secrets);
        record
    }
}

/// The length of the body that the head declares.
fn declared_length(request: &Request) -> Option<u64> {
    request.header(header::CONTENT_LENGTH)?.parse().ok()
}
