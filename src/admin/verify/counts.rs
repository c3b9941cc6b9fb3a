//! How many calls an expectation wants, of those that match and of those that are held.

use crate::journal::{CallCount, CountResult};

/// How many calls an expectation wants to match, and how many to be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ExpectedCounts {
    /// `None` if that does not matter.
    matching: Option<CallCount>,
    held: Option<CallCount>,
}

/// A count that matters, and what was found.
#[derive(Debug, Clone, Copy)]
pub(super) struct JudgedCount {
    pub(super) count: CallCount,
    pub(super) found: u64,
    pub(super) result: CountResult,
}

impl JudgedCount {
    pub(super) fn is_met(&self) -> bool {
        self.result == CountResult::Met
    }
}

impl ExpectedCounts {
    /// What is asked for: without either, at least one call that matches.
    pub(crate) fn of(matching: Option<CallCount>, held: Option<CallCount>) -> Self {
        let matching = if held.is_none() { Some(matching.unwrap_or_default()) } else { matching };
        Self { matching, held }
    }

    /// Compares how many calls match with how many are wanted; `unseen` were dropped and may match, too.
    pub(super) fn judge_matching(self, found: u64, unseen: u64) -> Option<JudgedCount> {
        let count = self.matching?;
        Some(JudgedCount { count, found, result: count.judge(found, unseen) })
    }

    pub(super) fn judge_held(self, found: u64) -> Option<JudgedCount> {
        let count = self.held?;
        Some(JudgedCount { count, found, result: count.judge(found, 0) })
    }

    /// Whether there is nothing left to wait for. How many are held goes up and down: enough of them end the
    /// wait, but whether there are too many is known only at its end, even if there are now.
    pub(super) fn is_decided(self, matched: u64, held: u64) -> bool {
        let is_failed = self.matching.is_some_and(|count| count.is_exceeded_by(matched));
        let is_matching_decided = self.matching.is_none_or(|count| count.is_decided(matched));
        let is_held_decided =
            self.held.is_none_or(|count| !count.has_maximum() && count.holds(held));
        is_failed || (is_matching_decided && is_held_decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_most_so_many_held_is_known_at_the_end_of_the_wait() {
        let exactly = |count| CallCount::of("held", None, None, Some(count)).ok();
        let at_most = |count| CallCount::of("held", None, Some(count), None).ok();
        let at_least = |count| CallCount::of("count", Some(count), None, None).ok();
        for (matching, held, found, is_decided) in [
            (None, at_least(3), (0, 2), false),
            (None, at_least(3), (0, 3), true),
            (None, at_least(3), (0, 4), true),
            (None, exactly(3), (0, 2), false),
            (None, exactly(3), (0, 3), false),
            (None, exactly(3), (0, 4), false),
            (None, at_most(3), (0, 0), false),
            (None, at_most(3), (0, 4), false),
            (at_least(2), at_least(1), (1, 1), false),
            (at_least(2), at_least(1), (2, 0), false),
            (at_least(2), at_least(1), (2, 1), true),
            (at_least(2), exactly(0), (2, 0), false),
            (exactly(1), at_least(1), (1, 1), false),
            (exactly(1), exactly(0), (2, 7), true),
            (None, None, (0, 0), false),
            (None, None, (1, 0), true),
        ] {
            let counts = ExpectedCounts::of(matching, held);
            let (matched, held) = found;
            assert_eq!(counts.is_decided(matched, held), is_decided, "{counts:?} {found:?}");
        }
    }
}
