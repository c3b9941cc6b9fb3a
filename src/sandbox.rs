//! The pipeline: from a request to its answer, top to bottom. Synchronous; knows no socket.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::Arc;

use http::StatusCode;

use crate::caller::{Caller, Gate};
use crate::clock::{Clock, rfc3339};
use crate::contract::json::{Tree, parse_tree};
use crate::contract::{Call, Endpoint, Findings, MediaMode, Outcome, Refusal, Setting, envelope};
use crate::exchange::{Reply, Request};
use crate::fixtures;
use crate::ids::Ids;
use crate::pages;
use crate::problem::Problem;
use crate::route::{self, Route};
use crate::scenario::{
    self, Act, Decision, Facts, Library, Phase, PickError, Picked, Selector, Selectors,
};
use crate::state::{Seed, World};
use crate::tenant::{Room, Tenants};

/// How a sandbox is to be.
#[derive(Debug)]
pub struct Config {
    /// The seed of all ids.
    pub seed: u64,
    /// Where the time comes from.
    pub clock: Clock,
    /// Which videos count as uploaded.
    pub media: MediaMode,
    /// What links begin with, without a slash at the end; `http://` and the call's Host if `None`.
    pub public_url: Option<String>,
    /// The starting data.
    pub fixtures: Seed,
    /// Where scenarios are from, besides those built in.
    pub scenarios: scenario::Source,
    /// The scenario or line that is active for every tenant.
    pub scenario: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            seed: 42,
            clock: Clock::Real,
            media: MediaMode::Lenient,
            public_url: None,
            fixtures: fixtures::built_in(),
            scenarios: scenario::Source::default(),
            scenario: None,
        }
    }
}

/// A sandbox: everything but the socket.
#[derive(Debug)]
pub struct Sandbox {
    clock: Clock,
    setting: Setting,
    gate: Gate,
    tenants: Tenants,
    library: Library,
    scenario: Option<String>,
}

/// What became of a call to the vendor, and why.
#[derive(Debug, Clone)]
pub struct Record {
    /// Whose call it was.
    pub tenant: String,
    /// What was called.
    pub endpoint: &'static str,
    /// Who picked the scenario.
    pub selector: Selector,
    /// The scenario picked.
    pub scenario: Option<String>,
    /// The rule that acted.
    pub rule: Option<String>,
    /// When it acted.
    pub phase: Option<Phase>,
    /// How the call ended.
    pub outcome: &'static str,
    /// Whether the change was made, whatever the caller was told.
    pub committed: bool,
    /// What was wrong with the call, or odd.
    pub findings: Findings,
}

/// The outcome of a call that names a scenario nobody knows.
const UNKNOWN_SCENARIO: &str = "unknown-scenario";

impl Sandbox {
    /// A sandbox in which nothing has happened yet; an error names every scenario file that cannot
    /// be taken, or the scenario that there is not.
    pub fn new(config: Config) -> anyhow::Result<Self> {
        let seed = Arc::new(config.fixtures);
        let ids = Ids::new(config.seed);
        let library = Library::load(config.scenarios).map_err(|errors| {
            let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
            anyhow::anyhow!(lines.join("\n"))
        })?;
        let scenario = config.scenario.or_else(|| library.inline_name());
        if let Some(name) = &scenario {
            library.resolve(name).map_err(|error| anyhow::anyhow!("--scenario: {}", error.0))?;
        }
        Ok(Self {
            clock: config.clock,
            setting: Setting { ids, media: config.media, public_url: config.public_url },
            gate: Gate::new(Arc::clone(&seed), ids),
            tenants: Tenants::new(seed),
            library,
            scenario,
        })
    }

    /// The scenarios there are.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// The scenario that is active for every tenant.
    pub fn scenario(&self) -> Option<&str> {
        self.scenario.as_deref()
    }

    /// Answers a request.
    pub fn answer(&self, request: &Request) -> Reply {
        self.answer_with_record(request).0
    }

