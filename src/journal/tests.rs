use http::{HeaderMap, HeaderValue, Method};

use super::*;
use crate::http::{Arrival, Request};
use crate::text::secrets::KnownSecrets;
use crate::vendor::create_group::ENDPOINT;
use crate::vendor::finding::{Finding, Findings, PatchOp};

/// 2026-03-01T12:00:00.000007Z on the third connection.
const ARRIVAL: Arrival = Arrival { received_us: 1_772_366_400_000_007, connection: 3 };

fn request(body: &[u8]) -> Request {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_static("Bearer secret"));
    headers.insert("user-agent", HeaderValue::from_static("test"));
    let path = "/api/thirdparty/group/create?x";
    Request { headers, ..Request::json(Method::POST, path, None, body.to_vec()) }
}

fn record<'a>(tenant: &str, request: &'a Request) -> CallRecord<'a> {
    let mut record = CallRecord {
        time_ms: 1_727_169_211_000,
        status: Some(400),
        outcome: "bad-request".into(),
        selector: "contract".into(),
        ..*CallRecord::begin(
            &self::tenant(tenant),
            Some(&ENDPOINT),
            request,
            ARRIVAL,
            &KnownSecrets::default(),
        )
    };
    record.keep_body(Some(&ENDPOINT), request, &KnownSecrets::default());
    record
}

pub(super) fn record_of<R>(tenant: &str, body: &[u8], to: impl FnOnce(&mut CallRecord) -> R) -> R {
    to(&mut record(tenant, &request(body)))
}

pub(super) fn append(journal: &Journal, tenant: &str, body: &[u8]) -> Receipt {
    record_of(tenant, body, |record| journal.append(record))
}

pub(super) fn tenant(name: &str) -> TenantName {
    TenantName::parse(name).unwrap()
}

pub(super) fn answer(body_bytes: usize) -> RecordedAnswer<'static> {
    RecordedAnswer {
        status: Some(200),
        headers: vec![("retry-after".into(), Some("7".into()))],
        body_bytes: body_bytes as u64,
        truncated: false,
        body: vec![b'y'; body_bytes].into(),
    }
}

#[test]
fn a_record_is_read_back_as_it_was_stored_and_without_its_secrets() {
    let journal = Journal::default();
    let request = request(b"{\"type\":5}");
    let mut findings = Findings::from(Finding::warning("/x", "create_group.x", "is not known"));
    let patch = PatchOp::Replace { path: "/type".into(), value: serde_json::json!([{"a": 1.5}]) };
    findings.add(Finding::error("/type", "create_group.type", "is missing").with_patch(patch));
    let mut stored = CallRecord {
        nth: 3,
        duration_us: 7,
        scenario: Some("flaky".into()),
        rule: Some("one".into()),
        phase: Some("after-auth".into()),
        findings,
        ..record("demo", &request)
    };
    journal.append(&mut stored);
    let read = journal.last(&tenant("demo")).unwrap();
    assert_eq!(read, stored);
    assert_eq!((read.id, read.seq, &*read.path), (1, 1, "/api/thirdparty/group/create"));
    let headers = [("authorization".into(), None), ("user-agent".into(), Some("test".into()))];
    assert_eq!(read.headers, headers);
    assert!(!format!("{read:?}").contains("secret"));
}

