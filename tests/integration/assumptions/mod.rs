//! Each assumption in all its readings: answers, findings and what is there afterwards.

mod bodies;
mod groups;
mod outcomes;
mod people;
mod start;

use serde_json::{Value, json};

use crate::harness::{Answer, App, raw};

const COMMUNITY: &str = "/api/thirdparty/community/create";
const ADD_USERS: &str = "/api/thirdparty/community/add_users";
const ADD_MODERATORS: &str = "/api/thirdparty/community/add_moderators";
const POST_VIDEO: &str = "/api/thirdparty/conversation/reply";
const TECH: &str = "f2a05adb-93ce-4a19-b003-3523fa745667";
const CHAT: &str = "456e7890-b12c-4c23-89ef-126314214567";
const CREATOR: &str = "abcd1234-5678-90ef-1112-234567890111";
const USER: &str = "345e1234-5678-90ef-2345-678912341234";
const SECOND: &str = "0badcafe-1111-4222-8333-444455556666";
const UNKNOWN: &str = "11111111-1111-4111-8111-111111111111";
const CONVERSATION_NOT_FOUND: &str = r#"{"code":"5057","message":"The conversation you are looking for is no longer available.","data":{}}"#;

fn app(name: &str, variant: &str) -> App {
    App::with(|builder| builder.assume(name, variant))
}

fn group() -> Value {
    json!({"type": 4, "community_id": TECH, "chat_id": CHAT})
}

fn video() -> Value {
    json!({"chat_id": CHAT, "aspect_ratio": "16:9", "duration": "8", "link": "", "resolution": "1x1",
        "size": "5", "video_name": "v.mp4", "thumbnail_name": "v.jpg"})
}

fn community() -> Value {
    json!({"handle": "one", "name": "One", "type": 1, "actions": [{"action_id": 2, "access_type_id": 3}]})
}

fn post(app: &App, path: &str, body: &Value) -> Answer {
    app.post_as("gnsb_demo", path, body)
}

fn update(app: &App, chat_id: &str, body: &Value) -> Answer {
    let path = format!("/api/thirdparty/update_conversation/{chat_id}");
    let headers = [("Authorization", "Bearer gnsb_demo"), ("Content-Type", "application/json")];
    app.send("PATCH", &path, &headers, body.to_string().as_bytes())
}

/// Makes a call that must succeed and returns its data.
#[track_caller]
fn data(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["data"].clone()
}

/// The findings of the last call: severity, pointer and message of each.
fn findings(app: &App) -> Vec<String> {
    let last = app.own("tenants/demo/requests/last");
    let findings = last["findings"].as_array().cloned().unwrap_or_default();
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    findings
        .iter()
        .map(|one| ["severity", "pointer", "message"].map(|key| text(one, key)).join(" "))
        .collect()
}

fn groups(app: &App) -> Vec<Value> {
    app.own("tenants/demo/groups")["groups"].as_array().unwrap().clone()
}

fn chat(app: &App) -> Value {
    app.own(&format!("tenants/demo/groups/{CHAT}"))
}

/// Calls the own API, which wants a local Host.
fn own_post(app: &App, path: &str, body: &str) -> Answer {
    let request = format!(
        "POST /_sandbox/v1/{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    Answer::parse(&raw(app.sandbox.address(), request.as_bytes()))
}
