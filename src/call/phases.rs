//! The phases of a call, all under the tenant's lock: a rule may end the call before, between or after
//! the token check, the contract's checks and the commit.

use std::sync::Arc;
use std::time::Instant;

use http::StatusCode;

use super::refusal::UNKNOWN_SCENARIO;
use super::spaced_token;
use crate::clock::rfc3339;
use crate::http::{Problem, Reply};
use crate::journal::CallRecord;
use crate::scenario::{
    self, CallFacts, ChosenScenario, EndpointSet, FieldValues, ForcedOutcome, MAX_HELD, Override,
    Phase, SelectedStep, UnknownScenario,
};
use crate::tenant::{Hold, HoldPlace, HoldPlaces, MAX_HELD_IN_ALL, NotHeld, TenantState};
use crate::text::secrets::KnownSecrets;
use crate::vendor::finding::{Finding, Findings};
use crate::vendor::tokens::expired;
use crate::vendor::{Call, Change, Checked, Endpoint, Outcome, Refusal, envelope};
use crate::world::World;

/// Whether a call changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// It is made.
    Commit,
    /// It is only explained.
    Pretend,
}

/// What stays the same through the phases of a call.
pub(super) struct CallContext<'c, 'a> {
    pub(super) endpoint: &'static Endpoint,
    pub(super) call: &'c Call<'a>,
    pub(super) effect: Effect,
    pub(super) holds: &'c Arc<HoldPlaces>,
}

/// Refuses a call that names an unknown scenario.
pub(super) fn refuse_unknown_scenario(
    unknown: &UnknownScenario,
    record: &mut CallRecord,
    known: &KnownSecrets,
) -> Reply {
    record.selector = unknown.selector.name().into();
    refuse_scenario(&unknown.why, record).without(known).reply()
}

/// Refuses a call that the scenario, which the record names the selector of, cannot end.
fn refuse_scenario(why: &str, record: &mut CallRecord) -> Problem {
    let clause = format!("scenario.{}", record.selector);
    record.outcome = UNKNOWN_SCENARIO.into();
    record.findings = Finding::error("", clause, why).into();
    Problem::new(StatusCode::NOT_IMPLEMENTED, why)
}

/// The result of a call.
pub(super) struct Performed {
    /// The answer; for a call that is held after its change, the answer to that change.
    pub(super) reply: Reply,
    /// What holds the call.
    pub(super) hold: Option<(Hold, HoldPlace)>,
}

impl Performed {
    /// Limits how long the call is held to the time of the override that holds it.
    pub(super) fn expires_with(&mut self, active: Option<&Override>) {
        if let Some((hold, _)) = &mut self.hold {
            hold.expires = active.and_then(|active| active.until);
        }
    }
}

impl From<Reply> for Performed {
    fn from(reply: Reply) -> Self {
        Self { reply, hold: None }
    }
}

/// Selects the rule that acts, runs the phases, and counts what was used.
pub(super) fn perform(
    context: &CallContext,
    chosen: &ChosenScenario,
    state: &mut TenantState,
    record: &mut CallRecord,
) -> Performed {
    record.selector = chosen.selector.name().into();
    let Some(scenario) = &chosen.scenario else {
        return run_phases(context, None, &mut state.world, record).0.into();
    };
    let call = context.call;
    let called = EndpointSet::called(Some(context.endpoint));
    let facts = CallFacts {
        called: if chosen.selector.is_of_one_call() { called.chosen_alone() } else { called },
        tenant: call.caller.tenant.as_str(),
        parameters: call.parameters,
        headers: &call.request.headers,
        body: call.body,
        values: FieldValues::default(),
        now_ms: call.now_ms,
        nth: record.nth,
    };
    let trace = (context.effect == Effect::Pretend).then_some(&mut record.evaluations);
    let mut selection = state.scenario_state.select(scenario, &facts, call.config.ids, trace);
    record.scenario = Some(scenario.name.clone().into());
    let refused = selection.step.as_ref().and_then(|it| it.forced.refused_by(context.endpoint));
    if let Some(why) = refused {
        return refuse_scenario(&why, record).reply().into();
    }
    let holding = selection.step.as_mut().filter(|selected| selected.forced.is_hold());
    let place = holding.map(|selected| {
        let place = state.held_calls.place(context.holds);
        if place.is_err() {
            selected.forced = ForcedOutcome::REAL;
        }
        place
    });
    let (mut reply, reached) =
        run_phases(context, selection.step.as_ref(), &mut state.world, record);
    if context.effect == Effect::Commit {
        state.scenario_state.record_use(scenario, &selection, reached);
    }
    if let Some(selected) = selection.step.filter(|selected| selected.step().phase <= reached) {
        record.rule = Some(scenario.rules[selected.rule_index()].id.clone().into());
        record.phase = Some(selected.step().phase.name().into());
        if selected.forced.is_real() {
            // the outcome `ok` is the real answer with what the step adds
            reply = scenario::answer(&selected, context.endpoint, Some(reply));
        }
        match place {
            Some(Ok(place)) => {
                let (selector, since) = (chosen.selector, Instant::now());
                let hold = Hold { step: selected, selector, since, expires: None };
                return Performed { reply, hold: Some((hold, place)) };
            }
            Some(Err(why)) => warn_not_held(why, call.caller.tenant.as_str(), record),
            None => {}
        }
    }
    reply.into()
}

