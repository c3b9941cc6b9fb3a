//! The documents in `openapi/` are those that a sandbox serves, and every answer that a test receives is
//! valid by them.

mod examples;
mod received;
mod requests;

pub use received::check_answer;

use std::collections::BTreeSet;

use genuin_sandbox::internals::admin::routes;
use serde_json::{Value, json};

use crate::admin::{ask, assert_problem};
use crate::harness::{Answer, App, exchange};

/// The address in the stored documents.
const ADDRESS: &str = "http://127.0.0.1:4368";

/// The paths of the documents with their files and media types.
const DOCUMENTS: [(&str, &str, &str); 4] = [
    ("openapi.json", "genuin.openapi.json", "application/json"),
    ("openapi.yaml", "genuin.openapi.yaml", "application/yaml"),
    ("openapi-3.0.json", "genuin.openapi-3.0.json", "application/json"),
    ("sandbox.openapi.json", "sandbox.openapi.json", "application/json"),
];

#[test]
fn the_stored_documents_are_those_that_are_served() {
    // two of them, since the examples are made anew for each document
    let apps = [(); 2].map(|()| App::with(|builder| builder.public_url(ADDRESS)));
    for (path, file, media_type) in DOCUMENTS {
        let request = format!(
            "GET /_sandbox/v1/{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        );
        // not compared with what is stored, which may be stale
        let [answer, other] = apps
            .each_ref()
            .map(|app| Answer::parse(&exchange(app.sandbox.address(), request.as_bytes())));
        assert!(answer.body == other.body, "{path} is another one each time");
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        assert_eq!(answer.header("content-type"), Some(media_type), "{path}");
        let served = match media_type {
            "application/json" => format!("{:#}\n", answer.json()),
            _ => answer.body,
        };
        let file = format!("{}/openapi/{file}", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("UPDATE_OPENAPI").is_some() {
            std::fs::write(&file, &served).unwrap();
        }
        let stored = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            stored == served,
            "{file} is stale: run UPDATE_OPENAPI=1 cargo test --test integration stored_documents"
        );
    }
}

#[test]
fn a_document_names_the_server_by_the_public_address_or_by_the_host_of_the_request() {
    let servers = |app: &App| -> Value {
        let document = ask(app.sandbox.address(), "GET", "openapi.json", "").json();
        document["servers"][0]["url"].clone()
    };
    let app = App::with(|builder| builder.public_url("https://example.test/genuin/v1"));
    assert_eq!(servers(&app), json!("https://example.test/genuin/v1"));
    let started = genuin_sandbox::RunningSandbox::start().unwrap();
    let document = ask(started.address(), "GET", "openapi.json", "").json();
    assert_eq!(document["servers"][0]["url"], "http://localhost");
    let link = &document["paths"][crate::harness::CREATE]["post"]["responses"]["200"]["content"]["application/json"]
        ["examples"]["ok"]["value"]["data"]["share_url"];
    assert!(link.as_str().unwrap().starts_with("http://localhost/l/"), "{link}");
}

#[test]
fn every_route_declares_its_parameters_and_has_an_operation_of_its_own() {
    let mut operations = BTreeSet::new();
    let app = App::start();
    let document = ask(app.sandbox.address(), "GET", "sandbox.openapi.json", "").json();
    for route in routes() {
        let row = format!("{} {}", route.method, route.pattern);
        let names = route.pattern.split('/').filter_map(|segment| segment.strip_prefix('{'));
        let in_pattern: Vec<_> = names.map(|name| name.trim_end_matches('}')).collect();
        let path = format!("/_sandbox/v1/{}", route.pattern);
        let operation = &document["paths"][path][route.method.as_str().to_lowercase()];
        let declared = operation["parameters"].as_array().cloned().unwrap_or_default();
        let in_path = declared.iter().filter(|one| one["in"] == "path");
        let in_path: Vec<_> = in_path.map(|one| one["name"].as_str().unwrap()).collect();
        assert_eq!(in_path, in_pattern, "{row}");
        let id = operation["operationId"].as_str().unwrap().to_owned();
        assert!(operations.insert(id), "{row} has the operationId of another");
    }
}

#[test]
fn an_unknown_document_is_not_found_and_the_nearest_is_named() {
    let app = App::start();
    for (path, near) in [
        ("openapi.yml", "openapi.yaml"),
        ("openapi-3.1.json", "openapi-3.0.json"),
        ("sandbox.openapi.yaml", "sandbox.openapi.json"),
    ] {
        let answer = ask(app.sandbox.address(), "GET", path, "");
        let detail =
            format!("unknown path \"/_sandbox/v1/{path}\"; did you mean /_sandbox/v1/{near}?");
        assert_problem(&answer, 404, "Not Found", &detail, None);
    }
}