    /// Answers a request, and says what became of it if it was a call to the vendor.
    pub fn answer_with_record(&self, request: &Request) -> (Reply, Option<Record>) {
        match route::find(request) {
            Route::Vendor { endpoint, scenario } => {
                let (reply, record) = self.call(endpoint, request, scenario);
                (reply, Some(record))
            }
            Route::Page(page) => (pages::show(page, self.gate.seed()), None),
            Route::Nowhere(problem) => {
                tracing::info!("refused {}: {}", request.method, problem.detail());
                (problem.reply(), None)
            }
        }
    }

    /// A call to the vendor: who is calling, which scenario is picked, what is decided and done
    /// under the tenant's lock, and what is said of it.
    fn call(
        &self,
        endpoint: &'static Endpoint,
        request: &Request,
        url: Option<Cow<'_, str>>,
    ) -> (Reply, Record) {
        let caller = (endpoint.identify)(request, &self.gate);
        let tenant = self.tenants.get(&caller.tenant);
        let body = Body::of(request);
        let call = Call {
            request,
            caller: &caller,
            setting: &self.setting,
            gate: &self.gate,
            now_ms: self.clock.now_ms(),
        };
        let picked = self.pick(request, url, &caller, &body);
        let (selector, scenario) = match &picked {
            Ok(picked) => {
                (picked.selector, picked.scenario.as_ref().map(|scenario| scenario.name.clone()))
            }
            Err(error) => (error.selector, None),
        };
        let ending = match picked {
            Ok(picked) => perform(endpoint, &call, &picked, &body, &mut tenant.enter()),
            Err(error) => Ending::unknown_scenario(&error),
        };
        let record = Record {
            tenant: caller.tenant.to_string(),
            endpoint: endpoint.name,
            selector,
            scenario,
            rule: ending.rule,
            phase: ending.phase,
            outcome: ending.outcome,
            committed: ending.committed,
            findings: ending.findings,
        };
        report(&record);
        (ending.reply, record)
    }

    fn pick(
        &self,
        request: &Request,
        url: Option<Cow<'_, str>>,
        caller: &Caller,
        body: &Body,
    ) -> Result<Picked, PickError> {
        let values = request.headers.get_all(scenario::HEADER).iter();
        Selectors {
            headers: values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect(),
            url,
            magic_word: body.magic_word(),
            token: caller.scenario.as_deref(),
            tenant_override: None,
            global_override: None,
            server: self.scenario.as_deref(),
        }
        .pick(&self.library)
    }
}

/// A body that is parsed into a tree only if a scenario has to look at it.
struct Body<'a> {
    text: Option<&'a str>,
    tree: OnceCell<Option<Tree>>,
}

impl<'a> Body<'a> {
    fn of(request: &'a Request) -> Self {
        Self { text: std::str::from_utf8(&request.body).ok(), tree: OnceCell::new() }
    }

    fn tree(&self) -> Option<&Tree> {
        self.tree.get_or_init(|| parse_tree(self.text?).ok()).as_ref()
    }

    fn magic_word(&self) -> Option<String> {
        self.text.filter(|text| text.contains("sandbox:"))?;
        scenario::magic_word(self.tree()?)
    }
}

/// How a call ended.
struct Ending {
    outcome: &'static str,
    findings: Findings,
    reply: Reply,
    /// The last phase the call came to.
    reached: Phase,
    committed: bool,
    rule: Option<String>,
    phase: Option<Phase>,
}

impl Ending {
    fn new(outcome: &'static str, findings: Findings, reply: Reply, reached: Phase) -> Self {
        let committed = false;
        Self { outcome, findings, reply, reached, committed, rule: None, phase: None }
    }

    fn refused(refusal: Refusal, reached: Phase) -> Self {
        let reply = envelope::error(refusal.outcome);
        Self::new(refusal.outcome.name(), refusal.findings, reply, reached)
    }

    /// Ends as a rule says; `real` is the answer of a call that is done already.
    fn forced(act: &Act, endpoint: &Endpoint, real: Option<Reply>, findings: Findings) -> Self {
        let committed = real.is_some();
        let (step, reply) = (act.step(), scenario::answer(act, endpoint, real));
        Self { committed, ..Self::new(step.forced.name(), findings, reply, step.phase) }
    }

