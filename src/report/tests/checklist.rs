//! The checklist: when an item is tried, and when it fails.

use super::calls::grade;
use crate::report::checklist::{ItemEntry, ItemState};

fn items(calls: &str, unseen: u64) -> Vec<ItemEntry> {
    grade("a", calls).into_checklist(unseen).items
}

fn item(name: &str, calls: &str) -> (ItemState, Vec<u64>) {
    let entry = items(calls, 0).into_iter().find(|entry| entry.item == name).unwrap();
    (entry.state, entry.requests)
}

#[test]
fn nothing_is_tried_at_first_and_each_item_says_how_to_try_it() {
    let items = items("0 ok", 0);
    assert!(items.iter().all(|entry| entry.state == ItemState::NotTried));
    assert_eq!(items[0].provoke, "genuin-sandbox override set 5026 --hits 1 --tenant a");
    assert_eq!((items[8].line.as_str(), items[8].hits), ("503", 2));
    for ItemEntry { line, .. } in &items {
        assert!(crate::scenario::ForcedOutcome::parse(line.split('/').next().unwrap()).is_some());
    }
}

#[test]
fn an_item_is_passed_when_it_was_met_and_failed_when_its_rule_was_found() {
    use ItemState::{Failed, NotTried, Passed};
    for (name, calls, state, requests) in [
        ("5026-not-retried", "0 5026", Passed, vec![1]),
        ("5026-not-retried", "0 5026, 500 5026", Failed, vec![1, 2]),
        ("5026-not-retried", "0 400, 500 400", NotTried, vec![]),
        ("400-not-retried", "0 400", Passed, vec![1]),
        ("400-not-retried", "0 400, 500 ok", Failed, vec![1, 2]),
        ("400-not-retried", "0 5026, 500 5026, 900 body=y 400", Passed, vec![3]),
        ("400-not-retried", "0 own=/a 400, 500 own=/a 400", Failed, vec![1, 2]),
        ("400-not-retried", "0 own=/a 400, 500 ok", NotTried, vec![]),
        ("400-not-retried", "0 own=/a 400, 500 ok, 900 own=/a 400", Passed, vec![3]),
        ("400-not-retried", "0 400 type=text/plain, 500 ok", Passed, vec![1]),
        ("5026-not-retried", "0 400, 500 5026, 900 5026, 1300 ok", Failed, vec![2, 3, 4]),
        ("400-not-retried", "0 400, 500 5026, 900 5026, 1300 ok", Failed, vec![1, 2]),
        ("5026-not-retried", "0 404, 500 5026, 900 5026", Failed, vec![2, 3]),
        ("400-not-retried", "0 5026, 500 400, 900 400, 1300 ok", Failed, vec![2, 3, 4]),
        ("400-not-retried", "0 5026, 500 400", Passed, vec![2]),
        ("5026-not-retried", "0 401 own=/a, 500 5026, 900 token=2 5026", Failed, vec![2, 3]),
        ("no-duplicate-after-lost-answer", "0 id=a reset committed", NotTried, vec![]),
        (
            "no-duplicate-after-lost-answer",
            "0 id=a reset committed, 500 id=a 400",
            Passed,
            vec![1, 2],
        ),
        ("no-duplicate-after-lost-answer", "0 id=a 500 committed, 500 id=b ok", Failed, vec![1, 2]),
        ("survives-500", "0 500", NotTried, vec![]),
        ("survives-500", "0 500, 500 ok", Passed, vec![1, 2]),
        ("survives-500", "0 503, 500 ok", NotTried, vec![]),
        (
            "survives-500",
            "0 id=a 500, 500 id=a ok takes=90, 520 id=a 400, 530 id=a 500",
            Passed,
            vec![1, 2],
        ),
        ("survives-500", "0 id=a ok takes=90, 20 id=a 500", NotTried, vec![]),
        ("waits-retry-after", "0 429 retry-after=1", NotTried, vec![]),
        ("waits-retry-after", "0 429 retry-after=1, 1500 ok", Passed, vec![1, 2]),
        ("waits-retry-after", "0 429 retry-after=1, 500 ok", Failed, vec![1, 2]),
        ("waits-retry-after", "0 503 retry-after=1, 1500 ok", NotTried, vec![]),
        ("waits-retry-after", "0 503 retry-after=1, 500 ok", NotTried, vec![]),
        (
            "waits-retry-after",
            "0 503 retry-after=1, 500 429 retry-after=1, 1600 ok",
            Passed,
            vec![2, 3],
        ),
        (
            "waits-retry-after",
            "0 429 retry-after=1, 1500 429 retry-after=1, 1600 ok",
            Failed,
            vec![2, 3],
        ),
        ("logs-in-again-after-401", "0 401, 500 token=2 ok", NotTried, vec![]),
        (
            "logs-in-again-after-401",
            "0 401, 500 to=auth raw={} ok, 600 token=2 ok",
            Passed,
            vec![1, 2, 3],
        ),
        ("logs-in-again-after-401", "0 to=auth raw={} ok, 600 token=2 ok", NotTried, vec![]),
        ("times-out-on-hang", "0 hang left takes=3000", Passed, vec![1]),
        ("times-out-on-hang", "0 hang left takes=61000", Failed, vec![1]),
        ("times-out-on-hang", "0 hang", Passed, vec![1]),
        ("survives-reset", "0 reset, 500 ok", Passed, vec![1, 2]),
        ("survives-reset", "0 close, 500 503, 900 ok", Passed, vec![1, 3]),
        ("survives-reset", "0 503, 500 ok", NotTried, vec![]),
        ("backs-off", "0 503, 100 ok", NotTried, vec![]),
        ("backs-off", "0 503, 101 ok", Passed, vec![1, 2]),
        ("backs-off", "0 503, 5 503, 10 ok", Failed, vec![1, 2, 3]),
    ] {
        assert_eq!(item(name, calls), (state, requests), "{name}: {calls}");
    }
}

#[test]
fn nothing_passes_that_could_hide_in_calls_that_were_dropped() {
    let first = "0 5026, 500 body=y 500, 900 body=y ok";
    let all = format!("{first}, 2000 body=z 5026, 2500 body=z 5026");
    assert_eq!(items(&all, 3)[0].state, ItemState::Failed, "what was seen was seen");
    assert_eq!(items(&all, 3)[3].state, ItemState::Passed, "the same");
    assert_eq!(items(first, 3)[0].state, ItemState::NotTried, "an earlier repeat may be gone");
}
