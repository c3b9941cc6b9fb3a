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
        ..CallRecord::begin(
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

/// Makes a record and hands it out.
pub(super) fn record_of<R>(tenant: &str, body: &[u8], to: impl FnOnce(&mut CallRecord) -> R) -> R {
    to(&mut record(tenant, &request(body)))
}

pub(super) fn append(journal: &Journal, tenant: &str, body: &[u8]) -> Receipt {
    record_of(tenant, body, |record| journal.append(record))
}

pub(super) fn tenant(name: &str) -> TenantName {
    TenantName::parse(name).unwrap()
}

fn all() -> Query {
    Query::default()
}

fn of_count(count: PageCount) -> Query {
    Query { count, ..all() }
}

struct Page {
    records: Vec<CallRecord<'static>>,
    next: u64,
    evicted: u64,
}

fn read(journal: &Journal, tenant: Option<&str>, query: &Query) -> Page {
    let mut walk = Walk::new(tenant.map(self::tenant), query.clone());
    let records = journal.read_all(&mut walk);
    Page { records, next: walk.place(), evicted: walk.evicted() }
}

fn ids(page: &Page) -> Vec<u64> {
    page.records.iter().map(|record| record.id).collect()
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
fn a_long_body_is_cut_and_marked() {
    let journal = Journal::default();
    let request = request(&vec![b'x'; 1_000_000]);
    for findings in [0, 100] {
        let mut record = record("demo", &request);
        for index in 0..findings {
            let clause = "create_group.x".repeat(10);
            record.findings.add(Finding::error(format!("/{index}"), clause, "is missing"));
        }
        journal.append(&mut record);
        let last = journal.last(&tenant("demo")).unwrap();
        assert_eq!((last.body_cut, last.body_bytes), (true, 1_000_000));
        let kept = last.body.len();
        assert!((10_000..CHUNK_BYTES).contains(&kept), "{kept}");
    }
}

#[test]
fn the_sequence_goes_on_after_a_reset_and_the_cursor_after_a_page() {
    let journal = Journal::default();
    for _ in 0..3 {
        append(&journal, "a", b"");
        append(&journal, "b", b"");
    }
    let page = read(&journal, Some("a"), &Query { count: PageCount::Oldest(2), ..all() });
    assert_eq!((ids(&page), page.next), (vec![1, 3], 3));
    let page = read(&journal, Some("a"), &Query { since: page.next, ..all() });
    assert_eq!((page.records[0].seq, ids(&page), page.next), (3, vec![5], 6));
    let page = read(&journal, Some("a"), &Query { since: 6, ..all() });
    assert_eq!((ids(&page), page.next), (vec![], 6), "nothing since");
    assert_eq!(ids(&read(&journal, None, &all())), [1, 2, 3, 4, 5, 6]);
    journal.clear(&tenant("a"));
    append(&journal, "a", b"");
    assert_eq!(journal.last(&tenant("a")).unwrap().seq, 4);
}

#[test]
fn a_cursor_of_another_journal_stands_for_the_oldest_record() {
    let (journal, other) = (Journal::default(), Journal::default());
    for name in ["a", "b", "a"] {
        append(&journal, name, b"");
    }
    let after = |cursor: &str| {
        let query = Query { since: journal.place(cursor), ..all() };
        (ids(&read(&journal, Some("a"), &query)), ids(&read(&journal, None, &query)))
    };
    assert_eq!(after(&journal.cursor(1)), (vec![3], vec![2, 3]));
    for cursor in [&other.cursor(1), "1", "2", "", "last", &journal.cursor(4)] {
        assert_eq!(after(cursor), (vec![1, 3], vec![1, 2, 3]), "{cursor}");
    }
}

#[test]
fn the_newest_records_are_counted_from_the_end() {
    let journal = Journal::default();
    // over several chunks
    for number in 1..=60 {
        append(&journal, if number % 3 == 0 { "b" } else { "a" }, &[b'x'; 900]);
    }
    let newest = |count, since| Query { count: PageCount::Newest(count), since, ..all() };
    let page = read(&journal, Some("a"), &newest(3, 0));
    assert_eq!((ids(&page), page.next), (vec![56, 58, 59], 60));
    assert_eq!(ids(&read(&journal, Some("a"), &newest(3, 58))), [59]);
    assert_eq!(ids(&read(&journal, None, &newest(4, 0))), [57, 58, 59, 60]);
    assert_eq!(read(&journal, None, &newest(1000, 0)).records.len(), 60);
    let filter = Filter { status: Some(200), ..Filter::default() };
    let refused = Query { filter, ..newest(2, 0) };
    assert_eq!(ids(&read(&journal, None, &refused)), [0; 0]);
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
        let query = Query { since, ..of_count(PageCount::Oldest(100)) };
        assert_eq!(examined(None, query), 100, "from {since}");
    }
    let newest = of_count(PageCount::Newest(100));
    assert_eq!(examined(None, newest.clone()), 200, "they are counted, then read");
    assert_eq!(examined(Some("t77"), newest), 8);
    assert_eq!(examined(Some("t77"), Query { since: 10_078, ..all() }), 1);
    assert_eq!(examined(Some("t77"), Query { since: 15_078, ..all() }), 0);
    let none = Query { filter: Filter { status: Some(200), ..Filter::default() }, ..all() };
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
        let mut walk = Walk::new(name.map(tenant), Query { count, ..all() });
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
fn a_flood_of_one_tenant_evicts_only_its_own_records() {
    let journal = Journal::default();
    for _ in 0..10 {
        append(&journal, "quiet", b"{}");
    }
    for _ in 0..2 * DEFAULT_JOURNAL_BYTES / CHUNK_BYTES {
        append(&journal, "loud", &vec![b'x'; CHUNK_BYTES]);
    }
    let quiet = read(&journal, Some("quiet"), &all());
    let loud = read(&journal, Some("loud"), &all());
    assert_eq!((quiet.records.len(), quiet.evicted), (10, 0));
    let kept = loud.records.len() as u64;
    assert_eq!(kept + loud.evicted, (2 * DEFAULT_JOURNAL_BYTES / CHUNK_BYTES) as u64);
    let stats = journal.stats();
    assert_eq!((stats.records, stats.evicted), (kept + 10, loud.evicted));
    assert!(stats.bytes <= DEFAULT_JOURNAL_BYTES, "{}", stats.bytes);
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
