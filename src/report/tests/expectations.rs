//! Expectations of scenarios.

use std::sync::Arc;

use serde_json::json;

use super::calls::{context, record};
use crate::journal::CallCount;
use crate::report::{
    ClientExpectation, ClientExpectations, ClientRule, GradingContext, IgnoredRule, Report,
    TenantGrade,
};
use crate::world::TenantName;

fn report(expected: &[ClientExpectation], lines: &[&str], ignored: &str, unseen: u64) -> Report {
    let expectations = ClientExpectations::from([("flaky".to_owned(), expected.to_vec())]);
    let tenant = TenantName::parse("a").unwrap();
    let context = GradingContext { expectations: Arc::new(expectations), ..context(false) };
    let mut grade = TenantGrade::new(tenant, context);
    for (seq, line) in (1..).zip(lines) {
        grade.add(&record(seq, line));
    }
    let ignored: Vec<_> = IgnoredRule::parse(ignored).into_iter().collect();
    let mut report = Report::default();
    grade.add_to(&mut report, &ignored, unseen);
    report
}

#[test]
fn an_expectation_is_judged_for_a_tenant_that_used_its_scenario() {
    let no = ClientExpectation::No(ClientRule::RetriedPermanent);
    let count = |min, max, exactly| ClientExpectation::Outcome {
        outcome: "video-not-found",
        count: CallCount::of("count", min, max, exactly).ok(),
    };
    let twice = &["0 scenario=flaky 5026", "500 scenario=flaky 5026"][..];
    let hidden = "the journal has dropped 3 calls, in which more may hide: give it more room with --journal-mib";
    for (expected, lines, ignored, unseen, met, detail) in [
        (&no, twice, "", 0, false, "found in calls 1, 2"),
        (&no, twice, "retried-permanent=known", 0, true, "ignored: known"),
        (&no, &twice[..1], "", 0, true, "not found"),
        (&no, &twice[..1], "", 3, false, hidden),
        (
            &count(Some(2), None, None),
            twice,
            "",
            3,
            true,
            "expected at least 2 matching calls, found 2",
        ),
        (
            &count(Some(3), None, None),
            twice,
            "",
            0,
            false,
            "expected at least 3 matching calls, found 2",
        ),
        (
            &count(None, Some(1), None),
            twice,
            "",
            0,
            false,
            "expected at most 1 matching call, found 2",
        ),
        (
            &count(None, None, Some(1)),
            &["0 scenario=flaky 5026", "500 body=y 5026"],
            "",
            0,
            true,
            "expected exactly 1 matching call, found 1",
        ),
        (
            &count(None, Some(2), None),
            twice,
            "",
            3,
            false,
            &format!("expected at most 2 matching calls, found 2; {hidden}"),
        ),
        (
            &count(Some(3), None, None),
            twice,
            "",
            3,
            false,
            &format!("expected at least 3 matching calls, found 2; {hidden}"),
        ),
        (
            &count(None, Some(1), None),
            twice,
            "",
            3,
            false,
            "expected at most 1 matching call, found 2",
        ),
    ] {
        let report = report(std::slice::from_ref(expected), lines, ignored, unseen);
        let [entry] = report.expectations.as_slice() else { panic!("{report:?}") };
        assert_eq!((entry.met, &*entry.detail), (met, detail), "{expected:?}");
        assert_eq!((&*entry.scenario, &*entry.tenant), ("flaky", "a"));
        assert_eq!(report.fails(Some(crate::report::RuleSeverity::Fix)), !met || report.fix > 0);
    }
}

#[test]
fn a_tenant_that_did_not_use_the_scenario_owes_it_nothing() {
    let no = ClientExpectation::No(ClientRule::RetriedPermanent);
    for lines in [&["0 5026", "500 5026"][..], &["0 scenario=other 5026"], &[]] {
        assert!(report(std::slice::from_ref(&no), lines, "", 0).expectations.is_empty());
    }
}

#[test]
fn an_expectation_is_shown_as_it_was_written() {
    let count = CallCount::of("count", Some(1), Some(3), None).unwrap();
    let both = [
        ClientExpectation::No(ClientRule::NoBackoff),
        ClientExpectation::Outcome { outcome: "server-error", count: Some(count) },
    ];
    let report = report(&both, &["0 scenario=flaky ok"], "", 0);
    let shown: Vec<_> = report.expectations.iter().map(|entry| &entry.expect).collect();
    let expected = [
        json!({"no": "no-backoff"}),
        json!({"outcome": "server-error", "count": {"min": 1, "max": 3}}),
    ];
    assert_eq!(shown, expected.iter().collect::<Vec<_>>());
}
