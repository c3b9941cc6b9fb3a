//! Calls that are held: each waits with a ticket until it is released; then the rest of its phases are run.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use http::StatusCode;

use super::log_line::log_call;
use super::patience::LONG_BODY_BYTES;
use super::phases::{CallContext, Effect, run_rest};
use super::received::ReceivedCall;
use super::routes;
use super::sandbox::Sandbox;
use crate::call::routes::CallRoute;
use crate::http::{DeliveryStatus, Fault, Reply};
use crate::journal::CallRecord;
use crate::scenario::{ForcedOutcome, Selector};
use crate::tenant::{HeldCall, Tenant};
use crate::vendor::schema::Arena;
use crate::world::TenantName;

/// Waits for a call that is held. Dropping it means that the client has left, and ends the call.
#[derive(Debug)]
pub struct HoldTicket {
    tenant: Arc<Tenant>,
    call: Arc<HeldCall>,
}

/// The answer to a request to anything but the own API.
#[derive(Debug)]
pub(crate) enum CallAnswer {
    /// Ready to be sent.
    Reply(Reply),
    /// Made once the call is released.
    Held(HoldTicket),
}

impl CallAnswer {
    /// The answer for a caller that does not wait: none for a call that is held.
    pub(crate) fn without_waiting(self) -> Reply {
        match self {
            Self::Reply(reply) => reply,
            Self::Held(_) => {
                let mut reply = Reply::empty(StatusCode::OK);
                reply.delivery.fault = Some(Fault::Hang);
                reply
            }
        }
    }
}

impl HoldTicket {
    pub(super) fn new(tenant: Arc<Tenant>, call: Arc<HeldCall>) -> Self {
        Self { tenant, call }
    }

    /// When the call is released at the latest.
    pub(crate) fn until(&self) -> Instant {
        self.call.until
    }

    /// The memory that the call takes besides the body of its request, in bytes.
    pub(crate) fn kept_bytes(&self) -> usize {
        self.call.kept_bytes()
    }

    /// Releases the call; the contract answers.
    pub(crate) fn release(&self) {
        let is_this = |call: &HeldCall| std::ptr::eq(call, &raw const *self.call);
        self.tenant.lock().held_calls.release(is_this, 1, ForcedOutcome::REAL);
    }

    /// Whether to make the call takes as long as hundreds of others.
    pub(crate) fn is_long(&self) -> bool {
        self.call.request.body.len() >= LONG_BODY_BYTES
    }

    /// Returns the answer once it is made; `None` when the call is released and those before it are answered, so that
    /// it is its turn. Pending, too, while a call of the tenant is made that takes long: who polls looks again when it
    /// has ended.
    pub(crate) fn poll(&self, context: &mut Context<'_>) -> Poll<Option<Reply>> {
        if let Some(reply) = self.call.take_answer(context.waker()) {
            return Poll::Ready(Some(reply));
        }
        let is_this = |first: &Arc<HeldCall>| Arc::ptr_eq(first, &self.call);
        let state = self.tenant.lock_unless_long();
        let first = state.as_ref().and_then(|state| state.held_calls.first_released());
        if first.is_some_and(is_this) { Poll::Ready(None) } else { Poll::Pending }
    }

    /// Makes the call, if it is its turn.
    pub(crate) fn make(&self, sandbox: &Sandbox) {
        sandbox.answer_released(&self.tenant, &self.call);
    }
}

impl Drop for HoldTicket {
    fn drop(&mut self) {
        self.tenant.lock().held_calls.forget(&self.call);
    }
}

impl Sandbox {
    /// Releases calls of a tenant that are `wanted`, the oldest first, at most `count`; each ends as `forced`
    /// says. Returns those that are answered.
    pub(crate) fn release_held(
        &self,
        tenant: &Arc<Tenant>,
        wanted: impl Fn(&HeldCall) -> bool,
        count: usize,
        forced: ForcedOutcome,
    ) -> Vec<Arc<HeldCall>> {
        let mut released = tenant.lock().held_calls.release(wanted, count, forced);
        self.answer_all_released(tenant);
        // others have lost their client meanwhile
        released.retain(|call| call.result().is_some());
        released
    }

    /// Releases all calls of a tenant whose data is about to be dropped.
    pub(crate) fn release_all_held(&self, tenant: &Arc<Tenant>) {
        self.release_held(tenant, |_| true, usize::MAX, ForcedOutcome::REAL);
    }

