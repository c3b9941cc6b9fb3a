//! `POST /api/thirdparty/auth`.

use genuin_sandbox::Clock;

use crate::harness::{
    App, BAD_REQUEST, BRAND_NOT_FOUND, EXAMPLE, PRECONDITION_FAILED, UNAUTHORIZED, vendor,
};

const KEYS: &str = r#"{"api_key":"demo-key","api_secret":"demo-secret"}"#;

#[test]
fn the_token_is_in_the_answers_header_and_opens_the_tenant() {
    let app = App::start();
    let answer = app.auth(KEYS);
    let token = answer.header("gn-access-token").unwrap().to_owned();
    let mut expected = vendor(200, r#"{"code":200,"message":"Success","data":{}}"#);
    expected.headers.insert(1, ("gn-access-token".into(), token.clone()));
    assert_eq!(answer, expected);
    assert_eq!(app.create_as(&token, EXAMPLE.as_bytes()).status, 200);
    assert_eq!(app.create_as("gnsb_demo", EXAMPLE.as_bytes()).status, 400, "the same tenant");
}

#[test]
fn any_tenant_can_be_named_by_its_key() {
    let app = App::start();
    let answer = app.auth(r#"{"api_key":"gnsb_ci-7","api_secret":"gnsb-secret"}"#);
    let token = answer.header("gn-access-token").unwrap().to_owned();
    assert_eq!(app.create_as(&token, EXAMPLE.as_bytes()).status, 200);
    assert_eq!(app.create_as("gnsb_ci-7", EXAMPLE.as_bytes()).status, 400, "the same tenant");
}

#[test]
fn each_token_is_another_and_an_altered_one_is_refused() {
    let app = App::start();
    let token = || app.auth(KEYS).header("gn-access-token").unwrap().to_owned();
    let (first, second) = (token(), token());
    assert_ne!(first, second);
    let altered = first.replacen("demo", "other", 1);
    let other_seed = App::with(|builder| builder.seed(7));
    assert_eq!(app.create_as(&altered, EXAMPLE.as_bytes()), vendor(401, UNAUTHORIZED));
    assert_eq!(other_seed.create_as(&first, EXAMPLE.as_bytes()), vendor(401, UNAUTHORIZED));
}

#[test]
fn a_token_for_a_user_who_is_gone_is_refused() {
    let other = "version: 1\ncreator: 11111111-2222-4333-8444-555566667777\nusers:\n\
                 - {user_id: 11111111-2222-4333-8444-555566667777, username: other}\n";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.yaml");
    std::fs::write(&path, other).unwrap();
    let before = App::with(|builder| builder.fixtures(path));
    let answer = before.auth(r#"{"api_key":"gnsb_demo","api_secret":"gnsb-secret"}"#);
    let token = answer.header("gn-access-token").unwrap();
    assert_eq!(App::start().create_as(token, EXAMPLE.as_bytes()), vendor(401, UNAUTHORIZED));
}

#[test]
fn a_token_stays_short_enough_for_a_header() {
    let app = App::start();
    for (steps, expected) in [(170, 200), (171, 412)] {
        let key = format!("gnsb_demo.ok{}", ",ok".repeat(steps));
        let answer = app.auth(&format!(r#"{{"api_key":"{key}","api_secret":"gnsb-secret"}}"#));
        assert_eq!(answer.status, expected, "{} letters", key.len());
    }
}

#[test]
fn a_token_expires_after_24_hours() {
    let token = App::start().auth(KEYS).header("gn-access-token").unwrap().to_owned();
    for (time, status) in [("2024-09-25T09:13:30Z", 200), ("2024-09-25T09:13:31Z", 401)] {
        let later = App::with(|builder| builder.clock(Clock::parse(time).unwrap()));
        assert_eq!(later.create_as(&token, EXAMPLE.as_bytes()).status, status, "{time}");
    }
}

#[test]
fn keys_that_are_missing_malformed_or_wrong_are_told_apart() {
    let app = App::start();
    for (body, expected, reason) in [
        ("{}", (404, BRAND_NOT_FOUND), "both missing"),
        (r#"{"api_key":"demo-key"}"#, (404, BRAND_NOT_FOUND), "no secret"),
        (
            r#"{"api_key":null,"api_secret":"demo-secret"}"#,
            (404, BRAND_NOT_FOUND),
            "null is missing",
        ),
        (r#"{"api_key":"demo-key","api_secret":""}"#, (404, BRAND_NOT_FOUND), "empty is missing"),
        (
            r#"{"api_key":1,"api_secret":"demo-secret"}"#,
            (400, BAD_REQUEST),
            "a number is malformed",
        ),
        (r#"{"api_key":["x"]}"#, (400, BAD_REQUEST), "malformed before missing"),
        (r#"{"api_key":"nobody","api_secret":"x"}"#, (412, PRECONDITION_FAILED), "unknown key"),
        (r#"{"api_key":"demo-key","api_secret":"x"}"#, (412, PRECONDITION_FAILED), "wrong secret"),
        (r#"{"api_key":"gnsb_demo","api_secret":"x"}"#, (412, PRECONDITION_FAILED), "wrong secret"),
        (
            r#"{"api_key":"gnsb_No","api_secret":"gnsb-secret"}"#,
            (412, PRECONDITION_FAILED),
            "no tenant",
        ),
        (
            r#"{"api_key":"gnsb_a.\n","api_secret":"gnsb-secret"}"#,
            (412, PRECONDITION_FAILED),
            "control",
        ),
        (r#"["demo-key","demo-secret"]"#, (400, BAD_REQUEST), "a list is no object"),
        ("", (400, BAD_REQUEST), "empty"),
        ("{", (400, BAD_REQUEST), "broken"),
    ] {
        assert_eq!(app.auth(body), vendor(expected.0, expected.1), "{body}: {reason}");
    }
}
