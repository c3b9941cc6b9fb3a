//! The behaviour of Create Community that is not about a single field.

use serde_json::{Value, json};

use crate::harness::{
    Answer, App, BAD_REQUEST, PRECONDITION_FAILED, UNAUTHORIZED, set, vendor, without,
};

const PATH: &str = "/api/thirdparty/community/create";
const REQUEST: &str = include_str!("examples/create-community.request.json");
const RESPONSE: &str = include_str!("examples/create-community.response.json");
const CREATOR: &str = "abcd1234-5678-90ef-1112-234567890111";
const LEADER: &str = "0bf977ed-4887-4056-a8f4-1f0de71101f1";
const UNKNOWN: &str = "11111111-1111-4111-8111-111111111111";

fn example() -> Value {
    serde_json::from_str(REQUEST).unwrap()
}

fn with_handle(handle: &str) -> Value {
    set(example(), "/handle", json!(handle))
}

fn call(app: &App, body: &Value) -> Answer {
    app.post_as("gnsb_demo", PATH, body)
}

/// Makes a call that must succeed and returns the id of the community.
fn created(app: &App, body: &Value) -> String {
    let answer = call(app, body);
    assert_eq!(answer.status, 200, "{}", app.last_patched().0);
    answer.json()["data"]["community_id"].as_str().unwrap().to_owned()
}

/// A community as the own API shows it.
fn shown(app: &App, handle: &str) -> Value {
    let all = app.own("tenants/demo/communities")["communities"].clone();
    let all = all.as_array().unwrap();
    all.iter().find(|one| one["handle"] == handle).unwrap_or(&Value::Null).clone()
}

#[test]
fn the_documented_request_gets_the_documented_answer() {
    let answer = call(&App::start(), &example());
    let text = RESPONSE.replace("http://127.0.0.1:4368", "http://sandbox");
    let mut documented: Value = serde_json::from_str(&text).unwrap();
    documented["data"]["community_id"] = answer.json()["data"]["community_id"].clone();
    assert_eq!(answer.body, documented.to_string());
    assert_eq!(answer, vendor(200, &answer.body), "no header of the sandbox's own");
}

#[test]
fn the_answer_is_the_same_on_every_run_whatever_other_tenants_do() {
    let calls = |app: &App| ["a", "b"].map(|handle| call(app, &with_handle(handle)));
    let quiet = calls(&App::start());
    let busy = App::start();
    for number in 0..20 {
        busy.post_as("gnsb_other", PATH, &with_handle(&format!("a{number}")));
    }
    assert_eq!(calls(&busy), quiet);
    assert_ne!(quiet[0].json()["data"]["color_code"], quiet[1].json()["data"]["color_code"]);
}

#[test]
fn a_group_can_be_created_in_the_community_at_once() {
    let app = App::start();
    let id = created(&app, &example());
    let group = json!({"type": 4, "community_id": id});
    let data = app.create(&group).json()["data"].clone();
    assert_eq!(data["community"]["handle"], "genuin-community");
    assert_eq!(data["community"]["community_id"], json!(id));
    assert_eq!(data["group"]["color_code"], "#A4E6DA");
    assert_eq!(data["brand_id"], 1);
    let other = app.post_as("gnsb_other", crate::harness::CREATE, &group);
    assert_eq!(other.status, 400, "another tenant does not have it");
}

#[test]
fn the_own_api_shows_the_community_its_members_and_its_new_categories() {
    let app = App::start();
    let id = created(&app, &example());
    let expected = json!({
        "community_id": id,
        "handle": "genuin-community",
        "name": "Genuin Community",
        "description": "some community description #genuinCommunity #genuinAmdCommunity",
        "type": 1,
        "color_code": "#A4E6DA",
        "text_color_code": "#49CDB5",
        "dp": "1.png",
        "banner": "1.png",
        "tags": "genuinCommunity,genuinAmdCommunity",
        "brand_id": 1,
        "categories": [1, 2, 21, 22, 23],
        "actions": [{"action_id": 2, "access_type_id": 3}],
        "is_ai_generated": false,
        "is_ai_generated_dp": true,
        "is_ai_generated_banner": true,
        "members": [{"user_id": LEADER, "role": 1}, {"user_id": CREATOR, "role": 2}],
    });
    assert_eq!(shown(&app, "genuin-community"), expected);
    let categories = app.own("tenants/demo/communities")["categories"].clone();
    assert_eq!(
        categories.as_array().unwrap()[19..],
        [(20, None), (21, Some("abc")), (22, Some("aAa")), (23, Some("xYZ"))]
            .map(|(number, name)| json!({"number": number, "name": name}))
    );
    let state = app.own("tenants/demo/state");
    assert_eq!((&state["communities"], &state["communities_created"]), (&json!(23), &json!(1)));
}

