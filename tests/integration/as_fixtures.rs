//! A tenant's world as a fixture file: a sandbox that starts from it answers as the first one.

use serde_json::{Value, json};

use crate::harness::{Answer, App, example, set, without};

const ADD_USERS: &str = "/api/thirdparty/community/add_users";
const ADD_MODERATORS: &str = "/api/thirdparty/community/add_moderators";
const CREATE_COMMUNITY: &str = "/api/thirdparty/community/create";
const TECH: &str = "f2a05adb-93ce-4a19-b003-3523fa745667";
const USER: &str = "345e1234-5678-90ef-2345-678912341234";
const KEYS: &str = r#"{"api_key":"gnsb_demo","api_secret":"gnsb-secret"}"#;

fn community(handle: &str) -> Value {
    json!({
        "handle": handle, "name": format!("\"{handle}\" \u{1f600}\n"), "type": 2, "banner": "b.png",
        "actions": [{"action_id": 2, "access_type_id": 4}], "is_ai_generated": false,
        "users": [{"user_id": USER}], "categories": {"existing": [3], "new": ["a", ""]},
    })
}

/// Makes calls that use what earlier ones made; returns the answers.
fn calls(app: &App, round: u32) -> Vec<Answer> {
    let post = |path: &str, body: Value| app.post_as("gnsb_demo", path, &body);
    let mut answers = vec![app.auth(KEYS)];
    let created = post(CREATE_COMMUNITY, community(&format!("Round-{round}")));
    let id = created.json()["data"]["community_id"].clone();
    answers.push(created);
    // in the second round this handle is in use
    answers.push(post(CREATE_COMMUNITY, community("round-1")));
    let phone = |number: u32| json!({"phone_number": format!("491511234567{number}")});
    let users = json!([USER, phone(0), phone(round)]);
    answers.push(post(ADD_USERS, json!({"communities": [TECH, id], "users": users})));
    let new = answers[3].json()["data"]["members_added"][1]["member_id"].clone();
    answers.push(post(ADD_MODERATORS, json!({"community_id": id, "users": [USER, new]})));
    let group = set(example(), "/community_id", id);
    let group = set(group, "/group/members/1/user_id", new);
    answers.push(app.create(&group));
    answers.push(app.create(&without(group, "/chat_id")));
    answers.push(app.create(&json!({"type": 4, "community_id": TECH})));
    answers
}

fn views(app: &App) -> Vec<Value> {
    ["communities", "users", "fixtures"].map(|view| app.own(&format!("tenants/demo/{view}"))).into()
}

/// Starts a sandbox from a fixture file.
fn start_from(fixtures: &Value) -> App {
    let file = tempfile::NamedTempFile::with_suffix(".json").unwrap();
    std::fs::write(file.path(), fixtures.to_string()).unwrap();
    App::with(|builder| builder.fixtures(file.path()))
}

#[test]
fn a_sandbox_that_starts_from_it_gives_the_same_answers() {
    let first = App::start();
    let statuses: Vec<_> = calls(&first, 1).iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 200, 400, 200, 200, 200, 200, 200]);
    let copy = start_from(&first.own("tenants/demo/fixtures"));
    assert_eq!(views(&copy), views(&first));
    let groups = |app: &App| app.own("tenants/demo/groups")["groups"].as_array().unwrap().len();
    assert_eq!((groups(&copy), groups(&first)), (3, 3));
    let answers = calls(&first, 2);
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 200, 400, 200, 200, 400, 200, 200], "the chat_id is repeated");
    assert_eq!(calls(&copy, 2), answers);
    assert_eq!(views(&copy), views(&first));
}

#[test]
fn every_tenant_starts_from_it_and_a_reset_goes_back_to_it() {
    let first = App::start();
    calls(&first, 1);
    let fixtures = first.own("tenants/demo/fixtures");
    let copy = start_from(&fixtures);
    assert_eq!(copy.own("tenants/other/fixtures"), fixtures);
    calls(&copy, 2);
    assert_ne!(copy.own("tenants/demo/fixtures"), fixtures);
    let request = "POST /_sandbox/v1/tenants/demo/reset HTTP/1.1\r\nHost: localhost\r\n\
                   Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
    crate::harness::raw(copy.sandbox.address(), request.as_bytes());
    assert_eq!(copy.own("tenants/demo/fixtures"), fixtures);
}

