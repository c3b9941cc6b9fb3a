//! The behaviour of Add Users that is not about a single field.

use std::time::Instant;

use serde_json::{Value, json};

use crate::harness::{
    Answer, App, BAD_REQUEST, COMMUNITY_NOT_FOUND, CREATE, PRECONDITION_FAILED, UNAUTHORIZED,
    vendor,
};

const PATH: &str = "/api/thirdparty/community/add_users";
const REQUEST: &str = include_str!("examples/add-users.request.json");
const RESPONSE: &str = include_str!("examples/add-users.response.json");
const TECH: &str = "f2a05adb-93ce-4a19-b003-3523fa745667";
const XYZ: &str = "def45678-abcd-ef12-3456-1234abcdef56";
const USER: &str = "345e1234-5678-90ef-2345-678912341234";
const SECOND: &str = "0badcafe-1111-4222-8333-444455556666";
const UNKNOWN: &str = "11111111-1111-4111-8111-111111111111";

fn call(app: &App, communities: &Value, users: &Value) -> Answer {
    app.post_as("gnsb_demo", PATH, &json!({"communities": communities, "users": users}))
}

/// Makes a call that must succeed and returns those whom it added: the id of a user of the fixtures, or
/// the phone number of somebody new.
fn added(app: &App, communities: &Value, users: &Value) -> Vec<String> {
    let answer = call(app, communities, users);
    assert_eq!(answer.status, 200, "{}", app.last_patched().0);
    let members = answer.json()["data"]["members_added"].clone();
    let name = |member: &Value| {
        let key = if member["nickname"].is_null() { "phone" } else { "member_id" };
        member[key].as_str().unwrap().to_owned()
    };
    members.as_array().unwrap().iter().map(name).collect()
}

/// The members of a community with their roles, by the own API.
fn members(app: &App, community: &str) -> Vec<(String, i64)> {
    let all = app.own("tenants/demo/communities")["communities"].clone();
    let all = all.as_array().unwrap();
    let found = all.iter().find(|one| one["community_id"] == community).unwrap();
    let member = |member: &Value| {
        (member["user_id"].as_str().unwrap().to_owned(), member["role"].as_i64().unwrap())
    };
    found["members"].as_array().unwrap().iter().map(member).collect()
}

#[test]
fn the_documented_request_gets_an_answer_like_the_documented_one() {
    let app = App::start();
    let request: Value = serde_json::from_str(REQUEST).unwrap();
    let answer = app.post_as("gnsb_demo", PATH, &request);
    let mut documented: Value = serde_json::from_str(RESPONSE).unwrap();
    // the example's phone number is not the one sent
    let mut new = documented["data"]["members_added"][0].clone();
    new["phone"] = json!("919437243350");
    new["member_id"] = answer.json()["data"]["members_added"][1]["member_id"].clone();
    let pictures = "http://sandbox/uploads/profile_images";
    let known = json!({
        "member_id": USER, "name": "Mentioned User", "bio": null, "nickname": "user",
        "phone": "999100000001", "is_brand_system_user": false, "is_avatar": false,
        "profile_image": format!("{pictures}/user.png"),
        "profile_image_s": format!("{pictures}/s/user.png"),
        "profile_image_m": format!("{pictures}/m/user.png"),
        "profile_image_l": format!("{pictures}/l/user.png"),
    });
    documented["data"]["members_added"] = json!([known, new]);
    assert_eq!(answer.body, documented.to_string());
    assert_eq!(answer, vendor(200, &answer.body), "no header of the sandbox's own");
}

#[test]
fn an_id_a_list_an_object_and_a_list_of_objects_are_accepted() {
    for communities in [
        json!(TECH),
        json!([TECH]),
        json!({"community_id": TECH}),
        json!([{"community_id": TECH.to_uppercase()}]),
    ] {
        for users in
            [json!(USER), json!([USER]), json!({"user_id": USER}), json!([{"user_id": USER}])]
        {
            assert_eq!(added(&App::start(), &communities, &users), [USER], "{communities} {users}");
        }
    }
    let mixed = json!([USER, {"phone_number": "4915112345678"}, {"user_id": SECOND}]);
    let app = App::start();
    assert_eq!(added(&app, &json!([TECH]), &mixed), [USER, "4915112345678", SECOND]);
}

