//! The counters of a scenario in a tenant: how often its rules acted, and which steps are next. They keep
//! nothing of the scenario itself, which may be long gone.

use std::collections::HashMap;

use super::file::Scenario;
use super::file::rate::Rate;
use super::file::rule::{Rule, RuleVersion, Scope, Then};
use super::rate_window::RateWindow;

/// The largest number of values of a field with counters of their own; later ones share one.
pub(crate) const MAX_VALUES: usize = 10_000;

/// The counters of a scenario as it was when it was last used.
#[derive(Debug)]
pub(crate) struct Counters {
    /// That of the scenario's rules.
    version: RuleVersion,
    /// In the order of the rules.
    rules: Vec<RuleCounters>,
    /// Their places, ordered by the versions of the rules.
    by_version: Box<[usize]>,
    /// The memory of the values of fields.
    value_bytes: usize,
}

#[derive(Debug)]
pub(crate) struct RuleCounters {
    version: RuleVersion,
    /// How often the rule matched a call; the number that its chances are drawn by.
    pub(crate) matches: u64,
    pub(crate) acted: u64,
    cursor: Cursor,
    /// The cursors of a field's values, by their hashes.
    by_value: HashMap<u128, Cursor>,
    /// What the rule's rate lets pass; few rules have one.
    passed: Option<Box<PassedCalls>>,
}

/// The calls that a rule has let through, by the hash of a field's value; 0 for all of a tenant.
#[derive(Debug, Default)]
struct PassedCalls {
    windows: HashMap<u128, RateWindow>,
    /// The memory of the windows besides their places.
    window_bytes: usize,
}

/// The next step, how often it has acted, and how often all have.
#[derive(Debug, Clone, Copy, Default)]
struct Cursor {
    step: usize,
    used: u64,
    acted: u64,
}

impl Counters {
    /// Counters for a scenario; rules that were the same when it was last used keep theirs.
    pub(crate) fn new(scenario: &Scenario, last: Option<Self>) -> Self {
        let (places, last) =
            last.map_or_else(Default::default, |last| (last.by_version, last.rules));
        let versions: Vec<_> = places.iter().map(|index| last[*index].version).collect();
        let mut last: Vec<_> = last.into_iter().map(Some).collect();
        let mut keep = |rule: &Rule| {
            let place = versions.binary_search(&rule.version).ok()?;
            last[places[place]].take()
        };
        let rules = scenario
            .rules
            .iter()
            .map(|rule| keep(rule).unwrap_or_else(|| RuleCounters::new(rule)))
            .collect::<Vec<_>>();
        let value_bytes = rules.iter().map(RuleCounters::value_bytes).sum();
        let mut by_version: Box<[_]> = (0..rules.len()).collect();
        by_version.sort_by_key(|index| rules[*index].version);
        Self { version: scenario.rules.version(), rules, by_version, value_bytes }
    }

    /// Whether they are for exactly these rules.
    pub(crate) fn are_for(&self, scenario: &Scenario) -> bool {
        self.version == scenario.rules.version()
    }

    /// Returns the counters of a rule, if it was the same when the scenario was last used.
    pub(crate) fn rule(&self, scenario: &Scenario, index: usize) -> Option<&RuleCounters> {
        let version = scenario.rules[index].version;
        self.rules.get(index).filter(|counters| counters.version == version).or_else(|| {
            let place =
                self.by_version.binary_search_by_key(&version, |at| self.rules[*at].version);
            Some(&self.rules[self.by_version[place.ok()?]])
        })
    }

    /// Counts that a rule matched.
    pub(crate) fn record_match(&mut self, index: usize) {
        self.rules[index].matches += 1;
    }

    /// Counts that the next step of a rule has acted; `key` is that of a value of a field.
    pub(crate) fn record_use(&mut self, index: usize, rule: &Rule, key: Option<u128>) {
        let counters = &mut self.rules[index];
        let before = counters.value_bytes();
        counters.record_use(rule, key);
        self.value_bytes = self.value_bytes - before + counters.value_bytes();
    }

    /// Counts that the rate of a rule has let a call pass.
    pub(crate) fn record_pass(
        &mut self,
        index: usize,
        rule: &Rule,
        key: Option<u128>,
        now_ms: i64,
    ) {
        let Some(rate) = rule.rate else { return };
        let counters = &mut self.rules[index];
        let before = counters.value_bytes();
        let passed = counters.passed.get_or_insert_default();
        passed.record(rate, key.unwrap_or_default(), now_ms);
        self.value_bytes = self.value_bytes - before + counters.value_bytes();
    }

