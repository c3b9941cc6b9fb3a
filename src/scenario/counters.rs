//! The counters of a scenario in a tenant: how often its rules acted, and which steps are next.

use std::collections::HashMap;
use std::sync::Arc;

use super::file::Scenario;
use super::file::rule::{Rule, Then};

/// The largest number of values of a field with counters of their own; later ones share one.
pub(crate) const MAX_VALUES: usize = 10_000;

/// The counters of one version of a scenario.
#[derive(Debug)]
pub(crate) struct Counters {
    scenario: Arc<Scenario>,
    rules: Vec<RuleCounters>,
}

#[derive(Debug, Default)]
pub(crate) struct RuleCounters {
    /// How often the rule matched a call; the number that its chances are drawn by.
    pub matches: u64,
    pub acted: u64,
    cursor: Cursor,
    /// The cursors of a field's values, by their hashes.
    by_value: HashMap<u128, Cursor>,
}

/// The next step, and how often it has acted.
#[derive(Debug, Clone, Copy, Default)]
struct Cursor {
    step: usize,
    used: u64,
}

impl Counters {
    /// Counters for a scenario; rules that were the same in its last version keep theirs.
    pub fn new(scenario: &Arc<Scenario>, last: Option<Self>) -> Self {
        let mut last = last;
        let mut keep = |rule: &Rule| {
            let last = last.as_mut()?;
            let index = last.scenario.rules.index_of(rule)?;
            Some(std::mem::take(&mut last.rules[index]))
        };
        let rules = scenario.rules.iter().map(|rule| keep(rule).unwrap_or_default()).collect();
        Self { scenario: Arc::clone(scenario), rules }
    }

    /// Whether they are for exactly this version.
    pub fn are_for(&self, scenario: &Arc<Scenario>) -> bool {
        Arc::ptr_eq(&self.scenario, scenario)
    }

    /// Returns the counters of a rule, if it was the same in the version counted.
    pub fn rule(&self, scenario: &Arc<Scenario>, index: usize) -> Option<&RuleCounters> {
        if self.are_for(scenario) {
            return Some(&self.rules[index]);
        }
        self.scenario.rules.index_of(&scenario.rules[index]).map(|index| &self.rules[index])
    }

    pub fn rule_mut(&mut self, index: usize) -> &mut RuleCounters {
        &mut self.rules[index]
    }
}

impl RuleCounters {
    /// Returns the key to count a value under: its own, or the one that all past the limit share.
    pub fn key(&self, hash: u128) -> u128 {
        let has_own = self.by_value.len() < MAX_VALUES || self.by_value.contains_key(&hash);
        if has_own { hash } else { 0 }
    }

    /// Returns the step that is next, if any is left; `key` is that of a value of a field.
    pub fn next_step(&self, rule: &Rule, key: Option<u128>) -> Option<usize> {
        let cursor = match key {
            None => self.cursor,
            Some(key) => self.by_value.get(&key).copied().unwrap_or_default(),
        };
        if cursor.step < rule.steps.len() {
            return Some(cursor.step);
        }
        match rule.then {
            Then::HoldLast => Some(rule.steps.len() - 1),
            Then::FallThrough | Then::Repeat => None,
        }
    }

    /// Counts that the next step has acted.
    pub fn record_use(&mut self, rule: &Rule, key: Option<u128>) {
        self.acted += 1;
        let cursor = match key {
            None => &mut self.cursor,
            Some(key) => self.by_value.entry(key).or_default(),
        };
        cursor.advance(rule);
    }
}

impl Cursor {
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