#[test]
fn any_other_type_is_malformed_wherever_it_is() {
    let app = App::start();
    let others = [
        json!(true),
        json!(7),
        json!(1.5),
        json!("x"),
        json!({"x": 1}),
        json!([[TECH]]),
        json!([null]),
    ];
    for value in others {
        for body in [
            json!({"communities": value, "users": USER}),
            json!({"communities": TECH, "users": value}),
            // the other field is missing, which is checked afterwards
            json!({"users": [value]}),
            json!({"communities": [value]}),
        ] {
            let answer = app.post_as("gnsb_demo", PATH, &body);
            assert_eq!(answer, vendor(400, BAD_REQUEST), "{body}");
        }
    }
    for users in [
        json!({"user_id": USER, "phone_number": "4915112345678"}),
        json!({"phone_number": "015112345678"}),
        json!({"phone_number": 4_915_112_345_678_i64}),
        json!({"community_id": TECH}),
    ] {
        assert_eq!(call(&app, &json!(TECH), &users), vendor(400, BAD_REQUEST), "{users}");
    }
    let repeated = format!(r#"{{"communities":"{TECH}","users":"{USER}","users":"{SECOND}"}}"#);
    let headers = [("Authorization", "Bearer gnsb_demo"), ("Content-Type", "application/json")];
    assert_eq!(app.post(PATH, &headers, repeated.as_bytes()), vendor(400, BAD_REQUEST));
    assert_eq!(members(&app, TECH), [], "nothing was changed");
}

#[test]
fn a_mandatory_field_that_is_absent_null_or_empty_is_a_failed_precondition() {
    let app = App::start();
    for empty in [json!(null), json!(""), json!([])] {
        for body in [
            json!({"communities": empty, "users": USER}),
            json!({"communities": TECH, "users": empty}),
            json!({"communities": TECH}),
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
    for (communities, users, expected, reason) in [
        (json!(UNKNOWN), json!(1), vendor(400, BAD_REQUEST), "types first"),
        (json!(UNKNOWN), json!([]), vendor(412, PRECONDITION_FAILED), "empty before unknown"),
        (json!([TECH, UNKNOWN]), json!(UNKNOWN), vendor(404, COMMUNITY_NOT_FOUND), "community"),
        (json!(TECH), json!([USER, UNKNOWN]), vendor(400, BAD_REQUEST), "user"),
    ] {
        assert_eq!(call(&app, &communities, &users), expected, "{reason}");
    }
    let (finding, patched) = app.last_patched();
    assert_eq!(finding["pointer"], "/users/1");
    assert_eq!(app.post_as("gnsb_demo", PATH, &patched).status, 200);
    call(&app, &json!({"community_id": UNKNOWN}), &json!([{"user_id": USER}]));
    let (finding, patched) = app.last_patched();
    assert_eq!(finding["pointer"], "/communities/community_id");
    assert_eq!(finding["clause"], "add_users.communities.community_id");
    assert_eq!(app.post_as("gnsb_demo", PATH, &patched).status, 200);
    assert_eq!(members(&app, TECH).len(), 2);
}

#[test]
fn those_who_are_members_already_are_left_out() {
    let app = App::start();
    assert_eq!(added(&app, &json!(TECH), &json!([USER])), [USER]);
    assert_eq!(added(&app, &json!(TECH), &json!([USER, SECOND])), [SECOND]);
    assert_eq!(added(&app, &json!([TECH, XYZ]), &json!([SECOND, USER])), [SECOND, USER]);
    assert_eq!(added(&app, &json!([TECH, XYZ]), &json!([SECOND, USER])), Vec::<String>::new());
    let both = |first: &str, then: &str| [(first.to_owned(), 2), (then.to_owned(), 2)];
    assert_eq!(members(&app, TECH), both(USER, SECOND));
    assert_eq!(members(&app, XYZ), both(SECOND, USER));
    let other = app.post_as("gnsb_other", PATH, &json!({"communities": TECH, "users": USER}));
    assert_ne!(other.json()["data"]["members_added"], json!([]), "another tenant has its own");
}

#[test]
fn a_phone_number_becomes_one_user_whom_later_calls_know() {
    let app = App::start();
    let phone = |number: &str| json!({"phone_number": number});
    let answer = call(&app, &json!(TECH), &json!([phone("4915112345678"), phone("4915112345679")]));
    let new = answer.json()["data"]["members_added"].clone();
    let avatars: Vec<_> = (0..2).map(|index| new[index]["profile_image"].clone()).collect();
    assert_eq!(avatars, ["alien", "cow_face"]);
    let id = new[0]["member_id"].clone();
    assert_eq!(added(&app, &json!(XYZ), &phone("4915112345678")), ["4915112345678"]);
    assert_eq!(
        members(&app, XYZ)[0].0,
        id.as_str().unwrap(),
        "the number is that of the same user"
    );
    assert_eq!(added(&app, &json!(TECH), &phone("999100000001")), [USER], "as one of the fixtures");
    let shown = app.own("tenants/demo/users")["users"].as_array().unwrap().clone();
    assert_eq!(shown.len(), 206);
    let expected = json!({
        "user_id": id, "username": null, "name": null, "bio": null,
        "phone_number": "4915112345678", "avatar": "alien", "profile_image": null,
        "is_brand_system_user": false, "brand": null,
    });
    assert_eq!(shown[204], expected);
    let group = json!({"type": 4, "community_id": TECH, "group": {"members": [{"user_id": id}]}});
    let group = app.create(&group).json();
    assert_eq!(group["data"]["group"]["members"][1]["member_id"], id);
    assert_eq!(group["data"]["group"]["members"][1]["username"], "");
    let group = json!({"type": 4, "community_id": TECH, "group": {"members": [{"user_id": id}]}});
    assert_eq!(app.post_as("gnsb_other", CREATE, &group).status, 400, "another tenant does not");
}

#[test]
fn a_user_who_is_named_twice_counts_once_with_a_warning() {
    let app = App::start();
    let users = json!([USER, {"user_id": USER.to_uppercase()}, {"phone_number": "999100000001"},
        {"phone_number": "4915112345678"}, {"phone_number": "4915112345678"}]);
    assert_eq!(added(&app, &json!([TECH, TECH]), &users), [USER, "4915112345678"]);
    let findings = app.own("tenants/demo/requests/last")["findings"].clone();
    let pointers: Vec<_> =
        findings.as_array().unwrap().iter().map(|one| one["pointer"].as_str().unwrap()).collect();
    let expected =
        ["/communities/1", "/users/1/user_id", "/users/2/phone_number", "/users/4/phone_number"];
    assert_eq!(pointers, expected);
}

#[test]
fn fields_without_effect_are_accepted_in_any_type_and_kept_with_a_warning() {
    let app = App::start();
    for value in [json!(true), json!(0), json!("x"), json!([[1, {"a": null}]]), json!({})] {
        let body = json!({
            "onboarding_communities": value, "communities": TECH, "single_tap_join": value,
            "invite_members": value, "join_request_approved": value, "users": USER,
        });
        assert_eq!(app.post_as("gnsb_demo", PATH, &body).status, 200, "{value}");
        let last = app.own("tenants/demo/requests/last");
        let warnings = last["findings"].as_array().unwrap();
        assert_eq!(warnings.len(), 4, "{warnings:?}");
        assert!(warnings.iter().all(|warning| warning["message"] == "has no effect here"));
        assert_eq!(serde_json::from_str::<Value>(last["body"].as_str().unwrap()).unwrap(), body);
    }
    let null = json!({"communities": TECH, "users": USER, "single_tap_join": null});
    app.post_as("gnsb_demo", PATH, &null);
    assert_eq!(app.own("tenants/demo/requests/last")["findings"], json!([]), "null is absent");
}

#[test]
fn the_answer_is_the_same_on_every_run_whatever_other_tenants_do() {
    let calls = |app: &App| {
        ["4915112345678", "4915112345679"]
            .map(|number| call(app, &json!(TECH), &json!({"phone_number": number})))
    };
    let busy = App::start();
    for number in 4_915_112_345_000_i64..4_915_112_345_020 {
        let users = json!({"phone_number": number.to_string()});
        busy.post_as("gnsb_other", PATH, &json!({"communities": TECH, "users": users}));
    }
    assert_eq!(calls(&busy), calls(&App::start()));
}

#[test]
fn ten_thousand_users_are_added_in_one_call_and_no_longer_one_by_one() {
    let users = |count: u64| -> Value {
        (0..count).map(|n| json!({"phone_number": (10_000_000 + n).to_string()})).collect()
    };
    let time = |count| {
        let app = App::start();
        let started = Instant::now();
        assert_eq!(added(&app, &json!(TECH), &users(count)).len() as u64, count);
        started.elapsed()
    };
    let (thousand, ten_thousand) = (time(1000), time(10_000));
    println!("1 000 users take {thousand:?}, 10 000 users {ten_thousand:?}");
    assert!(ten_thousand < thousand * 40, "the time for each user grows with their number");
}

#[test]
fn one_call_makes_a_bounded_number_of_memberships() {
    let app = App::start();
    let known = app.own("tenants/demo/communities")["communities"].clone();
    let ids: Vec<_> =
        known.as_array().unwrap().iter().map(|one| one["community_id"].clone()).collect();
    let users: Vec<_> =
        (0..20_001).map(|n| json!({"phone_number": (10_000_000 + n).to_string()})).collect();
    for (communities, users, count) in [
        (&ids[..21], &users[..1000], "1000 users for 21 communities, which makes 21000"),
        (&ids[..1], &users[..], "20001 users for 1 community, which makes 20001"),
    ] {
        assert_eq!(call(&app, &json!(communities), &json!(users)), vendor(400, BAD_REQUEST));
        let last = app.own("tenants/demo/requests/last");
        let message = format!("has {count} memberships; one call can make 20000");
        assert_eq!(last["findings"][0]["message"], message);
    }
    assert_eq!(call(&app, &json!(ids[..20]), &json!(users[..1000])).status, 200);
}

#[test]
fn a_field_of_a_wrong_type_is_repaired_by_its_patch() {
    for wrong in [json!(true), json!(5), json!(1.5), json!("x"), json!("919876543210"), json!([1])]
    {
        let app = App::start();
        assert_eq!(call(&app, &wrong, &wrong), vendor(400, BAD_REQUEST), "{wrong}");
        let (findings, patched) = app.last_patched();
        assert_eq!(app.post_as("gnsb_demo", PATH, &patched).status, 200, "{findings} {patched}");
    }
}

#[test]
fn a_misspelt_field_is_named_by_one_finding() {
    let misspelt = json!({"community_ids": [TECH], "users": USER});
    for (unknown_fields, status, pointer) in [
        ("ignore", (412, PRECONDITION_FAILED), "/communities"),
        ("refuse", (400, BAD_REQUEST), "/community_ids"),
    ] {
        let app = App::with(|builder| builder.assume("unknown-fields", unknown_fields));
        let answer = app.post_as("gnsb_demo", PATH, &misspelt);
        assert_eq!(answer, vendor(status.0, status.1), "{unknown_fields}");
        let findings = || {
            let last = app.own("tenants/demo/requests/last");
            last["findings"].as_array().unwrap().clone()
        };
        let patched = app.last_patched().1;
        let found = findings();
        assert_eq!((found.len(), &found[0]["pointer"]), (1, &json!(pointer)), "{found:?}");
        assert_eq!(patched, json!({"communities": [TECH], "users": USER}));
        // what cannot be meant for the field is reported besides
        app.post_as("gnsb_demo", PATH, &json!({"community_ids": 7, "users": USER}));
        assert_eq!(findings().len(), if status.0 == 412 { 2 } else { 1 });
    }
}
