//! Findings in the log: what is wrong with a call and how to fix it, without secrets.

use serde_json::{Value, json};

use crate::harness::{CREATE, example, raw, set, without};
use crate::process::Process;

const KEY: &str = "Authorization: Bearer gnsb_demo\r\nContent-Type: application/json\r\n";

fn send(process: &Process, path: &str, headers: &str, body: &str) {
    let length = body.len();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    raw(process.address, request.as_bytes());
}

/// The log line of a Create Group call with this body.
fn line(process: &mut Process, body: &str) -> String {
    send(process, CREATE, KEY, body);
    let line = process.log_line("create_group for");
    line.split_once("INFO  ").unwrap_or_else(|| panic!("{line}")).1.to_owned()
}

#[test]
fn a_misspelled_mandatory_field_is_recognised() {
    let mut process = Process::start(&[]);
    let mut body = without(example(), "/community_id");
    body["communityId"] = json!("f2a05adb-93ce-4a19-b003-3523fa745667");
    assert_eq!(
        line(&mut process, &body.to_string()),
        "refused create_group for demo: /community_id is missing; \
         you sent \"communityId\" — did you mean \"community_id\"?"
    );
}

#[test]
fn quotes_are_suggested_only_where_they_help() {
    let mut process = Process::start(&[]);
    for (pointer, value, helps) in [
        ("/community_id", json!(12345), false),
        ("/chat_id", json!(456_789), false),
        ("/recorded_video/message_id", json!(7), false),
        ("/group/members/1/user_id", json!(1), false),
        ("/group/members/0/phone_number", json!(123), false),
        ("/group/members/0/phone_number", json!(919_876_543_210_u64), true),
        ("/group/name", json!(2024), true),
    ] {
        let line = line(&mut process, &set(example(), pointer, value.clone()).to_string());
        assert!(line.contains(&format!("{pointer} must be ")), "{pointer} {value}: {line}");
        assert_eq!(line.contains("put it in quotes"), helps, "{pointer} {value}: {line}");
    }
}

#[test]
fn a_spelling_is_suggested_only_where_its_number_is_accepted() {
    let mut process = Process::start(&[]);
    for (pointer, value, hint) in [
        ("/type", json!("4"), Some("send it without quotes")),
        ("/type", json!("5"), None),
        ("/type", json!(4.0), Some("write it without a fraction or exponent")),
        ("/type", json!(5.0), None),
        ("/type", json!(4.5), None),
        ("/template_id", json!("7"), Some("send it without quotes")),
        ("/template_id", json!("7.5"), None),
        ("/template_id", json!(7.5), None),
        ("/template_id", json!(1e300), None),
        ("/group/topics/0", json!(3.0), Some("write it without a fraction or exponent")),
    ] {
        let line = line(&mut process, &set(example(), pointer, value.clone()).to_string());
        let found = line.split("; ").nth(1).map(|rest| rest.split(" | ").next().unwrap());
        assert_eq!(found, hint, "{pointer} {value}: {line}");
    }
}

#[test]
fn a_token_of_the_real_host_is_told_not_to_work_here() {
    let mut process = Process::start(&[]);
    for token in ["eyJhbGciOiJIUzI1NiJ9.e30.x", "3f0c9bd1a7"] {
        let key = KEY.replace("gnsb_demo", token);
        send(&process, CREATE, &key, &example().to_string());
        let line = process.log_line("unknown token");
        assert!(line.contains("real Genuin tokens do not work here"), "{line}");
        assert!(line.contains("use gnsb_<tenant>, for example gnsb_demo"), "{line}");
    }
}

#[test]
fn every_violation_is_logged_with_its_pointer_and_a_suggestion() {
    let mut process = Process::start(&[]);
    let bodies: Vec<(Value, &str)> = vec![
        (
            set(set(example(), "/type", json!("4")), "/settings/discoverable", json!("true")),
            "/type must be the integer 4, not the string \"4\"; send it without quotes | \
             /settings/discoverable must be true or false, not the string \"true\"; send it without quotes",
        ),
        (
            set(example(), "/template_id", json!(4.0)),
            "/template_id must be an integer, not a number with a fraction, with an exponent or beyond 64 bits; \
             write it without a fraction or exponent",
        ),
        (
            set(example(), "/group/members/0", json!({"phone_number": "+919876543210"})),
            "/group/members/0/phone_number must be a string of 7 to 15 digits with country code, without a plus or a leading 0, not the string \"+919876543210\"; remove the plus",
        ),
        (
            set(example(), "/group/members/0", json!({})),
            "/group/members/0 has none of user_id and phone_number; send exactly one of user_id and phone_number",
        ),
        (
            set(example(), "/community_id", json!("11111111-1111-1111-1111-111111111111")),
            "/community_id is not a community of this tenant; \
             use one of the fixtures, for example f2a05adb-93ce-4a19-b003-3523fa745667 (tech_community)",
        ),
        (
            set(example(), "/recorded_video/video_name", json!("missing.mp4")),
            "/recorded_video/video_name starts with \"missing\", so the video counts as not uploaded; \
             use another name, unless you want error 5026",
        ),
    ];
    for (body, expected) in bodies {
        let expected = format!("refused create_group for demo: {expected}");
        assert_eq!(line(&mut process, &body.to_string()), expected);
    }
}