    fn unknown_scenario(error: &PickError) -> Self {
        let finding = crate::contract::Finding::error(
            "",
            format!("scenario.{}", error.selector.name()),
            &error.why,
        );
        let problem = Problem::new(StatusCode::NOT_IMPLEMENTED, &error.why);
        Self::new(UNKNOWN_SCENARIO, finding.into(), problem.reply(), Phase::BeforeAuth)
    }
}

/// Decides, acts and counts, all under the tenant's lock.
fn perform(
    endpoint: &'static Endpoint,
    call: &Call,
    picked: &Picked,
    body: &Body,
    room: &mut Room,
) -> Ending {
    let nth = room.progress.count_call(endpoint.name);
    let Some(scenario) = &picked.scenario else {
        return contract(endpoint, call, None, &mut room.world);
    };
    let facts = Facts {
        endpoint,
        tenant: call.caller.tenant.as_str(),
        headers: &call.request.headers,
        body: scenario.needs_body().then(|| body.tree()).flatten(),
        nth,
    };
    let decision: Decision = room.progress.decide(scenario, &facts, call.setting.ids);
    let mut ending = contract(endpoint, call, decision.act.as_ref(), &mut room.world);
    room.progress.settle(scenario, &decision, ending.reached);
    if let Some(act) = decision.act.filter(|act| act.step().phase <= ending.reached) {
        ending.rule = Some(act.rule().id.clone());
        ending.phase = Some(act.step().phase);
    }
    ending
}

/// What the contract makes of a call, unless a rule's act comes in between.
fn contract(endpoint: &Endpoint, call: &Call, act: Option<&Act>, world: &mut World) -> Ending {
    let mut ending = walk(endpoint, call, act, world);
    // the outcome ok is the real answer with what the rule adds to it
    if let Some(act) =
        act.filter(|act| act.step().forced.is_real() && act.step().phase <= ending.reached)
    {
        ending.reply = scenario::answer(act, endpoint, Some(ending.reply));
    }
    ending
}

/// The phases of a call, one after another.
fn walk(endpoint: &Endpoint, call: &Call, act: Option<&Act>, world: &mut World) -> Ending {
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
    let reply = (checked.commit)(world);
    if let Some(act) = forced(Phase::AfterCommit) {
        return Ending::forced(act, endpoint, Some(reply), checked.findings);
    }
    let ending = Ending::new(Outcome::Ok.name(), checked.findings, reply, Phase::AfterCommit);
    Ending { committed: true, ..ending }
}

/// Whether the caller's token is accepted at this time.
fn admit(call: &Call) -> Result<(), Refusal> {
    let expired = call
        .caller
        .expires_at_ms
        .filter(|end| *end <= call.now_ms)
        .map(|end| crate::caller::expired(format!("the token expired at {}", rfc3339(end))));
    match call.caller.refusal.clone().or(expired) {
        None => Ok(()),
        Some(reason) => Err(Refusal::because(Outcome::Unauthorized, Findings::default(), reason)),
    }
}

/// One log line for what a person may want to act on.
fn report(record: &Record) {
    let Record { tenant, endpoint, outcome, findings, .. } = record;
    let forced = record.rule.as_ref().map(|rule| {
        let scenario = crate::nearest::quoted(record.scenario.as_deref().unwrap_or_default());
        let phase = record.phase.map_or("", Phase::name);
        format!("by rule {rule} of scenario {scenario} ({}, {phase})", record.selector.name())
    });
    let accepted = *outcome == Outcome::Ok.name();
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
    if accepted && forced.is_none() && findings.is_empty() {
        tracing::debug!(tenant, endpoint, outcome, "{say}");
    } else if findings.is_empty() {
        tracing::info!(tenant, endpoint, outcome, "{say}");
    } else {
        tracing::info!(tenant, endpoint, outcome, "{say}: {findings}");
    }
}
