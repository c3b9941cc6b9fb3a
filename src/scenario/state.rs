//! The scenario state of a tenant: which rule acts on a call, and what has been used up.
//!
//! Held under the tenant's lock. `select` changes nothing; `record_use` counts what a call has used
//! once it is known how far the call came.

mod used_up;

use std::sync::Arc;

use indexmap::IndexMap;
use smallvec::SmallVec;

use super::counters::{Counters, RuleCounters};
use super::file::Scenario;
use super::file::call_matcher::CallFacts;
use super::file::delay::Draw;
use super::file::endpoint_set::EndpointSet;
use super::file::phase::Phase;
use super::file::rule::{Rule, Scope};
use super::file::step::Step;
use super::forced_outcome::ForcedOutcome;
use crate::journal::RuleEvaluation;
use crate::memory::Shrink as _;
use crate::vendor::ENDPOINTS;
use crate::world::ids::{Ids, hash_of};

pub(crate) use used_up::UsedUp;

/// The largest number of scenarios, lines included, with counters in a tenant; past it the least
/// recently used one is forgotten.
const MAX_SCENARIOS: usize = 256;

/// What an entry takes besides the memory of its counters: with its place in the index, in bytes.
const ENTRY_BYTES: usize = size_of::<(u128, Counters)>() + 24;

