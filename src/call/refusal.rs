//! Requests that the sandbox itself refuses before they come to an endpoint: they have an entry in the
//! journal too, since "nothing arrived" and "it went to the wrong path" look the same to a client.

use std::fmt;
use std::time::Instant;

use http::{StatusCode, header};

use super::log_line::log_call;
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
        UNKNOWN_PATH if routes::opens_made_up_link(&record.method, &record.path) => None,
        UNKNOWN_PATH | WRONG_METHOD => Some(MissedTarget::Endpoint),
        _ => None,
    }
}

impl Sandbox {
    /// Answers a request that is refused without looking at its body, and journals it, unless it is for
    /// one of our own pages.
    pub(crate) fn refuse(&self, request: &Request, arrival: Arrival, problem: &Problem) -> Reply {
        self.refuse_with_record(request, arrival, problem).0
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
        arrival: Arrival,
        problem: &Problem,
    ) -> (Reply, Option<CallRecord<'a>>) {
        let problem = problem.clone().without(&self.known_secrets);
        let mut reply = problem.reply();
        if routes::is_page(request.path()) {
            self.log_refused(request, &problem.detail());
            return (reply, None);
        }
        let (started, known) = (Instant::now(), &self.known_secrets);
        let named = self.verifier.verify(&request.headers).tenant;
        // if there is no room for the tenant, the request is still journalled
        let (name, tenant) = match self.get_or_create_tenant_at(&named, started) {
            Ok(tenant) => (named, tenant),
            Err(_) => (TenantName::anonymous(), self.tenants.anonymous()),
        };
        let outcome = OUTCOMES.iter().find(|(status, _)| *status == reply.status);
        let outcome = outcome.map_or("refused", |(_, name)| name);
        let mut record = CallRecord::begin(&name, None, request, arrival, known);
        record.time_ms = tenant.lock().clock.now_ms(self.clock);
        record.authorization = self.authorization_of(request);
        record.status = Some(reply.status.as_u16());
        record.outcome = outcome.into();
        record.selector = NO_ENDPOINT.into();
        record.findings = Finding::error("", format!("sandbox.{outcome}"), problem.detail()).into();
        record.hide_secrets(None, request, known);
        record.body_bytes = sent_bytes(request);
        record.body_cut = record.body_bytes > 0;
        self.count(NO_ENDPOINT, outcome);
        record.add_duration(started);
        let answer = RecordedAnswer::of(request, None, &reply, Echo::Possible, known);
        let receipt = self.journal.append_answered(&mut record, answer.as_ref());
        reply.delivery.receipt = Some(receipt);
        log_call(&record);
        (self.with_debug_headers(reply, &record), Some(record))
    }
}

/// The length of the body that the head declares, else of what was read of it.
fn sent_bytes(request: &Request) -> u64 {
    let declared = request.header(header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
    declared.unwrap_or(request.body.len() as u64)
}
