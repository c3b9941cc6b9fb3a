//! The journal against a plain reading of the same records, over random calls, evictions and resets.

use std::cmp::Reverse;

use proptest::prelude::*;

use super::tests::{answer, record_of, tenant};
use super::*;
use crate::property;

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// What the bodies of some calls begin with.
const MARK: &[u8] = "Märk".as_bytes();

#[derive(Debug, Clone)]
enum Action {
    Append {
        tenant: usize,
        status: Option<u16>,
        body_bytes: usize,
        answer_bytes: usize,
    },
    /// Of one of the newest records, counted from the end.
    Deliver {
        back: usize,
        status: DeliveryStatus,
    },
    Complete {
        back: usize,
        answer_bytes: usize,
    },
    Clear(usize),
    Remove(usize),
    Read {
        tenant: Option<usize>,
        since: u64,
        count: PageCount,
        status: Option<u16>,
        text: bool,
    },
}

fn action() -> impl Strategy<Value = Action> {
    let status = || prop::sample::select(vec![200, 400]);
    let append = (0..NAMES.len(), prop::option::of(status()), 0..3000_usize, 0..3000_usize);
    let append = append.prop_map(|(tenant, status, body_bytes, answer_bytes)| Action::Append {
        tenant,
        status,
        body_bytes,
        answer_bytes,
    });
    let statuses = vec![DeliveryStatus::Sent, DeliveryStatus::ClientLeft, DeliveryStatus::Fault];
    let deliver = (0..100_usize, prop::sample::select(statuses))
        .prop_map(|(back, status)| Action::Deliver { back, status });
    // some are longer than a chunk
    let complete = (0..100_usize, prop_oneof![9 => 0..3000_usize, 1 => 0..60_000_usize])
        .prop_map(|(back, answer_bytes)| Action::Complete { back, answer_bytes });
    let count = prop_oneof![
        Just(PageCount::All),
        (1..400_usize).prop_map(PageCount::Oldest),
        (1..400_usize).prop_map(PageCount::Newest),
    ];
    let tenant = prop::option::of(0..NAMES.len());
    let text = prop::bool::weighted(0.3);
    let read = (tenant, 0..700_u64, count, prop::option::of(status()), text).prop_map(
        |(tenant, since, count, status, text)| Action::Read { tenant, since, count, status, text },
    );
    prop_oneof![
        200 => append,
        100 => deliver,
        50 => complete,
        1 => (0..NAMES.len()).prop_map(Action::Clear),
        1 => (0..NAMES.len()).prop_map(Action::Remove),
        10 => read,
    ]
}

impl JournalState {
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
        let Filter { status, text, .. } = &query.filter;
        record.id > query.since
            && status.is_none_or(|status| record.status == Some(status))
            && (text.is_none() || record.body.starts_with(MARK))
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

/// All records that were ever appended, as they must be if they are still there.
#[derive(Default)]
struct Appended(Vec<(Receipt, CallRecord<'static>)>);

impl Appended {
    fn append(
        &mut self,
        journal: &Journal,
        name: &str,
        body_bytes: usize,
        status: Option<u16>,
        answer_bytes: usize,
    ) {
        let mark = if body_bytes.is_multiple_of(5) { MARK } else { b"" };
        let body = [mark, &vec![b'x'; body_bytes]].concat();
        let (receipt, seq) = record_of(name, &body, |record| {
            record.status = status;
            record.answer = status.map(|_| answer(answer_bytes));
            (journal.append(record), record.seq)
        });
        let stored = journal.record(&tenant(name), seq).unwrap();
        assert_eq!((stored.id, stored.delivery), (receipt.id, DeliveryStatus::Pending));
        self.0.push((receipt, stored));
    }

    fn back(&mut self, back: usize) -> Option<&mut (Receipt, CallRecord<'static>)> {
        let index = self.0.len().checked_sub(1 + back)?;
        self.0.get_mut(index)
    }

    fn deliver(&mut self, journal: &Journal, back: usize, status: DeliveryStatus) {
        let Some((receipt, record)) = self.back(back) else { return };
        journal.set_delivery(*receipt, status);
        record.delivery = status;
    }

    fn complete(&mut self, journal: &Journal, back: usize, answer_bytes: usize) {
        let Some((receipt, record)) = self.back(back) else { return };
        let mut completed = CallRecord { status: Some(200), committed: true, ..record.clone() };
        completed.rule = Some("one".into());
        let mut answer = answer(answer_bytes);
        answer.cut_to_fit();
        let is_there = journal.complete(*receipt, &mut completed, Some(&answer));
        let found = journal.state().by_id(record.id).is_some();
        assert_eq!(is_there, found);
        *record = CallRecord { answer: Some(answer), ..completed };
    }

    /// Asserts that records are as they were appended and completed.
    fn assert_equal<'a>(&self, records: impl IntoIterator<Item = &'a CallRecord<'static>>) {
        for record in records {
            let index = usize::try_from(record.id).unwrap() - 1;
            let was_sent = matches!(record.delivery, DeliveryStatus::Sent | DeliveryStatus::Fault);
            assert_eq!(record.answered_us.is_some(), was_sent);
            let has_left = record.delivery == DeliveryStatus::ClientLeft;
            assert_eq!(record.left_us.is_some(), has_left);
            let untimed = CallRecord { answered_us: None, left_us: None, ..record.clone() };
            assert_eq!(untimed, self.0[index].1);
        }
    }
}

proptest! {
    #![proptest_config(property::cases(24))]

    #[test]
    fn pages_are_those_of_a_plain_reading(actions in prop::collection::vec(action(), 1..900)) {
        // small enough to be full again and again
        let journal = Journal::new(200_000);
        let mut appended = Appended::default();
        let mut following = journal.follow(None, Some(0), Follow::AtOnce);
        let mut followed = BTreeMap::new();
        for action in actions {
            match action {
                Action::Append { tenant, status, body_bytes, answer_bytes } => {
                    appended.append(&journal, NAMES[tenant], body_bytes, status, answer_bytes);
                }
                Action::Deliver { back, status } => appended.deliver(&journal, back, status),
                Action::Complete { back, answer_bytes } => {
                    appended.complete(&journal, back, answer_bytes);
                }
                Action::Clear(name) => drop(journal.clear(&tenant(NAMES[name]))),
                Action::Remove(name) => journal.remove(&tenant(NAMES[name])),
                Action::Read { tenant: name, since, count, status, text } => {
                    let name = name.map(|name| tenant(NAMES[name]));
                    let text = text.then(|| SearchText::new("mÄRK"));
                    let filter = Filter { status, text, ..Filter::default() };
                    let query = Query { since, count, filter };
                    let mut walk = Walk::new(name.clone(), query.clone());
                    let read = journal.read_all(&mut walk);
                    let state = journal.state();
                    state.check();
                    let all = state.naive_records(name.as_ref());
                    let last_id = state.last_id;
                    drop(state);
                    appended.assert_equal(&all);
                    for record in journal.read_all(&mut following) {
                        followed.insert(record.id, record);
                    }
                    for record in &all {
                        prop_assert_eq!(followed.get(&record.id), Some(record));
                    }
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
