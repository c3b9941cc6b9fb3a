//! The newest switches, numbered in the order in which they were noted.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Switch;
use crate::journal::ChangeListener;
use crate::memory::{Budget, Share};

/// The most switches that are kept.
pub(crate) const MAX_SWITCHES: usize = 1000;

/// A read ends with the switch that brings it to this many bytes.
const READ_BYTES: usize = 32 * 1024;

/// A switch in the log.
#[derive(Debug, Clone)]
pub(crate) struct NumberedSwitch {
    /// From 1, without gaps.
    pub(crate) number: u64,
    /// The id of the newest call when it was noted: it comes after that one.
    pub(crate) after_call: u64,
    pub(crate) switch: Arc<Switch>,
}

/// The newest switches of a sandbox. When there are too many, or they take too much, the oldest go.
#[derive(Debug)]
pub(crate) struct SwitchLog {
    state: Mutex<LogState>,
    /// Called after every new switch.
    pub(crate) changed: ChangeListener,
}

#[derive(Debug)]
struct LogState {
    /// The oldest first.
    kept: VecDeque<NumberedSwitch>,
    last_number: u64,
    share: Share,
}

impl SwitchLog {
    /// An empty log, whose switches take their memory from a budget.
    pub(crate) fn new(budget: &Arc<Budget>) -> Self {
        let (kept, share) = (VecDeque::new(), budget.empty_share());
        let state = Mutex::new(LogState { kept, last_number: 0, share });
        Self { state, changed: ChangeListener::default() }
    }

    /// Appends a switch. `last_call` gives the id of the newest call; it is asked under the lock, so that
    /// later switches come after later calls.
    pub(crate) fn append(&self, switch: Switch, last_call: impl FnOnce() -> u64) {
        self.state().append(switch, last_call);
        self.changed.notify();
    }

    /// The number of the newest switch, ever.
    pub(crate) fn last_number(&self) -> u64 {
        self.state().last_number
    }

    /// How many switches were dropped, ever.
    pub(crate) fn dropped(&self) -> u64 {
        let state = self.state();
        state.last_number - state.kept.len() as u64
    }

    /// The number of the last switch that stands before a call's id, or that was dropped.
    pub(crate) fn number_before(&self, call: u64) -> u64 {
        let state = self.state();
        let before = state.kept.partition_point(|kept| kept.after_call < call);
        state.first_number() - 1 + before as u64
    }

    /// The number before the newest `count` switches of those that are `wanted`.
    pub(crate) fn number_before_newest(
        &self,
        count: usize,
        wanted: impl Fn(&Switch) -> bool,
    ) -> u64 {
        let state = self.state();
        let newest = state.kept.iter().rev().filter(|kept| wanted(&kept.switch));
        newest.take(count).last().map_or(state.last_number, |first| first.number - 1)
    }

    /// Returns the next switches after a number, the oldest first: as many as one read has.
    pub(crate) fn after(&self, number: u64) -> Vec<NumberedSwitch> {
        let state = self.state();
        let first = state.kept.partition_point(|kept| kept.number <= number);
        let mut bytes = 0;
        let within = |kept: &&NumberedSwitch| {
            let is_first = bytes == 0;
            bytes += kept.switch.bytes();
            is_first || bytes <= READ_BYTES
        };
        state.kept.range(first..).take_while(within).cloned().collect()
    }

    fn state(&self) -> MutexGuard<'_, LogState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LogState {
    fn append(&mut self, switch: Switch, last_call: impl FnOnce() -> u64) {
        self.last_number += 1;
        let mut bytes = self.share.bytes() + bytes_of(&switch);
        let (number, after_call, switch) = (self.last_number, last_call(), Arc::new(switch));
        self.kept.push_back(NumberedSwitch { number, after_call, switch });
        while self.kept.len() > MAX_SWITCHES || self.share.resize(bytes).is_err() {
            let Some(oldest) = self.kept.pop_front() else { break };
            bytes -= bytes_of(&oldest.switch);
        }
    }

    /// The number of the oldest switch that is kept, or would be.
    fn first_number(&self) -> u64 {
        self.kept.front().map_or(self.last_number + 1, |first| first.number)
    }
}

