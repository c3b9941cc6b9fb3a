//! The sandbox's own API over a real socket: what it shows and changes, and who may use it.

mod clock;
mod closed;
mod delivery;
mod events;
mod exchange;
mod explain;
mod explain_changes;
mod explain_refusals;
mod followed;
mod gone_scenarios;
pub mod guards;
mod journal;
mod journal_bounds;
mod kept_texts;
mod long_lists;
mod methods;
mod misplaced_secrets;
mod normal;
mod overrides;
mod refused;
mod routes;
mod scenario_rules;
mod search;
mod secrets;
mod switches;
mod tenants;
mod uploads;
mod verify;

use std::net::SocketAddr;

use genuin_sandbox::internals::admin::{BASE, routes};
use serde_json::{Value, json};

use crate::harness::{Answer, raw};

/// The whole path of something in the API.
pub fn v1(path: &str) -> String {
    format!("{BASE}/{path}")
}

/// The method and path of every route, with `value` for each parameter.
pub fn requests_to_all_routes(value: &str) -> Vec<(String, String)> {
    let fill = |segment: &'static str| if segment.starts_with('{') { value } else { segment };
    let path = |pattern: &'static str| {
        let segments: Vec<_> = pattern.split('/').map(fill).collect();
        v1(&segments.join("/"))
    };
    routes().map(|route| (route.method.to_string(), path(route.pattern))).collect()
}

/// Sends a request to the API; the body is JSON.
pub fn ask(address: SocketAddr, method: &str, path: &str, body: &str) -> Answer {
    let (path, length) = (v1(path), body.len());
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    Answer::parse(&raw(address, request.as_bytes()))
}

/// The JSON that a path of the API shows.
pub fn read(address: SocketAddr, path: &str) -> Value {
    let answer = ask(address, "GET", path, "");
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    assert_eq!(answer.header("content-type"), Some("application/json"), "{path}");
    answer.json()
}

/// Changes something by the API; gives the JSON of the reply.
pub fn write(address: SocketAddr, method: &str, path: &str, body: &Value) -> Value {
    let answer = ask(address, method, path, &body.to_string());
    assert_eq!(answer.status, 200, "{method} {path} {body}: {}", answer.body);
    answer.json()
}

/// Sends a request that is answered with 204.
pub fn done(address: SocketAddr, method: &str, path: &str) {
    let answer = ask(address, method, path, "");
    let headers = vec![("cache-control".into(), "no-store".into())];
    assert_eq!(answer, Answer { status: 204, headers, body: String::new() }, "{path}");
}

/// Asserts that an answer is this problem+json.
#[track_caller]
pub fn assert_problem(
    answer: &Answer,
    status: u16,
    title: &str,
    detail: &str,
    pointer: Option<&str>,
) {
    let kind = title.to_lowercase().replace(' ', "-");
    let mut expected = json!({
        "type": format!("urn:genuin-sandbox:{kind}"), "title": title, "status": status, "detail": detail,
    });
    if let Some(pointer) = pointer {
        expected["pointer"] = json!(pointer);
    }
    assert_eq!(answer.status, status, "{}", answer.body);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(answer.json(), expected);
}

/// The entries of a tenant, the oldest first.
pub fn entries(address: SocketAddr, tenant: &str) -> Vec<Value> {
    list(&read(address, &format!("tenants/{tenant}/requests?limit=1000")), "requests")
}

/// A list in a reply.
pub fn list(answer: &Value, key: &str) -> Vec<Value> {
    answer[key].as_array().unwrap_or_else(|| panic!("no {key} in {answer}")).clone()
}

/// The values of a key in every entry.
pub fn each(entries: &[Value], key: &str) -> Vec<Value> {
    entries.iter().map(|entry| entry[key].clone()).collect()
}
