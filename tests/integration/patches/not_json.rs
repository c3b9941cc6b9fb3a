//! Bodies that no patch can repair because they are not JSON objects.

use serde_json::{Value, json};

use crate::harness::{App, CREATE, EXAMPLE};

const JSON: &str = "application/json";

/// Returns the only finding for a body.
fn finding(content_type: &str, body: &[u8]) -> Value {
    let app = App::start();
    let bearer = format!("Bearer {}", app.sandbox.token());
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", content_type)];
    assert_eq!(app.post(CREATE, &headers, body).status, 400);
    let last = app.sandbox.requests().pop().unwrap();
    let findings = json!(last.findings.iter().collect::<Vec<_>>());
    let [finding] = findings.as_array().unwrap().as_slice() else {
        panic!("{findings}");
    };
    finding.clone()
}

/// Checks that each body has one finding, which has a suggestion and no patch.
fn assert_one_finding<const N: usize>(cases: [(&str, &str, &[u8]); N]) {
    for (name, content_type, body) in cases {
        let finding = finding(content_type, body);
        let place = (&finding["severity"], &finding["pointer"]);
        assert_eq!(place, (&json!("error"), &json!("")), "{name}");
        assert_eq!(finding.get("patch"), None, "{name}: {finding}");
        assert!(finding["suggestion"].is_string(), "{name}: {finding}");
    }
}

#[test]
fn a_body_that_is_not_sent_as_json_has_a_suggestion_and_no_patch() {
    assert_one_finding([
        ("an empty body", JSON, b""),
        ("not UTF-8", JSON, b"{\"a\":\"\xff\"}"),
        ("a byte order mark", JSON, b"\xef\xbb\xbf{}"),
        ("plain text", "text/plain", EXAMPLE.as_bytes()),
        ("a form", "application/x-www-form-urlencoded", b"type=4"),
    ]);
}

#[test]
fn broken_json_has_a_suggestion_and_no_patch() {
    assert_one_finding([
        ("a trailing comma", JSON, b"{\"type\":4,}"),
        ("an unclosed object", JSON, b"{\"type\":4"),
        ("single quotes", JSON, b"{'type':4}"),
        ("a list", JSON, b"[]"),
    ]);
}
