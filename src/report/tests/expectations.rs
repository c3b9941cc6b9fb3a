//! Expectations of scenarios.

use std::sync::Arc;

use serde_json::{Value, json};

use super::calls::{context, grade_in};
use crate::journal::CallCount;
use crate::report::{
    ClientExpectation, ClientExpectations, ClientRule, GradingContext, IgnoredRule, Report,
    RuleSeverity,
};

fn report(expected: &[ClientExpectation], calls: &str, ignored: &str, unseen: u64) -> Report {
    let expectations = ClientExpectations::from([("flaky".to_owned(), expected.to_vec())]);
    let context = GradingContext { expectations: Arc::new(expectations), ..context(false) };
    let ignored: Vec<_> = IgnoredRule::parse(ignored).into_iter().collect();
    let mut report = Report::default();
    grade_in("a", calls, context).add_to(&mut report, &ignored, unseen);
    report
}

const NO_REPEAT: ClientExpectation = ClientExpectation::No(ClientRule::RetriedPermanent);

/// Judges a tenant by one expectation; says how many calls the journal has dropped where they may hide something.
fn judge(expected: ClientExpectation, calls: &str, ignored: &str, unseen: u64) -> (bool, String) {
    let report = report(&[expected], calls, ignored, unseen);
    let [entry] = report.expectations.as_slice() else { panic!("{report:?}") };
    assert_eq!((&*entry.scenario, &*entry.tenant), ("flaky", "a"));
    assert_eq!(report.fails(Some(RuleSeverity::Fix)), !entry.met || report.fix > 0);
    let hidden = "the journal has dropped 3 calls, in which more may hide: give it more room with --journal-mib";
    (entry.met, entry.detail.replace(hidden, "3 dropped"))
}

const ONCE: &str = "0 scenario=flaky 5026";
const TWICE: &str = "0 scenario=flaky 5026, 500 scenario=flaky 5026";

#[test]
fn a_rule_that_must_not_be_found_is_judged_for_a_tenant_that_used_the_scenario() {
    for (calls, ignored, unseen, met, detail) in [
        (TWICE, "", 0, false, "found in calls 1, 2"),
        (TWICE, "retried-permanent=known", 0, true, "ignored: known"),
        (ONCE, "", 0, true, "not found"),
        (ONCE, "", 3, false, "3 dropped"),
    ] {
        assert_eq!(judge(NO_REPEAT, calls, ignored, unseen), (met, detail.into()), "{calls}");
    }
    for calls in ["0 5026, 500 5026", "0 scenario=other 5026", ""] {
        assert!(report(&[NO_REPEAT], calls, "", 0).expectations.is_empty(), "{calls}");
    }
}

#[test]
fn the_calls_with_an_outcome_that_chose_the_scenario_are_counted() {
    let other = "0 scenario=flaky 5026, 500 body=y 5026";
    for (calls, [min, max, exactly], unseen, met, detail) in [
        (TWICE, [Some(2), None, None], 3, true, "at least 2 matching calls, found 2"),
        (TWICE, [Some(3), None, None], 0, false, "at least 3 matching calls, found 2"),
        (TWICE, [Some(3), None, None], 3, false, "at least 3 matching calls, found 2; 3 dropped"),
        (TWICE, [None, Some(1), None], 0, false, "at most 1 matching call, found 2"),
        (TWICE, [None, Some(1), None], 3, false, "at most 1 matching call, found 2"),
        (TWICE, [None, Some(2), None], 3, false, "at most 2 matching calls, found 2; 3 dropped"),
        (other, [None, None, Some(1)], 0, true, "exactly 1 matching call, found 1"),
    ] {
        let count = CallCount::of("count", min, max, exactly).ok();
        let expected = ClientExpectation::Outcome { outcome: "video-not-found", count };
        let detail = format!("expected {detail}");
        assert_eq!(judge(expected, calls, "", unseen), (met, detail), "{calls}");
    }
}

#[test]
fn an_expectation_is_shown_as_it_was_written() {
    let count = CallCount::of("count", Some(1), Some(3), None).ok();
    let outcome = ClientExpectation::Outcome { outcome: "server-error", count };
    let report = report(&[NO_REPEAT, outcome], "0 scenario=flaky ok", "", 0);
    let shown: Vec<Value> = report.expectations.into_iter().map(|entry| entry.expect).collect();
    let expected = [
        json!({"no": "retried-permanent"}),
        json!({"outcome": "server-error", "count": {"min": 1, "max": 3}}),
    ];
    assert_eq!(shown, expected);
}
