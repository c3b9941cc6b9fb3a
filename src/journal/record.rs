//! One call, from the router to the journal and back: [`CallRecord`].

use std::borrow::Cow;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::answer::{Echo, RecordedAnswer};
use super::codec::bytes_in_one_piece;
use super::cut::{MAX_BODY_BYTES, cut, cut_bytes, cut_text};
use super::cut_head::{CutHead, IDEMPOTENCY_KEY};
use super::findings;
use super::own_secrets::hide_in_messages;
use super::query::query;
use super::redaction::{self, Header, header_value};
use super::trace::TraceId;
use crate::http::{Arrival, DeliveryStatus, Request};
use crate::text::secrets::KnownSecrets;
use crate::vendor::{Changes, Endpoint, Findings};
use crate::world::TenantName;

/// The longest path that is kept, in bytes.
pub(crate) const MAX_PATH_BYTES: usize = 1024;
/// The longest method that is kept, in bytes.
const MAX_METHOD_BYTES: usize = 128;
/// The longest scenario that is kept, in bytes: as long as a line may be.
const MAX_SCENARIO_BYTES: usize = 1024;

/// A rule that was evaluated for a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleEvaluation {
    /// The id of the rule.
    pub rule: String,
    /// Why it acts or does not.
    pub verdict: &'static str,
}

/// What is kept of an `Authorization` header: enough to tell whether two calls sent the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorization {
    /// Its scheme, if that is a known one.
    pub scheme: Cow<'static, str>,
    /// 32 bits of a hash, with the key of this process.
    pub fingerprint: u32,
}

/// What is known of one call to the vendor, secrets excluded. The call fills it in on its way, the
/// journal stores it as it is, and readers get it back. The order of the fields is the stored format.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallRecord<'a> {
    /// Counts in the server; assigned by the journal, which knows its places by it.
    pub id: u64,
    /// Counts in the tenant, from 1, without gaps; assigned by the journal.
    pub seq: u64,
    /// The tenant that the token names. Not stored: the journal keeps one log for each tenant.
    #[serde(skip, default = "TenantName::anonymous")]
    pub tenant: TenantName,
    /// Unix milliseconds by the tenant's clock.
    pub time_ms: i64,
    /// How long the call took in microseconds, delays excluded.
    pub duration_us: u32,
    /// The number of the call among the tenant's calls to the endpoint, from 1.
    pub nth: u64,
    /// When the request came, in microseconds since the Unix epoch, whatever the tenant's clock says.
    pub received_us: i64,
    /// The number of the connection that it came over, from 1; 0 if there was none.
    pub connection: u64,
    /// How long the answer waits.
    pub delay: Duration,
    /// The trace that the request is part of, by its header `traceparent`.
    pub trace: Option<TraceId>,
    /// The HTTP status; `None` for a fault.
    pub status: Option<u16>,
    /// Whether the change was made, even if the caller got an error.
    pub committed: bool,
    /// The HTTP method.
    pub method: Cow<'a, str>,
    /// The path as sent, without its query and without its secrets.
    pub path: Cow<'a, str>,
    /// The query as sent, without the `?` and without its secrets; `None` if there was none.
    pub query: Option<Cow<'a, str>>,
    /// The name of the endpoint; `None` if the sandbox refused the request before it came to one.
    pub endpoint: Option<Cow<'a, str>>,
    /// The name of the outcome.
    pub outcome: Cow<'a, str>,
    /// The name of the selector that chose the scenario.
    pub selector: Cow<'a, str>,
    /// The scenario that was chosen.
    pub scenario: Option<Cow<'a, str>>,
    /// The id of the rule that acted.
    pub rule: Option<Cow<'a, str>>,
    /// The phase in which it acted.
    pub phase: Option<Cow<'a, str>>,
    /// The headers; most without their values.
    pub headers: Vec<Header<'a>>,
    /// What is kept of the `Authorization` header.
    pub authorization: Option<Authorization>,
    /// The fingerprint of the keys of a login, which are not kept.
    pub login_keys: Option<u32>,
    /// The fingerprint of a body that is too long to be kept, as it came.
    pub long_body: Option<u32>,
    /// What is missing of the query and the headers; `None` if nothing is.
    pub cut_head: Option<CutHead>,
    /// Why the call was refused, and warnings.
    #[serde(with = "findings")]
    pub findings: Findings,
    /// The length of the body that was sent, in bytes.
    pub body_bytes: u64,
    /// Whether a part of that body is missing in `body`.
    pub body_cut: bool,
    /// The body without its secrets.
    #[serde(with = "bytes_in_one_piece")]
    pub body: Cow<'a, [u8]>,
    /// The answer; `None` for a fault that sends none, and until there is one. Stored after the rest.
    #[serde(skip)]
    pub answer: Option<RecordedAnswer<'a>>,
    /// The delivery of the answer. Stored before the rest, as are the next two.
    #[serde(skip)]
    pub delivery: DeliveryStatus,
    /// When the answer or the fault was sent, in microseconds since the Unix epoch; `None` until then.
    #[serde(skip)]
    pub answered_us: Option<i64>,
    /// When the caller left before that.
    #[serde(skip)]
    pub left_us: Option<i64>,
    /// The rules that were evaluated, in order, if the call is only explained. Not stored.
    #[serde(skip)]
    pub evaluations: Vec<RuleEvaluation>,
    /// What the call would change, if it is only explained. Not stored.
    #[serde(skip)]
    pub changes: Changes,
}

