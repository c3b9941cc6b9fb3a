//! One call inside the tenant's lock: decide, go through the phases, settle; and what is said of
//! it afterwards.

use std::sync::Arc;

use http::{HeaderName, HeaderValue, StatusCode};

use crate::clock::rfc3339;
use crate::http::Problem;
use crate::http::{Fault, Reply};
use crate::journal::{CallRecord, RuleEvaluation};
use crate::scenario::{
    self, CallFacts, ChosenScenario, Override, Phase, Scenario, SelectedStep, Selector,
    UnknownScenario, end_override,
};
use crate::tenant::TenantState;
use crate::vendor::finding::{Finding, Findings};
use crate::vendor::{Call, Endpoint, Outcome, Refusal, envelope};
use crate::world::World;

/// Whether a call is done or only thought through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Apply {
    /// Changes are made and counted.
    Commit,
    /// Nothing is changed.
    Pretend,
}

/// A call that is about to be decided.
pub struct Plan<'a> {
    /// What was called.
    pub endpoint: &'static Endpoint,
    /// Who called with what.
    pub call: &'a Call<'a>,
    /// Its number among the tenant's calls to the endpoint.
    pub nth: u64,
    /// Whether it is done.
    pub apply: Apply,
}

/// How a call ended.
pub struct Ending {
    /// The name of the outcome.
    pub outcome: &'static str,
    findings: Findings,
    reply: Reply,
    /// The last phase the call came to.
    reached: Phase,
    committed: bool,
    selector: Selector,
    scenario: Option<Arc<Scenario>>,
    evaluations: Vec<RuleEvaluation>,
    rule: Option<usize>,
    phase: Option<Phase>,
}

/// The outcome of a call that names a scenario nobody knows.
const UNKNOWN_SCENARIO: &str = "unknown-scenario";

impl Ending {
    fn new(outcome: &'static str, findings: Findings, reply: Reply, reached: Phase) -> Self {
        Self {
            outcome,
            findings,
            reply,
            reached,
            committed: false,
            selector: Selector::Contract,
            scenario: None,
            evaluations: Vec::new(),
            rule: None,
            phase: None,
        }
    }

    fn refused(refusal: Refusal, reached: Phase) -> Self {
        let reply = envelope::error(refusal.outcome);
        Self::new(refusal.outcome.name(), refusal.findings, reply, reached)
    }

    /// Ends as a rule says; `real` is the answer of a call that is done already.
    fn forced(
        act: &SelectedStep,
        endpoint: &Endpoint,
        real: Option<Reply>,
        findings: Findings,
    ) -> Self {
        let committed = real.is_some();
        let (step, reply) = (act.step(), scenario::answer(act, endpoint, real));
        Self { committed, ..Self::new(step.forced.name(), findings, reply, step.phase) }
    }

    /// Ends because a name is not known.
    pub fn unknown_scenario(error: &UnknownScenario) -> Self {
        let clause = format!("scenario.{}", error.selector.name());
        let finding = Finding::error("", clause, &error.why);
        let problem = Problem::new(StatusCode::NOT_IMPLEMENTED, &error.why);
        let reply = problem.reply();
        let ending = Self::new(UNKNOWN_SCENARIO, finding.into(), reply, Phase::BeforeAuth);
        Self { selector: error.selector, ..ending }
    }

    /// Fills in the record of the call and returns its answer.
    pub fn complete(self, record: &mut CallRecord) -> Reply {
        let delivery = self.reply.delivery;
        let rule = self.rule.zip(self.scenario.as_ref());
        record.rule = rule.map(|(index, scenario)| scenario.rules[index].id.clone().into());
        record.scenario = self.scenario.map(|scenario| scenario.name.clone().into());
        record.selector = self.selector.name().into();
        record.phase = self.phase.map(|phase| phase.name().into());
        record.outcome = self.outcome.into();
        record.status = delivery.fault.is_none().then_some(self.reply.status.as_u16());
        record.delay = delivery.delay;
        record.committed = self.committed;
        record.findings = self.findings;
        record.evaluations = self.evaluations;
        self.reply
    }
}

/// Decides, acts and counts, all under the tenant's lock.
pub fn perform(plan: &Plan, picked: &ChosenScenario, state: &mut TenantState) -> Ending {
    let Some(scenario) = &picked.scenario else {
        return contract(plan, None, &mut state.world);
    };
    let facts = CallFacts {
        endpoint: plan.endpoint,
        tenant: plan.call.caller.tenant.as_str(),
        headers: &plan.call.request.headers,
        body: plan.call.body,
        nth: plan.nth,
    };
    let mut evaluations = Vec::new();
    let trace = (plan.apply == Apply::Pretend).then_some(&mut evaluations);
    let selection = state.progress.select(scenario, &facts, plan.call.setting.ids, trace);
    let mut ending = contract(plan, selection.step.as_ref(), &mut state.world);
    if plan.apply == Apply::Commit {
        state.progress.record_use(scenario, &selection, ending.reached);
    }
    ending.selector = picked.selector;
    ending.scenario = Some(Arc::clone(scenario));
    ending.evaluations = evaluations;
    if let Some(act) = selection.step.filter(|act| act.step().phase <= ending.reached) {
        ending.rule = Some(act.rule_index());
        ending.phase = Some(act.step().phase);
    }
    ending
}

