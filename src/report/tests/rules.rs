//! Each rule at its edges.

use super::calls::{context, found, grade_in, report};
use crate::report::{ClientRule, Report};

/// Calls, what is found in them, and why.
type Case<'c> = (&'c str, &'c str, &'c str);

fn check(cases: &[Case]) {
    for (calls, expected, reason) in cases {
        assert_eq!(found(calls), *expected, "{reason}");
    }
}

#[test]
fn a_permanent_failure_must_not_be_repeated() {
    for outcome in ["400", "404", "5057", "brand-not-found", "412", "5026"] {
        let calls = format!("0 {outcome}, 500 ok");
        assert_eq!(found(&calls), "retried-permanent 1 2", "{outcome}");
    }
    check(&[
        ("0 5026, 500 5026, 1000 5026", "retried-permanent 1 2 3", "one for all repeats"),
        ("0 id=a 5026, 500 id=b 5026", "retried-permanent 1 2", "own ids do not count"),
        ("0 id=a 5026, 500 id=A body=y ok", "", "the request was changed"),
        ("0 5026, 61000 ok", "", "much later it is another one"),
        ("0 500, 500 ok", "", "that may pass"),
        ("0 400 left, 500 ok", "left-too-early 1", "the client did not see it"),
        ("0 401, 500 ok", "retried-permanent 1 2", "with the same token"),
        ("0 401, 500 token=2 ok", "", "with another token"),
        ("0 401 expired, 500 token=2 ok", "", "another rule is about expired tokens"),
        ("0 400 takes=9000, 500 400", "", "both were under way at the same time"),
        ("0 503, 500 5026, 1000 body=x ok", "retried-permanent 2 3", "after another failure"),
    ]);
}

#[test]
fn what_the_sandbox_refused_of_itself_may_be_repeated_if_the_repeat_can_succeed() {
    let wrong = "retried-permanent 1 2";
    check(&[
        ("0 own=/a 400, 500 ok", "", "what was missing was made meanwhile"),
        ("0 own=/a 404, 500 503, 900 ok", "", "the same"),
        ("0 own=/a 400, 500 own=/a 400", wrong, "it is still missing"),
        ("0 own=/a 400, 500 own=/b 400", "", "something else is"),
        ("0 own=/a 400, 500 own=/a 404", "", "the same in another way"),
        ("0 own=/a 400, 500 400", "", "a scenario refused it then"),
        ("0 400, 500 own=/a 400", wrong, "or first"),
        ("0 rule own=/a 400, 500 ok", "", "a rule that acts and forces nothing"),
        ("0 rule own=/a 400, 500 rule own=/a 400", wrong, "the same"),
        ("0 rule 400, 500 ok", wrong, "a rule that forces it"),
        ("0 own=/a 401, 500 own=/a 401", wrong, "with the same token"),
        ("0 own=/a 401, 500 ok", "", "the token was made valid"),
        ("0 own=/a 401, 500 token=2 own=/a 401", "", "with another token"),
        (
            "0 own=/a 400, 500 503, 1000 own=/a 400",
            "retried-permanent 1 3",
            "after another failure",
        ),
        ("0 own=/a 400, 500 own=/a 400, 1000 ok", wrong, "the last one was right"),
        ("0 id=a own=/a 400, 500 id=b own=/a 400", wrong, "own ids do not count"),
    ]);
}

