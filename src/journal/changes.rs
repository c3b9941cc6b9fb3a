//! Which records were completed after a reader may have read them, so that readers who follow the journal
//! read those again.

use std::collections::VecDeque;

/// How many are kept. A reader who is further behind misses what was completed before.
const MAX_CHANGES: usize = 16 * 1024;

/// A record that was completed twice is read once, if no more than this many were completed in between.
const MAX_BETWEEN: usize = 256;

/// In the place of the id of a record that was completed again later.
const SUPERSEDED: u64 = u64::MAX;

/// How many there is room for at first.
const FIRST_CHANGES: usize = 64;

/// A reader who begins where another has ended gets again what was completed in this time before, in
/// microseconds: the other may have read that incomplete.
const RECENT_US: i64 = 10_000_000;

/// What one of them takes, in bytes.
const CHANGE_BYTES: usize = size_of::<Change>();

#[derive(Debug)]
struct Change {
    /// Of the record; [`SUPERSEDED`] if a later change has the same.
    id: u64,
    /// By the machine's clock.
    at_us: i64,
}

/// Records by the order in which they were completed.
#[derive(Debug, Default)]
pub(super) struct Changes {
    all: VecDeque<Change>,
    /// The number of the oldest.
    first: u64,
    /// The greatest id that a reader has passed. What is completed ahead of that is read complete.
    passed: u64,
}

impl Changes {
    pub(super) fn bytes(&self) -> usize {
        self.all.capacity() * CHANGE_BYTES
    }

    /// How much more memory it needs before a change is noted, in bytes.
    pub(super) fn missing_bytes(&self, id: u64) -> usize {
        let is_full = self.all.len() == self.all.capacity() && self.all.len() < MAX_CHANGES;
        if is_full && id <= self.passed { self.missing() * CHANGE_BYTES } else { 0 }
    }

    fn missing(&self) -> usize {
        self.all.capacity().max(FIRST_CHANGES)
    }

    pub(super) fn note(&mut self, id: u64, at_us: i64) {
        if id > self.passed {
            return;
        }
        let mut newest_first = self.all.iter_mut().rev().take(MAX_BETWEEN);
        if let Some(change) = newest_first.find(|change| change.id == id) {
            change.id = SUPERSEDED;
        }
        if self.all.len() == MAX_CHANGES {
            self.all.pop_front();
            self.first += 1;
        } else if self.all.len() == self.all.capacity() {
            self.all.reserve_exact(self.missing());
        }
        self.all.push_back(Change { id, at_us });
    }

    /// Records that a reader has read everything up to this id.
    pub(super) fn pass(&mut self, id: u64) {
        self.passed = self.passed.max(id);
    }

    pub(super) fn next(&self) -> u64 {
        self.first + self.all.len() as u64
    }

    pub(super) fn recent(&self, now_us: i64) -> u64 {
        let old = self.all.iter().rev().skip_while(|change| change.at_us >= now_us - RECENT_US);
        self.first + old.count() as u64
    }

    /// The oldest change from this number on that is the last of its record: its number and the id of the record.
    pub(super) fn from(&self, number: u64) -> Option<(u64, u64)> {
        let number = number.max(self.first);
        let index = usize::try_from(number - self.first).ok()?;
        let mut all = (number..).zip(self.all.iter().skip(index));
        let (number, change) = all.find(|(_, change)| change.id != SUPERSEDED)?;
        Some((number, change.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_changes_of_a_record_the_last_is_read() {
        let mut changes = Changes::default();
        changes.pass(10);
        for id in [1, 2, 1, 3, 2] {
            changes.note(id, 0);
        }
        let mut next = 0;
        let read = std::iter::from_fn(|| {
            let (number, id) = changes.from(next)?;
            next = number + 1;
            Some((number, id))
        });
        assert_eq!(read.collect::<Vec<_>>(), [(2, 1), (3, 3), (4, 2)]);
    }

    #[test]
    fn changes_are_kept_up_to_a_limit_for_what_was_read_before() {
        let mut changes = Changes::default();
        changes.note(1, 0);
        assert_eq!((changes.bytes(), changes.from(0)), (0, None), "nobody has read it");
        changes.pass(u64::MAX);
        for id in 0..2 * MAX_CHANGES as u64 + 7 {
            let expected = changes.bytes() + changes.missing_bytes(id);
            changes.note(id, 3 * id.cast_signed());
            assert_eq!(changes.bytes(), expected);
            assert_eq!(changes.from(id), Some((id, id)));
        }
        let first = MAX_CHANGES as u64 + 7;
        assert_eq!(changes.from(0), Some((first, first)), "the oldest went");
        assert_eq!((changes.next(), changes.from(changes.next())), (2 * first - 7, None));
        let last_us = 3 * (2 * first - 8).cast_signed();
        assert_eq!(changes.recent(last_us), first, "all");
        assert_eq!(changes.recent(last_us + 2 * RECENT_US), changes.next(), "none");
        let recent = changes.recent(last_us + RECENT_US - 3000);
        assert_eq!(recent, changes.next() - 1001);
        assert_eq!(changes.bytes(), MAX_CHANGES * CHANGE_BYTES);
    }
}
