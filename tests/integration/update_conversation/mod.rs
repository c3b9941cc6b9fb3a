//! `PATCH /api/thirdparty/update_conversation/{chat_id}`: changes to a group's people and details.

mod people;

use serde_json::{Value, json};

use crate::admin::{each, read};
use crate::harness::{
    Answer, App, BAD_REQUEST, UNAUTHORIZED, example, keys_in_order, set, vendor, without,
};

const REQUEST: &str = include_str!("../examples/update-conversation.request.json");
const RESPONSE: &str = include_str!("../examples/update-conversation.response.json");

const CHAT: &str = "456e7890-b12c-4c23-89ef-126314214567";
const OWNER: &str = "abcd1234-5678-90ef-1112-234567890111";
const SECOND: &str = "0badcafe-1111-4222-8333-444455556666";
const THIRD: &str = "345e1234-5678-90ef-2345-678912341234";
const UNKNOWN: &str = "11111111-1111-1111-1111-111111111111";

/// A sandbox in which tenant `demo` has the documented group.
fn app() -> App {
    let app = App::start();
    assert_eq!(app.create(&example()).status, 200);
    app
}

fn path(chat_id: &str) -> String {
    format!("/api/thirdparty/update_conversation/{chat_id}")
}

fn send(app: &App, path: &str, body: &str) -> Answer {
    let headers = [("Authorization", "Bearer gnsb_demo"), ("Content-Type", "application/json")];
    app.send("PATCH", path, &headers, body.as_bytes())
}

fn update(app: &App, body: &Value) -> Answer {
    send(app, &path(CHAT), &body.to_string())
}

/// Makes an update that must succeed and returns its data.
fn updated(app: &App, body: &Value) -> Value {
    let answer = update(app, body);
    assert_eq!(answer.status, 200, "{body}: {}", findings(app));
    answer.json()["data"].clone()
}

fn group(app: &App) -> Value {
    read(app.sandbox.address(), &format!("tenants/demo/groups/{CHAT}"))
}

/// The findings of the last call.
fn findings(app: &App) -> Value {
    read(app.sandbox.address(), "tenants/demo/requests/last")["findings"].clone()
}

fn add(ids: &[&str]) -> Value {
    json!({"members_added": ids.iter().map(|id| json!({"user_id": id})).collect::<Vec<_>>()})
}

#[test]
fn the_documented_request_gets_the_documented_answer() {
    let app = App::start();
    let before = set(example(), "/group/topics", json!([3]));
    app.create(&set(before, "/settings/discoverable", json!(true)));
    let answer = send(&app, &path(CHAT), REQUEST);
    let mut expected: Value = serde_json::from_str(RESPONSE).unwrap();
    let added = &mut expected["data"]["members_added"][0];
    for (key, value) in [
        ("name", "Second Member"),
        ("nickname", "second_member"),
        ("phone", "999100000002"),
        ("profile_image", "owl"),
    ] {
        added[key] = json!(value);
    }
    assert_eq!((answer.status, answer.json()), (200, expected));
    assert_eq!(answer, vendor(200, &answer.body), "no header of the sandbox's own");
    assert_eq!(keys_in_order(&answer.body), keys_in_order(RESPONSE));
}

#[test]
fn nothing_sent_is_a_success_in_which_nothing_is_updated() {
    let app = app();
    let before = group(&app);
    let nothing = json!({
        "members_added": [], "members_removed": [], "subscribers_added": [], "subscribers_removed": [],
        "requester_removed": [], "name_updated": false, "description_updated": false,
        "dp_updated": false, "topics_updated": false, "settings_updated": false,
    });
    let nulls = json!({
        "members_added": null, "members_removed": null, "subscribers_removed": null, "name": null,
        "description": null, "tags": null, "dp": null, "topics": null, "settings": null,
    });
    for body in
        [json!({}), nulls, json!({"settings": {}}), json!({"settings": {"discoverable": null}})]
    {
        assert_eq!(updated(&app, &body), nothing, "{body}");
        assert_eq!(findings(&app), json!([]), "{body}");
    }
    assert_eq!(group(&app), before);
}

#[test]
fn a_flag_says_whether_a_value_was_sent_and_differs() {
    let app = app();
    for (body, flag) in [
        (json!({"name": "n"}), "name_updated"),
        (json!({"name": ""}), "name_updated"),
        (json!({"description": "d"}), "description_updated"),
        (json!({"dp": "p.png"}), "dp_updated"),
        (json!({"dp": ""}), "dp_updated"),
        (json!({"topics": [7, 8]}), "topics_updated"),
        (json!({"topics": []}), "topics_updated"),
        (json!({"settings": {"discoverable": true}}), "settings_updated"),
    ] {
        for is_first in [true, false] {
            let data = updated(&app, &body);
            let set = data.as_object().unwrap().iter().filter(|(_, value)| **value == true);
            let set: Vec<_> = set.map(|(key, _)| key.as_str()).collect();
            assert_eq!(set, if is_first { vec![flag] } else { vec![] }, "{body}");
        }
    }
    updated(&app, &json!({"tags": "x,y"}));
    let group = group(&app);
    for (key, value) in [
        ("name", json!("")),
        ("description", json!("d")),
        ("dp", Value::Null),
        ("topics", json!([])),
        ("discoverable", json!(true)),
        ("tags", json!("x,y")),
    ] {
        assert_eq!(group[key], value, "{key}");
    }
}

