//! Reading the newest records of a tenant first, in slices of bounded work.

use super::chunk::RecordHead;
use super::walk::{CopiedSlice, Slice};
use super::{Journal, JournalState};
use crate::world::TenantName;

/// How much earlier than its neighbours a request may have come: its body took a while.
const SLACK_US: i64 = 60_000_000;

/// A reader's way back from the newest record to those of a time.
#[derive(Debug, Clone)]
pub(crate) struct WalkBack {
    tenant: TenantName,
    /// Only records with one of these.
    selectors: Vec<&'static str>,
    /// Only records of requests that came since then, in Unix microseconds.
    since_us: i64,
    /// Everything from this id on was looked at.
    before: u64,
}

impl WalkBack {
    /// Begins with the newest record of a tenant.
    pub(crate) fn new(tenant: TenantName, selectors: Vec<&'static str>, since_us: i64) -> Self {
        Self { tenant, selectors, since_us, before: u64::MAX }
    }

    fn selects(&self, head: &RecordHead) -> bool {
        head.received_us >= self.since_us && self.selectors.contains(&head.selector)
    }
}

impl Journal {
    pub(crate) fn read_back(&self, walk: &mut WalkBack) -> Slice {
        // copied under the lock, decoded after it
        let copied = self.state().copy_slice_back(walk);
        copied.decode()
    }
}

impl JournalState {
    fn copy_slice_back(&self, walk: &mut WalkBack) -> CopiedSlice {
        let mut slice = CopiedSlice::default();
        for (id, record) in self.before(Some(&walk.tenant), walk.before) {
            if slice.is_full() {
                return slice;
            }
            slice.examined += 1;
            walk.before = id;
            let Some(record) = record else { continue };
            let head = record.head();
            if head.received_us < walk.since_us.saturating_sub(SLACK_US) {
                break;
            }
            if walk.selects(&head) {
                slice.copy(&record);
            }
        }
        slice.is_last = true;
        slice
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{record_of, tenant};
    use super::*;

    fn read(journal: &Journal, since_us: i64) -> (Vec<u64>, usize) {
        let mut walk = WalkBack::new(tenant("a"), vec!["header", "url"], since_us);
        let (mut ids, mut slices) = (Vec::new(), 0);
        loop {
            let slice = journal.read_back(&mut walk);
            ids.extend(slice.records.iter().map(|record| record.id));
            slices += 1;
            if slice.is_last {
                return (ids, slices);
            }
        }
    }

    fn append(journal: &Journal, tenant: &str, selector: &'static str, received_us: i64) {
        record_of(tenant, b"{}", |record| {
            (record.selector, record.received_us) = (selector.into(), received_us);
            journal.append(record);
        });
    }

    #[test]
    fn the_newest_are_read_first_up_to_a_time() {
        let journal = Journal::default();
        let minute = 60_000_000;
        // one of another tenant after each, a selector that is asked for at every third
        for number in 1..=1000_i64 {
            let selector = if number % 3 == 0 { "header" } else { "contract" };
            append(&journal, "a", selector, number * minute / 10);
            append(&journal, "b", "header", number * minute / 10);
        }
        let (ids, slices) = read(&journal, 0);
        let expected: Vec<u64> =
            (1..=1000).rev().filter(|it| it % 3 == 0).map(|it| 2 * it - 1).collect();
        assert_eq!((ids, slices > 3), (expected.clone(), true));
        let (ids, slices) = read(&journal, 95 * minute);
        assert_eq!((&*ids, slices), (&expected[..17], 1), "it does not look at older ones");
    }

    #[test]
    fn a_request_whose_body_took_long_hides_none_before_it() {
        let journal = Journal::default();
        for (received_s, selector) in [(100, "url"), (101, "header"), (70, "url"), (130, "header")]
        {
            append(&journal, "a", selector, received_s * 1_000_000);
        }
        assert_eq!(read(&journal, 100_000_000).0, [4, 2, 1]);
    }
}
