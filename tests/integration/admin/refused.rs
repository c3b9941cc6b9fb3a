//! Requests that the sandbox itself refuses have an entry in the journal, and match only `any`.

use serde_json::{Value, json};

use super::{ask, assert_problem, list, read};
use crate::harness::{AUTH, App, CREATE, example, raw};

#[test]
fn what_the_sandbox_itself_refuses_is_journalled_under_the_tenant_of_the_token() {
    let app = App::start();
    let address = app.sandbox.address();
    let token = ("Authorization", "Bearer gnsb_lost");
    let too_long = vec![b' '; 1024 * 1024 + 1];
    for (seq, (method, path, headers, body, status, outcome)) in [
        ("POST", "/api/thirdparty/group/creat", vec![token], &b"{}"[..], 404, "unknown-path"),
        ("GET", "/l/0123456789abcdef", vec![token], b"", 404, "unknown-path"),
        ("PUT", CREATE, vec![token], b"", 405, "wrong-method"),
        ("DELETE", "/~500/api/thirdparty/auth", vec![token], b"", 405, "wrong-method"),
        ("POST", CREATE, vec![token], &too_long, 413, "body-too-long"),
        ("POST", CREATE, vec![token, ("Host", "x")], b"{}", 400, "malformed-request"),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = app.send(method, path, &headers, body);
        assert_eq!(answer.status, status, "{method} {path}");
        let last = read(address, "tenants/lost/requests/last");
        let facts =
            ["id", "method", "path", "endpoint", "status", "outcome", "selector", "committed"]
                .map(|key| last[key].clone());
        let id = format!("lost/{}", seq + 1);
        let expected = json!([id, method, path, null, status, outcome, "none", false]);
        assert_eq!(json!(facts), expected);
        assert_eq!(last["findings"][0]["message"], answer.json()["detail"], "{last}");
        let filtered = read(address, &format!("requests?outcome={outcome}&last=1"));
        assert_eq!(filtered["requests"][0], last);
    }
    let last = read(address, "tenants/lost/requests/5");
    assert_eq!(
        (&last["body"], &last["body_truncated"], &last["body_bytes"]),
        (&json!(""), &json!(true), &json!(too_long.len()))
    );
    app.send("GET", "/nowhere", &[], b"");
    assert_eq!(read(address, "tenants/anonymous/requests/last")["path"], "/nowhere");
}