/// What a switch takes with its place in the log, for which there may be twice the room, in bytes.
fn bytes_of(switch: &Switch) -> usize {
    switch.bytes() + 2 * size_of::<NumberedSwitch>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::switches::{SwitchKind, SwitchTarget};

    fn switch(tenant: &str, detail: String) -> Switch {
        let base = Switch::new(SwitchTarget::AllTenants, SwitchKind::Reset, detail);
        Switch { tenant: tenant.to_owned(), ..base }
    }

    fn append(log: &SwitchLog, tenant: &str, after_call: u64) {
        log.append(switch(tenant, "why".to_owned()), || after_call);
    }

    fn numbers(log: &SwitchLog, mut number: u64) -> Vec<u64> {
        let mut found = Vec::new();
        loop {
            let read = log.after(number);
            let Some(last) = read.last() else { return found };
            number = last.number;
            found.extend(read.iter().map(|kept| kept.number));
        }
    }

    #[test]
    fn the_newest_thousand_are_kept_within_the_budget() {
        let budget = Budget::new(1024 * 1024);
        let log = SwitchLog::new(&budget);
        for call in 0..10_000 {
            append(&log, "demo", call);
        }
        assert_eq!((log.last_number(), log.dropped()), (10_000, 9000));
        assert_eq!(numbers(&log, 0), (9001..=10_000).collect::<Vec<_>>());
        assert_eq!(numbers(&log, 9998), [9999, 10_000]);
        assert_eq!(numbers(&log, 10_000), [0; 0]);
        let each = bytes_of(&log.after(0)[0].switch);
        assert_eq!(budget.used_bytes(), 1000 * each);
        drop(log);
        assert_eq!(budget.used_bytes(), 0);
    }

    #[test]
    fn the_oldest_give_way_when_the_budget_is_full() {
        let budget = Budget::new(16 * 1024);
        let log = SwitchLog::new(&budget);
        for length in [0, 10, 1000, 4000, 8000, 3000].into_iter().cycle().take(500) {
            log.append(switch("demo", "x".repeat(length)), || 0);
            let kept: usize = log.state().kept.iter().map(|kept| bytes_of(&kept.switch)).sum();
            assert_eq!(budget.used_bytes(), kept);
            assert!(kept <= 16 * 1024, "{kept}");
            assert_eq!(numbers(&log, 0).last(), Some(&log.last_number()));
        }
        log.append(switch("demo", "x".repeat(17 * 1024)), || 0);
        assert_eq!((numbers(&log, 0), budget.used_bytes()), (vec![], 0), "it fits nowhere");
        append(&log, "demo", 0);
        assert_eq!(numbers(&log, 0), [502]);
    }

    #[test]
    fn a_place_among_the_calls_is_a_number() {
        let log = SwitchLog::new(&Budget::new(1024 * 1024));
        assert_eq!((log.number_before(0), log.number_before(7)), (0, 0));
        for after_call in [0, 0, 3, 3, 5] {
            append(&log, "demo", after_call);
        }
        let before = [0, 1, 3, 4, 5, 6].map(|call| log.number_before(call));
        assert_eq!(before, [0, 2, 2, 4, 4, 5]);
        for _ in 0..MAX_SWITCHES {
            append(&log, "demo", 9);
        }
        assert_eq!(log.number_before(3), 5, "those before were dropped");
    }

    #[test]
    fn the_newest_of_those_wanted_are_counted_from_the_end() {
        let log = SwitchLog::new(&Budget::new(1024 * 1024));
        assert_eq!(log.number_before_newest(3, |_| true), 0);
        for tenant in ["a", "b", "*", "a", "b", "b"] {
            append(&log, tenant, 0);
        }
        let before = |count, name: &str| log.number_before_newest(count, |it| it.concerns(name));
        assert_eq!([1, 2, 3, 4, 9].map(|count| before(count, "a")), [3, 2, 0, 0, 0]);
        assert_eq!([1, 2, 3].map(|count| before(count, "b")), [5, 4, 2]);
        assert_eq!(before(1, "other"), 2);
        assert_eq!(log.number_before_newest(1, |_| false), 6);
    }
}
