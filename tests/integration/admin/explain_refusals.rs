//! `explain` of calls that are refused, of JSON bodies, and of requests that are no calls.

use serde_json::{Value, json};

use super::explain::{check, check_as};
use super::{ask, assert_problem, write};
use crate::harness::{AUTH, App, CREATE, example};
use crate::scenarios::Call;

const KEY: &str = "Authorization: Bearer gnsb_demo\r\nContent-Type: application/json\r\n";

fn wire(path: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("POST {path} HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {length}\r\n\r\n{body}")
        .into()
}

#[test]
fn a_refusal_is_explained_as_the_next_call_gets_it() {
    let app = App::start();
    let chat = Call::new().with("/chat_id", json!("0a0b0c0d-1111-4222-8333-444455556666"));
    check(&app, &chat.bytes(&[]), "a chat_id of one's own");
    check(&app, &chat.bytes(&[]), "the same again");
    for body in [
        "",
        "{",
        "[]",
        "null",
        r#"{"type":4}"#,
        r#"{"type":4,"type":4}"#,
        r#"{"type":"4"}"#,
        r#"{"type":4,"communityId":"f2a05adb-93ce-4a19-b003-3523fa745667"}"#,
        r#"{"group":{"name":"\ud83d\ude00"},"template_id":4.0}"#,
        r#"{"group":{"name":"\ud83d"}}"#,
        r#"{"template_id":123456789012345678901234567890}"#,
        "{\"a\":\t1}",
        "\u{feff}{}",
        "é",
    ] {
        check(&app, &wire(CREATE, KEY, body), body);
    }
    for headers in [
        "",
        "Authorization: gnsb_demo\r\n",
        "Authorization: Basic eDp5\r\n",
        "Authorization: Bearer\r\n",
        "Authorization: Bearer a b\r\n",
        "Authorization: Bearer gnsb_Demo\r\n",
        "gn-access-token: x\r\n",
        "Authorization: Bearer nobody\r\n",
        "Authorization: Bearer gn-expired-token\r\n",
        "Authorization: Bearer gnsb_demo\r\nAuthorization: Bearer gnsb_demo\r\n",
        "Authorization: Bearer gnat_demo.1.0.x.y\r\n",
        "Authorization: Bearer gnsb_demo\r\nContent-Type: text/plain\r\n",
    ] {
        check(&app, &wire(CREATE, headers, "{}"), headers);
    }
    for body in [
        r#"{"api_key":"demo-key","api_secret":"demo-secret"}"#,
        r#"{"api_key":"demo-key"}"#,
        "{}",
        "x",
        r#"{"api_key":"demo-key","api_secret":"wrong"}"#,
        r#"{"api_key":1,"api_secret":"x"}"#,
        r#"{"api_key":"gnsb_ci.outrage","api_secret":"gnsb-secret"}"#,
        r#"{"api_key":"gnsb_ci.500","api_secret":"gnsb-secret"}"#,
    ] {
        check(&app, &wire(AUTH, "Content-Type: application/json\r\n", body), body);
    }
    let answer = app.auth(r#"{"api_key":"demo-key","api_secret":"demo-secret"}"#);
    let issued = Call::new().token(answer.header("gn-access-token").unwrap());
    assert_eq!(check(&app, &issued.bytes(&[]), "issued")["outcome"], "ok");
    write(app.sandbox.address(), "POST", "tenants/demo/clock", &json!({"advance": "25h"}));
    assert_eq!(check(&app, &issued.bytes(&[]), "expired")["outcome"], "unauthorized");
}

#[test]
fn a_body_may_be_json_instead_of_text() {
    let app = App::start();
    for body in [
        r#"{"type":4,"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667"}"#,
        r#"{"type":4.0,"template_id":1e2,"is_ai_generated":"yes"}"#,
        r#"{"type":0,"template_id":9223372036854775807,"group":null}"#,
        r#"{"template_id":-9223372036854775808,"chat_id":"1","group":{"name":"a: b # c","topics":[1,"2",null]}}"#,
        r#"{"type":0.1,"template_id":-5,"group":{"name":"\ud83d\ude00 \u0000 \/ é"}}"#,
    ] {
        let explain = format!(
            r#"{{"headers":{{"Authorization":"Bearer gnsb_demo","Content-Type":"application/json"}},"body":{body}}}"#
        );
        check_as(&app, &wire(CREATE, KEY, body), &explain, body);
    }
}

#[test]
fn a_json_body_may_hold_any_json_number() {
    let app = App::start();
    for body in [
        r#"{"type":-0}"#,
        r#"{"template_id":9223372036854775808}"#,
        r#"{"template_id":123456789012345678901234567890}"#,
    ] {
        let explain = format!(
            r#"{{"headers":{{"Authorization":"Bearer gnsb_demo","Content-Type":"application/json"}},"body":{body}}}"#
        );
        check_as(&app, &wire(CREATE, KEY, body), &explain, body);
    }
}

#[test]
fn headers_that_are_given_are_all_that_the_call_has() {
    let app = App::start();
    for (headers, outcome) in [
        (json!({"Authorization": "Bearer gnsb_demo"}), "bad-request"),
        (json!({"Authorization": "Bearer gnsb_demo", "Content-Type": "text/plain"}), "bad-request"),
        (json!({"Authorization": "Bearer gnsb_demo", "content-type": "application/json"}), "ok"),
    ] {
        let body = json!({"headers": headers, "body": example()}).to_string();
        let answer = ask(app.sandbox.address(), "POST", "explain", &body);
        assert_eq!(answer.json()["outcome"], outcome, "{headers}");
    }
    let body = json!({"path": AUTH, "body": {"api_key": "demo-key", "api_secret": "demo-secret"}});
    let answer = ask(app.sandbox.address(), "POST", "explain", &body.to_string());
    assert_eq!(answer.json()["outcome"], "ok", "without headers it is JSON");
}

#[test]
fn a_wrong_path_or_method_is_explained_as_the_next_call_gets_it() {
    let app = App::start();
    let auth = wire(AUTH, KEY, "{}");
    let put = String::from_utf8(auth).unwrap().replacen("POST", "PUT", 1);
    for (wire, outcome, status) in [
        (put.into_bytes(), "wrong-method", 405),
        (wire("/api/thirdparty/aut", KEY, "{}"), "unknown-path", 404),
        (wire("/~500/nowhere", "", "x"), "unknown-path", 404),
    ] {
        let explanation = check(&app, &wire, outcome);
        assert_eq!(
            [&explanation["endpoint"], &explanation["outcome"], &explanation["status"]],
            [&Value::Null, &json!(outcome), &json!(status)]
        );
        assert_eq!(explanation["selector"], "none");
    }
}

#[test]
fn only_calls_to_the_vendor_are_explained() {
    let app = App::start();
    for (body, status, title, detail, pointer) in [
        (
            r#"{"path":"/livez","method":"GET"}"#,
            400,
            "Bad Request",
            "only calls to the vendor's endpoints can be explained",
            "/path",
        ),
        (
            r#"{"path":"/_sandbox/v1/status","method":"GET"}"#,
            400,
            "Bad Request",
            "only calls to the vendor's endpoints can be explained",
            "/path",
        ),
        (r#"{"method":"P T"}"#, 400, "Bad Request", "invalid HTTP method", "/method"),
        (
            r#"{"headrs":{}}"#,
            400,
            "Bad Request",
            r#"unknown key "headrs"; did you mean "headers"? (known: method, path, headers, body)"#,
            "/headrs",
        ),
        (r#"{"headers":{"a b":"c"}}"#, 400, "Bad Request", "invalid header", "/headers/a b"),
    ] {
        let answer = ask(app.sandbox.address(), "POST", "explain", body);
        assert_problem(&answer, status, title, detail, Some(pointer));
    }
}
