//! `genuin-sandbox outcomes`.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::process::run;

#[test]
fn outcomes_lists_every_outcome_with_status_and_aliases() {
    let end = run(&["outcomes", "--json"], &[]);
    assert_eq!((end.code, end.stderr.as_str()), (Some(0), ""));
    let listed: Value = serde_json::from_str(&end.stdout).unwrap();
    let facts: Vec<_> = listed["outcomes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|outcome| (outcome["name"].as_str().unwrap(), outcome["status"].as_u64()))
        .collect();
    let expected = [
        ("ok", Some(200)),
        ("bad-request", Some(400)),
        ("unauthorized", Some(401)),
        ("community-not-found", Some(404)),
        ("conversation-not-found", Some(404)),
        ("brand-not-found", Some(404)),
        ("precondition-failed", Some(412)),
        ("video-not-found", Some(500)),
        ("server-error", Some(500)),
        ("documented-example", Some(200)),
        ("rate-limited", Some(429)),
        ("bad-gateway", Some(502)),
        ("unavailable", Some(503)),
        ("gateway-timeout", Some(504)),
        ("reset", None),
        ("close", None),
        ("truncate", None),
        ("garbage", None),
        ("hang", None),
        ("hold", None),
    ];
    assert_eq!(facts, expected);
    for outcome in listed["outcomes"].as_array().unwrap() {
        for key in ["aliases", "body", "provenance", "force"] {
            assert!(!outcome[key].is_null(), "{key} of {outcome}");
        }
    }
    let table = run(&["outcomes"], &[]).stdout;
    for (name, _) in expected {
        assert!(table.lines().any(|line| line.starts_with(&format!("{name} "))), "{name}: {table}");
    }
    let columns = listed["outcomes"].as_array().unwrap().iter().zip(table.lines());
    let columns: BTreeSet<_> = columns
        .map(|(outcome, line)| {
            line.find(&format!("  {}  ", outcome["provenance"].as_str().unwrap()))
        })
        .collect();
    assert!(columns.len() == 1 && !columns.contains(&None), "one column: {table}");
    assert!(table.contains(" genuin-sandbox override set server-error "), "{table}");
    for (name, says) in [("hold", "waits"), ("hang", "fault"), ("ok", "200")] {
        let line = table.lines().find(|line| line.starts_with(&format!("{name} "))).unwrap();
        assert_eq!(line.split_whitespace().nth(1), Some(says), "{line}");
    }
}
