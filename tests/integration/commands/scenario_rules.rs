//! `scenarios NAME`: each rule with when it acts and what it does.

use super::{Process, ask_with, printed};

/// What is printed of a scenario's rules.
fn rules(process: &Process, name: &str) -> Vec<String> {
    let text = printed(process, &["scenarios", name]);
    text.lines().filter(|line| line.starts_with("  ")).map(str::to_owned).collect()
}

#[test]
fn built_in_scenarios_say_how_late_how_often_and_when() {
    let process = Process::start(&[]);
    assert_eq!(
        rules(&process, "rush-hour"),
        [
            "  turned-away: rate-limited (chance 10%, retry_after 2s); for create_group; hits: none",
            "  broken: bad-gateway (chance 5%); for create_group; hits: none",
            "  long-tail: ok (delay median 300ms sigma 0.6 max 5s); for create_group; hits: none",
        ]
    );
    let slow = rules(&process, "slow");
    assert!(slow[0].starts_with("  two-seconds: ok (delay 2s); for create_group or "), "{slow:?}");
    let ambiguous =
        "  created-but-failed: 1x server-error (phase after-commit); for create_group; hits: none";
    assert_eq!(rules(&process, "ambiguous-create")[0], ambiguous);
    let journey = rules(&process, "partner-journey").join("\n");
    for expected in [
        "1x video-not-found; for create_group; match {\"body\":{\"recorded_video\":{\"present\":true}}}; hits",
        "rate-limited; for post_video, beyond 2/1s; hits",
    ] {
        assert!(journey.contains(expected), "{journey}");
    }
}

#[test]
fn lines_say_how_late_how_often_and_when() {
    let process = Process::start(&[]);
    for (line, expected) in [
        ("auth:412", "precondition-failed; for auth"),
        ("auth:2x500,ok+2s*", "2x server-error, ok (delay 2s); for auth"),
        ("auth:hold(3)/before-auth", "hold(3) (phase before-auth); for auth"),
        ("auth:500@0.04%", "server-error (chance 0.04%); for auth"),
        ("auth:500@7%", "server-error (chance 7%); for auth"),
        ("auth:500@0%", "server-error (chance 0%); for auth"),
        ("auth:500@100%", "server-error (chance 100%); for auth"),
    ] {
        assert_eq!(rules(&process, line), [format!("  line: {expected}; hits: none")], "{line}");
    }
}

#[test]
fn files_say_everything_that_makes_a_rule_act_less_often() {
    let process = Process::start(&[]);
    let file = r#"{"version": 1, "rules": [
        {"id": "a", "enabled": false, "limit": 1, "rate": "5/1s", "scope": "field:group.name", "then": "repeat",
         "match": {"endpoint": "any", "header": {"x-try": "a\u001b[31m"}},
         "do": [{"outcome": "server-error", "message": "m", "headers": {"x-a": "b"}, "drip": {"chunks": 2, "over": "1s"}},
                {"outcome": "ok", "delay": {"min": "1s", "max": "2s"}}]},
        {"id": "b", "limit": 2, "match": {"endpoint": "auth"}, "do": {"fault": "hang", "times": 3}}
    ]}"#;
    ask_with(process.address, "PUT", "scenarios/mine", file.as_bytes());
    let rules = rules(&process, "mine");
    let first = "  a (not enabled): 1x server-error (drip chunks 2 over 1s, message \"m\", header x-a: b), \
                 1x ok (delay min 1s max 2s), then repeat; for any, beyond 5/1s, at most 1 time; match {\"header\":";
    assert!(rules[0].starts_with(first), "{rules:?}");
    assert!(rules[0].ends_with("; scope field:group.name; hits: none"), "{rules:?}");
    assert!(!rules[0].contains('\u{1b}'), "no text of a file reaches the terminal as it is");
    assert_eq!(rules[1], "  b: 3x hang; for auth, at most 2 times; hits: none");
}