impl<'a> CallRecord<'a> {
    /// Begins the record of a call with its head, without its secrets; the body follows when the call
    /// has ended. It is in a box, since it is handed through many functions.
    pub(crate) fn begin(
        tenant: &TenantName,
        endpoint: Option<&'static Endpoint>,
        request: &'a Request,
        arrival: Arrival,
        known: &KnownSecrets,
    ) -> Box<Self> {
        Box::new(Self {
            id: 0,
            seq: 0,
            tenant: tenant.clone(),
            time_ms: 0,
            duration_us: 0,
            nth: 0,
            received_us: arrival.received_us,
            connection: arrival.connection,
            delay: Duration::ZERO,
            trace: TraceId::of(&request.headers),
            status: None,
            committed: false,
            method: cut(request.method.as_str(), MAX_METHOD_BYTES).into(),
            path: cut_text(known.shown(request.path()), MAX_PATH_BYTES),
            query: request.uri.query().map(|sent| query(endpoint, sent, known)),
            endpoint: endpoint.map(|endpoint| endpoint.name.into()),
            outcome: "".into(),
            selector: "".into(),
            scenario: None,
            rule: None,
            phase: None,
            headers: redaction::headers(&request.headers, known),
            authorization: None,
            login_keys: None,
            long_body: None,
            cut_head: None,
            findings: Findings::default(),
            body_bytes: request.body.len() as u64,
            body_cut: false,
            body: Cow::Borrowed(&[]),
            answer: None,
            delivery: DeliveryStatus::Pending,
            answered_us: None,
            left_us: None,
            evaluations: Vec::new(),
            changes: Changes::default(),
        })
    }

    /// Whether the call may still be under way, so that its outcome is not final.
    pub(crate) fn is_open(&self) -> bool {
        let has_end = self.status.is_some() || self.answer.is_some();
        !has_end && self.delivery == DeliveryStatus::Pending
    }

