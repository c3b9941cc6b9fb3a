//! The behaviour of Add Moderators that is not about a single field.

use serde_json::{Value, json};

use crate::harness::{
    Answer, App, BAD_REQUEST, COMMUNITY_NOT_FOUND, PRECONDITION_FAILED, UNAUTHORIZED, vendor,
};

const PATH: &str = "/api/thirdparty/community/add_moderators";
const ADD_USERS: &str = "/api/thirdparty/community/add_users";
const CREATE_COMMUNITY: &str = "/api/thirdparty/community/create";
const REQUEST: &str = include_str!("examples/add-moderators.request.json");
const RESPONSE: &str = include_str!("examples/add-moderators.response.json");
const TECH: &str = "f2a05adb-93ce-4a19-b003-3523fa745667";
const XYZ: &str = "def45678-abcd-ef12-3456-1234abcdef56";
const USER: &str = "345e1234-5678-90ef-2345-678912341234";
const SECOND: &str = "0badcafe-1111-4222-8333-444455556666";
const LEADER: &str = "0bf977ed-4887-4056-a8f4-1f0de71101f1";
const UNKNOWN: &str = "11111111-1111-4111-8111-111111111111";

fn call(app: &App, community: &Value, users: &Value) -> Answer {
    app.post_as("gnsb_demo", PATH, &json!({"community_id": community, "users": users}))
}

/// Makes a call that must succeed and returns the ids of those who became moderators.
fn added(app: &App, community: &Value, users: &Value) -> Vec<String> {
    let answer = call(app, community, users);
    assert_eq!(answer.status, 200, "{}", app.last_patched().0);
    let moderators = answer.json()["data"]["moderators_added"].clone();
    let id = |one: &Value| one["member_id"].as_str().unwrap().to_owned();
    moderators.as_array().unwrap().iter().map(id).collect()
}

/// The members of a community, by the own API.
fn members(app: &App, community: &str) -> Value {
    let all = app.own("tenants/demo/communities")["communities"].clone();
    let all = all.as_array().unwrap();
    all.iter().find(|one| one["community_id"] == community).unwrap()["members"].clone()
}

#[test]
fn the_answer_has_the_documented_keys_in_their_order() {
    let app = App::start();
    // the example shows somebody who was added by phone number
    let phones: Vec<_> =
        (0..3).map(|n| json!({"phone_number": format!("491511234567{n}")})).collect();
    let users = app.post_as("gnsb_demo", ADD_USERS, &json!({"communities": TECH, "users": phones}));
    let third = users.json()["data"]["members_added"][2]["member_id"].clone();
    let answer = call(&app, &json!(TECH), &json!([third]));
    let mut documented: Value = serde_json::from_str(RESPONSE).unwrap();
    documented["data"]["moderators_added"][0]["member_id"] = third;
    assert_eq!(answer.body, documented.to_string());
    assert_eq!(answer, vendor(200, &answer.body), "no header of the sandbox's own");
}

#[test]
fn the_documented_request_makes_a_moderator_of_a_user() {
    let app = App::start();
    let request: Value = serde_json::from_str(REQUEST).unwrap();
    let answer = app.post_as("gnsb_demo", PATH, &request).json();
    let moderator = &answer["data"]["moderators_added"][0];
    assert_eq!((&moderator["member_id"], &moderator["role"]), (&json!(USER), &json!(3)));
    assert_eq!(moderator["nickname"], "user");
    assert_eq!(members(&app, TECH), json!([{"user_id": USER, "role": 3}]));
}

#[test]
fn an_id_a_list_an_object_and_a_list_of_objects_are_accepted() {
    for community in [
        json!(TECH),
        json!([TECH]),
        json!({"community_id": TECH}),
        json!([{"community_id": TECH.to_uppercase()}]),
    ] {
        for users in
            [json!(USER), json!([USER]), json!({"user_id": USER}), json!([{"user_id": USER}])]
        {
            assert_eq!(added(&App::start(), &community, &users), [USER], "{community} {users}");
        }
    }
    let app = App::start();
    assert_eq!(added(&app, &json!([TECH, XYZ]), &json!([USER, SECOND])), [USER, SECOND]);
    assert_eq!(members(&app, TECH), members(&app, XYZ));
}

