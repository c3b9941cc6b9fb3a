//! The phases of a call, all under the tenant's lock: a rule may end the call before, between or after
//! the token check, the contract's checks and the commit.

use http::StatusCode;

use super::refusal::UNKNOWN_SCENARIO;
use crate::clock::rfc3339;
use crate::http::{Problem, Reply};
use crate::journal::CallRecord;
use crate::scenario::{
    self, CallFacts, ChosenScenario, EndpointSet, FieldValues, ForcedOutcome, Phase, SelectedStep,
    UnknownScenario,
};
use crate::tenant::TenantState;
use crate::vendor::finding::{Finding, Findings};
use crate::vendor::tokens::expired;
use crate::vendor::{Call, Change, Endpoint, Outcome, Refusal, envelope};
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
}

/// Refuses a call that names an unknown scenario.
pub(super) fn refuse_unknown_scenario(unknown: &UnknownScenario, record: &mut CallRecord) -> Reply {
    let clause = format!("scenario.{}", unknown.selector.name());
    record.selector = unknown.selector.name().into();
    record.outcome = UNKNOWN_SCENARIO.into();
    record.findings = Finding::error("", clause, &unknown.why).into();
    Problem::new(StatusCode::NOT_IMPLEMENTED, &unknown.why).reply()
}

/// Selects the rule that acts, runs the phases, and counts what was used.
pub(super) fn perform(
    context: &CallContext,
    chosen: &ChosenScenario,
    state: &mut TenantState,
    record: &mut CallRecord,
) -> Reply {
    record.selector = chosen.selector.name().into();
    let Some(scenario) = &chosen.scenario else {
        return run_phases(context, None, &mut state.world, record).0;
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
    let selection = state.scenario_state.select(scenario, &facts, call.config.ids, trace);
    let (mut reply, reached) =
        run_phases(context, selection.step.as_ref(), &mut state.world, record);
    if context.effect == Effect::Commit {
        state.scenario_state.record_use(scenario, &selection, reached);
    }
    record.scenario = Some(scenario.name.clone().into());
    if let Some(selected) = selection.step.filter(|selected| selected.step().phase <= reached) {
        let step = selected.step();
        record.rule = Some(scenario.rules[selected.rule_index()].id.clone().into());
        record.phase = Some(step.phase.name().into());
        if step.forced.is_real() {
            // the outcome `ok` is the real answer with what the step adds
            reply = scenario::answer(&selected, context.endpoint, Some(reply));
        }
    }
    reply
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
        selected.filter(|selected| {
            let step = selected.step();
            step.phase == phase && !step.forced.is_real()
        })
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
    let checked = match (endpoint.check)(call, world) {
        Ok(checked) => checked,
        Err(refusal) => return refuse(refusal, Phase::AfterAuth, record),
    };
    let change = checked.change;
    record.findings = checked.findings;
    if let Some(selected) = forced(Phase::AfterValidation) {
        return force(selected, context, None, record);
    }
    let reply = match context.effect {
        Effect::Commit => (checked.commit)(world),
        Effect::Pretend => envelope::empty_success("not done, only explained"),
    };
    record.committed = change == Change::Made;
    if let Some(selected) = forced(Phase::AfterCommit) {
        return force(selected, context, Some(reply), record);
    }
    record.outcome = Outcome::Ok.name().into();
    (reply, Phase::AfterCommit)
}

/// Ends a call as a step says; `real` is the answer of a change that was made already.
fn force(
    selected: &SelectedStep,
    context: &CallContext,
    real: Option<Reply>,
    record: &mut CallRecord,
) -> (Reply, Phase) {
    let (step, endpoint) = (selected.step(), context.endpoint);
    let assumptions = &context.call.config.assumptions;
    record.outcome = step.forced.name().into();
    if let ForcedOutcome::Contract(outcome) = step.forced
        && !endpoint.outcomes_under(assumptions).any(|(known, _)| known == outcome)
    {
        let (endpoint, outcome) = (endpoint.name, outcome.name());
        let message =
            format!("{endpoint} does not document the outcome {outcome}, which a scenario forced");
        record.findings.add(Finding::warning("", "scenario.outcome", message));
    }
    (scenario::answer(selected, endpoint, real), step.phase)
}

fn refuse(refusal: Refusal, reached: Phase, record: &mut CallRecord) -> (Reply, Phase) {
    record.outcome = refusal.outcome.name().into();
    record.findings = refusal.findings;
    (envelope::error(refusal.outcome), reached)
}

/// Refuses a token that is not accepted, or not any more.
fn check_token(call: &Call) -> Result<(), Refusal> {
    let end = call.caller.expires_at_ms.filter(|end| *end <= call.now_ms);
    let expired = end.map(|end| expired(Some(rfc3339(end))));
    match call.caller.refusal.clone().or(expired) {
        None => Ok(()),
        Some(reason) => Err(Refusal::because(Outcome::Unauthorized, Findings::default(), reason)),
    }
}