#[test]
fn the_body_of_a_wrong_path_or_method_is_kept_as_that_of_other_calls() {
    let app = App::start();
    let address = app.sandbox.address();
    let long = vec![b'x'; 20_000];
    for (method, path, body, kept) in [
        ("POST", "/api/thirdparty/group/creat", &b"{\"type\": 4}"[..], "{\"type\": 4}"),
        ("PUT", CREATE, b"name=x", "name=x"),
        ("POST", "/nowhere", b"", ""),
        ("POST", "/api/thirdparty/nope", b"{\"type\":4}", "{\"type\":4}"),
        ("POST", "/api/thirdparty/zz/top", b"[1,2]", "[1,2]"),
        ("PATCH", "/api/thirdparty/users", b"\"str\"", "\"str\""),
        ("POST", "/api/thirdparty/path", b"some text", "some text"),
        ("POST", "/api/v2/groups", b"{\"key\":\"shown\"}", "{\"key\":\"shown\"}"),
        ("POST", "/nowhere", br#"{"api_secret": "hidden1"}"#, r#"{"api_secret": "[redacted]"}"#),
        ("PUT", AUTH, br#"{"k3y": "hidden2"}"#, r#"{"[redacted]": "[redacted]"}"#),
        ("POST", "/auth", br#"{"k3y": "hidden3"}"#, r#"{"[redacted]": "[redacted]"}"#),
        ("POST", "/v1/auth", br#"{"k3y": "hidden5"}"#, r#"{"[redacted]": "[redacted]"}"#),
        ("POST", "/api/auths/", br#"{"k3y": "hidden6"}"#, r#"{"[redacted]": "[redacted]"}"#),
        (
            "POST",
            "/api/thirdparty/login",
            br#"{"k3y": "hidden7"}"#,
            r#"{"[redacted]": "[redacted]"}"#,
        ),
        (
            "POST",
            "/~500/api/thirdparty/aut",
            br#"{"k3y": "hidden4"}"#,
            r#"{"[redacted]": "[redacted]"}"#,
        ),
    ] {
        app.send(method, path, &[("Authorization", "Bearer gnsb_lost")], body);
        let last = read(address, "tenants/lost/requests/last");
        assert_eq!(
            [&last["body"], &last["body_truncated"], &last["body_bytes"]],
            [&json!(kept), &Value::Null, &Value::Null],
            "{method} {path}"
        );
    }
    app.send("POST", "/nowhere", &[("Authorization", "Bearer gnsb_lost")], &long);
    let last = read(address, "tenants/lost/requests/last");
    assert_eq!(last["body"].as_str().map(str::len), Some(16 * 1024));
    assert_eq!([&last["body_truncated"], &last["body_bytes"]], [&json!(true), &json!(20_000)]);
    let chunked = format!(
        "POST {CREATE} HTTP/1.1\r\nHost: x\r\nHost: y\r\nTransfer-Encoding: chunked\r\n\
         Authorization: Bearer gnsb_lost\r\nConnection: close\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n"
    );
    raw(address, chunked.as_bytes());
    let last = read(address, "tenants/lost/requests/last");
    assert_eq!(
        [&last["status"], &last["body"], &last["body_truncated"]],
        [&json!(400), &json!(""), &json!(true)],
        "what is not read is marked"
    );
}

#[test]
fn requests_for_our_own_pages_and_api_are_not_journalled() {
    let app = App::start();
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/livez"),
        ("POST", "/readyz"),
        ("GET", "/_sandbox/v1/nothing"),
        ("PATCH", "/_sandbox/v1/status"),
    ] {
        app.send(method, path, &[], b"");
        app.send(method, path, &[("Host", "two")], b"");
    }
    let page = read(app.sandbox.address(), "requests");
    assert_eq!(list(&page, "requests"), [Value::Null; 0]);
}

#[test]
fn what_came_to_no_endpoint_matches_only_endpoint_any() {
    let app = App::start();
    let address = app.sandbox.address();
    app.send("POST", "/api/group/create", &[("Authorization", "Bearer gnsb_demo")], b"");
    app.create(&example());
    app.send(
        "POST",
        AUTH,
        &[("Authorization", "Bearer gnsb_demo"), ("Content-Type", "application/json")],
        br#"{"api_key":"gnsb_demo","api_secret":"gnsb-secret"}"#,
    );
    for (matcher, matched) in [
        (json!({}), 1),
        (json!({"endpoint": "any"}), 3),
        (json!({"endpoint": "any", "status": 404}), 1),
        (json!({"endpoint": "any", "outcome": "unknown-path"}), 1),
        (json!({"status": 404}), 0),
        (json!({"endpoint": "auth"}), 1),
        (json!({"endpoint": "any", "body": {"group.name": {"absent": true}}}), 1),
    ] {
        let body = json!({"match": matcher, "count": {"min": 0}});
        let verdict = super::write(address, "POST", "tenants/demo/verify", &body);
        assert_eq!(verdict["matched"], matched, "{matcher}");
    }
}

#[test]
fn an_unknown_outcome_is_answered_with_the_nearest_of_all() {
    let app = App::start();
    for (outcome, expected) in [
        ("unknown-pat", r#"unknown outcome "unknown-pat"; did you mean "unknown-path"?"#),
        ("wrong_metod", r#"unknown outcome "wrong_metod"; did you mean "wrong-method"?"#),
        (
            "zzzzzz",
            "unknown outcome \"zzzzzz\"; GET /_sandbox/v1/outcomes lists them, besides \
             malformed-request, unknown-path, wrong-method, request-timeout, body-too-long, \
             unknown-scenario, server-busy, too-many-tenants",
        ),
    ] {
        let path = format!("requests?outcome={outcome}");
        let answer = ask(app.sandbox.address(), "GET", &path, "");
        assert_problem(&answer, 400, "Bad Request", expected, None);
    }
}
