//! Records that are completed after they were appended, and the memory of the largest.

use super::tests::{answer, append, record_of, tenant};
use super::*;
use crate::vendor::finding::Finding;

/// Appends the record of a call that is held.
fn hold(journal: &Journal, name: &str) -> (Receipt, CallRecord<'static>) {
    let (receipt, seq) = record_of(name, b"{}", |record| {
        record.status = None;
        (journal.append(record), record.seq)
    });
    (receipt, journal.record(&tenant(name), seq).unwrap())
}

/// Completes it with an answer that is longer.
fn complete(
    journal: &Journal,
    (receipt, record): &mut (Receipt, CallRecord),
    bytes: usize,
) -> bool {
    record.status = Some(200);
    record.committed = true;
    record.findings = Finding::warning("/x", "create_group.x", "is not known").into();
    journal.complete(*receipt, record, Some(&answer(bytes)))
}

#[test]
fn a_record_is_completed_in_its_place_and_those_behind_it_are_still_found() {
    let journal = Journal::default();
    append(&journal, "a", b"1");
    let mut held = hold(&journal, "a");
    let later =
        [append(&journal, "a", b"3"), append(&journal, "b", b"4"), append(&journal, "a", b"5")];
    assert!(complete(&journal, &mut held, 5000));
    for receipt in later {
        journal.set_delivery(receipt, DeliveryStatus::Sent);
    }
    let records = journal.read_all(&mut Walk::new(None, Query::default()));
    let found: Vec<_> =
        records.iter().map(|record| (record.id, record.seq, record.delivery)).collect();
    let (pending, sent) = (DeliveryStatus::Pending, DeliveryStatus::Sent);
    let expected = [(1, 1, pending), (2, 2, pending), (3, 3, sent), (4, 1, sent), (5, 4, sent)];
    assert_eq!(found, expected);
    let completed = &records[1];
    assert_eq!((completed.status, completed.answer.as_ref()), (Some(200), Some(&answer(5000))));
    assert_eq!(completed, &CallRecord { answer: Some(answer(5000)), ..held.1.clone() });
    assert_eq!(journal.record(&tenant("a"), 2).as_ref(), Some(completed));
    // its own delivery comes last
    journal.set_delivery(held.0, DeliveryStatus::Sent);
    assert_eq!(journal.record(&tenant("a"), 2).unwrap().delivery, sent);
    assert!(journal.record(&tenant("a"), 2).unwrap().answered_us.is_some());
}

#[test]
fn what_is_completed_after_its_record_went_meets_no_other() {
    for drop_records in [
        (|journal: &Journal| drop(journal.clear(&tenant("a")))) as fn(&Journal),
        |journal| journal.remove(&tenant("a")),
        |journal| {
            for _ in 0..100 {
                append(journal, "a", &[b'x'; 15_000]);
            }
        },
    ] {
        let journal = Journal::new(200_000);
        let mut held = hold(&journal, "a");
        drop_records(&journal);
        // in its slot now, with its number
        let other = append(&journal, "a", b"other");
        let before = journal.read_all(&mut Walk::new(None, Query::default()));
        assert!(!complete(&journal, &mut held, 3000));
        journal.set_delivery(held.0, DeliveryStatus::Sent);
        let after = journal.read_all(&mut Walk::new(None, Query::default()));
        assert_eq!(before, after);
        journal.set_delivery(other, DeliveryStatus::Sent);
        assert_eq!(journal.last(&tenant("a")).unwrap().delivery, DeliveryStatus::Sent);
    }
}

/// A record with as much as there can be in it.
fn append_largest(journal: &Journal, name: &str) -> Receipt {
    record_of(name, &vec![b'x'; 20_000], |record| {
        let long = |bytes: usize| "v".repeat(bytes);
        record.path = long(1024).into();
        record.query = Some(long(1024).into());
        record.scenario = Some(long(1000).into());
        record.headers = (0..30).map(|_| (long(64).into(), Some(long(128).into()))).collect();
        for index in 0..100 {
            record.findings.add(Finding::error(format!("/{index}"), long(100), long(300)));
        }
        record.answer = Some(answer(20_000));
        journal.append(record)
    })
}

#[test]
fn the_largest_records_stay_within_the_limit_and_are_kept_whole() {
    let limit = 1024 * 1024;
    let journal = Journal::new(limit);
    for number in 0..200 {
        append_largest(&journal, ["a", "b"][number % 2]);
        assert!(journal.stats().bytes <= limit, "{number}");
        let last = journal.last(&tenant(["a", "b"][number % 2])).unwrap();
        assert_eq!((last.body.len(), last.body_cut), (16 * 1024, true));
        let kept = last.answer.unwrap();
        assert_eq!((kept.body.len(), kept.truncated, kept.body_bytes), (16 * 1024, true, 20_000));
    }
    let stats = journal.stats();
    assert!(stats.records >= 20, "{stats:?}");
}

