//! The same seed, clock, tenant and calls give the same bytes.

use serde_json::json;

use crate::harness::{Answer, App, example, set, without};

const KEYS: &str = r#"{"api_key":"gnsb_demo","api_secret":"gnsb-secret"}"#;

/// Makes calls as tenant `demo`; runs `between` before each.
fn calls(app: &App, mut between: impl FnMut(usize)) -> Vec<Answer> {
    let fresh = without(example(), "/chat_id");
    let bodies = [
        example(),
        fresh.clone(),
        example(),
        set(fresh.clone(), "/recorded_video", json!({"video_name": "v.mp4"})),
        set(fresh.clone(), "/type", json!(5)),
        fresh,
    ];
    let mut answers = Vec::new();
    for (index, body) in bodies.iter().enumerate() {
        between(index);
        answers.push(app.create(body));
        answers.push(app.auth(KEYS));
    }
    answers
}

#[test]
fn calls_of_other_tenants_do_not_change_answers() {
    let quiet = App::start();
    let expected = calls(&quiet, |_| ());
    let busy = App::start();
    let answers = calls(&busy, |round| {
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let busy = &busy;
                scope.spawn(move || {
                    for tenant in 0..10 {
                        let token = format!("gnsb_other-{}", (tenant + round) % 7);
                        let body = without(example(), "/chat_id").to_string();
                        assert_eq!(busy.create_as(&token, body.as_bytes()).status, 200, "{thread}");
                    }
                    busy.auth(r#"{"api_key":"gnsb_other-1","api_secret":"gnsb-secret"}"#);
                });
            }
        });
    });
    assert_eq!(answers, expected);
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 10);
}

#[test]
fn another_seed_generates_other_ids() {
    let ids = |seed| {
        let app = App::with(|builder| builder.seed(seed));
        let answer = app.create(&without(example(), "/chat_id")).json();
        ["/data/chat_id", "/data/group/group_id", "/data/share_url"]
            .map(|pointer| answer.pointer(pointer).cloned())
    };
    let (first, again, other) = (ids(1), ids(1), ids(2));
    assert_eq!(first, again);
    for (one, another) in first.iter().zip(&other) {
        assert!(one.is_some());
        assert_ne!(one, another);
    }
}

#[test]
fn slugs_do_not_collide_under_a_frozen_clock() {
    let app = App::start();
    let fresh = without(example(), "/chat_id");
    let links: std::collections::HashSet<_> =
        (0..50).map(|_| app.create(&fresh).json()["data"]["share_url"].to_string()).collect();
    assert_eq!(links.len(), 50);
}