#[test]
fn tokens_and_keys_are_in_it_only_if_every_sandbox_has_them() {
    let first = App::start().own("tenants/demo/fixtures");
    assert_eq!(first.get("description"), None);
    let copy = start_from(&first);
    assert_eq!(copy.auth(r#"{"api_key":"demo-key","api_secret":"demo-secret"}"#).status, 200);
    let body = set(example(), "/chat_id", Value::Null);
    assert_eq!(copy.post_as("gn-demo-token", "/api/thirdparty/group/create", &body).status, 200);

    let user = first["creator"].clone();
    let mut own = first;
    own["tokens"][0]["token"] = json!("s3cr3t-token");
    own["tokens"][1]["state"] = json!("valid");
    own["keys"][0]["api_secret"] = json!("s3cr3t-secret");
    let second_key =
        json!({"api_key": "s3cr3t-key", "api_secret": "x", "tenant": "demo", "user": user});
    own["keys"].as_array_mut().unwrap().push(second_key);
    let printed = start_from(&own).own("tenants/demo/fixtures");
    let left_out = "left out, since they are secret: 2 tokens and 2 key pairs; add what you need under tokens and keys";
    assert_eq!(printed["description"], left_out);
    let revoked =
        json!({"token": "gn-revoked-token", "tenant": "demo", "user": user, "state": "revoked"});
    assert_eq!(printed["tokens"], json!([revoked]), "the only one that is as in every sandbox");
    assert_eq!(printed.get("keys"), None);
    assert!(!printed.to_string().contains("s3cr3t"), "{printed}");
}

#[test]
fn a_world_that_is_larger_than_an_upload_starts_an_equal_one() {
    let first = App::start();
    let users: Vec<_> =
        (0..3000).map(|n| json!({"phone_number": (10_000_000 + n).to_string()})).collect();
    first.post_as("gnsb_demo", ADD_USERS, &json!({"communities": TECH, "users": users}));
    let long = "x".repeat(1_000_000);
    let group = set(without(example(), "/chat_id"), "/group/description", json!(long));
    for _ in 0..3 {
        assert_eq!(first.create(&group).status, 200);
    }
    let fixtures = first.own("tenants/demo/fixtures");
    let copy = start_from(&fixtures);
    assert_eq!(copy.own("tenants/demo/fixtures"), fixtures);
}

#[test]
fn a_world_that_is_longer_than_the_memory_for_answers_is_printed() {
    let app = App::start();
    let long = "x".repeat(1_000_000);
    let group = set(without(example(), "/chat_id"), "/group/description", json!(long));
    for _ in 0..14 {
        assert_eq!(app.create(&group).status, 200);
    }
    let whole = printed(&app);
    assert_eq!(whole.status, 200, "it is sent in pieces");
    let fixtures: Value = serde_json::from_str(&whole.body).unwrap();
    assert_eq!(fixtures["groups"].as_array().unwrap().len(), 14);
}

#[test]
fn an_entry_that_is_longer_than_the_memory_for_answers_needs_more() {
    let app = App::with(|builder| builder.max_memory_mib(12));
    let long = "x".repeat(800_000);
    let group = set(example(), "/group/description", json!(long));
    assert_eq!(app.create(&group).status, 200);
    let path = "/api/thirdparty/update_conversation/456e7890-b12c-4c23-89ef-126314214567";
    let headers = [("Authorization", "Bearer gnsb_demo"), ("Content-Type", "application/json")];
    let more = json!({"name": long}).to_string();
    assert_eq!(app.send("PATCH", path, &headers, more.as_bytes()).status, 200);
    let refused = printed(&app);
    assert_eq!(refused.status, 503, "one entry does not fit");
    assert!(refused.body.contains("raise --max-memory"), "{}", refused.body);
}

/// The answer with the fixture file of tenant `demo`, as it is.
fn printed(app: &App) -> Answer {
    let request = "GET /_sandbox/v1/tenants/demo/fixtures HTTP/1.1\r\nHost: localhost\r\n\
                   Connection: close\r\n\r\n";
    Answer::parse(&crate::harness::raw(app.sandbox.address(), request.as_bytes()))
}

#[test]
fn groups_that_share_a_chat_id_are_in_it() {
    let with = |fixtures: Option<&Value>| {
        let file = tempfile::NamedTempFile::with_suffix(".json").unwrap();
        std::fs::write(file.path(), fixtures.map(Value::to_string).unwrap_or_default()).unwrap();
        App::with(|builder| {
            let builder = builder.assume("repeat-chat-id", "second-group");
            if fixtures.is_some() { builder.fixtures(file.path()) } else { builder }
        })
    };
    let first = with(None);
    for name in ["a", "b", "c"] {
        assert_eq!(first.create(&set(example(), "/group/name", json!(name))).status, 200);
        assert_eq!(first.create(&without(example(), "/chat_id")).status, 200);
    }
    let fixtures = first.own("tenants/demo/fixtures");
    let repeats: Vec<_> = fixtures["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| group.get("repeats_chat_id").is_some())
        .collect();
    assert_eq!(repeats, [false, false, true, false, true, false]);
    let copy = with(Some(&fixtures));
    assert_eq!(group_views(&copy), group_views(&first));
    assert_eq!(post_videos(&copy), post_videos(&first), "the newest is found");
    assert_eq!(group_views(&copy), group_views(&first));
}

/// A video with texts that are easily changed on the way. The measures are written as JSON.
fn video(chat_id: &Value, more: &str) -> String {
    let name = json!("\"a\" \u{1f600}\\ b.mp4\n");
    format!(
        r#"{{"chat_id": {chat_id}, "video_name": {name}, "thumbnail_name": "", "link": "", {more}}}"#
    )
}

/// Posts videos to two groups in turn; returns the answers.
fn post_videos(app: &App) -> Vec<Answer> {
    let groups = app.own("tenants/demo/groups")["groups"].clone();
    let bodies = [
        (0, r#""duration": 1.50, "size": -0, "aspect_ratio": 1E2, "resolution": "1080\u00fc\n""#),
        (
            1,
            r#""duration": "8", "size": 12345678901234567890, "aspect_ratio": 0.10000000000000000000001,
            "resolution": "", "questions": [], "description_text": """#,
        ),
        (
            0,
            r#""duration": 0, "size": 123456789012345678901234567890, "aspect_ratio": "16:9", "resolution": 7,
            "questions": ["a\n", ""], "video_path": "p/q", "thumbnail_path": "", "description_text": "d"#,
        ),
        (
            0,
            r#""duration": 8, "size": 1, "aspect_ratio": 1.0, "resolution": "1.50",
            "message_id": "0f0f0f0f-0000-4000-8000-00000000000a"#,
        ),
    ];
    let post = |(group, more): (usize, &str)| {
        let odd_quotes = more.matches('"').count() % 2 == 1;
        let body = video(
            &groups[group]["chat_id"],
            &format!("{more}{}", if odd_quotes { "\"" } else { "" }),
        );
        let headers = [("Authorization", "Bearer gnsb_demo"), ("Content-Type", "application/json")];
        app.post("/api/thirdparty/conversation/reply", &headers, body.as_bytes())
    };
    bodies.map(post).into()
}

/// What the own API shows of groups.
fn group_views(app: &App) -> Vec<Value> {
    ["groups", "state", "fixtures"].map(|view| app.own(&format!("tenants/demo/{view}"))).into()
}

fn with_videos() -> App {
    let app = App::start();
    app.create(&example());
    app.create(&json!({"type": 4, "community_id": TECH}));
    let statuses: Vec<_> = post_videos(&app).iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200; 4]);
    app
}

#[test]
fn videos_are_in_it_as_they_were_sent() {
    let first = with_videos();
    let copy = start_from(&first.own("tenants/demo/fixtures"));
    assert_eq!(group_views(&copy), group_views(&first));
    let bytes = |app: &App| {
        let request = "GET /_sandbox/v1/tenants/demo/groups HTTP/1.1\r\nHost: localhost\r\n\
                       Connection: close\r\n\r\n";
        Answer::parse(&crate::harness::raw(app.sandbox.address(), request.as_bytes()))
    };
    assert!(bytes(&first).body.contains("123456789012345678901234567890"), "as it was written");
    assert_eq!(bytes(&copy).body, bytes(&first).body);
    let answers = post_videos(&first);
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 200, 200, 400], "the message_id is repeated");
    assert_eq!(post_videos(&copy), answers);
    assert_eq!(group_views(&copy), group_views(&first));
}

#[test]
fn videos_that_were_forgotten_count_in_it() {
    let mut fixtures = with_videos().own("tenants/demo/fixtures");
    let group = &mut fixtures["groups"][0];
    assert_eq!(group["no_of_videos"], 4, "with the recorded one");
    group.as_object_mut().unwrap().remove("recorded_video");
    group.as_object_mut().unwrap().remove("posted_videos");
    let copy = start_from(&fixtures);
    assert_eq!(copy.own("tenants/demo/fixtures"), fixtures);
    let groups = copy.own("tenants/demo/groups");
    assert_eq!(groups["groups"][0]["no_of_videos"], 4);
    assert_eq!(groups["groups"][0]["videos"], json!([]));
    let answers = post_videos(&copy);
    assert_eq!(answers[0].json()["data"]["group"]["no_of_videos"], 5);
}