#[test]
fn a_chat_id_in_the_path_that_is_no_group_is_refused() {
    let app = app();
    let encoded = CHAT.replacen('4', "%34", 1);
    for (chat_id, status, reason) in [
        (CHAT.to_uppercase(), 200, "ids are compared without regard to case"),
        (encoded, 200, "the path is percent-decoded"),
        (UNKNOWN.into(), 400, "there is no such group"),
        ("group-1".into(), 400, "it is no UUID"),
        (CHAT.replace('-', ""), 400, "dashes are needed"),
        (format!("{CHAT}%00"), 400, "nothing may follow"),
        ("%FF".into(), 400, "it is not UTF-8"),
    ] {
        let answer = send(&app, &path(&chat_id), "{}");
        assert_eq!(answer.status, status, "{chat_id}: {reason}");
        if status == 400 {
            assert_eq!(answer, vendor(400, BAD_REQUEST), "{chat_id}");
            let finding = findings(&app)[0].clone();
            assert_eq!(finding["pointer"], "/path/chat_id", "{chat_id}");
            assert_eq!(finding["clause"], "update_conversation.path.chat_id", "{chat_id}");
            assert_eq!(finding["patch"], Value::Null, "a patch cannot change the path");
        }
    }
    for path in [path(""), format!("{}/", path(CHAT)), format!("{}/x", path(CHAT))] {
        let answer = send(&app, &path, "{}");
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{path}");
    }
    assert_eq!(app.post(&path(CHAT), &[], b"{}").header("allow"), Some("PATCH"));
}

#[test]
fn the_path_and_the_body_are_checked_together_and_the_token_first() {
    let app = app();
    let answer = send(&app, &path("x"), r#"{"name":1}"#);
    assert_eq!(answer, vendor(400, BAD_REQUEST));
    let findings = findings(&app);
    let findings = findings.as_array().unwrap();
    assert_eq!(each(findings, "pointer"), [json!("/path/chat_id"), json!("/name")]);
    let headers = [("Authorization", "Bearer no-such-token")];
    assert_eq!(app.send("PATCH", &path("x"), &headers, b"{"), vendor(401, UNAUTHORIZED));
    let other = [("Authorization", "Bearer gnsb_other"), ("Content-Type", "application/json")];
    let answer = app.send("PATCH", &path(CHAT), &other, b"{}");
    assert_eq!(answer, vendor(400, BAD_REQUEST), "the group of another tenant");
}

#[test]
fn a_wrong_value_is_refused_and_changes_nothing() {
    let app = app();
    let before = group(&app);
    let list_of_ids = || {
        vec![
            json!("x"),
            json!({}),
            json!([""]),
            json!([null]),
            json!([7]),
            json!([[SECOND]]),
            json!([{"user_id": SECOND}]),
        ]
    };
    let not_text = || vec![json!(1), json!(true), json!(["x"]), json!({})];
    for (pointer, values) in [
        (
            "/members_added",
            vec![
                json!({"user_id": SECOND}),
                json!([SECOND]),
                json!([null]),
                json!([{}]),
                json!([{"user_id": null}]),
                json!([{"user_id": ""}]),
                json!([{"user_id": [SECOND]}]),
                json!([{"phone_number": "919876543210"}]),
            ],
        ),
        ("/members_removed", list_of_ids()),
        ("/subscribers_removed", list_of_ids()),
        ("/name", not_text()),
        ("/description", not_text()),
        ("/tags", not_text()),
        ("/dp", not_text()),
        (
            "/topics",
            vec![json!(1), json!("1"), json!(["1"]), json!([1.0]), json!([null]), json!({})],
        ),
        ("/settings", vec![json!(true), json!("x"), json!([])]),
        ("/settings", vec![json!({"discoverable": "true"}), json!({"discoverable": 1})]),
    ] {
        for value in values {
            let body = set(json!({"name": "other", "unknown": 1}), pointer, value);
            assert_eq!(update(&app, &body), vendor(400, BAD_REQUEST), "{body}");
        }
    }
    for body in [
        "",
        "[]",
        "null",
        r#"{"name":"a","name":"a"}"#,
        r#"{"settings":{"discoverable":true,"discoverable":true}}"#,
        r#"{"members_added":[{"user_id":"0badcafe-1111-4222-8333-444455556666","user_id":"x"}]}"#,
    ] {
        assert_eq!(send(&app, &path(CHAT), body), vendor(400, BAD_REQUEST), "{body}");
    }
    assert_eq!(group(&app), before);
}

#[test]
fn a_change_is_seen_by_the_next_calls() {
    let app = app();
    updated(&app, &json!({"name": "new name", "dp": "1.png", "settings": {"discoverable": true}}));
    updated(&app, &add(&[SECOND]));
    assert_eq!(app.create(&example()), vendor(400, BAD_REQUEST), "the chat_id stays taken");
    let state = read(app.sandbox.address(), "tenants/demo/state");
    assert_eq!(state["groups"][0], group(&app));
    assert_eq!([&group(&app)["name"], &group(&app)["dp"]], ["new name", "1.png"]);
    let other = app.create(&without(example(), "/chat_id")).json();
    assert_eq!(other["data"]["group"]["group_name"], "Tech Conversations", "other groups stay");
}

#[test]
fn an_empty_text_is_no_other_than_none() {
    let app = App::start();
    let nothing =
        json!({"type": 4, "community_id": "f2a05adb-93ce-4a19-b003-3523fa745667", "chat_id": CHAT});
    assert_eq!(app.create(&nothing).status, 200);
    let texts = |value: &str| json!({"name": value, "description": value, "dp": value});
    for (value, expected) in [("", false), ("x", true), ("x", false), ("", true), ("", false)] {
        let data = updated(&app, &texts(value));
        for flag in ["name_updated", "description_updated", "dp_updated"] {
            assert_eq!(data[flag], expected, "{flag} after {value:?}");
        }
    }
}
