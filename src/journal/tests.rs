use http::{HeaderMap, HeaderValue};

use super::*;
use crate::vendor::finding::{Finding, Findings};

fn add(journal: &Journal, tenant: &str, body: &[u8]) -> u64 {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_static("Bearer secret"));
    headers.insert("user-agent", HeaderValue::from_static("test"));
    let findings = Findings::from(Finding::error("/type", "create_group.type", "is missing"));
    let taken = Taken {
        time_ms: 1_727_169_211_000,
        method: "POST",
        path: "/api/thirdparty/group/create",
        headers: &headers,
        body,
        endpoint: "create_group",
        nth: 1,
        status: Some(400),
        outcome: "bad-request",
        selector: "contract",
        scenario: None,
        rule: None,
        phase: None,
        committed: false,
        findings: &findings,
        only_known_keys: false,
        duration_us: 7,
    };
    journal.add(&TenantName::parse(tenant).unwrap(), &taken)
}

fn tenant(name: &str) -> TenantName {
    TenantName::parse(name).unwrap()
}

fn all() -> Query {
    Query { limit: usize::MAX, ..Query::default() }
}

#[test]
fn an_entry_is_read_back_without_its_secrets() {
    let journal = Journal::default();
    add(&journal, "demo", b"{\"type\":5}");
    let entry = journal.last(&tenant("demo")).unwrap();
    assert_eq!((entry.id, entry.seq, entry.tenant.as_str()), (1, 1, "demo"));
    assert_eq!(entry.body, b"{\"type\":5}");
    assert_eq!(
        entry.headers,
        [("authorization".into(), None), ("user-agent".into(), Some("test".into()))]
    );
    assert_eq!(entry.findings[0]["pointer"], "/type");
    assert!(!format!("{entry:?}").contains("secret"));
}

#[test]
fn a_long_body_is_cut_and_marked() {
    let journal = Journal::default();
    add(&journal, "demo", &vec![b'x'; 1_000_000]);
    let json = journal.last(&tenant("demo")).unwrap().to_json();
    assert_eq!(json["body_truncated"], true);
    assert_eq!(json["body_bytes"], 1_000_000);
    let kept = json["body"].as_str().unwrap().len();
    assert!((10_000..CHUNK_BYTES).contains(&kept), "{kept}");
}

#[test]
fn numbers_go_on_after_a_reset_and_cursors_after_a_page() {
    let journal = Journal::default();
    for _ in 0..3 {
        add(&journal, "a", b"");
        add(&journal, "b", b"");
    }
    let page = journal.of_tenant(&tenant("a"), &Query { limit: 2, ..Query::default() });
    assert_eq!(page.entries.iter().map(|entry| entry.id).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(page.next, 3);
    let page = journal.of_tenant(&tenant("a"), &Query { since: page.next, ..all() });
    assert_eq!(page.entries.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [3]);
    assert_eq!(page.next, 6);
    assert_eq!(
        journal.of_all(&all()).entries.iter().map(|e| e.id).collect::<Vec<_>>(),
        [1, 2, 3, 4, 5, 6]
    );
    journal.clear(&tenant("a"));
    add(&journal, "a", b"");
    assert_eq!(journal.last(&tenant("a")).unwrap().seq, 4);
}

#[test]
fn a_flood_of_one_tenant_evicts_only_its_own() {
    let journal = Journal::default();
    for _ in 0..10 {
        add(&journal, "quiet", b"{}");
    }
    for _ in 0..2 * LIMIT_BYTES / CHUNK_BYTES {
        add(&journal, "loud", &[b'x'; CHUNK_BYTES]);
    }
    let quiet = journal.of_tenant(&tenant("quiet"), &all());
    let loud = journal.of_tenant(&tenant("loud"), &all());
    assert_eq!((quiet.entries.len(), quiet.dropped), (10, 0));
    let kept = loud.entries.len() as u64;
    assert_eq!(kept + loud.dropped, (2 * LIMIT_BYTES / CHUNK_BYTES) as u64);
    let (entries, dropped, bytes) = journal.figures();
    assert_eq!((entries, dropped), (kept + 10, loud.dropped));
    assert!(bytes <= LIMIT_BYTES, "{bytes}");
}

#[test]
fn ten_thousand_tenants_with_a_call_each_are_all_kept() {
    let journal = Journal::default();
    for number in 0..10_000 {
        add(&journal, &format!("t{number}"), &[b'x'; 400]);
    }
    let (entries, dropped, bytes) = journal.figures();
    assert_eq!((entries, dropped), (10_000, 0));
    assert!(bytes <= LIMIT_BYTES, "{bytes}");
}

#[test]
fn a_cursor_of_another_run_stands_for_the_newest_entry() {
    let journal = Journal::default();
    add(&journal, "a", b"");
    let page = journal.of_tenant(&tenant("a"), &Query { since: 999, ..all() });
    assert_eq!((page.entries.len(), page.next), (0, 1));
}