    /// Releases the calls that an override of a tenant held before it was removed.
    pub(crate) fn release_held_by_override(&self, tenant: &Arc<Tenant>, removed: Instant) {
        self.release_held_by(tenant, Selector::TenantOverride, removed);
    }

    /// Releases the calls that the override for all tenants held before it was removed.
    pub(crate) fn release_held_by_global_override(&self, removed: Instant) {
        for tenant in self.tenants_with_held() {
            self.release_held_by(&tenant, Selector::GlobalOverride, removed);
        }
    }

    fn release_held_by(&self, tenant: &Arc<Tenant>, selector: Selector, before: Instant) {
        let is_held_by =
            |call: &HeldCall| call.hold.selector == selector && call.hold.since <= before;
        self.release_held(tenant, is_held_by, usize::MAX, ForcedOutcome::REAL);
    }

    /// Releases all calls of a tenant that is about to be removed, and holds no new ones.
    pub(crate) fn close_held(&self, tenant: &Arc<Tenant>) {
        tenant.lock().held_calls.close();
        self.answer_all_released(tenant);
    }

    fn answer_all_released(&self, tenant: &Arc<Tenant>) {
        loop {
            // a statement of its own, so that the lock ends with it
            let first = tenant.lock().held_calls.first_released().map(Arc::clone);
            let Some(first) = first else { return };
            self.answer_released(tenant, &first);
        }
    }

    /// Runs the remaining phases of a call if it is its turn, under the tenant's lock like every call.
    fn answer_released(&self, tenant: &Arc<Tenant>, held: &Arc<HeldCall>) {
        let started = Instant::now();
        let request = &held.request;
        let CallRoute::Vendor(route) = routes::find(request) else {
            unreachable!("BUG: only calls to the vendor are held");
        };
        let endpoint = route.endpoint;
        let arena = Arena::for_body(request.body.len());
        let received = ReceivedCall::new(self, &route, request, &arena);
        received.parse_body();
        let long_call = (request.body.len() >= LONG_BODY_BYTES).then(|| tenant.begin_long_call());
        let mut state = tenant.lock();
        let Some(forced) = state.held_calls.take_first(held) else { return };
        let call = received.at(state.clock.now_ms(self.clock));
        let context =
            CallContext { endpoint, call: &call, effect: Effect::Commit, holds: &self.holds };
        let mut step = held.hold.step.clone();
        step.forced = forced;
        let mut record: CallRecord = held.record.clone();
        let real = held.real.clone();
        let mut reply = run_rest(&context, &step, real, &mut state.world, &mut record);
        self.note_reply(endpoint, request, &reply, &mut record);
        record.add_duration(started);
        let answer = self.end_call(&context, &reply, &record);
        self.journal.complete(held.receipt, &mut record, answer.as_ref());
        reply.delivery.receipt = Some(held.receipt);
        let reply = self.with_debug_headers(reply, &record);
        // under the lock, so that a reader who finds the call no longer held finds its answer
        held.set_answer(reply, &record.outcome, record.status);
        let data_use = state.data_use();
        state.held_calls.wake_first();
        drop(state);
        drop(long_call);
        self.tenants.note_data_use(tenant, data_use, started);
        log_call(&record);
    }

    /// Notes that the client of a call has left while it was held.
    pub(crate) fn note_left(&self, HoldTicket { call, .. }: &HoldTicket) {
        self.journal.set_delivery(call.receipt, DeliveryStatus::ClientLeft);
        if call.result().is_none()
            && let CallRoute::Vendor(route) = routes::find(&call.request)
        {
            self.count(route.endpoint.name, &call.record.outcome);
        }
    }

    /// Releases all calls as the server ends, and holds no new ones.
    pub(super) fn end_holds(&self) {
        self.holds.close();
        for tenant in self.tenants_with_held() {
            tenant.lock().held_calls.close();
        }
    }

    /// The tenants that may hold calls.
    fn tenants_with_held(&self) -> Vec<Arc<Tenant>> {
        if self.holds.taken() == 0 {
            return Vec::new();
        }
        let all = self.tenants.all_with_anonymous();
        all.into_iter().map(|(_, tenant)| tenant).collect()
    }

    /// How many calls a tenant holds.
    pub(crate) fn held_count(&self, tenant: &TenantName) -> usize {
        let tenant = self.tenants.find(tenant);
        tenant.map_or(0, |tenant| tenant.lock().held_calls.count())
    }
}
