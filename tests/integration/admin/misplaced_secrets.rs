//! A secret in a place where none belongs is not repeated either: before the host, in a path, a query, a key or a
//! message.

use serde_json::json;

use super::secrets::{ADMIN, CANARY, KEY, Recorder, assert_not_repeated};
use crate::harness::{AUTH, CREATE};

#[test]
fn a_user_before_the_host_is_not_repeated() {
    let mut recorder = Recorder::start();
    for path in [CREATE, "/nowhere", "/", "/_sandbox/v1/status", "/_sandbox/"] {
        for (target, host) in [
            (format!("http://u:{CANARY}@localhost{path}"), "localhost".to_owned()),
            (format!("http://{CANARY}@localhost{path}"), "localhost".to_owned()),
            (path.to_owned(), format!("u:{CANARY}@localhost")),
            (path.to_owned(), format!("u:{CANARY}%40localhost:80")),
            (format!("/http://u:{CANARY}@localhost{path}"), "localhost".to_owned()),
            (format!("/http:%2F%2Fu:{CANARY}%40localhost{path}"), "localhost".to_owned()),
        ] {
            let answer = recorder.send_bytes(&format!(
                "POST {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            ));
            assert!((400..500).contains(&answer.status), "{target}: {}", answer.status);
        }
    }
    assert_not_repeated(&recorder.stop(), CANARY);
}

#[test]
fn the_refusal_of_a_user_before_the_host_says_what_is_wrong() {
    let mut recorder = Recorder::start();
    let answer = recorder.send_bytes(&format!(
        "GET {CREATE} HTTP/1.1\r\nHost: a:b@localhost\r\nConnection: close\r\n\r\n"
    ));
    assert_eq!(
        answer.json()["detail"],
        "the host has a user name before its @; expected a name or an address, with or without a port"
    );
    let entry = recorder.ask("GET", "tenants/anonymous/requests/last", "").json();
    assert_eq!(entry["headers"]["host"], "[redacted]@localhost");
}

#[test]
fn a_secret_in_a_path_or_a_query_is_not_repeated() {
    let mut recorder = Recorder::start();
    let names = [
        "token",
        "access_token",
        "API-Key",
        "api_secret",
        "jwt",
        "sig",
        "X-Amz-Signature",
        "key",
        "password",
        "client.secret",
        "to%6Ben",
        "%6Bey",
        "s%2569g",
    ];
    for name in names {
        for target in [
            format!("{CREATE}?a=b&{name}={CANARY}&c"),
            format!("{CREATE}?next=/a%3F{name}%3D{CANARY}"),
            format!("{CREATE}&{name}={CANARY}"),
            format!("/nowhere;{name}={CANARY}/x"),
            format!("/nowhere%3F{name}%3D{CANARY}/x"),
            format!("/~{name}={CANARY}{CREATE}"),
            format!("/_sandbox/v1/tenants/{name}={CANARY}"),
        ] {
            recorder.send(&format!("POST {target}"), KEY, "{}");
        }
    }
    assert_not_repeated(&recorder.stop(), CANARY);
}

/// Sends a text in every place where it can be repeated.
fn send_everywhere(recorder: &mut Recorder, text: &str) {
    let encoded = text.replacen(['-', '_', '.'], "%2D", 1);
    let encoded = if text.contains('-') { encoded } else { text.replacen('_', "%5F", 1) };
    for text in [text, &encoded] {
        for target in [
            format!("/nowhere/{text}"),
            format!("/api/thirdparty/update_conversation/{text}"),
            format!("{CREATE}/{text}"),
            format!("{CREATE}?q={text}"),
            format!("{CREATE}?{text}=1"),
            format!("/~{text}{CREATE}"),
            format!("/_sandbox/v1/{text}"),
            format!("/_sandbox/v1/tenants/{text}/state"),
            format!("/_sandbox/v1/requests?since={text}&{text}=1"),
        ] {
            recorder.send(&format!("POST {target}"), KEY, "{}");
            recorder.send(&format!("GET {target}"), KEY, "");
            recorder.ask("GET", target.trim_start_matches("/_sandbox/v1/"), "");
        }
    }
    for body in [
        json!({"community_id": text, "type": text, "group": {"name": text, "members": [text]}}),
        json!({text: 1, "group": {text: {text: 2}}}),
        json!([text]),
        json!(text),
    ] {
        let body = body.to_string();
        recorder.send(&format!("POST {CREATE}"), KEY, &body);
        recorder.send(&format!("POST {AUTH}"), "Content-Type: application/json\r\n", &body);
        recorder.ask("PUT", "tenants/demo/scenario", &body);
        recorder.ask(
            "POST",
            "explain",
            &json!({"path": format!("/{text}"), "body": body}).to_string(),
        );
    }
    // names of headers come in lower case
    let name = if text.to_lowercase() == text { text } else { "X-Api-Key" };
    for header in ["User-Agent", "X-Sandbox-Scenario", "Content-Type", "X-Request-Id", name] {
        recorder.send(&format!("POST {CREATE}"), &format!("{KEY}{header}: {text}\r\n"), "{}");
    }
    let both = format!("Authorization: Bearer {text}\r\n");
    recorder.send(&format!("GET /nowhere/{text}"), &both, "");
    recorder.send(&format!("POST {CREATE}"), &both, &json!({"type": text}).to_string());
}

#[test]
fn an_issued_token_is_not_repeated_wherever_it_stands() {
    let mut recorder = Recorder::start();
    let login = r#"{"api_key":"demo-key","api_secret":"demo-secret"}"#;
    let answer =
        recorder.send(&format!("POST {AUTH}"), "Content-Type: application/json\r\n", login);
    let issued = answer.header("gn-access-token").unwrap().to_owned();
    send_everywhere(&mut recorder, &issued);
    assert_not_repeated(&recorder.stop(), issued.trim_start_matches("gnat_"));
}

#[test]
fn known_tokens_and_secrets_are_not_repeated_wherever_they_stand() {
    let user = "4f8a2c6e-1b3d-4e5f-8a7b-9c0d1e2f3a4b";
    let fixtures = format!(
        "version: 1\ncreator: {user}\nusers:\n- {{user_id: {user}, username: u}}\n\
         tokens:\n- {{token: Own-fixture-tOken, tenant: demo, user: {user}}}\n\
         keys:\n- {{api_key: k, api_secret: Own-fixture-sEcret, tenant: demo, user: {user}}}\n"
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.yaml");
    std::fs::write(&file, fixtures).unwrap();
    let mut recorder = Recorder::start_with(&["--fixtures", file.to_str().unwrap()]);
    for text in ["Own-fixture-tOken", "Own-fixture-sEcret", ADMIN] {
        send_everywhere(&mut recorder, text);
    }
    let output = recorder.stop();
    assert_not_repeated(&output, "fixture-tOken");
    assert_not_repeated(&output, "fixture-sEcret");
    assert_not_repeated(&output, "CaNaRy-91");
}

#[test]
fn a_secret_as_a_key_of_a_login_is_not_repeated() {
    let mut recorder = Recorder::start();
    for body in [
        r#"{"CANARY":1}"#,
        r#"{"api_key":"demo-key","CANARY":"x","CANARY":"y"}"#,
        r#"{"api_key":{"CANARY":1,"CANARY":2},"api_secret":"x"}"#,
        r#"{"x":[{"CANARY":null}]}"#,
        r#"{"\u0063AnArY7f3e":{"CANARY":1}}"#,
    ] {
        let body = body.replace("CANARY", CANARY);
        for assume in ["", "?CANARY", "?CANARY=1"] {
            let target = format!("POST {AUTH}{}", assume.replace("CANARY", CANARY));
            recorder.send(&target, "Content-Type: application/json\r\n", &body);
        }
        recorder.ask("POST", "explain", &json!({"path": AUTH, "body": body}).to_string());
    }
    assert_not_repeated(&recorder.stop(), CANARY);
}