#[test]
fn a_request_is_the_same_if_all_of_it_is_that_the_journal_has() {
    for (first, expected) in [
        ("0 type=application/json query=a=1", "retried-permanent 1 2"),
        ("0 type=text/plain query=a=1", ""),
        ("0 query=a=1", ""),
        ("0 type=application/json query=a=2", ""),
        ("0 type=application/json", ""),
    ] {
        let calls = format!("{first} 400, 500 type=application/json query=a=1 ok");
        assert_eq!(found(&calls), expected, "{first}");
        assert_eq!(report("a", &calls).operations, 1, "{first}");
    }
    assert_eq!(found(r#"0 raw={"a":1,"a":1} 400, 500 raw={"a":1} 400"#), "", "a key less");
}

#[test]
fn every_answer_that_was_repeated_is_shown() {
    check(&[
        ("0 400, 500 5026, 900 5026, 1300 ok", "retried-permanent 1 2 3 4", "all"),
        ("0 400, 500 503, 900 ok", "retried-permanent 1 2 3", "all repeats of one"),
        (
            "0 id=a 400 takes=900, 500 id=a 5026, 1300 id=a ok",
            "retried-permanent 1 2 3",
            "two at the same time",
        ),
        (
            "0 id=a 400 takes=900, 500 id=a 5026, 700 id=a 503, 1300 id=a ok",
            "retried-permanent 1 2 3 4",
            "one after the other",
        ),
    ]);
    let many: Vec<_> = (0..20_000).map(|at| format!("{at} id=a 400 takes=99999")).collect();
    let report = report("a", &(many.join(", ") + ", 200000 id=a ok"));
    assert_eq!(report.findings[0].requests.len(), 20_001);
}

#[test]
fn nothing_is_made_twice_after_an_unknown_success() {
    let duplicate = "duplicate-after-unknown 1 2";
    check(&[
        ("0 id=a 500 committed, 500 id=b ok", duplicate, "the second has another id"),
        ("0 500 committed, 500 ok", duplicate, "the vendor makes up another id"),
        ("0 id=a 500 committed, 500 ok", duplicate, "the same"),
        ("0 id=a reset committed, 500 id=b ok", duplicate, "the answer was lost"),
        ("0 id=a hang committed left takes=3000, 4000 id=b ok", duplicate, "it left a hang"),
        ("0 id=a ok left delay=3000 takes=2500, 3000 id=b ok", duplicate, "it left early"),
        (
            "0 hang committed left takes=4000, 3000 ok",
            duplicate,
            "the server noticed after the second that the client had left the first",
        ),
        (
            "0 ok left delay=3000 takes=2700, 2600 503, 2650 ok",
            "duplicate-after-unknown 1 3",
            "the same before it ended, with a failure between",
        ),
        (
            "0 id=a close committed takes=500, 400 id=b ok takes=900",
            duplicate,
            "a fault that came after the second",
        ),
        (
            "0 key=k id=a 500 committed takes=500, 400 key=k id=b ok",
            "",
            "two at the same time, both answered",
        ),
        ("0 id=a 500 committed, 500 id=a 400", "", "the repeat was refused"),
        ("0 id=a 500, 500 id=b ok", "", "nothing was made by the first"),
        ("0 id=a ok, 500 id=b ok", "", "the first was answered"),
        ("0 id=a 500 committed, 500 id=b body=y ok", "", "another request"),
        ("0 id=a 500 committed, 500 id=b 503, 900 id=c ok", "duplicate-after-unknown 1 3", "later"),
        (
            "0 to=post_video id=a 500 committed, 500 to=post_video id=b ok",
            duplicate,
            "every endpoint that makes something",
        ),
        (
            "0 to=create_community id=a close committed, 500 to=create_community id=b ok",
            duplicate,
            "the same",
        ),
        ("0 to=add_users 500 committed, 500 to=add_users ok", "", "that makes nothing twice"),
    ]);
}

#[test]
fn retries_leave_a_gap() {
    check(&[
        ("0 503, 51 503, 102 ok", "no-backoff 1 2 3", "twice 50 ms"),
        ("0 503, 52 503, 104 ok", "", "twice 51 ms"),
        ("0 503, 10 503, 200 ok", "", "once"),
        ("0 503, 10 503, 200 503, 210 ok", "no-backoff 1 2 3 4", "not in a row"),
        ("0 reset, 1 500, 2 ok", "no-backoff 1 2 3", "any failure that may pass"),
        ("0 hang left takes=2000, 2001 hang left takes=2000, 4002 ok", "", "it has waited"),
        (
            "0 503 takes=500, 10 id=a 503 takes=500, 20 ok",
            "gave-up-on-transient 1, gave-up-on-transient 2",
            "at the same time they are not retries",
        ),
    ]);
}

#[test]
fn retry_after_is_kept() {
    let early = "ignored-retry-after 1 2";
    check(&[
        ("0 429 retry-after=1, 1000 ok", early, "999 ms after the answer"),
        ("0 429 retry-after=1, 1001 ok", "", "a second after the answer"),
        ("0 503 retry-after=2, 1500 ok", early, "of any failure"),
        ("0 429 retry-after=0, 900 ok", "", "no time"),
        ("0 429 retry-after=soon, 900 ok", "", "not a time"),
        (
            "0 429 retry-after=Tue,_14_Nov_2023_22:13:22_GMT, 1999 ok",
            early,
            "a date 2 s after the start",
        ),
        ("0 429 retry-after=Tue,_14_Nov_2023_22:13:22_GMT, 2000 ok", "", "at that date"),
        (
            "0 429 retry-after=1, 100 429 retry-after=1, 200 ok",
            "ignored-retry-after 1 2 3",
            "one for all",
        ),
    ]);
}

#[test]
fn tries_come_to_an_end() {
    let lines: Vec<_> = (0..11).map(|number| format!("{} 503", number * 200)).collect();
    assert_eq!(found(&lines[..10].join(", ")), "gave-up-on-transient 10", "as many as may be");
    assert_eq!(found(&lines.join(", ")), "retry-storm 1 2 3 4 5 6 7 8 9 10 11");
    // they all came before the first was answered
    let others = (1..11).map(|number| format!("{number} id=a 503 takes=90"));
    let lines: Vec<_> = std::iter::once("0 id=a ok takes=90".to_owned()).chain(others).collect();
    assert_eq!(found(&lines[..10].join(", ")), "");
    assert_eq!(found(&lines.join(", ")), "retry-storm 1 2 3 4 5 6 7 8 9 10 11");
}

#[test]
fn an_expired_token_is_used_once() {
    check(&[
        ("0 401 expired, 500 401 expired", "used-expired-token 1 2", "in one operation"),
        ("0 401 expired, 500 body=y 401 expired", "used-expired-token 1 2", "in another one"),
        ("0 401 expired, 500 ok", "used-expired-token 1 2", "though a clock was turned back"),
        ("0 401 expired, 500 token=2 401 expired, 900 token=3 ok", "", "each once"),
        ("0 401, 500 body=y 401", "", "not expired"),
        (
            "0 401 expired, 500 to=auth raw={} keys=7 ok, 600 token=2 ok",
            "",
            "a login that is sent with it does not use it",
        ),
    ]);
}

#[test]
fn what_passes_is_tried_again() {
    for outcome in ["429", "502", "503", "504", "reset", "close"] {
        assert_eq!(found(&format!("0 {outcome}")), "gave-up-on-transient 1", "{outcome}");
        assert_eq!(found(&format!("0 {outcome} pending")), "", "{outcome} is under way");
    }
    check(&[
        ("0 500", "", "nobody knows whether it passes"),
        ("0 truncate", "", "the same"),
        ("0 503, 500 503, 1500 503", "gave-up-on-transient 3", "the last one was not"),
        ("0 id=a 502, 500 id=a body=y reset", "gave-up-on-transient 2", "by its own id"),
        ("0 503, 500 503, 1500 503 pending", "", "the last one is under way"),
        (
            "0 503, 500 503, 1500 503 left",
            "left-too-early 3",
            "it did not wait for the last answer",
        ),
        ("0 503, 500 503, 1500 500", "", "the last failure may not pass"),
        ("0 503, 500 503, 1500 ok", "", "it succeeded"),
        ("0 id=a ok takes=500, 100 id=a 503", "", "so did another call at the same time"),
        ("0 503, 500 503, 61000 503", "gave-up-on-transient 2, gave-up-on-transient 3", "too late"),
        ("0 503, 500 body=y 503", "gave-up-on-transient 1, gave-up-on-transient 2", "two requests"),
    ]);
}

#[test]
fn a_hang_is_left_within_a_minute() {
    check(&[
        ("0 hang takes=3000", "", "it is over since it was left"),
        ("0 hang left takes=60000", "", "it was left after 60 s"),
        ("0 hang left takes=60001", "never-timed-out 1", "after more"),
        ("0 hang pending", "never-timed-out 1", "it has waited for a day"),
        ("86399000 hang pending", "", "it has waited for a second"),
        ("0 ok takes=90000 delay=90000", "", "there was an answer"),
    ]);
    let calls = "86397000 hang pending, 86397000 body=y hang takes=1000";
    let mut report = Report::default();
    grade_in("a", calls, context(true)).add_to(&mut report, &[], 0);
    let [finding] = report.findings.as_slice() else { panic!("{report:?}") };
    assert_eq!((finding.rule, &*finding.requests), (ClientRule::NeverTimedOut, &[1][..]));
    let detail = "waited 3.0 s for an answer that never came, until the server ended the call";
    assert_eq!(finding.detail, detail);
}

#[test]
fn an_answer_within_two_seconds_is_waited_for() {
    let early = "left-too-early 1";
    check(&[
        ("0 ok left", early, "at once"),
        ("0 ok left delay=1999 takes=100", early, "1999 ms"),
        ("0 ok left delay=2000 takes=100", "", "2 s"),
        ("0 ok left takes=2000", "", "the answer came in drops"),
        ("0 reset left delay=100", "", "there is no answer"),
        ("0 id=a ok left, 500 id=a ok left", "left-too-early 1 2", "one for both"),
    ]);
}

#[test]
fn a_token_is_kept() {
    let of = |logins, others| {
        found(&("0 to=auth raw={} ok, ".repeat(logins) + &"0 ok, ".repeat(others)))
    };
    let all = "login-per-call 1 2 3 4 5";
    assert_eq!(of(5, 5), all);
    assert_eq!(of(5, 1), all);
    assert_eq!(of(5, 6), "", "fewer than other calls");
    assert_eq!(of(4, 4), "", "not many");
    assert_eq!(of(9, 0), "", "a test of the login alone");
    let failed = "0 to=auth raw={} 412, ".repeat(5) + "0 ok";
    assert!(!found(&failed).contains("login-per-call"));
}

#[test]
fn unknown_fields_are_found_once_for_a_tenant() {
    let report = report("a", "0 field=nmae ok, 0 ok, 0 field=nmae ok, 0 field=x/y ok");
    let [finding] = report.findings.as_slice() else { panic!("{report:?}") };
    assert_eq!((finding.rule.name(), &*finding.requests), ("unknown-fields", &[1, 3, 4][..]));
    assert_eq!(finding.detail, "\"/nmae\" in 2 calls, \"/x/y\" in 1 call");
}

#[test]
fn details_say_what_was_seen() {
    for (calls, detail) in [
        (
            "0 5026, 500 5026, 900 5026",
            "the same request was sent again 2 times after video-not-found (500)",
        ),
        (
            "0 400, 500 5026, 900 5026, 1200 ok",
            "the same request was sent again 3 times after bad-request (400) and video-not-found (500)",
        ),
        (
            "0 id=a 500 committed, 500 id=b ok",
            "the first call was done, though the client saw server-error (500); a later one made a second one \
             under another chat_id",
        ),
        ("0 503, 5 503, 12 ok", "2 retries within 6 ms of the failure before"),
        (
            "0 429 retry-after=2, 500 ok",
            "tried again after 499 ms, though rate-limited (429) asked to wait 2.0 s",
        ),
        (
            "0 401 expired, 500 401 expired",
            "a token that was refused as expired was used again once",
        ),
        ("0 close", "never tried again after close"),
        ("0 503, 500 reset", "not tried again after 2 tries, the last with reset"),
        ("0 ok left takes=100 delay=800", "left after 100 ms, before an answer that takes 800 ms"),
    ] {
        assert_eq!(report("a", calls).findings[0].detail, detail);
    }
}
