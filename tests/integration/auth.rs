//! Logging in with `POST /api/thirdparty/auth`.

use genuin_sandbox::Clock;
use serde_json::{Value, json};

use crate::harness::{
    AUTH, App, BAD_REQUEST, BRAND_NOT_FOUND, EXAMPLE, PRECONDITION_FAILED, UNAUTHORIZED, vendor,
};

const KEYS: &str = r#"{"api_key":"demo-key","api_secret":"demo-secret"}"#;

#[test]
fn a_login_returns_a_token_of_the_tenant_in_a_header() {
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
fn a_gnsb_key_logs_in_to_the_tenant_it_names() {
    let app = App::start();
    let answer = app.auth(r#"{"api_key":"gnsb_ci-7","api_secret":"gnsb-secret"}"#);
    let token = answer.header("gn-access-token").unwrap().to_owned();
    assert_eq!(app.create_as(&token, EXAMPLE.as_bytes()).status, 200);
    assert_eq!(app.create_as("gnsb_ci-7", EXAMPLE.as_bytes()).status, 400, "the same tenant");
}

#[test]
fn every_login_returns_a_new_token() {
    let app = App::start();
    let token = || app.auth(KEYS).header("gn-access-token").unwrap().to_owned();
    let (first, second) = (token(), token());
    assert_ne!(first, second);
}

#[test]
fn a_token_is_accepted_by_every_server_of_the_same_seed() {
    let servers = [App::start(), App::start(), App::start()];
    for key in ["gnsb_ci-7", "gnsb_ci-8.1x500,ok*"] {
        let keys = format!(r#"{{"api_key":"{key}","api_secret":"gnsb-secret"}}"#);
        let token = servers[0].auth(&keys).header("gn-access-token").unwrap().to_owned();
        let statuses =
            servers.each_ref().map(|app| app.create_as(&token, EXAMPLE.as_bytes()).status);
        let expected = if key.contains("500") { 500 } else { 200 };
        assert_eq!(statuses, [expected; 3], "{key}");
        let tenant = key.split('.').next().unwrap();
        let again = servers.each_ref().map(|app| app.create_as(tenant, EXAMPLE.as_bytes()).status);
        let expected = if key.contains("500") { 200 } else { 400 };
        assert_eq!(again, [expected; 3], "{key}: the same tenant");
    }
}

#[test]
fn a_token_that_is_altered_or_from_another_seed_is_refused() {
    let app = App::start();
    let first = app.auth(KEYS).header("gn-access-token").unwrap().to_owned();
    let altered = first.replacen("demo", "other", 1);
    let other_seed = App::with(|builder| builder.seed(7));
    assert_eq!(app.create_as(&altered, EXAMPLE.as_bytes()), vendor(401, UNAUTHORIZED));
    assert_eq!(other_seed.create_as(&first, EXAMPLE.as_bytes()), vendor(401, UNAUTHORIZED));
}

#[test]
fn a_token_of_a_user_who_does_not_exist_is_refused() {
    let fixtures = "version: 1\ncreator: 11111111-2222-4333-8444-555566667777\nusers:\n\
                 - {user_id: 11111111-2222-4333-8444-555566667777, username: other}\n";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.yaml");
    std::fs::write(&path, fixtures).unwrap();
    let other = App::with(|builder| builder.fixtures(path));
    let answer = other.auth(r#"{"api_key":"gnsb_demo","api_secret":"gnsb-secret"}"#);
    let token = answer.header("gn-access-token").unwrap();
    assert_eq!(App::start().create_as(token, EXAMPLE.as_bytes()), vendor(401, UNAUTHORIZED));
}

#[test]
fn a_scenario_that_is_too_long_for_a_token_is_refused() {
    let app = App::start();
    for (steps, expected) in [(340, 200), (341, 501), (400, 501), (100_000, 501)] {
        let key = format!("gnsb_demo.ok{}", ",ok".repeat(steps));
        let answer = app.auth(&format!(r#"{{"api_key":"{key}","api_secret":"gnsb-secret"}}"#));
        assert_eq!(answer.status, expected, "{} letters", key.len());
        if expected == 501 {
            let finding = app.own("tenants/demo/requests/last")["findings"][0].clone();
            let message = finding["message"].as_str().unwrap();
            assert!(message.ends_with("the limit is 1024"), "{message}");
        } else {
            let token = answer.header("gn-access-token").unwrap();
            assert_eq!(app.create_as(token, EXAMPLE.as_bytes()).status, 200);
        }
    }
}

#[test]
fn a_login_with_a_scenario_that_is_too_long_is_refused_where_another_one_is_chosen() {
    let app = App::start();
    let key = format!("gnsb_demo.ok{}", ",ok".repeat(341));
    let body = format!(r#"{{"api_key":"{key}","api_secret":"gnsb-secret"}}"#);
    let headers = [("Content-Type", "application/json"), ("X-Sandbox-Scenario", "ok")];
    assert_eq!(app.post("/api/thirdparty/auth", &headers, body.as_bytes()).status, 412);
    let finding = app.own("tenants/demo/requests/last")["findings"][0].clone();
    assert_eq!(finding["message"], "has a scenario of more than 1024 bytes");
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
fn missing_malformed_and_wrong_keys_get_different_errors() {
    let app = App::start();
    for (body, expected, reason) in [
        ("{}", (404, BRAND_NOT_FOUND), "both are missing"),
        (r#"{"api_key":"demo-key"}"#, (404, BRAND_NOT_FOUND), "the secret is missing"),
        (
            r#"{"api_key":null,"api_secret":"demo-secret"}"#,
            (404, BRAND_NOT_FOUND),
            "null counts as missing",
        ),
        (
            r#"{"api_key":"demo-key","api_secret":""}"#,
            (404, BRAND_NOT_FOUND),
            "an empty string counts as missing",
        ),
        (r#"{"api_key":1,"api_secret":"demo-secret"}"#, (400, BAD_REQUEST), "a number"),
        (
            r#"{"api_key":["x"]}"#,
            (400, BAD_REQUEST),
            "a malformed key is reported before a missing one",
        ),
        (r#"{"api_key":"nobody","api_secret":"x"}"#, (412, PRECONDITION_FAILED), "an unknown key"),
        (
            r#"{"api_key":"demo-key","api_secret":"x"}"#,
            (412, PRECONDITION_FAILED),
            "a wrong secret",
        ),
        (
            r#"{"api_key":"gnsb_demo","api_secret":"x"}"#,
            (412, PRECONDITION_FAILED),
            "a wrong secret",
        ),
        (
            r#"{"api_key":"gnsb_No","api_secret":"gnsb-secret"}"#,
            (412, PRECONDITION_FAILED),
            "a name that no tenant can have",
        ),
        (
            r#"{"api_key":"gnsb_a.\n","api_secret":"gnsb-secret"}"#,
            (412, PRECONDITION_FAILED),
            "a control character in the scenario",
        ),
        (r#"["demo-key","demo-secret"]"#, (400, BAD_REQUEST), "a list"),
        ("", (400, BAD_REQUEST), "an empty body"),
        ("{", (400, BAD_REQUEST), "broken JSON"),
    ] {
        assert_eq!(app.auth(body), vendor(expected.0, expected.1), "{body}: {reason}");
    }
}

/// The findings of the newest call of all tenants: severity, pointer, suggestion and patch.
fn findings(app: &App) -> Vec<Value> {
    let newest = app.own("requests?last=1")["requests"][0].clone();
    newest["findings"].as_array().unwrap().clone()
}

#[test]
fn a_key_that_is_no_field_is_named_unless_it_may_be_a_secret() {
    let app = App::start();
    for (key, pointer) in [
        ("foo", "/foo"),
        ("grant_type", "/grant_type"),
        ("clientId", "/clientId"),
        ("v2-key", "/[redacted]"),
        ("s3cr3t", "/[redacted]"),
        ("aVeryLongPasswordWithoutDigits", "/[redacted]"),
        ("a/b", "/[redacted]"),
    ] {
        let body =
            format!(r#"{{"api_key":"demo-key","api_secret":"demo-secret","{key}":"v4lue"}}"#);
        assert_eq!(app.auth(&body).status, 200, "{key}");
        let findings = findings(&app);
        assert_eq!((findings.len(), &findings[0]["pointer"]), (1, &json!(pointer)));
        assert!(!json!(findings).to_string().contains("v4lue"), "{findings:?}");
    }
}

#[test]
fn an_unknown_key_of_a_login_is_patched_without_a_value() {
    let refuse = App::with(|builder| builder.assume("unknown-fields", "refuse"));
    let patch = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let moved = patch(r#"[{"op":"move","from":"/api_secert","path":"/api_secret"}]"#);
    for (body, expected) in [
        (
            r#"{"api_key":"demo-key","api_secret":"demo-secret","foo":"v4lue"}"#,
            patch(r#"[{"op":"remove","path":"/foo"}]"#),
        ),
        (r#"{"api_key":"demo-key","api_secert":"demo-secret"}"#, moved.clone()),
        (
            r#"{"api_key":"demo-key","api_secret":"demo-secret","api_secert":"v4lue"}"#,
            patch(r#"[{"op":"remove","path":"/api_secert"}]"#),
        ),
        (r#"{"api_key":"demo-key","api_secret":"demo-secret","s3cr3t":"v4lue"}"#, Value::Null),
    ] {
        assert_eq!(refuse.auth(body), vendor(400, BAD_REQUEST), "{body}");
        let findings = findings(&refuse);
        assert_eq!((findings.len(), &findings[0]["patch"]), (1, &expected), "{body}");
        if !expected.is_null() {
            let mut patched: Value = serde_json::from_str(body).unwrap();
            let patch: json_patch::Patch = serde_json::from_value(expected).unwrap();
            json_patch::patch(&mut patched, &patch).unwrap();
            assert_eq!(refuse.auth(&patched.to_string()).status, 200, "{patched}");
        }
    }
    let app = App::start();
    assert_eq!(
        app.auth(r#"{"api_key":"demo-key","api_secert":"demo-secret"}"#),
        vendor(404, BRAND_NOT_FOUND)
    );
    let findings = findings(&app);
    assert_eq!((findings.len(), &findings[0]["patch"]), (1, &moved), "said once: {findings:?}");
    let suggestion = "you sent \"api_secert\" — did you mean \"api_secret\"?";
    assert_eq!(findings[0]["suggestion"], suggestion);
}

#[test]
fn a_misspelt_key_is_taken_for_the_field_that_it_is_nearest_to() {
    let app = App::start();
    for (body, expected) in [
        (r#"{"api_secert":"x"}"#, [None, Some("/api_secert")]),
        (r#"{"apikey":"x"}"#, [Some("/apikey"), None]),
        (r#"{"api_secert":"x","api_kee":"y"}"#, [Some("/api_kee"), Some("/api_secert")]),
        (r#"{"api_secert":"","foo":"y"}"#, [None, None]),
    ] {
        assert_eq!(app.auth(body), vendor(404, BRAND_NOT_FOUND), "{body}");
        let found = findings(&app);
        let missing = found.iter().filter(|finding| finding["severity"] == "error");
        let from: Vec<_> = missing.map(|finding| finding["patch"][0]["from"].as_str()).collect();
        assert_eq!(from, expected, "{body}");
    }
}

#[test]
fn a_login_that_is_refused_belongs_to_the_tenant_of_its_key() {
    let app = App::start();
    let tenant = |body: &str, content_type: &str| {
        let headers = [("Content-Type", content_type)];
        app.post(AUTH, &headers, body.as_bytes());
        app.own("requests?last=1")["requests"][0]["tenant"].clone()
    };
    for (body, expected) in [
        (r#"{"api_key":"gnsb_qq","api_secret":5}"#, "qq"),
        (r#"{"api_key":"gnsb_qq"}"#, "qq"),
        (r#"{"api_key":"gnsb_qq","api_secret":"x"}"#, "qq"),
        (r#"{"api_key":"gnsb_qq","api_secret":"a","api_secret":"b"}"#, "qq"),
        (r#"{"api_key":"demo-key","api_secret":[]}"#, "demo"),
        (r#"{"api_key":"nobody","api_secret":5}"#, "anonymous"),
        (r#"{"api_key":["gnsb_qq"],"api_secret":"x"}"#, "anonymous"),
        (r#"{"api_key":"gnsb_qq""#, "anonymous"),
    ] {
        assert_eq!(tenant(body, "application/json"), expected, "{body}");
    }
    let body = r#"{"api_key":"gnsb_qq","api_secret":"gnsb-secret"}"#;
    assert_eq!(tenant(body, "text/plain"), "qq", "though it is refused unread");
}
