//! The way of a call to the vendor, from its route to the journal.

use std::sync::Arc;
use std::time::Instant;

use http::{HeaderName, StatusCode};

use super::hold::{CallAnswer, HoldTicket};
use super::log_line::log_call;
use super::pages;
use super::patience::{LONG_BODY_BYTES, Patience};
use super::phases::{CallContext, Effect, Performed, perform, refuse_unknown_scenario};
use super::received::ReceivedCall;
use super::refusal::SentBody;
use super::routes::{self, CallRoute, VendorRoute};
use super::sandbox::Sandbox;
use crate::console;
use crate::http::{Arrival, Problem, Receipt, Reply, Request};
use crate::journal::{Authorization, CallRecord, MAX_BODY_BYTES, RecordedAnswer};
use crate::scenario::{
    self, ChosenScenario, Override, Phase, Selector, SelectorInputs, UnknownScenario,
};
use crate::switches::SwitchTarget;
use crate::tenant::{HeldCall, Hold, Tenant, TenantState};
use crate::vendor::Endpoint;
use crate::vendor::schema::Arena;
use crate::world::TenantName;

/// Why a call was not made.
enum NotMade {
    Refused(Problem),
    /// A call of its tenant that takes long was under way.
    Busy,
}

impl From<Problem> for NotMade {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem)
    }
}

impl Sandbox {
    /// Answers a request to anything but the sandbox's own API that came over no connection, without waiting:
    /// a call that is held gets no answer.
    pub fn answer(&self, request: &Request) -> Reply {
        self.answer_with_record(request).0
    }

