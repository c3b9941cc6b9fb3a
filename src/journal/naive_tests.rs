//! The journal against a plain reading of the same records, over random calls, evictions and resets.

use std::cmp::Reverse;

use proptest::prelude::*;

use super::tests::{record_of, tenant};
use super::*;

/// The names of the tenants.
const NAMES: [&str; 4] = ["a", "b", "c", "d"];

#[derive(Debug, Clone)]
enum Action {
    Append { tenant: usize, status: u16, body_bytes: usize },
    Clear(usize),
    Remove(usize),
    Read { tenant: Option<usize>, since: u64, count: PageCount, status: Option<u16> },
}

fn action() -> impl Strategy<Value = Action> {
    let status = || prop::sample::select(vec![200, 400]);
    let append = (0..NAMES.len(), status(), 0..3000_usize)
        .prop_map(|(tenant, status, body_bytes)| Action::Append { tenant, status, body_bytes });
    let count = prop_oneof![
        Just(PageCount::All),
        (1..400_usize).prop_map(PageCount::Oldest),
        (1..400_usize).prop_map(PageCount::Newest),
    ];
    let tenant = prop::option::of(0..NAMES.len());
    let read = (tenant, 0..700_u64, count, prop::option::of(status()))
        .prop_map(|(tenant, since, count, status)| Action::Read { tenant, since, count, status });
    prop_oneof![
        200 => append,
        1 => (0..NAMES.len()).prop_map(Action::Clear),
        1 => (0..NAMES.len()).prop_map(Action::Remove),
        10 => read,
    ]
}

impl JournalState {
    /// The chunks of a tenant, oldest first.
    fn chunks_of(&self, tenant: &TenantName) -> Vec<&Chunk> {
        let slots = self.by_tenant.get(tenant).into_iter().flat_map(TenantLog::slots);
        slots.map(|slot| self.chunks.get(slot)).collect()
    }

    fn naive_records(&self, tenant: Option<&TenantName>) -> Vec<CallRecord<'static>> {
        let tenants = self.by_tenant.keys().filter(|name| tenant.is_none_or(|one| one == *name));
        let chunks = tenants.flat_map(|name| self.chunks_of(name));
        let mut records: Vec<_> = chunks
            .flat_map(|chunk| chunk.stored().map(|stored| stored.decode()).collect::<Vec<_>>())
            .collect();
        records.sort_by_key(|record| record.id);
        records
    }

    /// Checks what is kept beside the chunks by counting it again.
    fn check(&self) {
        let all = self.naive_records(None);
        let ids: Vec<_> = all.iter().map(|record| record.id).collect();
        let ordered = self.after(None, 0).filter(|(_, record)| record.is_some());
        assert_eq!(ordered.map(|(id, _)| id).collect::<Vec<_>>(), ids);
        assert_eq!(self.records, all.len());
        let logs = self.by_tenant.keys().map(|name| (name, self.chunks_of(name)));
        let sizes = logs.map(|(name, chunks)| {
            let bytes = chunks.iter().map(|chunk| chunk.bytes()).sum::<usize>();
            (bytes, chunks.first().map(|chunk| Reverse(chunk.first_id)), name)
        });
        let sizes: Vec<_> = sizes.collect();
        assert_eq!(self.chunk_bytes, sizes.iter().map(|(bytes, ..)| bytes).sum::<usize>());
        let largest = sizes.iter().filter(|(_, oldest, _)| oldest.is_some()).max();
        let first = self.by_rank.last_key_value().map(|(_, name)| name);
        assert_eq!(first, largest.map(|(.., name)| *name), "who gives way");
        assert!(self.bytes() <= self.max_bytes);
    }
}

fn naive_page(
    mut records: Vec<CallRecord<'static>>,
    last_id: u64,
    query: &Query,
) -> (Vec<CallRecord<'static>>, u64) {
    records.retain(|record| {
        record.id > query.since && query.status.is_none_or(|status| record.status == Some(status))
    });
    let mut next = last_id;
    match query.count {
        PageCount::All => {}
        PageCount::Oldest(count) => {
            records.truncate(count);
            if records.len() == count {
                next = records[count - 1].id;
            }
        }
        PageCount::Newest(count) => drop(records.drain(..records.len().saturating_sub(count))),
    }
    (records, next)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn pages_are_those_of_a_plain_reading(actions in prop::collection::vec(action(), 1..900)) {
        // small enough to be full again and again
        let journal = Journal::new(200_000);
        for action in actions {
            match action {
                Action::Append { tenant, status, body_bytes } => {
                    let body = vec![b'x'; body_bytes];
                    record_of(NAMES[tenant], &body, |record| {
                        record.status = Some(status);
                        journal.append(record);
                    });
                }
                Action::Clear(name) => drop(journal.clear(&tenant(NAMES[name]))),
                Action::Remove(name) => journal.remove(&tenant(NAMES[name])),
                Action::Read { tenant: name, since, count, status } => {
                    let name = name.map(|name| tenant(NAMES[name]));
                    let query = Query { since, count, status, outcome: None };
                    let mut walk = Walk::new(name.clone(), query.clone());
                    let read = journal.read_all(&mut walk);
                    let state = journal.state();
                    state.check();
                    let all = state.naive_records(name.as_ref());
                    let last_id = state.last_id;
                    drop(state);
                    for record in all.iter().step_by(7) {
                        let found = journal.record(&record.tenant, record.seq);
                        prop_assert_eq!(found.as_ref(), Some(record));
                    }
                    if let (Some(name), Some(last)) = (&name, all.last()) {
                        let found = journal.last(name);
                        prop_assert_eq!(found.as_ref(), Some(last));
                        prop_assert_eq!(journal.record(name, last.seq + 1), None);
                    }
                    let (expected, next) = naive_page(all, last_id, &query);
                    prop_assert_eq!(read, expected);
                    prop_assert_eq!(walk.place(), next);
                }
            }
        }
        journal.state().check();
    }
}

#[test]
fn chunks_and_their_order_together_never_exceed_the_limit() {
    // with some of these, a chunk and a block of places are full at the same time
    for limit in (60_000..200_000).step_by(777) {
        let journal = Journal::new(limit);
        for number in 0..1000_usize {
            let body = vec![b'x'; number * 7919 % 3000];
            record_of(NAMES[number * 31 % NAMES.len()], &body, |record| journal.append(record));
            let bytes = journal.stats().bytes;
            assert!(bytes <= limit, "{bytes} of {limit} after {number}");
        }
    }
}
