//! The documents in `openapi/` are those that a sandbox serves.

use serde_json::{Value, json};

use crate::admin::ask;
use crate::harness::App;

/// The address in the stored documents.
const ADDRESS: &str = "http://127.0.0.1:4368";

/// The paths of the documents with their files and media types.
const DOCUMENTS: [(&str, &str, &str); 3] = [
    ("openapi.json", "genuin.openapi.json", "application/json"),
    ("openapi.yaml", "genuin.openapi.yaml", "application/yaml"),
    ("openapi-3.0.json", "genuin.openapi-3.0.json", "application/json"),
];

#[test]
fn the_stored_documents_are_those_that_are_served() {
    let app = App::with(|builder| builder.public_url(ADDRESS));
    for (path, file, media_type) in DOCUMENTS {
        let answer = ask(app.sandbox.address(), "GET", path, "");
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