#[test]
fn a_page_costs_what_it_returns() {
    let journal = Journal::default();
    for number in 0..20_000 {
        append(&journal, &format!("t{}", number % 5000), &[b'x'; 80]);
    }
    let examined = |tenant: Option<&str>, query: Query| {
        let mut walk = Walk::new(tenant.map(self::tenant), query);
        let mut slices = Vec::new();
        loop {
            let slice = journal.state().copy_slice(&mut walk, u64::MAX);
            slices.push(slice.examined);
            if slice.is_last {
                let largest = slices.iter().max().copied();
                assert!(largest <= Some(walk::SLICE_RECORDS), "{largest:?}");
                return slices.iter().sum::<usize>();
            }
        }
    };
    for since in [0, 1, 9_999, 19_899] {
        let query = Query { since, count: PageCount::Oldest(100), ..Query::default() };
        assert_eq!(examined(None, query), 100, "from {since}");
    }
    let newest = Query { count: PageCount::Newest(100), ..Query::default() };
    assert_eq!(examined(None, newest.clone()), 200, "they are counted, then read");
    assert_eq!(examined(Some("t77"), newest), 8);
    assert_eq!(examined(Some("t77"), Query { since: 10_078, ..Query::default() }), 1);
    assert_eq!(examined(Some("t77"), Query { since: 15_078, ..Query::default() }), 0);
    let none =
        Query { filter: Filter { status: Some(200), ..Filter::default() }, ..Query::default() };
    assert_eq!(examined(None, none), 20_000, "in slices");
}

#[test]
fn a_walk_ends_with_the_records_that_there_were_when_it_began() {
    let journal = Journal::default();
    for number in 0..600 {
        append(&journal, ["a", "b"][number % 2], b"");
    }
    for (name, count, expected) in [
        (None, PageCount::All, (1..=600).collect::<Vec<_>>()),
        (None, PageCount::Newest(500), (101..=600).collect()),
        (Some("b"), PageCount::All, (2..=600).step_by(2).collect()),
        (Some("b"), PageCount::Newest(290), (22..=600).step_by(2).collect()),
    ] {
        let start = journal.last_id();
        let mut walk = Walk::new(name.map(tenant), Query { count, ..Query::default() });
        let mut found = Vec::new();
        let mut slices = 0;
        loop {
            let slice = journal.read_on(&mut walk);
            found.extend(slice.records.iter().map(|record| record.id).filter(|id| *id <= 600));
            assert!(slice.records.iter().all(|record| record.id <= start));
            slices += 1;
            if slice.is_last {
                break;
            }
            append(&journal, "b", b"");
        }
        assert!(slices > 1, "the rule is for several slices");
        assert_eq!(walk.place(), start);
        let newer = usize::try_from(start - 600).unwrap();
        let kept = match count {
            PageCount::Newest(_) => &expected[newer.min(expected.len())..],
            _ => &expected[..],
        };
        assert!(found.ends_with(kept), "{name:?} {count:?}");
        // what came in the meantime is the next walk's
        let more = journal.read_on(&mut walk).records.len() as u64;
        assert_eq!(more, journal.last_id() - start);
    }
}

#[test]
fn ten_thousand_tenants_with_one_call_each_are_all_kept() {
    let journal = Journal::default();
    for number in 0..10_000 {
        append(&journal, &format!("t{number}"), &[b'x'; 400]);
    }
    let stats = journal.stats();
    assert_eq!((stats.records, stats.evicted), (10_000, 0));
    assert!(stats.bytes <= DEFAULT_JOURNAL_BYTES, "{}", stats.bytes);
}

#[test]
fn a_walk_counts_the_records_that_were_evicted_before_it_came_to_them() {
    const CALLS: u64 = 500;
    let journal = Journal::new(512 * 1024);
    let fill = || (0..CALLS).for_each(|_| _ = append(&journal, "a", &[b'x'; 2000]));
    let unseen = |since| {
        let query = Query { since, ..Query::default() };
        let mut walk = Walk::new(Some(tenant("a")), query);
        let read = journal.read_all(&mut walk).len() as u64;
        (read + walk.unseen(), walk.evicted())
    };
    fill();
    let (place, (all, evicted)) = (journal.last_id(), unseen(0));
    assert_eq!(all, CALLS);
    assert!(evicted > 0);
    fill();
    assert_eq!(unseen(place).0, CALLS, "of those after the place alone");
    assert_eq!(unseen(0).0, 2 * CALLS);
    assert_eq!(unseen(journal.last_id()), (0, unseen(0).1));
    journal.clear(&tenant("a"));
    assert_eq!(unseen(0).0, 0);
}
