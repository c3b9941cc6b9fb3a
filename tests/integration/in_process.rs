//! `RunningSandbox`: a sandbox inside a Rust test.

use std::borrow::Cow;
use std::io::ErrorKind;
use std::net::TcpStream;
use std::path::Path;

use genuin_sandbox::{Builder, Clock, MediaMode, RunningSandbox};
use serde_json::json;

use crate::harness::{
    Answer, App, BAD_REQUEST, EXAMPLE, EXAMPLE_TIME, VIDEO_NOT_FOUND, example, set, vendor, without,
};

/// A sandbox with the builder's own defaults, so without the frozen clock of other tests.
fn start(change: impl FnOnce(Builder) -> Builder) -> App {
    App { sandbox: change(RunningSandbox::builder()).start().unwrap() }
}

/// Calls Create Group with the sandbox's own token.
fn create(app: &App, body: &str) -> Answer {
    app.create_as(&app.sandbox.token(), body.as_bytes())
}

#[test]
fn a_client_needs_only_the_url_and_the_token() {
    let app = App { sandbox: RunningSandbox::start().unwrap() };
    assert_eq!(app.sandbox.url(), format!("http://127.0.0.1:{}", app.sandbox.address().port()));
    assert_eq!(app.sandbox.token(), "gnsb_test");
    assert_eq!(create(&app, EXAMPLE).status, 200);
}

#[test]
fn the_seed_and_the_clock_decide_every_byte() {
    let answer = |seed| {
        let clock = Clock::parse(EXAMPLE_TIME).unwrap();
        let app = start(|builder| builder.seed(seed).clock(clock).public_url("http://x"));
        create(&app, EXAMPLE)
    };
    let (first, same, other) = (answer(1), answer(1), answer(2));
    assert_eq!(first.status, 200);
    assert_eq!(first, same);
    assert_ne!(first.body, other.body);
}

#[test]
fn calls_are_recorded_at_the_time_of_the_given_clock() {
    let clock = Clock::parse("2001-02-03T04:05:06Z").unwrap();
    let app = start(|builder| builder.clock(clock));
    create(&app, EXAMPLE);
    assert_eq!(app.sandbox.requests()[0].time_ms, 981_173_106_000);
}

#[test]
fn links_begin_with_the_public_url_or_else_the_calls_host() {
    let link = |app: &App| create(app, EXAMPLE).json()["data"]["group"]["dp"].to_string();
    let with = start(|builder| builder.public_url("https://public.example"));
    let without = start(|builder| builder);
    assert!(link(&with).starts_with("\"https://public.example/uploads/"), "{}", link(&with));
    let host = link(&without);
    assert!(host.starts_with("\"http://sandbox/uploads/"), "{host}");
}

#[test]
fn the_media_mode_decides_which_videos_are_found() {
    let body = set(example(), "/recorded_video/video_name", json!("never.mp4")).to_string();
    assert_eq!(create(&start(|builder| builder.media(MediaMode::Lenient)), &body).status, 200);
    let strict = start(|builder| builder.media(MediaMode::Strict));
    assert_eq!(create(&strict, &body), vendor(500, VIDEO_NOT_FOUND));
    assert_eq!(create(&strict, EXAMPLE).status, 200, "this one is in the fixtures");
}

#[test]
fn a_fixture_file_replaces_the_built_in_data() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/empty.yaml");
    let app = start(|builder| builder.fixtures(&file));
    assert_eq!(create(&app, EXAMPLE), vendor(400, BAD_REQUEST));
    let first = app.sandbox.requests().remove(0);
    assert_eq!(first.findings.iter().next().unwrap().pointer, "/community_id");
}

#[test]
fn a_scenario_can_be_given_by_name_by_line_and_from_a_folder() {
    let body = without(example(), "/chat_id").to_string();
    let folder = tempfile::tempdir().unwrap();
    let text =
        "version: 1\nname: mine\nrules:\n- id: one\n  do: { outcome: bad-gateway, times: 1 }\n";
    std::fs::write(folder.path().join("mine.yaml"), text).unwrap();
    let mine = start(|builder| builder.scenarios(folder.path()).scenario("mine"));
    for (app, expected) in [
        (start(|builder| builder.scenario("flaky-twice")), [500, 500, 200]),
        (start(|builder| builder.scenario("401, 503, ok*")), [401, 503, 200]),
        (mine, [502, 200, 200]),
    ] {
        assert_eq!([(); 3].map(|()| create(&app, &body).status), expected);
    }
}

#[test]
fn an_unknown_scenario_fails_the_start_with_the_nearest_name() {
    let error = RunningSandbox::builder().scenario("flaky-twize").start().unwrap_err().to_string();
    assert!(error.contains("flaky-twize") && error.contains("\"flaky-twice\""), "{error}");
}

#[test]
fn requests_are_the_calls_of_its_own_token_oldest_first() {
    let app = start(|builder| builder.scenario("1x500"));
    assert_eq!(app.sandbox.requests(), []);
    let body = without(example(), "/chat_id").to_string();
    create(&app, &body);
    app.create_as("gnsb_other", body.as_bytes());
    create(&app, "{}");
    create(&app, &body);
    let seen: Vec<_> = app
        .sandbox
        .requests()
        .into_iter()
        .map(|entry| (entry.seq, entry.status, entry.outcome, entry.selector, entry.committed))
        .collect();
    let expected = [
        (1, Some(500), "server-error", "server", false),
        (2, Some(400), "bad-request", "server", false),
        (3, Some(200), "ok", "server", true),
    ];
    let expected = expected.map(|(seq, status, outcome, selector, committed)| {
        (seq, status, Cow::from(outcome), Cow::from(selector), committed)
    });
    assert_eq!(seen, expected);
    let bodies: Vec<_> = app.sandbox.requests().into_iter().map(|entry| entry.body).collect();
    assert_eq!(bodies, [body.as_bytes(), b"{}", body.as_bytes()]);
    let tenants: Vec<_> =
        app.sandbox.all_requests().into_iter().map(|entry| entry.tenant.to_string()).collect();
    assert_eq!(tenants, ["test", "other", "test", "test"]);
}

