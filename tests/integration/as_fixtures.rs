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
fn tokens_and_keys_are_left_out() {
    let text = App::start().own("tenants/demo/fixtures").to_string();
    for secret in ["demo-secret", "demo-key", "gn-demo-token", "tokens\":[", "keys"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[test]
fn a_world_that_is_too_large_for_a_file_is_refused_with_its_size() {
    let app = App::start();
    let users: Vec<_> =
        (0..2000).map(|n| json!({"phone_number": (10_000_000 + n).to_string()})).collect();
    app.post_as("gnsb_demo", ADD_USERS, &json!({"communities": TECH, "users": users}));
    let request = "GET /_sandbox/v1/tenants/demo/fixtures HTTP/1.1\r\nHost: localhost\r\n\
                   Connection: close\r\n\r\n";
    let answer = Answer::parse(&crate::harness::raw(app.sandbox.address(), request.as_bytes()));
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert_eq!(answer.status, 409, "{detail}");
    assert!(detail.contains("values in") && detail.contains("at most 10000"), "{detail}");
}