#[test]
fn held_calls_that_are_completed_stay_within_the_limit() {
    let limit = 1024 * 1024;
    let journal = Journal::new(limit);
    let mut following = journal.follow(None, None, Follow::AtOnce);
    for round in 0..5 {
        let mut held: Vec<_> = (0..64).map(|_| hold(&journal, ["a", "b"][round % 2])).collect();
        // so that their completion is noted
        journal.read_all(&mut following);
        let completed = held.iter_mut().filter_map(|held| {
            let is_there = complete(&journal, held, 16_000);
            assert!(journal.stats().bytes <= limit, "{round}");
            is_there.then_some(held.1.id)
        });
        let completed = completed.count();
        assert!(completed > 30, "{completed}");
    }
}

#[test]
fn a_reader_who_follows_gets_what_is_completed_behind_it_again() {
    let journal = Journal::default();
    let ids = |walk: &mut Walk| {
        let records = journal.read_all(walk);
        records.iter().map(|record| (record.id, record.status)).collect::<Vec<_>>()
    };
    let mut of_all = journal.follow(None, None, Follow::AtOnce);
    let mut of_other = journal.follow(Some(tenant("b")), None, Follow::AtOnce);
    let mut held = hold(&journal, "a");
    append(&journal, "b", b"");
    assert_eq!(ids(&mut of_all), [(1, None), (2, Some(400))]);
    assert_eq!(ids(&mut of_other), [(2, Some(400))]);
    complete(&journal, &mut held, 10);
    append(&journal, "b", b"");
    assert_eq!(ids(&mut of_all), [(1, Some(200)), (3, Some(400))]);
    assert_eq!(ids(&mut of_other), [(3, Some(400))], "of its own tenant only");
    journal.set_delivery(held.0, DeliveryStatus::Sent);
    assert_eq!(ids(&mut of_all), [(1, Some(200))]);
    assert_eq!(ids(&mut of_all), []);
    // one that goes on elsewhere may have missed it
    let mut next = journal.follow(None, Some(3), Follow::AtOnce);
    assert_eq!(ids(&mut next), [(1, Some(200))], "once, as it is now");
    let mut new = journal.follow(None, None, Follow::AtOnce);
    assert_eq!(ids(&mut new), []);
}

#[test]
fn a_held_call_is_read_again_once_with_its_delivery() {
    let journal = Journal::default();
    let mut delivered = journal.follow(None, None, Follow::Delivered);
    let mut read = || {
        let records = journal.read_all(&mut delivered);
        records.iter().map(|record| (record.id, record.delivery)).collect::<Vec<_>>()
    };
    let mut all: Vec<_> = ["a", "b", "a"].into_iter().map(|name| hold(&journal, name)).collect();
    assert_eq!(read(), [1, 2, 3].map(|id| (id, DeliveryStatus::Pending)));
    for held in &mut all {
        complete(&journal, held, 10);
    }
    assert_eq!(read(), [], "their answers are on the way");
    journal.set_delivery(all[1].0, DeliveryStatus::Sent);
    assert_eq!(read(), [(2, DeliveryStatus::Sent)]);
    journal.set_delivery(all[0].0, DeliveryStatus::ClientLeft);
    journal.set_delivery(all[2].0, DeliveryStatus::Sent);
    assert_eq!(read(), [(1, DeliveryStatus::ClientLeft), (3, DeliveryStatus::Sent)]);
    let mut held = hold(&journal, "a");
    assert_eq!(read(), [(4, DeliveryStatus::Pending)]);
    complete(&journal, &mut held, 10);
    journal.set_delivery(held.0, DeliveryStatus::Sent);
    assert_eq!(read(), [(4, DeliveryStatus::Sent)], "both at once");
}

#[test]
fn a_record_that_is_about_to_be_delivered_waits_for_that_but_not_for_long() {
    let journal = Journal::default();
    let mut at_once = journal.follow(None, None, Follow::AtOnce);
    let mut delivered = journal.follow(None, None, Follow::Delivered);
    let served = |connection| {
        record_of("a", b"", |record| {
            record.connection = connection;
            journal.append(record)
        })
    };
    let count = |walk: &mut Walk| journal.read_all(walk).len();
    let first = served(1);
    assert_eq!((count(&mut at_once), count(&mut delivered)), (1, 0));
    journal.set_delivery(first, DeliveryStatus::Sent);
    assert_eq!((count(&mut at_once), count(&mut delivered)), (1, 1));
    served(1);
    assert_eq!(count(&mut delivered), 0);
    served(0);
    assert_eq!(count(&mut delivered), 2, "another came, which nobody delivers");
    served(1);
    journal.release_undelivered();
    assert_eq!(count(&mut delivered), 0);
    journal.release_undelivered();
    assert_eq!(count(&mut delivered), 1, "its client does not read");
}