    /// The same, with the record of a call to the vendor as it was when the call came, but for the answer.
    pub fn answer_with_record<'a>(
        &self,
        request: &'a Request,
    ) -> (Reply, Option<Box<CallRecord<'a>>>) {
        let (answer, record) = self.answer_or_hold(request, Arrival::now(0));
        (answer.without_waiting(), record)
    }

    /// Answers a request to anything but the sandbox's own API, or holds it.
    pub(crate) fn answer_or_hold<'a>(
        &self,
        request: &'a Request,
        arrival: Arrival,
    ) -> (CallAnswer, Option<Box<CallRecord<'a>>>) {
        let answered = self.answer_with_patience(request, arrival, Patience::Wait);
        answered.expect("BUG: it waits")
    }

    /// The same; `None` if the call would have to wait for another one that takes long, and must not.
    pub(crate) fn answer_with_patience<'a>(
        &self,
        request: &'a Request,
        arrival: Arrival,
        patience: Patience,
    ) -> Option<(CallAnswer, Option<Box<CallRecord<'a>>>)> {
        let refuse = |problem: &Problem| {
            let whole = SentBody::Whole;
            let refused = self.refuse_with_record(request, whole, arrival, problem, patience);
            refused.map(|(reply, record)| (CallAnswer::Reply(reply), record))
        };
        match routes::find(request) {
            CallRoute::Vendor(route) => {
                match self.run(&route, request, arrival, (Effect::Commit, patience)) {
                    Ok((answer, record)) => Some((answer, Some(record))),
                    Err(NotMade::Refused(problem)) => refuse(&problem),
                    Err(NotMade::Busy) => None,
                }
            }
            CallRoute::Page(page) => {
                let is_open = self.admin.closed_to(request).is_none();
                let console = is_open.then_some(console::PATH);
                let page = pages::show(page, self.tenants.seed(), self.is_ready(), console);
                Some((CallAnswer::Reply(page), None))
            }
            CallRoute::Nowhere(problem) => refuse(&problem),
        }
    }

    /// Returns the record that a call would get, be it to an endpoint or to none; the call leaves no trace.
    pub fn explain<'a>(&self, request: &'a Request) -> Result<Box<CallRecord<'a>>, Problem> {
        match routes::find(request) {
            CallRoute::Vendor(route) => {
                let how = (Effect::Pretend, Patience::Wait);
                match self.run(&route, request, Arrival::now(0), how) {
                    Ok((_, record)) => Ok(record),
                    Err(NotMade::Refused(problem)) => Err(problem),
                    Err(NotMade::Busy) => unreachable!("BUG: it waits"),
                }
            }
            CallRoute::Page(_) => Err(not_explained()),
            CallRoute::Nowhere(problem) => Ok(self.explain_refusal(request, &problem)),
        }
    }

    /// Makes a call to the vendor, or pretends to: then nothing is changed, counted, journalled or
    /// logged, and a success has no real answer.
    ///
    /// All that decides or changes something happens under the tenant's lock, without waiting, so that
    /// a caller who leaves cannot leave half a change.
    fn run<'a>(
        &self,
        route: &VendorRoute,
        request: &'a Request,
        arrival: Arrival,
        (effect, patience): (Effect, Patience),
    ) -> Result<(CallAnswer, Box<CallRecord<'a>>), NotMade> {
        let started = Instant::now();
        let endpoint = route.endpoint;
        let arena = Arena::for_body(request.body.len());
        let received = ReceivedCall::new(self, route, request, &arena);
        let tenant = self.tenant_for(&received.caller.tenant, effect, started)?;
        received.parse_body();
        let mut record = self.begin_record(&received, endpoint, request, arrival);
        let long_call = (request.body.len() >= LONG_BODY_BYTES).then(|| tenant.begin_long_call());
        let mut state = patience.lock(&tenant).ok_or(NotMade::Busy)?;
        record.time_ms = state.clock.now_ms(self.clock);
        record.nth = match effect {
            Effect::Commit => state.scenario_state.count_call(endpoint.name),
            Effect::Pretend => state.scenario_state.next_call(endpoint.name),
        };
        let call = received.at(record.time_ms);
        let context = CallContext { endpoint, call: &call, effect, holds: &self.holds };
        let Performed { mut reply, hold } =
            self.run_scenario(&context, route, &mut state, &mut record);
        self.note_reply(endpoint, request, &reply, &mut record);
        if hold.is_some() {
            // it has no answer yet
            record.status = None;
        }
        if effect == Effect::Pretend {
            return Ok((CallAnswer::Reply(reply), record));
        }
        record.add_duration(started);
        let answer = if hold.is_none() { self.end_call(&context, &reply, &record) } else { None };
        let receipt = self.journal.append_answered(&mut record, answer.as_ref());
        reply.delivery.receipt = Some(receipt);
        log_call(&record);
        if record.rule.is_some() {
            // after the call that used up its hits, in the log too
            self.end_overrides_of(&mut state, &received.caller.tenant);
        }
        let ticket = hold.map(|(hold, place)| {
            let call = held_call(&context, hold, &reply, (&record, receipt));
            state.held_calls.hold(Arc::clone(&call), place);
            HoldTicket::new(Arc::clone(&tenant), call)
        });
        let data_use = state.data_use();
        drop(state);
        drop(long_call);
        self.tenants.note_data_use(&tenant, data_use, started);
        let answer = match ticket {
            Some(ticket) => CallAnswer::Held(ticket),
            None => CallAnswer::Reply(self.with_debug_headers(reply, &record)),
        };
        Ok((answer, record))
    }

    /// The tenant of a call. One that is only explained makes none.
    fn tenant_for(
        &self,
        name: &TenantName,
        effect: Effect,
        now: Instant,
    ) -> Result<Arc<Tenant>, Problem> {
        match effect {
            Effect::Commit => self.get_or_create_tenant_at(name, now),
            Effect::Pretend => {
                Ok(self.tenants.find(name).unwrap_or_else(|| self.tenants.unlisted(now)))
            }
        }
    }

    fn begin_record<'a>(
        &self,
        received: &ReceivedCall,
        endpoint: &'static Endpoint,
        request: &'a Request,
        arrival: Arrival,
    ) -> Box<CallRecord<'a>> {
        let (tenant, known) = (&received.caller.tenant, &self.known_secrets);
        let mut record = CallRecord::begin(tenant, Some(endpoint), request, arrival, known);
        record.authorization = self.authorization_of(request);
        record.note_cut_head(request, |text| self.verifier.fingerprint(text));
        let fingerprint = || self.verifier.fingerprint(&request.body);
        record.login_keys = endpoint.is_login().then(fingerprint);
        record.long_body = (request.body.len() > MAX_BODY_BYTES).then(fingerprint);
        record
    }

    /// Notes what a call was sent with and what is sent back.
    pub(super) fn note_reply<'a>(
        &self,
        endpoint: &'static Endpoint,
        request: &'a Request,
        reply: &Reply,
        record: &mut CallRecord<'a>,
    ) {
        record.status = reply.delivery.fault.is_none().then_some(reply.status.as_u16());
        record.delay = reply.delivery.delay;
        record.keep_body(Some(endpoint), request, &self.known_secrets);
    }

    /// Counts a call that has its answer; returns what the journal keeps of that.
    pub(super) fn end_call<'r>(
        &self,
        context: &CallContext,
        reply: &'r Reply,
        record: &CallRecord,
    ) -> Option<RecordedAnswer<'r>> {
        let CallContext { endpoint, call, .. } = context;
        self.count(endpoint.name, &record.outcome);
        let (echo, known) = (record.echo(endpoint), &self.known_secrets);
        RecordedAnswer::of(call.request, Some(endpoint), reply, echo, known)
    }

    pub(super) fn authorization_of(&self, request: &Request) -> Option<Authorization> {
        let (scheme, fingerprint) = self.verifier.describe_authorization(&request.headers)?;
        Some(Authorization { scheme: scheme.into(), fingerprint })
    }

    /// Chooses the scenario, performs the call by it, and counts a hit of the override that chose it.
    fn run_scenario(
        &self,
        context: &CallContext,
        route: &VendorRoute,
        state: &mut TenantState,
        record: &mut CallRecord,
    ) -> Performed {
        if context.effect == Effect::Commit {
            self.end_overrides_of(state, &context.call.caller.tenant);
        }
        // locked through a call that it applies to, so that its hits are counted exactly
        let mut global = self.global_override();
        let chosen = match self.choose_scenario(context, route, state, global.as_ref()) {
            Ok(chosen) => chosen,
            Err(unknown) => {
                return refuse_unknown_scenario(&unknown, record, &self.known_secrets).into();
            }
        };
        if chosen.selector == Selector::GlobalOverride {
            let mut performed = perform(context, &chosen, state, record);
            performed.expires_with(global.as_ref());
            count_hit(context.effect, record, &mut global);
            return performed;
        }
        drop(global);
        let mut performed = perform(context, &chosen, state, record);
        if chosen.selector == Selector::TenantOverride {
            performed.expires_with(state.active_override.as_ref());
            count_hit(context.effect, record, &mut state.active_override);
        }
        performed
    }

    /// Ends the overrides that apply to a tenant, if they are used up or expired.
    fn end_overrides_of(&self, state: &mut TenantState, tenant: &TenantName) {
        self.end_override(&mut state.active_override, SwitchTarget::Tenant(tenant));
        self.end_override(&mut self.global_override(), SwitchTarget::AllTenants);
    }

    fn choose_scenario(
        &self,
        context: &CallContext,
        route: &VendorRoute,
        state: &TenantState,
        global: Option<&Override>,
    ) -> Result<ChosenScenario, UnknownScenario> {
        static HEADER: HeaderName = HeaderName::from_static(scenario::HEADER);
        let call = context.call;
        let headers = call.request.headers.get_all(&HEADER).iter();
        let running = |active: Option<&Override>| {
            let running = active.filter(|active| !active.has_ended())?;
            Some(running.scenario.clone())
        };
        let inputs = SelectorInputs {
            headers: headers.map(|value| String::from_utf8_lossy(value.as_bytes())).collect(),
            url: route.scenario.clone(),
            magic_word: call
                .body
                .get()
                .and_then(|body| scenario::magic_word(body, context.endpoint.magic_word_fields)),
            token: call.caller.scenario.as_deref(),
            tenant: call.caller.tenant.as_str(),
            tenant_override: running(state.active_override.as_ref()),
            global_override: running(global),
            server: self.scenario(),
        };
        inputs.choose(&self.library)
    }
}

/// Refuses to explain a request that is no call to the vendor.
pub(crate) fn not_explained() -> Problem {
    let detail = "only calls to the vendor's endpoints can be explained";
    Problem::new(StatusCode::BAD_REQUEST, detail).at("/path")
}

/// What is kept of a call while it is held.
fn held_call(
    context: &CallContext,
    hold: Hold,
    reply: &Reply,
    (record, receipt): (&CallRecord, Receipt),
) -> Arc<HeldCall> {
    let is_made = hold.step.step().phase == Phase::AfterCommit;
    let real = is_made.then(|| reply.clone());
    let record = record.clone().into_owned();
    HeldCall::new(context.call.request.clone(), hold, (record, receipt), real)
}

/// Counts a hit of an override if a rule acted. After its last one it has ended.
fn count_hit(effect: Effect, record: &CallRecord, active: &mut Option<Override>) {
    if effect == Effect::Commit
        && record.rule.is_some()
        && let Some(active) = active
    {
        active.acted += 1;
    }
}
