//! Bodies that no patch can mend, since they are no JSON object.

use serde_json::{Value, json};

use crate::harness::{App, CREATE, EXAMPLE};

const JSON: &str = "application/json";

/// The one finding of a body that is refused as a whole.
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

/// Holds each to a finding of the whole body with a suggestion and without a patch.
fn hold<const N: usize>(cases: [(&str, &str, &[u8]); N]) {
    let mut complaints = Vec::new();
    for (name, content_type, body) in cases {
        let finding = finding(content_type, body);
        let place = (&finding["severity"], &finding["pointer"]);
        assert_eq!(place, (&json!("error"), &json!("")), "{name}");
        assert_eq!(finding.get("patch"), None, "{name}: {finding}");
        if !finding["suggestion"].is_string() {
            complaints.push(format!("{name}: {finding}"));
        }
    }
    assert!(complaints.is_empty(), "no suggestion:\n{}", complaints.join("\n"));
}

#[test]
fn what_is_not_sent_as_json_has_a_suggestion_and_no_patch() {
    hold([
        ("nothing", JSON, b""),
        ("no UTF-8", JSON, b"{\"a\":\"\xff\"}"),
        ("a byte order mark", JSON, b"\xef\xbb\xbf{}"),
        ("plain text", "text/plain", EXAMPLE.as_bytes()),
        ("a form", "application/x-www-form-urlencoded", b"type=4"),
    ]);
}

#[test]
fn what_is_broken_json_has_a_suggestion_and_no_patch() {
    hold([
        ("a comma too many", JSON, b"{\"type\":4,}"),
        ("an end too early", JSON, b"{\"type\":4"),
        ("single quotes", JSON, b"{'type':4}"),
        ("no object", JSON, b"[]"),
    ]);
}
