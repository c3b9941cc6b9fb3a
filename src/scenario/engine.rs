//! How far a tenant has come in each scenario: counters, cursors, and which rule acts on a call.
//!
//! Lives behind the tenant's lock. `select` changes nothing; `record_use` counts what a call has used,
//! once it is known how far the call came.

use std::collections::HashMap;
use std::sync::Arc;

use indexmap::IndexMap;

use super::file::Scenario;
use super::file::delay::Draw;
use super::file::matching::CallFacts;
use super::file::rule::{Phase, Rule, Scope, Then};
use super::file::step::Step;
use crate::journal::RuleEvaluation;
use crate::world::ids::Ids;

/// The most scenarios, lines included, that are counted for a tenant; then the one not
/// used for longest is forgotten.
const LIMIT_SCENARIOS: usize = 256;

/// The most values of a field that have counters of their own; later ones share one.
const LIMIT_VALUES: usize = 10_000;

/// The counters of one tenant.
#[derive(Debug, Default)]
pub struct ScenarioState {
    calls: HashMap<&'static str, u64>,
    scenarios: IndexMap<String, Counters>,
}

#[derive(Debug)]
struct Counters {
    scenario: Arc<Scenario>,
    rules: Vec<RuleCounters>,
    /// The rules that stand under the name of a tenant and may be for calls of this one.
    of_tenant: Vec<usize>,
}

#[derive(Debug, Default)]
struct RuleCounters {
    /// How often the rule was for a call: the number that its chances are drawn by.
    matches: u64,
    acted: u64,
    cursor: Cursor,
    /// Cursors of a field's values.
    by_value: HashMap<u128, Cursor>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Cursor {
    step: usize,
    used: u64,
}

/// What was decided for a call, before anything is done.
#[derive(Debug, Default)]
pub struct Selection {
    /// What is to be done, if a rule acts.
    pub act: Option<SelectedStep>,
    /// Rules that were for this call, and when they would act.
    matched: Vec<(usize, Phase)>,
}

/// What a rule is to make of a call.
#[derive(Debug)]
pub struct SelectedStep {
    scenario: Arc<Scenario>,
    rule: usize,
    step: usize,
    value: Option<u128>,
    /// The numbers that stand for chance in this call.
    pub draw: Draw,
}

impl SelectedStep {
    /// The rule that acts.
    pub fn rule(&self) -> &Rule {
        &self.scenario.rules[self.rule]
    }

    /// The number of that rule in its scenario.
    pub fn rule_number(&self) -> usize {
        self.rule
    }

    /// Its step.
    pub fn step(&self) -> &Step {
        &self.rule().steps[self.step]
    }
}

impl ScenarioState {
    /// Counts one more call to an endpoint and gives its number, from 1.
    pub fn count_call(&mut self, endpoint: &'static str) -> u64 {
        let calls = self.calls.entry(endpoint).or_default();
        *calls += 1;
        *calls
    }

    /// The number that the next call to an endpoint will get.
    pub fn next_call(&self, endpoint: &str) -> u64 {
        self.calls.get(endpoint).copied().unwrap_or_default() + 1
    }

    /// Which rule of a scenario is for a call. Who wants to be told of every rule that was looked
    /// at gives a list.
    pub fn select(
        &self,
        scenario: &Arc<Scenario>,
        facts: &CallFacts,
        server: Ids,
        mut told: Option<&mut Vec<RuleEvaluation>>,
    ) -> Selection {
        let ids = scenario.seed.map_or(server, Ids::new);
        let none = RuleCounters::default();
        let before = self.scenarios.get(&scenario.name);
        let mut decision = Selection::default();
        let counted = before.filter(|before| Arc::ptr_eq(&before.scenario, scenario));
        let of_tenant = counted.map(|before| before.of_tenant.as_slice());
        let looked_at = match told {
            Some(_) => (0..scenario.rules.len()).collect(),
            None => scenario.index.candidates(facts, of_tenant),
        };
        for index in looked_at {
            let rule = &scenario.rules[index];
            let mut consider = |verdict| {
                if let Some(told) = &mut told {
                    told.push(RuleEvaluation { rule: rule.id.clone(), verdict });
                }
            };
            if !rule.enabled {
                consider("is not enabled");
                continue;
            }
            if !rule.when.holds(facts) {
                consider("is not for this call");
                continue;
            }
            let counted = before.and_then(|before| before.of(scenario, index)).unwrap_or(&none);
            let value = match &rule.scope {
                Scope::Tenant => None,
                Scope::Field(path) => Some(counted.bounded(path.value_in(facts.body.get()))),
            };
            let step = counted.cursor(value).step_of(rule);
            let limited = rule.limit.is_some_and(|limit| counted.acted >= limit);
            let key = format!("{}/{}", scenario.name, rule.id);
            let draws = ids.draws(facts.tenant, &key, counted.matches);
            let phase = step.map_or(Phase::BeforeAuth, |step| rule.steps[step].phase);
            let hits =
                |step: &usize| rule.steps[*step].chance.is_none_or(|chance| draws[0] < chance);
            let acts = step.filter(|_| !limited).filter(hits);
            consider(match step {
                None => "has no step left",
                Some(_) if limited => "has come to its limit",
                Some(_) if acts.is_none() => "is not hit by its chance",
                Some(_) => "acts",
            });
            decision.matched.push((index, phase));
            if let Some(step) = acts {
                let scenario = Arc::clone(scenario);
                decision.act =
                    Some(SelectedStep { scenario, rule: index, step, value, draw: Draw(draws) });
                break;
            }
        }
        decision
    }