/// The counters of one tenant.
#[derive(Debug, Default)]
pub struct ScenarioState {
    /// By endpoint. There are few, and most tenants call one or two.
    calls: SmallVec<[(&'static str, u64); 2]>,
    /// By the hash of the name, since a line may be long, and for lines by endpoint; the most recently used
    /// one last.
    scenarios: IndexMap<u128, Counters>,
    /// The memory of the counters of all scenarios, without that of the index.
    counter_bytes: usize,
}

/// The rule selected for a call, before anything is done.
#[derive(Debug, Default)]
pub struct Selection {
    /// The step that acts, if any.
    pub(crate) step: Option<SelectedStep>,
    /// The rules that matched, each with the phase of its next step.
    matched: Vec<(usize, Phase)>,
    /// The rules whose rate lets the call pass, each with the phase of its next step and the key of the
    /// field's value that it counts by.
    within_rate: Vec<(usize, Phase, Option<u128>)>,
    /// The key of the scenario's counters.
    counters: u128,
    /// Unix milliseconds by the tenant's clock.
    now_ms: i64,
}

/// A step that acts on a call.
#[derive(Debug, Clone)]
pub(crate) struct SelectedStep {
    scenario: Arc<Scenario>,
    rule: usize,
    step: usize,
    /// How the call ends: as the step says, unless the call is not held or was released.
    pub(crate) forced: ForcedOutcome,
    /// The key of the field's value that the rule counts by.
    key: Option<u128>,
    pub(crate) draw: Draw,
    /// The seconds until the rate of its rule lets a call pass.
    pub(crate) retry_after_s: Option<u64>,
}

impl SelectedStep {
    fn rule(&self) -> &Rule {
        &self.scenario.rules[self.rule]
    }

    /// Whether it is of the same rule as another one, which may be of an earlier version of the scenario.
    pub(crate) fn is_of_rule_of(&self, other: &Self) -> bool {
        self.scenario.name == other.scenario.name && self.rule().id == other.rule().id
    }

    /// The index of its rule in the scenario.
    pub(crate) fn rule_index(&self) -> usize {
        self.rule
    }

    pub(crate) fn step(&self) -> &Step {
        &self.rule().steps[self.step]
    }
}

impl ScenarioState {
    /// Counts a call to an endpoint and returns its number, from 1.
    pub(crate) fn count_call(&mut self, endpoint: &'static str) -> u64 {
        if let Some((_, calls)) = self.calls.iter_mut().find(|(name, _)| *name == endpoint) {
            *calls += 1;
            return *calls;
        }
        self.calls.push((endpoint, 1));
        1
    }

    /// Returns the number that the next call to an endpoint gets.
    pub(crate) fn next_call(&self, endpoint: &str) -> u64 {
        let calls = self.calls.iter().find(|(name, _)| *name == endpoint);
        calls.map_or(0, |(_, calls)| *calls) + 1
    }

    /// Selects the rule that acts on a call. `trace` gets every rule with the reason why it acts or
    /// does not.
    pub fn select(
        &self,
        scenario: &Arc<Scenario>,
        facts: &CallFacts,
        server_ids: Ids,
        mut trace: Option<&mut Vec<RuleEvaluation>>,
    ) -> Selection {
        let key = counters_key(scenario, facts.called);
        let mut selection =
            Selection { counters: key, now_ms: facts.now_ms, ..Selection::default() };
        let counters = self.scenarios.get(&key);
        for (index, rule) in scenario.rules.iter().enumerate() {
            let verdict = match selection.step {
                Some(_) if trace.is_none() => break,
                Some(_) => "not reached",
                None => evaluate(scenario, index, counters, facts, server_ids, &mut selection),
            };
            if let Some(trace) = &mut trace {
                trace.push(RuleEvaluation { rule: rule.id.clone(), verdict });
            }
        }
        selection
    }

    /// Counts what a call has used that came as far as `reached`.
    pub(crate) fn record_use(
        &mut self,
        scenario: &Arc<Scenario>,
        selection: &Selection,
        reached: Phase,
    ) {
        let index = self.current_index(scenario, selection.counters);
        let counters = &mut self.scenarios[index];
        let before = counters.heap_bytes();
        let acted = selection.step.as_ref().filter(|acted| acted.step().phase <= reached);
        for (index, phase) in &selection.matched {
            // a rule that was passed over has had its chance once another one acted
            if *phase <= reached || acted.is_some() {
                counters.record_match(*index);
            }
        }
        for (index, phase, key) in &selection.within_rate {
            if *phase <= reached || acted.is_some() {
                counters.record_pass(*index, &scenario.rules[*index], *key, selection.now_ms);
            }
        }
        if let Some(acted) = acted {
            counters.record_use(acted.rule, acted.rule(), acted.key);
        }
        self.counter_bytes = self.counter_bytes - before + counters.heap_bytes();
    }

    /// Returns how often each rule of a scenario has acted.
    pub(crate) fn acted(&self, scenario: &Arc<Scenario>) -> Vec<u64> {
        let keys = counters_keys(scenario).into_iter();
        let counters: Vec<_> = keys.filter_map(|key| self.scenarios.get(&key)).collect();
        let acted = |index| {
            let rules = counters.iter().filter_map(|counters| counters.rule(scenario, index));
            rules.map(|rule| rule.acted).sum()
        };
        (0..scenario.rules.len()).map(acted).collect()
    }

    /// Forgets all counters.
    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }

    /// The memory that the counters take, in bytes.
    pub(crate) fn size_bytes(&self) -> usize {
        self.counter_bytes + self.scenarios.capacity() * ENTRY_BYTES
    }

    /// Forgets the counters of the least recently used scenario; returns false if there are none.
    pub(crate) fn forget_oldest(&mut self) -> bool {
        let Some((_, counters)) = self.scenarios.shift_remove_index(0) else { return false };
        self.counter_bytes -= counters.heap_bytes();
        self.scenarios.shrink_if_sparse();
        true
    }

    /// Returns the index of the counters of this version of a scenario, and marks it as the last used.
    fn current_index(&mut self, scenario: &Scenario, key: u128) -> usize {
        let last = self.scenarios.len().saturating_sub(1);
        if let Some((index, _, counters)) = self.scenarios.get_full(&key)
            && counters.are_for(scenario)
        {
            self.scenarios.move_index(index, last);
            return last;
        }
        let previous = self.scenarios.shift_remove(&key);
        self.counter_bytes -= previous.as_ref().map_or(0, Counters::heap_bytes);
        if self.scenarios.len() >= MAX_SCENARIOS {
            self.forget_oldest();
        }
        let counters = Counters::new(scenario, previous);
        self.counter_bytes += counters.heap_bytes();
        self.scenarios.insert_full(key, counters).0
    }
}

fn counters_key(scenario: &Scenario, called: EndpointSet) -> u128 {
    let key = hash_of(&scenario.name);
    match called.endpoints().next() {
        Some((place, _)) if scenario.is_line() => key.wrapping_add(place as u128),
        Some(_) | None => key,
    }
}

fn counters_keys(scenario: &Scenario) -> Vec<u128> {
    let endpoints = ENDPOINTS.iter().map(|endpoint| EndpointSet::called(Some(endpoint)));
    let mut keys: Vec<_> = endpoints.map(|called| counters_key(scenario, called)).collect();
    keys.dedup();
    keys
}

/// Evaluates one rule and adds the result to the selection.
fn evaluate(
    scenario: &Arc<Scenario>,
    index: usize,
    counters: Option<&Counters>,
    facts: &CallFacts,
    server_ids: Ids,
    selection: &mut Selection,
) -> &'static str {
    let rule = &scenario.rules[index];
    // first, so that a call reads little of the rules that are not for it
    if !rule.when.matches(facts) {
        return "does not match";
    }
    if !rule.enabled {
        return "disabled";
    }
    let unused = RuleCounters::new(rule);
    let counters = counters.and_then(|counters| counters.rule(scenario, index)).unwrap_or(&unused);
    let key = match &rule.scope {
        Scope::Tenant => None,
        Scope::Field(path) => Some(counters.key(path.hash(&facts.values, facts.body))),
    };
    let Some(step) = counters.next_step(rule, key) else {
        selection.matched.push((index, Phase::BeforeAuth));
        return "no step left";
    };
    let Step { chance, phase, forced, .. } = rule.steps[step];
    selection.matched.push((index, phase));
    if counters.has_reached_limit(rule, key) {
        return "limit reached";
    }
    let full_until_ms = counters.full_until_ms(rule, key, facts.now_ms);
    if rule.rate.is_some() && full_until_ms.is_none() {
        selection.within_rate.push((index, phase, key));
        return "within its rate";
    }
    let retry_after_s = full_until_ms.map(|until_ms| {
        let wait_ms = until_ms.abs_diff(facts.now_ms);
        wait_ms.div_ceil(1000).max(1)
    });
    let ids = scenario.seed.map_or(server_ids, Ids::new);
    let name = match facts.called.endpoints().next() {
        // the calls to another endpoint have chances of their own
        Some((1.., endpoint)) if scenario.is_line() => {
            format!("{}/{}/{}", scenario.name, rule.id, endpoint.name)
        }
        Some(_) | None => format!("{}/{}", scenario.name, rule.id),
    };
    let draws = ids.draws(facts.tenant, &name, counters.matches);
    if chance.is_some_and(|chance| draws[0] >= chance) {
        return "missed by chance";
    }
    let (scenario, draw) = (Arc::clone(scenario), Draw(draws));
    selection.step =
        Some(SelectedStep { scenario, rule: index, step, forced, key, draw, retry_after_s });
    "acts"
}

#[cfg(test)]
mod tests;