    /// Returns the record of a call that goes on after its request is gone, without its body and its answer.
    pub(crate) fn into_owned(self) -> CallRecord<'static> {
        let text = |text: Cow<str>| Cow::Owned(text.into_owned());
        let headers = self.headers.into_iter();
        CallRecord {
            id: self.id,
            seq: self.seq,
            tenant: self.tenant,
            time_ms: self.time_ms,
            duration_us: self.duration_us,
            nth: self.nth,
            received_us: self.received_us,
            connection: self.connection,
            delay: self.delay,
            trace: self.trace,
            status: self.status,
            committed: self.committed,
            method: text(self.method),
            path: text(self.path),
            query: self.query.map(text),
            endpoint: self.endpoint.map(text),
            outcome: text(self.outcome),
            selector: text(self.selector),
            scenario: self.scenario.map(text),
            rule: self.rule.map(text),
            phase: self.phase.map(text),
            headers: headers.map(|(name, value)| (text(name), value.map(text))).collect(),
            authorization: self.authorization,
            login_keys: self.login_keys,
            long_body: self.long_body,
            cut_head: self.cut_head,
            findings: self.findings,
            body_bytes: self.body_bytes,
            body_cut: false,
            body: Cow::Borrowed(&[]),
            answer: None,
            delivery: self.delivery,
            answered_us: self.answered_us,
            left_us: self.left_us,
            evaluations: self.evaluations,
            changes: self.changes,
        }
    }

    /// Returns the address of the record: `demo/17`.
    pub fn address(&self) -> String {
        format!("{}/{}", self.tenant, self.seq)
    }

    /// Whether the body has no key that may name a secret and is not the endpoint's: an unknown key leaves a
    /// finding or refuses the call.
    fn has_only_known_keys(&self, endpoint: &Endpoint) -> bool {
        self.committed && self.findings.is_empty() && !endpoint.body.has_free_values
    }

    /// Whether the answer can repeat what the body should not have said.
    pub(crate) fn echo(&self, endpoint: &Endpoint) -> Echo {
        if self.has_only_known_keys(endpoint) { Echo::None } else { Echo::Possible }
    }

    /// Sets the body, which was meant for an endpoint, without its secrets, and leaves those out of the findings.
    pub(crate) fn keep_body(
        &mut self,
        endpoint: Option<&'static Endpoint>,
        request: &'a Request,
        known: &KnownSecrets,
    ) {
        let body = &request.body;
        let has_only_known_keys =
            endpoint.is_some_and(|endpoint| self.has_only_known_keys(endpoint));
        self.body = redaction::body(endpoint, body, has_only_known_keys, known);
        self.body_cut = self.body.is_empty() && !body.is_empty();
        self.hide_secrets(endpoint, request, known);
    }

    /// Removes from the findings, and from a path of no endpoint, what may be a secret of the request.
    pub(crate) fn hide_secrets(
        &mut self,
        endpoint: Option<&Endpoint>,
        request: &Request,
        known: &KnownSecrets,
    ) {
        hide_in_messages(&mut self.findings, &mut self.path, request, endpoint, known);
    }

    pub(crate) fn add_duration(&mut self, since: Instant) {
        let took_us = u32::try_from(since.elapsed().as_micros()).unwrap_or(u32::MAX);
        self.duration_us = self.duration_us.saturating_add(took_us);
    }

    /// Notes what is missing of the head of its request.
    pub(crate) fn note_cut_head(&mut self, request: &Request, fingerprint: impl Fn(&[u8]) -> u32) {
        self.cut_head = CutHead::of(request, &self.headers, fingerprint);
    }

    /// Whether a header may have been sent with another value than the kept one, or none is kept.
    pub(crate) fn may_lack_header(&self, name: &str) -> bool {
        self.cut_head.is_some_and(|cut| cut.may_concern(&self.headers, name))
    }

    /// The `Idempotency-Key`: what is kept of it, and the fingerprint of a longer one.
    pub(crate) fn idempotency_key(&self) -> Option<(Option<&str>, Option<u32>)> {
        let kept = header_value(&self.headers, IDEMPOTENCY_KEY);
        let whole = self.cut_head.and_then(|cut| cut.idempotency_key);
        (kept.is_some() || whole.is_some()).then_some((kept, whole))
    }

    pub(super) fn cut_to_fit(&mut self) {
        if let Some(scenario) = &mut self.scenario
            && scenario.len() > MAX_SCENARIO_BYTES
        {
            *scenario = Cow::Owned(cut(scenario, MAX_SCENARIO_BYTES).to_owned());
        }
        findings::cut_to_fit(&mut self.findings);
        if cut_bytes(&mut self.body, MAX_BODY_BYTES) {
            self.body_cut = true;
        }
    }
}
