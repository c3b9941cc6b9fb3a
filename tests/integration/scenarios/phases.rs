//! The phases in which a rule can act: the checks passed before it, and whether the group is created.

use serde_json::json;

use super::{Call, ending, with_rules};
use crate::harness::{App, BAD_REQUEST, UNAUTHORIZED, VIDEO_NOT_FOUND, vendor};

const CHAT_ID: &str = "0a0b0c0d-1111-4222-8333-444455556666";

fn with_chat_id() -> Call {
    Call::new().with("/chat_id", json!(CHAT_ID))
}

#[test]
fn a_rule_acts_after_the_checks_of_its_phase_and_before_the_next() {
    let bad_token = Call::new().token("no-such-token");
    let expired = Call::new().token("gn-expired-token");
    let invalid = Call::new().with("/type", json!(5));
    let repeat = with_chat_id();
    let no_video = Call::new().with("/recorded_video/video_name", json!("missing.mp4"));
    let rows = [
        ("a token nobody knows", &bad_token, ["412", "401", "401", "401"]),
        ("an expired token", &expired, ["412", "401", "401", "401"]),
        ("an invalid body", &invalid, ["412", "412", "400", "400"]),
        ("a repeated chat_id", &repeat, ["412", "412", "400", "400"]),
        ("a missing video", &no_video, ["412", "412", "5026", "5026"]),
        ("a good call", &Call::new(), ["412", "412", "412", "412"]),
    ];
    let phases = ["before-auth", "after-auth", "after-validation", "after-commit"];
    let app = App::start();
    assert_eq!(with_chat_id().send(&app).status, 200);
    for (name, call, expected) in rows {
        for (phase, expected) in phases.into_iter().zip(expected) {
            let line = format!("412/{phase}");
            assert_eq!(ending(&call.clone().header(&line).send(&app)), expected, "{name}: {line}");
            let url = call.clone().url(&line);
            assert_eq!(ending(&url.send(&app)), expected, "{name}: {line} in the URL");
        }
    }
}

#[test]
fn only_after_commit_creates_the_group() {
    for (phase, next) in [
        ("before-auth", "ok"),
        ("after-auth", "ok"),
        ("after-validation", "ok"),
        ("after-commit", "400"),
    ] {
        for outcome in ["500", "503", "documented-example", "5026"] {
            let app = App::start();
            let line = format!("{outcome}/{phase}");
            let forced = with_chat_id().header(&line).send(&app);
            assert_ne!(ending(&forced), "400", "{line}");
            assert_eq!(ending(&with_chat_id().send(&app)), next, "{line}");
        }
    }
}

#[test]
fn a_group_created_after_commit_is_that_of_an_answered_call() {
    let app = App::start();
    assert_eq!(Call::new().header("500/after-commit").send(&app), vendor(500, BAD_REQUEST));
    let fresh = App::start();
    Call::new().send(&fresh);
    assert_eq!(Call::new().send(&app), Call::new().send(&fresh), "the second group");
}

#[test]
fn a_rule_without_a_phase_acts_after_auth() {
    let (app, _folder) = with_rules("- { id: a, do: { outcome: 412 } }");
    let bad_token = Call::new().token("no-such-token");
    assert_eq!(bad_token.send(&app), vendor(401, UNAUTHORIZED));
    assert_eq!(bad_token.header("412").send(&app), vendor(401, UNAUTHORIZED), "a line too");
    assert_eq!(ending(&Call::new().with("/type", json!(5)).send(&app)), "412");
}

#[test]
fn ok_is_the_real_answer_in_every_phase() {
    let bad_token = Call::new().token("no-such-token");
    let no_video = Call::new().with("/recorded_video/video_name", json!("missing.mp4"));
    for phase in ["before-auth", "after-auth", "after-validation", "after-commit"] {
        let app = App::start();
        let line = format!("ok/{phase}");
        let answer = bad_token.clone().header(&line).send(&app);
        assert_eq!(answer, vendor(401, UNAUTHORIZED), "{line}");
        let answer = no_video.clone().header(&line).send(&app);
        assert_eq!(answer, vendor(500, VIDEO_NOT_FOUND), "{line}");
        assert_eq!(with_chat_id().header(&line).send(&app), with_chat_id().send(&App::start()));
        assert_eq!(with_chat_id().header(&line).send(&app), vendor(400, BAD_REQUEST), "{line}");
    }
}

#[test]
fn a_login_forced_to_fail_after_commit_uses_up_a_token() {
    let keys = r#"{"api_key":"gnsb_demo","api_secret":"gnsb-secret"}"#;
    let rules = "- { id: a, match: { endpoint: auth }, phase: after-commit, do: { outcome: 412, times: 1 } }";
    let (app, _folder) = with_rules(rules);
    assert_eq!(app.auth(keys).status, 412);
    let fresh = App::start();
    fresh.auth(keys);
    assert_eq!(app.auth(keys), fresh.auth(keys), "the second token");
}
