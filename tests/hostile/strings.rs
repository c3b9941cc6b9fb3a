//! The Big List of Naughty Strings in fields, keys, headers, paths and scenario files.

use naughty_strings::BLNS;
use serde_json::{Value, json};

use crate::client::{CREATE, Client};
use crate::sandbox::{COMMUNITY, sandbox};

/// Fields that accept any text.
const TEXT_FIELDS: [&str; 16] = [
    "/group/name",
    "/group/description",
    "/group/tags",
    "/group/dp",
    "/recorded_video/video_name",
    "/recorded_video/thumbnail_name",
    "/recorded_video/video_path",
    "/recorded_video/thumbnail_path",
    "/recorded_video/link",
    "/recorded_video/description_text",
    "/recorded_video/description_data",
    "/recorded_video/size",
    "/recorded_video/duration",
    "/recorded_video/aspect_ratio",
    "/recorded_video/resolution",
    "/recorded_video/meta_data/topic",
];

/// Fields that accept an id or a phone number.
const FORMATTED_FIELDS: [&str; 4] = [
    "/chat_id",
    "/recorded_video/message_id",
    "/group/members/0/user_id",
    "/group/members/0/phone_number",
];

/// Fields that accept no text.
const OTHER_FIELDS: [&str; 6] = [
    "/type",
    "/actions",
    "/template_id",
    "/is_ai_generated",
    "/settings/discoverable",
    "/group/topics",
];

/// Returns a valid body with a value at a pointer.
fn with(pointer: &str, value: &str) -> Value {
    let mut body = json!({"type": 4, "community_id": COMMUNITY});
    let mut place = &mut body;
    let mut parts = pointer.split('/').skip(1).peekable();
    while let Some(part) = parts.next() {
        place = match part.parse::<usize>() {
            Ok(_) => {
                *place = json!([{}]);
                &mut place[0]
            }
            Err(_) => &mut place[part],
        };
        if parts.peek().is_some() && place.is_null() {
            *place = json!({});
        }
    }
    *place = json!(value);
    if pointer.starts_with("/recorded_video") && body["recorded_video"]["video_name"].is_null() {
        body["recorded_video"]["video_name"] = json!("video.mp4");
    }
    body
}

#[test]
fn text_fields_accept_and_return_every_string() {
    let sandbox = sandbox();
    let mut client = Client::new(sandbox.address());
    for text in BLNS {
        for pointer in TEXT_FIELDS {
            let body = with(pointer, text);
            let answer = client.create(body.to_string().as_bytes());
            if pointer == "/recorded_video/video_name" && text.is_empty() {
                assert_eq!(answer.status, 500, "{pointer} {text:?}");
                assert_eq!(answer.json()["code"], "5026");
                continue;
            }
            assert_eq!(answer.status, 200, "{pointer} {text:?}");
            let data = &answer.json()["data"];
            match pointer {
                "/group/name" => assert_eq!(data["group"]["group_name"], *text),
                "/group/description" => assert_eq!(data["group"]["group_description"], *text),
                _ => {}
            }
            for link in [&data["group"]["dp_s"], &data["latest_messages"][0]["media_url"]] {
                let link = link.as_str().unwrap_or_default();
                assert!(link.bytes().all(|byte| byte.is_ascii_graphic()), "{pointer} {link}");
            }
        }
    }
}

#[test]
fn other_fields_refuse_every_string_with_its_place() {
    let sandbox = sandbox();
    let mut client = Client::new(sandbox.address());
    for text in BLNS {
        let is_phone = (7..=15).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_digit())
            && !text.starts_with('0');
        for pointer in FORMATTED_FIELDS.iter().chain(&OTHER_FIELDS) {
            let answer = client.create(with(pointer, text).to_string().as_bytes());
            let accepted = is_phone && pointer.ends_with("phone_number");
            assert_eq!(answer.status, if accepted { 200 } else { 400 }, "{pointer} {text:?}");
            let last = client.own("GET", "/tenants/hostile/requests/last", "application/json", b"");
            let findings = &last.json()["findings"];
            let named = findings.as_array().unwrap().iter().any(|one| one["pointer"] == **pointer);
            assert!(accepted || named, "{pointer} {text:?}: {findings}");
        }
    }
}

#[test]
fn strings_as_keys_are_ignored() {
    let sandbox = sandbox();
    let mut client = Client::new(sandbox.address());
    for text in BLNS {
        let mut body = json!({"type": 4, "community_id": COMMUNITY, "group": {}});
        body[*text] = json!(1);
        body["group"][*text] = json!({*text: [*text]});
        assert_eq!(client.create(body.to_string().as_bytes()).status, 200, "{text:?}");
    }
}

/// Whether a call with any text in a header may get this status.
fn is_expected(status: u16) -> bool {
    matches!(status, 200 | 400 | 401 | 403 | 404 | 405 | 413 | 415 | 421 | 431 | 501)
}

