use super::*;
use crate::admin::refused_calls::sandbox_with_refused;
use crate::http::DeliveryStatus;
use crate::journal::CallCount;

#[test]
fn a_verification_of_many_calls_goes_in_slices() {
    const CALLS: usize = 3000;
    let sandbox = sandbox_with_refused(0..CALLS);
    let tenant = TenantName::parse("a").unwrap();
    let text = "{match: {status: 400}, count: {exactly: 1}}";
    let mut verify = Verify::parse(tenant, text).unwrap();
    let mut slices = 1;
    let reply = loop {
        match verify.go_on(&sandbox, true) {
            Progress::Done(reply) => break reply,
            Progress::Unfinished => slices += 1,
            Progress::Waiting => panic!("the time is up"),
        }
    };
    assert!(slices > 1);
    let verdict: Verdict = serde_json::from_slice(&reply.body).unwrap();
    let newest = format!("a/{CALLS}");
    assert_eq!((verdict.pass, verdict.matched), (false, CALLS as u64));
    assert_eq!(verdict.newest_match.as_deref(), Some(&*newest));
}

#[test]
fn a_call_that_was_held_counts_as_it_ends() {
    let sandbox = sandbox_with_refused(0..1);
    let tenant = TenantName::parse("a").unwrap();
    // what a held call looks like before it ends
    let mut held = sandbox.journal.last(&tenant).unwrap();
    (held.status, held.answer, held.delivery) = (None, None, DeliveryStatus::Pending);
    let receipts: Vec<_> = (0..2).map(|_| sandbox.journal.append(&mut held)).collect();
    let matched = |verify: &mut Verify| {
        while verify.compare_slice(&sandbox) == Compared::Some {}
        verify.matched
    };
    let text =
        ["{match: {status: 201}}", "{match: {outcome: bad-request}}", "{match: {outcome: ok}}"];
    let mut verifies = text.map(|text| Verify::parse(tenant.clone(), text).unwrap());
    assert_eq!(verifies.each_mut().map(matched), [0, 3, 0]);
    (held.status, held.outcome) = (Some(201), "ok".into());
    assert!(sandbox.journal.complete(receipts[1], &mut held, None));
    assert_eq!(verifies.each_mut().map(matched), [1, 2, 1]);
    // with their delivery they are told again, and count once
    for receipt in &receipts {
        sandbox.journal.set_delivery(*receipt, DeliveryStatus::Sent);
    }
    assert_eq!(verifies.each_mut().map(matched), [1, 2, 1]);
}

#[test]
fn the_closest_call_is_the_newest_of_those_with_the_fewest_mismatches() {
    let sandbox = sandbox_with_refused(0..300);
    let tenant = TenantName::parse("a").unwrap();
    for (text, closest) in [
        ("{match: {body: {type: 7}, status: 200}}", "a/8: expected status 200, found 400"),
        ("{match: {status: 200}}", "a/300: expected status 200, found 400"),
    ] {
        let mut verify = Verify::parse(tenant.clone(), text).unwrap();
        let verdict = verify.verdict(&sandbox);
        assert_eq!(verdict.closest.unwrap().to_string(), closest);
    }
}

#[test]
fn the_text_names_the_dropped_calls_where_they_could_have_changed_the_verdict() {
    let gap = "; the journal has dropped 3 calls, which may have matched: give it more room with \
               --journal-mib, or count the calls since a cursor";
    for (min, max, held, expected) in [
        (Some(3), None, None, format!("expected at least 3 matching calls, found 2{gap}")),
        (None, Some(2), None, format!("expected at most 2 matching calls, found 2{gap}")),
        (None, Some(1), None, "expected at most 1 matching call, found 2".to_owned()),
        (Some(2), None, Some(0), "expected exactly 1 held call, found 0".to_owned()),
    ] {
        let count = CallCount::of("count", min, max, None).unwrap();
        let one = held.map(|_| CallCount::of("held", None, None, Some(1)).unwrap());
        let verdict = Verdict {
            pass: false,
            matched: 2,
            held,
            closest: None,
            dropped: 3,
            incomplete: true,
            newest_match: None,
        };
        assert_eq!(verdict.describe(ExpectedCounts::of(Some(count), one)), expected);
    }
}

#[test]
fn a_reset_while_it_waits_removes_what_it_has_counted() {
    let sandbox = sandbox_with_refused(0..2);
    let tenant = TenantName::parse("a").unwrap();
    let text = "{match: {status: 400}, count: {exactly: 2}, wait_ms: 100}";
    let mut verify = Verify::parse(tenant.clone(), text).unwrap();
    assert!(matches!(verify.go_on(&sandbox, false), Progress::Waiting));
    assert_eq!(verify.matched, 2);
    drop(sandbox.journal.clear(&tenant));
    let verdict = verify.verdict(&sandbox);
    assert_eq!((verdict.pass, verdict.matched), (false, 0));
}