/// Warns that a call is not held although a rule says so.
fn warn_not_held(why: NotHeld, tenant: &str, record: &mut CallRecord) {
    let (holders, whose) = match why {
        NotHeld::TenantIsFull => (format!("{tenant} holds {MAX_HELD}"), tenant),
        NotHeld::AllAreFull => (format!("all tenants together hold {MAX_HELD_IN_ALL}"), "NAME"),
        NotHeld::Ending => return,
    };
    let message = format!(
        "the call was not held, since {holders} calls already, the most there can be; release some \
         (genuin-sandbox hold release --tenant {whose})"
    );
    record.findings.add(Finding::warning("", "scenario.hold", message));
}

/// Runs the phases one after another and returns the reply with the last phase that was reached.
fn run_phases(
    context: &CallContext,
    selected: Option<&SelectedStep>,
    world: &mut World,
    record: &mut CallRecord,
) -> (Reply, Phase) {
    let (endpoint, call) = (context.endpoint, context.call);
    let forced = |phase| {
        let acts =
            |selected: &&SelectedStep| selected.step().phase == phase && !selected.forced.is_real();
        selected.filter(acts)
    };
    if let Some(selected) = forced(Phase::BeforeAuth) {
        return force(selected, context, None, record);
    }
    if let Err(refusal) = check_token(call) {
        return refuse(refusal, Phase::BeforeAuth, record);
    }
    if let Some(selected) = forced(Phase::AfterAuth) {
        return force(selected, context, None, record);
    }
    let mut checked = match (endpoint.check)(call, world) {
        Ok(checked) => checked,
        Err(refusal) => return refuse(refusal, Phase::AfterAuth, record),
    };
    record.findings = std::mem::take(&mut checked.findings);
    if let Some(selected) = forced(Phase::AfterValidation) {
        return force(selected, context, None, record);
    }
    let reply = commit(context, checked, world, record);
    if let Some(selected) = forced(Phase::AfterCommit) {
        return force(selected, context, Some(reply), record);
    }
    (reply, Phase::AfterCommit)
}

/// Runs the remaining phases of a call that was held; `real` is the answer to a change that was made already.
pub(super) fn run_rest(
    context: &CallContext,
    selected: &SelectedStep,
    real: Option<Reply>,
    world: &mut World,
    record: &mut CallRecord,
) -> Reply {
    let (endpoint, call) = (context.endpoint, context.call);
    if let Some(why) = selected.forced.refused_by(endpoint) {
        return refuse_scenario(&why, record).reply();
    }
    if !selected.forced.is_real() {
        return force(selected, context, real, record).0;
    }
    if real.is_some() {
        record.outcome = Outcome::Ok.name().into();
    }
    let phase = selected.step().phase;
    let reply = real.unwrap_or_else(|| {
        let token = if phase == Phase::BeforeAuth { check_token(call) } else { Ok(()) };
        // checked again after the validation too, since other calls have changed the world since
        match token.and_then(|()| (endpoint.check)(call, world)) {
            Ok(mut checked) => {
                record.findings = std::mem::take(&mut checked.findings);
                commit(context, checked, world, record)
            }
            Err(refusal) => refuse(refusal, phase, record).0,
        }
    });
    scenario::answer(selected, endpoint, Some(reply))
}

/// Makes the change of a call, or pretends to.
fn commit(
    context: &CallContext,
    checked: Checked,
    world: &mut World,
    record: &mut CallRecord,
) -> Reply {
    record.committed = checked.change == Change::Made;
    record.outcome = Outcome::Ok.name().into();
    match context.effect {
        Effect::Commit => checked.commit(world),
        Effect::Pretend => {
            record.changes = checked.changes(world);
            envelope::empty_success("not done, only explained")
        }
    }
}

/// Ends a call as a step says; `real` is the answer to a change that was made already.
fn force(
    selected: &SelectedStep,
    context: &CallContext,
    real: Option<Reply>,
    record: &mut CallRecord,
) -> (Reply, Phase) {
    let (endpoint, assumptions) = (context.endpoint, &context.call.config.assumptions);
    record.outcome = selected.forced.name().into();
    if let ForcedOutcome::Contract(outcome) = selected.forced
        && !endpoint.outcomes_under(assumptions).any(|(known, _)| known == outcome)
    {
        let (endpoint, outcome) = (endpoint.name, outcome.name());
        let message =
            format!("{endpoint} does not document the outcome {outcome}, which a scenario forced");
        record.findings.add(Finding::warning("", "scenario.outcome", message));
    }
    (scenario::answer(selected, endpoint, real), selected.step().phase)
}

fn refuse(refusal: Refusal, reached: Phase, record: &mut CallRecord) -> (Reply, Phase) {
    record.outcome = refusal.outcome.name().into();
    record.findings = refusal.findings;
    (envelope::error(refusal.outcome), reached)
}

/// Refuses a token that is not accepted or has expired.
fn check_token(call: &Call) -> Result<(), Refusal> {
    let end = call.caller.expires_at_ms.filter(|end| *end <= call.now_ms);
    let expired = end.map(|end| expired(Some(rfc3339(end))));
    let refusal = call.caller.refusal.clone().map(|refusal| {
        let advice = spaced_token::advice(&call.request.headers);
        Finding { suggestion: advice.or(refusal.suggestion), ..refusal }
    });
    match refusal.or(expired) {
        None => Ok(()),
        Some(reason) => Err(Refusal::because(Outcome::Unauthorized, Findings::default(), reason)),
    }
}