#[test]
fn verify_returns_how_many_calls_match() {
    let app = start(|builder| builder.scenario("2x500, ok*"));
    let body = without(example(), "/chat_id").to_string();
    for _ in 0..3 {
        create(&app, &body);
    }
    app.create_as("gnsb_other", body.as_bytes());
    for (expectation, matched) in [
        ("{match: {outcome: server-error, committed: false}, count: {exactly: 2}}", 2),
        ("{match: {outcome: 500}}", 2),
        ("{match: {status: 200}, count: {min: 1, max: 1}}", 1),
        ("{match: {body: {group.name: {glob: \"Tech *\"}}}, count: {exactly: 3}}", 3),
        ("{\"match\": {\"outcome\": \"rate-limited\"}, \"count\": {\"exactly\": 0}}", 0),
        ("{}", 3),
    ] {
        let found = app.sandbox.verify(expectation).map_err(|error| error.to_string());
        assert_eq!(found, Ok(matched), "{expectation}");
    }
}

#[test]
fn a_failed_verify_says_what_was_expected_and_what_the_closest_call_lacks() {
    let app = start(|builder| builder.scenario("500"));
    let verify = |expectation: &str| app.sandbox.verify(expectation).unwrap_err().to_string();
    assert_eq!(verify("{match: {outcome: ok}}"), "expected at least 1 matching call, found 0");
    create(&app, EXAMPLE);
    assert_eq!(
        verify("{match: {outcome: ok}}"),
        "expected at least 1 matching call, found 0; closest is test/1: expected outcome ok, \
         found server-error"
    );
    assert_eq!(
        verify("{match: {status: 500}, count: {exactly: 2}}"),
        "expected exactly 2 matching calls, found 1"
    );
    assert_eq!(verify("{count: {min: 2, max: 3}}"), "expected 2 to 3 matching calls, found 1");
    create(&app, EXAMPLE);
    assert_eq!(
        verify("{count: {max: 1}}"),
        "expected at most 1 matching call, found 2; the newest is test/2"
    );
}

#[test]
fn an_invalid_expectation_is_refused() {
    let app = start(|builder| builder);
    for (expectation, expected) in [
        ("{mach: {outcome: ok}}", "did you mean \"match\"?"),
        ("{match: {outcom: ok}}", "unknown key \"outcom\""),
        ("{match: {outcome: okk}}", "unknown outcome \"okk\""),
        ("{count: {min: 2, max: 1}}", "min must not be greater than max"),
        ("{count: {exactly: 1, min: 1}}", "exactly cannot be combined with min or max"),
        ("{match: {status: 42}}", "status must be from 100 to 599, not 42"),
        ("{match: [", ""),
    ] {
        let error = app.sandbox.verify(expectation).unwrap_err().to_string();
        assert!(error.contains(expected) && !error.contains("matching call"), "{error}");
    }
}

#[test]
fn thirty_sandboxes_at_once_share_nothing() {
    let threads: Vec<_> = (1..=30_usize)
        .map(|number| {
            std::thread::spawn(move || {
                let seed = u64::try_from(number).unwrap();
                let app = start(|builder| builder.seed(seed));
                let chat_id = format!("456e7890-b12c-4c23-89ef-{number:012}");
                let body = set(example(), "/chat_id", json!(chat_id)).to_string();
                assert_eq!(create(&app, &body).status, 200, "the first of {number}");
                for _ in 1..number {
                    assert_eq!(create(&app, &body).status, 400, "a repeat of {number}");
                }
                assert_eq!(app.sandbox.all_requests().len(), number);
                app
            })
        })
        .collect();
    let apps: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    let ports: std::collections::HashSet<_> =
        apps.iter().map(|app| app.sandbox.address().port()).collect();
    assert_eq!(ports.len(), 30);
    for (app, number) in apps.iter().zip(1..) {
        assert_eq!(app.sandbox.verify("{match: {status: 200}}").unwrap(), 1);
        assert_eq!(app.sandbox.requests().len(), number);
    }
}

#[test]
fn a_dropped_sandbox_stops_listening() {
    let app = start(|builder| builder);
    let address = app.sandbox.address();
    assert_eq!(create(&app, EXAMPLE).status, 200);
    drop(app);
    assert_eq!(TcpStream::connect(address).unwrap_err().kind(), ErrorKind::ConnectionRefused);
}

#[test]
fn a_verdict_shows_what_was_sent_escaped() {
    let app = start(|builder| builder);
    create(&app, &set(example(), "/group/name", json!("\u{1b}[2J\u{9b}\nforged")).to_string());
    let error = app.sandbox.verify("{match: {body: {group.name: x}}}").unwrap_err().to_string();
    assert!(error.contains(r"\u{1b}[2J\u{9b}\nforged"), "{error}");
    assert!(!error.contains(char::is_control), "{error:?}");
}