/// Counts a hit of an override if a rule acted, and ends it after its last one.
pub fn count_hit(plan: &Plan, ending: &Ending, switched: &mut Option<Override>, whose: &str) {
    if plan.apply == Apply::Commit && ending.rule.is_some() {
        if let Some(switched) = switched {
            switched.acted += 1;
        }
        end_override(switched, whose);
    }
}

/// What the contract makes of a call, unless a rule's act comes in between.
fn contract(plan: &Plan, act: Option<&SelectedStep>, world: &mut World) -> Ending {
    let mut ending = walk(plan, act, world);
    // the outcome ok is the real answer with what the rule adds to it
    let adds =
        |act: &&SelectedStep| act.step().forced.is_real() && act.step().phase <= ending.reached;
    if let Some(act) = act.filter(adds) {
        ending.reply = scenario::answer(act, plan.endpoint, Some(ending.reply));
    }
    ending
}

/// The phases of a call, one after another.
fn walk(plan: &Plan, act: Option<&SelectedStep>, world: &mut World) -> Ending {
    let (endpoint, call) = (plan.endpoint, plan.call);
    let forced =
        |phase| act.filter(|act| act.step().phase == phase && !act.step().forced.is_real());
    if let Some(act) = forced(Phase::BeforeAuth) {
        return Ending::forced(act, endpoint, None, Findings::default());
    }
    if let Err(refusal) = admit(call) {
        return Ending::refused(refusal, Phase::BeforeAuth);
    }
    if let Some(act) = forced(Phase::AfterAuth) {
        return Ending::forced(act, endpoint, None, Findings::default());
    }
    let checked = match (endpoint.check)(call, world) {
        Ok(checked) => checked,
        Err(refusal) => return Ending::refused(refusal, Phase::AfterAuth),
    };
    if let Some(act) = forced(Phase::AfterValidation) {
        return Ending::forced(act, endpoint, None, checked.findings);
    }
    let reply = match plan.apply {
        Apply::Commit => (checked.commit)(world),
        Apply::Pretend => envelope::empty_success("not done, only explained"),
    };
    if let Some(act) = forced(Phase::AfterCommit) {
        return Ending::forced(act, endpoint, Some(reply), checked.findings);
    }
    let ending = Ending::new(Outcome::Ok.name(), checked.findings, reply, Phase::AfterCommit);
    Ending { committed: true, ..ending }
}

/// Whether the caller's token is accepted at this time.
fn admit(call: &Call) -> Result<(), Refusal> {
    let expired = call.caller.expires_at_ms.filter(|end| *end <= call.now_ms).map(|end| {
        crate::vendor::tokens::expired(format!("the token expired at {}", rfc3339(end)))
    });
    match call.caller.refusal.clone().or(expired) {
        None => Ok(()),
        Some(reason) => Err(Refusal::because(Outcome::Unauthorized, Findings::default(), reason)),
    }
}

/// One log line for what a person may want to act on.
pub fn report(record: &CallRecord) {
    if !tracing::enabled!(tracing::Level::INFO) {
        return;
    }
    let (tenant, findings) = (record.tenant.as_str(), &record.findings);
    let (endpoint, outcome) = (&*record.endpoint, &*record.outcome);
    let accepted = outcome == Outcome::Ok.name();
    if accepted && record.rule.is_none() && findings.is_empty() {
        tracing::debug!(tenant, endpoint, outcome, "accepted {endpoint} for {tenant}");
        return;
    }
    let forced = record.rule.as_ref().map(|rule| {
        let scenario = crate::text::quoted(record.scenario.as_deref().unwrap_or_default());
        let phase = record.phase.as_deref().unwrap_or_default();
        format!("by rule {rule} of scenario {scenario} ({}, {phase})", record.selector)
    });
    let say = match (&forced, accepted) {
        (None, true) => format!("accepted {endpoint} for {tenant}"),
        (None, false) => format!("refused {endpoint} for {tenant}"),
        (Some(forced), true) => format!("accepted {endpoint} for {tenant} {forced}"),
        (Some(forced), false) if findings.has_errors() => {
            format!("refused {endpoint} for {tenant} {forced}")
        }
        (Some(forced), false) => {
            let created = if record.committed { ", yet the change was made" } else { "" };
            format!("forced {outcome} on {endpoint} for {tenant} {forced}{created}")
        }
    };
    if findings.is_empty() {
        tracing::info!(tenant, endpoint, outcome, "{say}");
    } else {
        tracing::info!(tenant, endpoint, outcome, "{say}: {findings}");
    }
}

/// The answer with what was decided in headers that no vendor sends.
pub fn with_debug_headers(reply: Reply, record: &CallRecord) -> Reply {
    if matches!(reply.delivery.fault, Some(fault) if fault != Fault::Truncate) {
        return reply;
    }
    [
        ("x-sandbox-request", record.id.to_string()),
        ("x-sandbox-tenant", record.tenant.to_string()),
        ("x-sandbox-outcome", record.outcome.to_string()),
        ("x-sandbox-rule", record.rule.as_deref().unwrap_or("none").to_owned()),
    ]
    .into_iter()
    .fold(reply, |reply, (name, value)| {
        let value = HeaderValue::from_str(&value).expect("BUG: names are visible ASCII");
        reply.with_header(HeaderName::from_static(name), value)
    })
}