#[test]
fn a_repeated_key_is_logged_once() {
    let mut process = Process::start(&[]);
    let member = r#"[{"user_id":"abcd1234-5678-90ef-1112-234567890111","user_id":"abcd1234-5678-90ef-1112-234567890111"}]"#;
    let body = set(example(), "/group/members", json!("MEMBERS"))
        .to_string()
        .replace("\"MEMBERS\"", member);
    assert_eq!(
        line(&mut process, &body),
        "refused create_group for demo: /group/members/0/user_id is repeated; send each key once"
    );
}

#[test]
fn a_repeated_chat_id_is_logged_with_a_suggestion() {
    let mut process = Process::start(&[]);
    assert_eq!(line(&mut process, &example().to_string()), "accepted create_group for demo");
    assert_eq!(
        line(&mut process, &example().to_string()),
        "refused create_group for demo: /chat_id is the id of a group that already exists; \
         send a new chat_id, or leave it out to have one generated"
    );
}

#[test]
fn probable_mistakes_that_are_accepted_are_logged_as_warnings() {
    let mut process = Process::start(&[]);
    let mut body = without(example(), "/chat_id");
    body["descripton"] = json!("x");
    body["group"]["discoverable"] = json!(true);
    body["actions"][0]["access_type_id"] = json!(9);
    body["recorded_video"]["description_data"] = json!("plain text");
    let other = json!({"user_id": "0badcafe-1111-4222-8333-444455556666"});
    body["group"]["members"] = json!([other, other]);
    let line = line(&mut process, &body.to_string());
    for expected in [
        "accepted create_group for demo: ",
        "warning: /descripton is not a known field and was ignored",
        "warning: /group/discoverable is not a known field and was ignored; did you mean \"settings.discoverable\"?",
        "warning: /actions/0 action 3 with access type 9 is not a known pair",
        "warning: /recorded_video/description_data is not a description in JSON",
        "warning: /group/members/1/user_id is a duplicate and counts once",
    ] {
        assert!(line.contains(expected), "{expected}\n{line}");
    }
}

#[test]
fn broken_json_is_logged_with_line_and_column() {
    let mut process = Process::start(&[]);
    let line = line(&mut process, "{\n  \"type\": 4,\n}");
    assert!(line.contains("the body is not JSON: trailing comma at line 3 column 1"), "{line}");
}

#[test]
fn text_from_a_request_cannot_forge_a_log_line() {
    let mut process = Process::start(&[]);
    let mut body = example();
    body["a\nb\u{1b}[31m"] = json!(1);
    body["type"] = json!("x\r\n2024-01-01T00:00:00Z INFO forged");
    let line = line(&mut process, &body.to_string());
    assert!(line.contains(r#"not the string "x\r\n2024-01-01T00:00:00Z INFO forged""#), "{line}");
    assert!(line.contains(r#""/a\nb\u{1b}[31m" is not a known field"#), "{line}");
}

#[test]
fn secrets_are_not_logged_at_any_level() {
    let process = Process::start(&["--log", "trace"]);
    let secret = "cAnArY5d41402a";
    for header in [
        format!("Bearer {secret}"),
        format!("Bearer gnsb_{secret}"),
        format!("Bearer gnat_{secret}.1.2.3.4"),
        format!("Basic {secret}"),
        secret.to_owned(),
        format!("{secret} x"),
        format!("Bearer {secret} x"),
    ] {
        let headers = format!("Authorization: {header}\r\nCookie: {secret}\r\nX-Key: {secret}\r\n");
        send(&process, CREATE, &headers, "{}");
    }
    for body in [
        format!(r#"{{"api_key":"{secret}","api_secret":"{secret}"}}"#),
        format!(r#"{{"api_key":"demo-key","api_secret":"{secret}"}}"#),
        format!(r#"{{"api_key":["{secret}"],"api_secret":{{"x":"{secret}"}}}}"#),
    ] {
        send(&process, "/api/thirdparty/auth", "Content-Type: application/json\r\n", &body);
    }
    let end = process.stop();
    assert_eq!(
        end.stderr.matches("refused create_group for anonymous").count(),
        7,
        "{}",
        end.stderr
    );
    assert_eq!(end.stderr.matches("refused auth").count(), 3, "{}", end.stderr);
    assert!(!end.stderr.to_lowercase().contains(&secret.to_lowercase()), "{}", end.stderr);
}