#[test]
fn a_handle_is_unique_in_the_tenant_without_regard_to_case_and_kept_as_sent() {
    let app = App::start();
    let upper = created(&app, &with_handle("My-Handle_1"));
    assert_eq!(shown(&app, "My-Handle_1")["community_id"], json!(upper));
    for taken in ["my-handle_1", "MY-HANDLE_1", "tech_community", "Tech_Community"] {
        assert_eq!(call(&app, &with_handle(taken)), vendor(400, BAD_REQUEST), "{taken}");
        let (finding, patched) = app.last_patched();
        assert_eq!(finding["pointer"], "/handle", "{finding}");
        assert_eq!(call(&app, &patched).status, 200, "{patched}");
    }
    let other = app.post_as("gnsb_other", PATH, &with_handle("my-handle_1"));
    assert_eq!(other.status, 200, "another tenant has its own handles");
}

#[test]
fn a_handle_has_1_to_64_letters_digits_dashes_and_underscores() {
    let app = App::start();
    for handle in ["a", "0", "_", "-", &"x".repeat(64)] {
        assert_eq!(call(&app, &with_handle(handle)).status, 200, "{handle}");
    }
    for (handle, repaired) in [
        ("", None),
        ("a.b", None),
        ("grüße", None),
        (&*"x".repeat(65), None),
        ("a/b", None),
        // the first is taken
        ("a\n", Some("a-2")),
        ("@my community", Some("my-community")),
    ] {
        assert_eq!(call(&app, &with_handle(handle)), vendor(400, BAD_REQUEST), "{handle:?}");
        let (_, patched) = app.last_patched();
        if let Some(repaired) = repaired {
            assert_eq!(patched["handle"], repaired);
        }
        assert_eq!(call(&app, &patched).status, 200, "{patched}");
    }
}

#[test]
fn a_missing_mandatory_field_is_refused_and_the_finding_tells_of_the_pages_example() {
    let app = App::start();
    for field in ["handle", "name", "type", "actions"] {
        let body = without(example(), &format!("/{field}"));
        assert_eq!(call(&app, &body), vendor(400, BAD_REQUEST), "{field}");
        let (finding, patched) = app.last_patched();
        let tells = finding["suggestion"].as_str().unwrap().contains("the page's own example");
        assert_eq!(tells, matches!(field, "type" | "actions"), "{finding}");
        assert_eq!(call(&app, &set(patched, "/handle", json!(field))).status, 200, "{field}");
    }
    let both = without(without(example(), "/type"), "/actions");
    call(&app, &both);
    assert_eq!(app.own("tenants/demo/requests/last")["findings"].as_array().unwrap().len(), 2);
}

#[test]
fn the_four_mandatory_fields_are_enough() {
    let app = App::start();
    let body = json!({
        "handle": "plain", "name": "Plain", "type": 2,
        "actions": [{"action_id": 2, "access_type_id": 4}],
        "description": null, "categories": null, "users": null, "dp": "", "banner": "",
    });
    let data = call(&app, &body).json()["data"].clone();
    assert_eq!((&data["dp"], &data["banner"]), (&json!(""), &json!("")));
    let shown = shown(&app, "plain");
    assert_eq!((&shown["type"], &shown["dp"]), (&json!(2), &Value::Null));
    assert_eq!(shown["members"], json!([{"user_id": LEADER, "role": 1}]));
}