#[test]
fn a_string_in_a_header_gets_an_answer_or_ends_the_connection() {
    let sandbox = sandbox();
    let mut client = Client::new(sandbox.address());
    let body = json!({"type": 4, "community_id": COMMUNITY}).to_string();
    for text in BLNS {
        for name in [
            "Authorization: Bearer ",
            "Authorization: Bearer gnsb_x.",
            "Authorization: ",
            "X-Sandbox-Scenario: ",
            "Content-Type: ",
            "User-Agent: ",
            "Idempotency-Key: ",
            "Origin: ",
            "Host: ",
            "",
        ] {
            for path in [CREATE, "/_sandbox/v1/status"] {
                let headers = format!("{name}{text}\r\n");
                let answer =
                    client.send("POST", path.as_bytes(), headers.as_bytes(), body.as_bytes());
                if let Some(answer) = answer {
                    assert!(is_expected(answer.status), "{path} {headers:?}: {answer:?}");
                }
            }
        }
    }
}

#[test]
fn a_string_in_a_path_gets_an_answer_or_ends_the_connection() {
    let sandbox = sandbox();
    let mut client = Client::new(sandbox.address());
    for text in BLNS {
        let encoded: Vec<_> = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let encoded = encoded.concat();
        for part in [*text, encoded.as_str()] {
            for path in [
                format!("/{part}"),
                format!("{CREATE}/{part}"),
                format!("/~{part}{CREATE}"),
                format!("/l/{part}"),
                format!("/_sandbox/v1/{part}"),
                format!("/_sandbox/v1/tenants/{part}/state"),
                format!("/_sandbox/v1/tenants/demo/groups/{part}"),
                format!("/_sandbox/v1/requests?outcome={part}"),
                part.to_owned(),
            ] {
                if let Some(answer) = client.send("GET", path.as_bytes(), b"", b"") {
                    assert!(is_expected(answer.status), "{path:?}: {answer:?}");
                }
            }
        }
    }
}

/// Strings are valid as text; as a name, a pattern or an outcome most are refused with a reason.
#[test]
fn a_string_in_a_scenario_file_is_text_or_refused_with_its_place() {
    let sandbox = sandbox();
    let mut client = Client::new(sandbox.address());
    for text in BLNS {
        let plain = json!({
            "version": 1, "description": text,
            "rules": [{"id": "a", "match": {"body": {"group.name": text}}, "do": {"outcome": 500}}],
        });
        let answer = client.own(
            "PUT",
            "/scenarios/hostile",
            "application/json",
            plain.to_string().as_bytes(),
        );
        assert!(answer.status < 300, "{text:?}: {}", answer.json());
        // the rule matches the string
        let body = with("/group/name", text).to_string();
        let headers =
            b"Authorization: Bearer gnsb_hostile.hostile\r\nContent-Type: application/json\r\n";
        let forced = client.send("POST", CREATE.as_bytes(), headers, body.as_bytes()).unwrap();
        assert_eq!(forced.status, 500, "{text:?}");
        for rule in [
            json!({"id": text, "do": {"outcome": 500}}),
            json!({"id": "a", "do": {"outcome": text}}),
            json!({"id": "a", "do": {"outcome": 500, "delay": text}}),
            json!({"id": "a", "do": {"outcome": 500, "message": text}}),
            json!({"id": "a", "do": {"outcome": 500, "headers": {"x-a": text}}}),
            json!({"id": "a", "phase": text, "do": {"outcome": 500}}),
            json!({"id": "a", "match": {"body": {"group.name": {"glob": text}}}, "do": {"outcome": 500}}),
            json!({"id": "a", "match": {"body": {"group.name": {"regex": text}}}, "do": {"outcome": 500}}),
            json!({"id": "a", "match": {"tenant": text}, "do": {"outcome": 500}}),
            json!({"id": "a", "match": {"nth": text}, "do": {"outcome": 500}}),
            json!({"id": "a", "scope": text, "do": {"outcome": 500}}),
            json!({"id": "a", *text: text, "do": {"outcome": 500}}),
        ] {
            let file = json!({"version": 1, "rules": [rule]}).to_string();
            let answer =
                client.own("PUT", "/scenarios/hostile", "application/json", file.as_bytes());
            assert!(answer.status < 500, "{file}: {answer:?}");
            if answer.status >= 400 {
                let detail = answer.json()["detail"].as_str().unwrap().to_owned();
                assert!(detail.contains("line 1, column "), "no place: {file}: {detail}");
                assert!(!detail.contains('\u{1b}') && !detail.contains('\0'), "{detail:?}");
            }
        }
        // none of them is a scenario file
        let answer = client.own("PUT", "/scenarios/hostile", "application/yaml", text.as_bytes());
        assert!((400..500).contains(&answer.status), "{text:?}: {answer:?}");
    }
}
