//! The JSON parsing corpus: as a whole body, inside a body, and in the sandbox's own API.

use std::path::Path;

use crate::client::Client;
use crate::sandbox::{COMMUNITY, sandbox};

/// Texts that are valid JSON in the corpus and that the contract refuses (`assumed`).
const REPEATED_KEYS: [&str; 2] =
    ["y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"];

/// Returns all files with their names.
fn corpus() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile/json");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap())
        })
        .filter(|(name, _)| name != "LICENSE")
        .collect();
    files.sort();
    assert_eq!(files.len(), 318, "the number of files in the corpus");
    files
}

#[test]
fn each_text_as_a_body_gets_the_vendors_refusal() {
    let sandbox = sandbox();
    let mut client = Client::new(sandbox.address());
    for (name, text) in corpus() {
        let answer = client.create(&text);
        let expected = r#"{"code":"1099","message":"An unexpected error occurred processing the request","data":{}}"#;
        assert_eq!((answer.status, &*answer.body), (400, expected.as_bytes()), "{name}");
    }
}

#[test]
fn an_unknown_field_is_accepted_exactly_if_it_is_valid_json() {
    let sandbox = sandbox();
    let mut client = Client::new(sandbox.address());
    for (name, text) in corpus() {
        let mut body = format!(r#"{{"type":4,"community_id":"{COMMUNITY}","x":"#).into_bytes();
        body.extend_from_slice(&text);
        body.push(b'}');
        let status = client.create(&body).status;
        match &name[..2] {
            "y_" if REPEATED_KEYS.contains(&&*name) => assert_eq!(status, 400, "{name}"),
            "y_" => assert_eq!(status, 200, "{name}"),
            // some of these texts become valid JSON as a part of the body
            "n_" if is_json(&body) => assert_eq!(status, 200, "{name}"),
            "n_" => assert_eq!(status, 400, "{name}"),
            _ => assert!(matches!(status, 200 | 400), "{name}: {status}"),
        }
    }
}

/// Whether a text is JSON according to the library.
fn is_json(text: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(text).is_ok()
}

#[test]
fn no_text_breaks_the_own_api() {
    let sandbox = sandbox();
    let mut client = Client::new(sandbox.address());
    for (name, text) in corpus() {
        for (method, path) in [
            ("POST", "/explain"),
            ("PUT", "/tenants/hostile/scenario"),
            ("POST", "/tenants/hostile/reset"),
            ("POST", "/tenants/hostile/clock"),
            ("POST", "/tenants/hostile/verify"),
            ("POST", "/tenants/hostile/users"),
            ("POST", "/tenants/hostile/communities"),
            ("PUT", "/scenarios/hostile"),
        ] {
            for media_type in ["application/json", "application/yaml"] {
                let answer = client.own(method, path, media_type, &text);
                assert!(answer.status < 500, "{method} {path} {name}: {answer:?}");
                let problem = answer.status >= 400;
                assert!(!problem || answer.json()["detail"].is_string(), "{method} {path} {name}");
            }
        }
    }
    assert_eq!(client.own("GET", "/status", "application/json", b"").status, 200);
}

#[test]
fn explain_predicts_the_answer_to_each_body() {
    let sandbox = sandbox();
    let mut client = Client::new(sandbox.address());
    for (name, text) in corpus() {
        let Ok(text) = String::from_utf8(text) else { continue };
        let question = serde_json::json!({
            "headers": {"Authorization": "Bearer gnsb_hostile"}, "body": text,
        });
        let answer =
            client.own("POST", "/explain", "application/json", question.to_string().as_bytes());
        assert_eq!(answer.status, 200, "{name}: {answer:?}");
        assert_eq!(answer.json()["outcome"], "bad-request", "{name}");
    }
}