#[test]
fn any_other_type_is_malformed_wherever_it_is() {
    let app = App::start();
    let others =
        [json!(true), json!(7), json!(1.5), json!("x"), json!({}), json!([[TECH]]), json!([null])];
    for value in others {
        for body in [
            json!({"community_id": value, "users": USER}),
            json!({"community_id": TECH, "users": value}),
            // the other field is missing, which is checked afterwards
            json!({"users": [value]}),
            json!({"community_id": [value]}),
        ] {
            let answer = app.post_as("gnsb_demo", PATH, &body);
            assert_eq!(answer, vendor(400, BAD_REQUEST), "{body}");
        }
    }
    let by_phone = json!({"phone_number": "999100000001"});
    assert_eq!(call(&app, &json!(TECH), &by_phone), vendor(400, BAD_REQUEST), "only users");
    assert_eq!(members(&app, TECH), json!([]), "nothing was changed");
}

#[test]
fn a_mandatory_field_that_is_absent_null_or_empty_is_a_failed_precondition() {
    let app = App::start();
    for empty in [json!(null), json!(""), json!([])] {
        for body in [
            json!({"community_id": empty, "users": USER}),
            json!({"community_id": TECH, "users": empty}),
            json!({"community_id": TECH}),
            json!({"users": USER}),
            json!({}),
        ] {
            let answer = app.post_as("gnsb_demo", PATH, &body);
            assert_eq!(answer, vendor(412, PRECONDITION_FAILED), "{body}");
            let (_, patched) = app.last_patched();
            assert_eq!(app.post_as("gnsb_demo", PATH, &patched).status, 200, "{patched}");
        }
    }
}

#[test]
fn checks_are_made_in_the_order_of_the_contract() {
    let app = App::start();
    let bad = app.post_as("no-such-token", PATH, &json!({"users": 1}));
    assert_eq!(bad, vendor(401, UNAUTHORIZED), "token before fields");
    let not_found = || vendor(404, COMMUNITY_NOT_FOUND);
    for (community, users, expected, reason) in [
        (json!(UNKNOWN), json!(1), vendor(400, BAD_REQUEST), "types first"),
        (json!(UNKNOWN), json!([]), vendor(412, PRECONDITION_FAILED), "empty before unknown"),
        (json!(UNKNOWN), json!(USER), not_found(), "an unknown community"),
        (json!(TECH), json!([USER, UNKNOWN]), not_found(), "an unknown moderator"),
        (json!([TECH, UNKNOWN]), json!({"user_id": UNKNOWN}), not_found(), "both"),
    ] {
        assert_eq!(call(&app, &community, &users), expected, "{reason}");
    }
    let findings = app.own("tenants/demo/requests/last")["findings"].clone();
    let pointers: Vec<_> =
        findings.as_array().unwrap().iter().map(|one| one["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/community_id/1", "/users/user_id"], "every violation is reported");
    let (_, patched) = app.last_patched();
    assert_eq!(app.post_as("gnsb_demo", PATH, &patched).status, 200);
}

#[test]
fn moderators_and_the_leader_are_left_out_and_members_are_not() {
    let app = App::start();
    let community = json!({
        "handle": "new", "name": "New", "type": 1,
        "actions": [{"action_id": 2, "access_type_id": 3}], "users": [{"user_id": USER}],
    });
    let created = app.post_as("gnsb_demo", CREATE_COMMUNITY, &community).json();
    let id = &created["data"]["community_id"];
    let everybody = json!([LEADER, USER, SECOND, USER]);
    assert_eq!(added(&app, id, &everybody), [USER, SECOND]);
    assert_eq!(added(&app, id, &everybody), Vec::<String>::new());
    let users = json!({"communities": id, "users": everybody});
    let joined = app.post_as("gnsb_demo", ADD_USERS, &users).json();
    assert_eq!(joined["data"]["members_added"], json!([]), "a moderator is a member");
    let expected = json!([
        {"user_id": LEADER, "role": 1}, {"user_id": USER, "role": 3}, {"user_id": SECOND, "role": 3},
    ]);
    assert_eq!(members(&app, id.as_str().unwrap()), expected);
}
