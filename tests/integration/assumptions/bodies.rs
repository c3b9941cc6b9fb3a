//! Assumptions about bodies, communities and tokens.

use serde_json::json;

use super::{
    ADD_USERS, CHAT, COMMUNITY, POST_VIDEO, TECH, UNKNOWN, USER, app, community, data, findings,
    group, groups, own_post, post, update, video,
};
use crate::harness::{
    AUTH, App, BAD_REQUEST, CREATE, PRECONDITION_FAILED, UNAUTHORIZED, set, vendor, without,
};

#[test]
fn an_unknown_field_is_ignored_or_refused_with_patches_that_mend_it() {
    let bodies = [
        set(group(), "/colour", json!({"a": 1})),
        set(group(), "/settings", json!({"discoverabel": true})),
        set(
            group(),
            "/group",
            json!({"members": [{"phone_numbr": "919876543210"}, {"user_id": USER, "x": 1}]}),
        ),
        json!({"typ": "four", "type_": 4, "community_id": TECH}),
    ];
    let ignore = App::start();
    data(&ignore.create(&bodies[0]));
    assert_eq!(findings(&ignore), ["warning /colour is not a known field and was ignored"]);
    let refuse = app("unknown-fields", "refuse");
    for body in &bodies {
        assert_eq!(refuse.create(body), vendor(400, BAD_REQUEST), "{body}");
        assert!(findings(&refuse).iter().all(|finding| finding.starts_with("error ")), "{body}");
        let (_, mut patched) = refuse.last_patched();
        patched.as_object_mut().unwrap().remove("chat_id");
        data(&refuse.create(&patched));
        assert_eq!(findings(&refuse), Vec::<String>::new(), "{body}: {patched}");
    }
    // a repeated key in what is removed has no patch of its own
    let repeated = format!(r#"{{"type":4,"community_id":"{TECH}","colour":{{"a":1,"a":2}}}}"#);
    assert_eq!(refuse.create_as("gnsb_demo", repeated.as_bytes()).status, 400);
    assert_eq!(
        findings(&refuse),
        ["error /colour is not a known field", "error /colour/a is repeated"]
    );
    assert_eq!(refuse.create(&refuse.last_patched().1).status, 200);
    for path in [COMMUNITY, POST_VIDEO, ADD_USERS] {
        assert_eq!(post(&refuse, path, &json!({"zz": 1})), vendor(400, BAD_REQUEST), "{path}");
        assert!(findings(&refuse).contains(&"error /zz is not a known field".to_owned()), "{path}");
    }
    assert_eq!(update(&refuse, CHAT, &json!({"zz": 1})), vendor(400, BAD_REQUEST));
    let keys = r#"{"api_key":"demo-key","api_secret":"demo-secret","zz":1}"#;
    assert_eq!(ignore.auth(keys).status, 200);
    assert_eq!(refuse.auth(keys), vendor(400, BAD_REQUEST));
}

#[test]
fn another_json_type_is_refused_or_converted_where_nothing_is_lost() {
    let body = json!({
        "type": "4", "community_id": TECH, "is_ai_generated": "true", "template_id": "-7",
        "actions": [{"action_id": "3", "access_type_id": 5}],
        "group": {"name": 12, "description": 1.50, "tags": false, "topics": ["1", 2],
            "members": [{"phone_number": 919_876_543_210_i64}, {"user_id": USER}]},
        "settings": {"discoverable": "false"},
    });
    let strict = App::start();
    assert_eq!(strict.create(&body), vendor(400, BAD_REQUEST));
    assert_eq!(findings(&strict).len(), 10, "{:?}", findings(&strict));
    let coerce = app("body-types", "coerce");
    let created = data(&coerce.create(&body));
    assert_eq!(findings(&coerce), Vec::<String>::new());
    assert_eq!(
        (&created["type"], &created["settings"]),
        (&json!(4), &json!({"discoverable": false}))
    );
    let kept = groups(&coerce).remove(0);
    let expected = json!({
        "name": "12", "description": "1.5", "tags": "false", "topics": [1, 2],
        "template_id": -7, "is_ai_generated": true,
    });
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(kept[key], *value, "{key}");
    }
    assert_eq!(kept["pending"][0]["phone_number"], "919876543210");
    for (pointer, value) in [
        ("/type", json!("04")),
        ("/type", json!("+4")),
        ("/type", json!(" 4")),
        ("/type", json!("4.0")),
        ("/type", json!(4.0)),
        ("/type", json!("5")),
        ("/is_ai_generated", json!("True")),
        ("/is_ai_generated", json!(1)),
        ("/template_id", json!("")),
        ("/group", json!("{}")),
        ("/group", json!({"name": ["x"]})),
        ("/chat_id", json!(7)),
    ] {
        let answer = coerce.create(&set(group(), pointer, value.clone()));
        assert_eq!(answer, vendor(400, BAD_REQUEST), "{pointer} {value}");
    }
    let users = json!({"communities": TECH, "users": {"phone_number": 4_915_112_345_678_i64}});
    assert_eq!(post(&strict, ADD_USERS, &users), vendor(400, BAD_REQUEST));
    assert_eq!(
        data(&post(&coerce, ADD_USERS, &users))["members_added"][0]["phone"],
        "4915112345678"
    );
    data(&coerce.create(&group()));
    assert_eq!(data(&update(&coerce, CHAT, &json!({"name": true})))["name_updated"], true);
    assert_eq!(
        data(&post(&coerce, POST_VIDEO, &set(video(), "/video_name", json!(5))))["chat_id"],
        CHAT
    );
    assert_eq!(coerce.auth(r#"{"api_key":7,"api_secret":true}"#), vendor(412, PRECONDITION_FAILED));
    assert_eq!(strict.auth(r#"{"api_key":7,"api_secret":true}"#), vendor(400, BAD_REQUEST));
}

#[test]
fn a_token_is_valid_for_a_day_or_a_quarter_of_an_hour_or_for_ever() {
    let minute = 60_000_i64;
    for (variant, valid_ms, expired_ms) in [
        ("24h", 24 * 60 * minute - 1, Some(24 * 60 * minute)),
        ("15m", 15 * minute - 1, Some(15 * minute)),
        ("forever", 365 * 24 * 60 * minute, None),
    ] {
        for (advance_ms, is_valid) in [(Some(valid_ms), true), (expired_ms, false)] {
            let app = app("token-life", variant);
            let keys = r#"{"api_key":"demo-key","api_secret":"demo-secret"}"#;
            let answer = app.post(AUTH, &[("Content-Type", "application/json")], keys.as_bytes());
            let token = answer.header("gn-access-token").unwrap().to_owned();
            let Some(advance_ms) = advance_ms else { continue };
            let body = json!({"advance": format!("{advance_ms}ms")}).to_string();
            let moved = own_post(&app, "tenants/demo/clock", &body);
            assert_eq!(moved.status, 200, "{}", moved.body);
            let answer = app.post_as(&token, CREATE, &group());
            if is_valid {
                data(&answer);
            } else {
                assert_eq!(answer, vendor(401, UNAUTHORIZED), "{variant}");
            }
        }
    }
}

#[test]
fn a_community_needs_what_the_page_lists_or_what_its_example_has() {
    let body = without(without(community(), "/type"), "/actions");
    let listed = App::start();
    assert_eq!(post(&listed, COMMUNITY, &body), vendor(400, BAD_REQUEST));
    assert_eq!(findings(&listed), ["error /type is missing", "error /actions is missing"]);
    let example = app("community-mandatory", "example");
    let id = data(&post(&example, COMMUNITY, &body))["community_id"].clone();
    assert_eq!(findings(&example), Vec::<String>::new());
    let all = example.own("tenants/demo/communities")["communities"].clone();
    let made = all.as_array().unwrap().iter().find(|one| one["community_id"] == id).unwrap();
    assert_eq!((&made["type"], &made["actions"]), (&json!(1), &json!([])));
    let nulls = json!({"handle": "two", "name": "Two", "type": null, "actions": null});
    data(&post(&example, COMMUNITY, &nulls));
    let three = set(community(), "/handle", json!("three"));
    for (pointer, value) in [("/type", json!(3)), ("/actions", json!([])), ("/name", json!(""))] {
        let wrong = set(three.clone(), pointer, value);
        assert_eq!(post(&example, COMMUNITY, &wrong), vendor(400, BAD_REQUEST), "{wrong}");
    }
    for pointer in ["/name", "/handle"] {
        let answer = post(&example, COMMUNITY, &without(three.clone(), pointer));
        assert_eq!(answer, vendor(400, BAD_REQUEST), "{pointer}");
    }
}

#[test]
fn a_repeated_handle_is_a_bad_request_or_a_failed_precondition() {
    for (variant, expected) in
        [("400", vendor(400, BAD_REQUEST)), ("412", vendor(412, PRECONDITION_FAILED))]
    {
        let app = app("repeat-handle", variant);
        data(&post(&app, COMMUNITY, &community()));
        let count = app.own("tenants/demo/state")["communities"].clone();
        assert_eq!(post(&app, COMMUNITY, &set(community(), "/handle", json!("ONE"))), expected);
        assert_eq!(
            findings(&app),
            ["error /handle is the handle of a community that already exists"]
        );
        assert_eq!(app.own("tenants/demo/state")["communities"], count);
        let other =
            set(set(community(), "/handle", json!("x")), "/users", json!([{"user_id": UNKNOWN}]));
        assert_eq!(post(&app, COMMUNITY, &other), vendor(400, BAD_REQUEST), "another reason");
    }
}