    /// The memory that they take besides their own place, in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        let rule_bytes = size_of::<RuleCounters>() + size_of::<usize>();
        self.rules.capacity() * rule_bytes + self.value_bytes
    }
}

impl RuleCounters {
    /// The counters of a rule that was never used.
    pub(crate) fn new(rule: &Rule) -> Self {
        let cursor = Cursor::default();
        Self {
            version: rule.version,
            matches: 0,
            acted: 0,
            cursor,
            by_value: HashMap::new(),
            passed: None,
        }
    }

    /// Returns the key to count a value under: its own, or the one that all past the limit share.
    pub(crate) fn key(&self, hash: u128) -> u128 {
        let passed = self.passed.as_ref().map(|passed| &passed.windows);
        let has_room = self.by_value.len() < MAX_VALUES
            && passed.is_none_or(|windows| windows.len() < MAX_VALUES);
        let has_own = has_room
            || self.by_value.contains_key(&hash)
            || passed.is_some_and(|windows| windows.contains_key(&hash));
        if has_own { hash } else { 0 }
    }

    /// Returns until when the rate of a rule lets no call pass; `None` if it does now, or there is none.
    pub(crate) fn full_until_ms(&self, rule: &Rule, key: Option<u128>, now_ms: i64) -> Option<i64> {
        let rate = rule.rate?;
        let window = self.passed.as_ref()?.windows.get(&key.unwrap_or_default())?;
        window.full_until_ms(rate, now_ms)
    }

    fn cursor(&self, key: Option<u128>) -> Cursor {
        match key {
            None => self.cursor,
            Some(key) => self.by_value.get(&key).copied().unwrap_or_default(),
        }
    }

    /// Whether a rule has acted as often as it may; `key` is that of a value of a field.
    pub(crate) fn has_reached_limit(&self, rule: &Rule, key: Option<u128>) -> bool {
        rule.limit.is_some_and(|limit| self.cursor(key).acted >= limit)
    }

    /// Returns the step that is next, if any is left; `key` is that of a value of a field.
    pub(crate) fn next_step(&self, rule: &Rule, key: Option<u128>) -> Option<usize> {
        let cursor = self.cursor(key);
        if cursor.step < rule.steps.len() {
            return Some(cursor.step);
        }
        match rule.then {
            Then::HoldLast => Some(rule.steps.len() - 1),
            Then::FallThrough | Then::Repeat => None,
        }
    }

    /// Whether no call can make the rule act any more. Where the values of a field have counters of their own,
    /// another value can always come.
    pub(crate) fn is_used_up(&self, rule: &Rule) -> bool {
        rule.scope == Scope::Tenant
            && (self.has_reached_limit(rule, None) || self.next_step(rule, None).is_none())
    }

    /// Counts that the next step has acted.
    fn record_use(&mut self, rule: &Rule, key: Option<u128>) {
        self.acted += 1;
        let cursor = match key {
            None => &mut self.cursor,
            Some(key) => self.by_value.entry(key).or_default(),
        };
        cursor.advance(rule);
    }

    /// The memory of the values of a field, in bytes.
    fn value_bytes(&self) -> usize {
        /// An eighth of the places stays free, and each has a byte besides.
        const VALUE_BYTES: usize = (size_of::<(u128, Cursor)>() + 1) * 8 / 7 + 1;
        let passed = self.passed.as_ref().map_or(0, |passed| passed.size_bytes());
        self.by_value.capacity() * VALUE_BYTES + passed
    }
}

impl PassedCalls {
    fn record(&mut self, rate: Rate, key: u128, now_ms: i64) {
        let window = self.windows.entry(key).or_default();
        let before = window.heap_bytes();
        window.record(rate, now_ms);
        self.window_bytes = self.window_bytes - before + window.heap_bytes();
    }

    /// The memory that they take, in bytes.
    fn size_bytes(&self) -> usize {
        /// An eighth of the places stays free, and each has a byte besides.
        const WINDOW_BYTES: usize = (size_of::<(u128, RateWindow)>() + 1) * 8 / 7 + 1;
        size_of::<Self>() + self.windows.capacity() * WINDOW_BYTES + self.window_bytes
    }
}

impl Cursor {
    fn advance(&mut self, rule: &Rule) {
        self.acted += 1;
        let Some(times) = rule.steps.get(self.step).and_then(|step| step.times) else { return };
        self.used += 1;
        if self.used < times {
            return;
        }
        (self.step, self.used) = (self.step + 1, 0);
        if self.step == rule.steps.len() && rule.then == Then::Repeat {
            self.step = 0;
        }
    }
}
