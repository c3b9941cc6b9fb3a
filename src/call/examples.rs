//! Runs the examples of a scenario against a sandbox of its own, delays skipped.

use std::net::{IpAddr, Ipv4Addr};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Uri, header};
use serde_json::{Value, json};

use crate::call::{Config, Sandbox};
use crate::clock::Clock;
use crate::config_file::{FileProblem, Place};
use crate::http::Request;
use crate::scenario::{self, Scenario};
use crate::vendor::create_group;

/// What each example of a scenario does other than it says.
pub fn run_examples(scenario: &Scenario) -> Vec<FileProblem> {
    let problem = |at: Place, message: String| FileProblem::new(at, message);
    let mut problems = Vec::new();
    for example in &scenario.examples {
        let config = Config {
            clock: Clock::Frozen(1_727_169_211_000),
            scenarios: scenario::Source {
                given: vec![scenario.clone()],
                ..scenario::Source::default()
            },
            scenario: Some(scenario.name.clone()),
            ..Config::default()
        };
        let sandbox = match Sandbox::new(config) {
            Ok(sandbox) => sandbox,
            Err(error) => {
                problems.push(problem(example.at, error.to_string()));
                continue;
            }
        };
        let request = request(&example.send.0);
        for (index, expected) in example.expect.iter().enumerate() {
            let (_, record) = sandbox.answer_with_record(&request);
            let record = record.expect("BUG: the request is a call to the vendor");
            if record.outcome != expected.name() {
                let (number, expected, got) = (index + 1, expected.name(), record.outcome);
                let why = if record.findings.is_empty() {
                    String::new()
                } else {
                    format!(" ({})", record.findings)
                };
                problems.push(problem(
                    example.at,
                    format!("call {number} of this example must end as {expected}, it ends as {got}{why}"),
                ));
                break;
            }
        }
    }
    problems
}

/// A valid Create Group call with `send` merged over its body.
fn request(send: &Value) -> Request {
    let mut body = json!({
        "type": 4,
        "community_id": "f2a05adb-93ce-4a19-b003-3523fa745667",
        "group": {"name": "Tech Conversations", "members": [{"phone_number": "919876543210"}]},
        "settings": {"discoverable": true},
    });
    merge(&mut body, send);
    let mut headers = HeaderMap::new();
    headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer gnsb_demo"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Request {
        method: Method::POST,
        uri: Uri::from_static(create_group::ENDPOINT.path),
        headers,
        body: Bytes::from(body.to_string()),
        peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
    }
}

/// RFC 7396: an object is merged key by key, null takes a key away, all else replaces.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        target.clone_from(patch);
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    let target = target.as_object_mut().expect("BUG: made an object just above");
    for (key, value) in patch {
        if value.is_null() {
            target.remove(key);
        } else {
            merge(target.entry(key).or_insert(Value::Null), value);
        }
    }
}