#[test]
fn each_value_has_its_own_rule() {
    let app = App::start();
    for (pointer, value, reason) in [
        ("/name", json!(""), "empty"),
        ("/type", json!(3), "neither public nor private"),
        ("/type", json!("1"), "a string"),
        ("/actions", json!([]), "no action"),
        ("/actions/0", json!({"action_id": 2}), "half a pair"),
        ("/categories", json!([1]), "a list"),
        ("/categories/existing", json!(["1"]), "strings"),
        ("/categories/new", json!([1]), "numbers"),
        ("/users", json!([CREATOR]), "ids without objects"),
        ("/users/0/user_id", json!(UNKNOWN), "nobody"),
    ] {
        let body = set(example(), pointer, value);
        assert_eq!(call(&app, &body), vendor(400, BAD_REQUEST), "{pointer}: {reason}");
    }
    assert_eq!(shown(&app, "genuin-community"), Value::Null, "nothing was changed");
}

#[test]
fn a_category_that_does_not_exist_is_a_failed_precondition() {
    let app = App::start();
    for number in [0, -1, 21, i64::MAX] {
        let body = set(example(), "/categories/existing/1", json!(number));
        assert_eq!(call(&app, &body), vendor(412, PRECONDITION_FAILED), "{number}");
    }
    let (finding, patched) = app.last_patched();
    assert_eq!(finding["pointer"], "/categories/existing/1");
    assert_eq!(call(&app, &patched).status, 200);
    let body = set(with_handle("next"), "/categories", json!({"existing": [23], "new": ["d"]}));
    created(&app, &body);
    assert_eq!(shown(&app, "next")["categories"], json!([23, 24]), "new ones exist afterwards");
}

#[test]
fn checks_are_made_in_the_order_of_the_contract() {
    let app = App::start();
    created(&app, &example());
    let category = set(example(), "/categories/existing/0", json!(99));
    let wrong_type = set(category.clone(), "/name", json!(1));
    let bad = app.post_as("no-such-token", PATH, &wrong_type);
    assert_eq!(bad, vendor(401, UNAUTHORIZED), "token before fields");
    assert_eq!(call(&app, &wrong_type), vendor(400, BAD_REQUEST), "fields before categories");
    assert_eq!(call(&app, &category), vendor(400, BAD_REQUEST), "handle before categories");
    let member =
        set(set(category.clone(), "/handle", json!("b")), "/users/0/user_id", json!(UNKNOWN));
    assert_eq!(call(&app, &member), vendor(400, BAD_REQUEST), "members before categories");
    let last = set(category, "/handle", json!("b"));
    assert_eq!(call(&app, &last), vendor(412, PRECONDITION_FAILED), "categories last");
}

#[test]
fn what_counts_once_or_is_odd_is_accepted_with_a_warning() {
    let app = App::start();
    let body = set(
        example(),
        "/users",
        json!([CREATOR, LEADER, CREATOR].map(|id| json!({"user_id": id}))),
    );
    let body = set(body, "/categories", json!({"existing": [2, 1, 2]}));
    let body = set(body, "/actions/0/access_type_id", json!(77));
    created(&app, &body);
    let findings = app.own("tenants/demo/requests/last")["findings"].clone();
    let pointers: Vec<_> =
        findings.as_array().unwrap().iter().map(|one| one["pointer"].as_str().unwrap()).collect();
    let expected = ["/actions/0", "/users/1/user_id", "/users/2/user_id", "/categories/existing/2"];
    assert_eq!(pointers, expected);
    let shown = shown(&app, "genuin-community");
    assert_eq!(shown["categories"], json!([2, 1]));
    assert_eq!(shown["members"].as_array().unwrap().len(), 2);
}

#[test]
fn without_a_brand_in_the_fixtures_the_caller_leads() {
    let file = tempfile::NamedTempFile::with_suffix(".yaml").unwrap();
    let fixtures =
        format!("version: 1\ncreator: {CREATOR}\nusers: [{{user_id: {CREATOR}, username: a}}]\n");
    std::fs::write(file.path(), fixtures).unwrap();
    let app = App::with(|builder| builder.fixtures(file.path()));
    let leader = call(&app, &example()).json()["data"]["leader"].clone();
    let expected = json!({
        "member_id": CREATOR, "name": null, "bio": null, "nickname": "a", "phone": null,
        "is_brand_system_user": false, "is_avatar": true, "brand": null, "profile_image": "alien",
        "profile_image_s": "", "profile_image_m": "", "profile_image_l": "",
    });
    assert_eq!(leader.to_string(), expected.to_string());
}