    /// Counts what a call has used that came as far as `reached`.
    pub fn record_use(
        &mut self,
        scenario: &Arc<Scenario>,
        tenant: &str,
        decision: &Selection,
        reached: Phase,
    ) {
        self.adopt(scenario, tenant);
        let Some(counters) = self.scenarios.get_mut(&scenario.name) else { return };
        // a rule that was passed over has had its chance, if another one came to act instead
        let acted = decision.act.as_ref().is_some_and(|act| act.step().phase <= reached);
        for (index, phase) in &decision.matched {
            if *phase <= reached || acted {
                counters.rules[*index].matches += 1;
            }
        }
        let Some(act) = decision.act.as_ref().filter(|act| act.step().phase <= reached) else {
            return;
        };
        let counted = &mut counters.rules[act.rule];
        counted.acted += 1;
        let cursor = match &act.value {
            None => &mut counted.cursor,
            Some(value) => counted.by_value.entry(*value).or_default(),
        };
        cursor.advance(act.rule());
    }

    /// How often each rule of a scenario has acted.
    pub fn acted(&self, scenario: &Arc<Scenario>) -> Vec<u64> {
        let before = self.scenarios.get(&scenario.name);
        let acted = |index| {
            before.and_then(|before| before.of(scenario, index)).map_or(0, |rule| rule.acted)
        };
        (0..scenario.rules.len()).map(acted).collect()
    }

    /// Forgets all counters.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Makes sure that the counters are those of this version of a scenario. Rules that are the
    /// same in both versions keep theirs.
    fn adopt(&mut self, scenario: &Arc<Scenario>, tenant: &str) {
        if let Some((index, _, counters)) = self.scenarios.get_full(&scenario.name)
            && Arc::ptr_eq(&counters.scenario, scenario)
        {
            // the last one is the one used last
            self.scenarios.move_index(index, self.scenarios.len() - 1);
            return;
        }
        let mut before = self.scenarios.shift_remove(&scenario.name);
        let mut keep = |rule: &Rule| {
            let before = before.as_mut()?;
            let index = before.scenario.rules.iter().position(|other| other == rule)?;
            Some(std::mem::take(&mut before.rules[index]))
        };
        let rules = scenario.rules.iter().map(|rule| keep(rule).unwrap_or_default()).collect();
        if self.scenarios.len() >= LIMIT_SCENARIOS {
            self.scenarios.shift_remove_index(0);
        }
        let of_tenant = scenario.index.of_tenant(tenant);
        let counters = Counters { scenario: Arc::clone(scenario), rules, of_tenant };
        self.scenarios.insert(scenario.name.clone(), counters);
    }
}

impl Counters {
    /// The counters of a rule of this version of the scenario: those of the same rule, if it is
    /// the same in the version that was counted.
    fn of(&self, scenario: &Arc<Scenario>, index: usize) -> Option<&RuleCounters> {
        if Arc::ptr_eq(&self.scenario, scenario) {
            return Some(&self.rules[index]);
        }
        let same = |other: &Rule| *other == scenario.rules[index];
        self.scenario.rules.iter().position(same).map(|index| &self.rules[index])
    }
}

impl RuleCounters {
    fn cursor(&self, value: Option<u128>) -> Cursor {
        match value {
            None => self.cursor,
            Some(value) => self.by_value.get(&value).copied().unwrap_or_default(),
        }
    }

    /// The value to count by: itself, or the one that all values past the limit share.
    fn bounded(&self, value: u128) -> u128 {
        let known = self.by_value.len() < LIMIT_VALUES || self.by_value.contains_key(&value);
        if known { value } else { 0 }
    }
}

impl Cursor {
    /// The step that is next, if any is left.
    fn step_of(self, rule: &Rule) -> Option<usize> {
        if self.step < rule.steps.len() {
            return Some(self.step);
        }
        match rule.then {
            Then::HoldLast => Some(rule.steps.len() - 1),
            Then::FallThrough | Then::Repeat => None,
        }
    }

    fn advance(&mut self, rule: &Rule) {
        let Some(times) = rule.steps.get(self.step).and_then(|step| step.times) else { return };
        self.used += 1;
        if self.used < times {
            return;
        }
        *self = Self { step: self.step + 1, used: 0 };
        if self.step == rule.steps.len() && rule.then == Then::Repeat {
            self.step = 0;
        }
    }
}
