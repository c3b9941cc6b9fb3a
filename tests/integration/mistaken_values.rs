//! What is recognised of a call that was probably meant otherwise: names in the place of ids, forms, tokens with spaces.

use serde_json::{Value, json};

use crate::admin::ask;
use crate::harness::{App, CREATE, EXAMPLE, example, set};

/// The suggestion of the only finding of the newest call of a tenant.
fn suggestion(app: &App, tenant: &str) -> Value {
    let last = app.own(&format!("tenants/{tenant}/requests/last"));
    assert_eq!(last["findings"].as_array().unwrap().len(), 1, "{last}");
    last["findings"][0]["suggestion"].clone()
}

#[test]
fn a_name_in_the_place_of_an_id_is_told_with_the_id_that_it_is_of() {
    let app = App::start();
    let (community, user) =
        ("f2a05adb-93ce-4a19-b003-3523fa745667", "abcd1234-5678-90ef-1112-234567890111");
    for (pointer, name, id, what) in [
        ("/community_id", "tech_community", community, "community with this handle"),
        ("/community_id", "@Tech_Community", community, "community with this handle"),
        ("/community_id", "Tech World", community, "community with this name"),
        ("/group/members/1/user_id", "USERNAME", user, "user with this username"),
    ] {
        let users = app.own("tenants/demo/users");
        let username = users["users"].as_array().unwrap().iter().find(|it| it["user_id"] == user);
        let name = if name == "USERNAME" { &username.unwrap()["username"] } else { &json!(name) };
        let answer = app.create(&set(example(), pointer, name.clone()));
        assert_eq!(answer.status, 400, "{name}");
        let expected = format!("send {id}, the id of the {what}");
        assert_eq!(suggestion(&app, "demo"), expected, "{name}");
        let (_, patched) = app.last_patched();
        assert_eq!(patched.pointer(pointer), Some(&json!(id)), "{name}");
    }
    for name in ["tech_communit", "", "Nobody"] {
        app.create(&set(example(), "/community_id", json!(name)));
        assert_eq!(suggestion(&app, "demo"), Value::Null, "{name:?} names nothing");
    }
}

#[test]
fn a_name_is_told_in_every_body_and_only_if_it_is_of_one_thing() {
    let app = App::start();
    let address = app.sandbox.address();
    for (handle, id) in [("first", 1), ("second", 2)] {
        let community = json!({
            "community_id": format!("00000000-0000-4000-8000-00000000000{id}"), "handle": handle, "name": "Twins",
            "color_code": "#000000", "text_color_code": "#ffffff",
        });
        let answer = ask(address, "POST", "tenants/demo/communities", &community.to_string());
        assert!([200, 201].contains(&answer.status), "{}", answer.body);
    }
    let add_users = "/api/thirdparty/community/add_users";
    let found = |name: &str| {
        let body = json!({"communities": [name], "users": ["tech_leader"]});
        app.post_as("gnsb_demo", add_users, &body);
        app.own("tenants/demo/requests/last")["findings"].clone()
    };
    let findings = found("second").to_string();
    let second =
        "send 00000000-0000-4000-8000-000000000002, the id of the community with this handle";
    assert!(findings.contains(second), "{findings}");
    assert!(findings.contains("the id of the user with this username"), "{findings}");
    let findings = found("twins").to_string();
    assert!(!findings.contains("the id of the community"), "there are two: {findings}");
}

#[test]
fn a_group_is_named_in_the_path_too() {
    let app = App::start();
    let created = app.create(&set(example(), "/group/name", json!("Night Owls"))).json();
    let headers = [("Authorization", "Bearer gnsb_demo"), ("Content-Type", "application/json")];
    let path = "/api/thirdparty/update_conversation/night%20owls";
    assert_eq!(app.send("PATCH", path, &headers, br#"{"name": "Larks"}"#).status, 400);
    let findings = app.own("tenants/demo/requests/last")["findings"].to_string();
    let group = app.own("tenants/demo/groups")["groups"][0]["chat_id"].clone();
    assert_eq!(created["code"], 200);
    let named = format!("send {}, the id of the group with this name", group.as_str().unwrap());
    assert!(findings.contains(&named), "{findings}");
}

#[test]
fn a_form_is_recognised_whatever_its_content_type() {
    let app = App::start();
    let parts = "--x1\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\n4\r\n--x1--\r\n";
    let send = "send a JSON object with Content-Type: application/json";
    for (media_type, body, is_form) in [
        ("application/json", "type=4&community_id=f2a05adb-93ce-4a19-b003-3523fa745667", true),
        ("application/json", "group%5Bname%5D=a+b", true),
        ("application/json", "group[name]=a&type=", true),
        ("application/json", parts, true),
        ("application/x-www-form-urlencoded", "type=4", true),
        ("multipart/form-data; boundary=x1", parts, true),
        ("application/json", "type", false),
        ("application/json", "{type=4}", false),
        ("application/json", "a = b", false),
        ("application/json", "--x1", false),
        // as curl sends JSON by default
        ("application/x-www-form-urlencoded", EXAMPLE, false),
    ] {
        let headers = [("Authorization", "Bearer gnsb_demo"), ("Content-Type", media_type)];
        assert_eq!(app.post(CREATE, &headers, body.as_bytes()).status, 400, "{body}");
        assert_eq!(suggestion(&app, "demo") == send, is_form, "{media_type} {body}");
        let last = app.own("tenants/demo/requests/last");
        let message = last["findings"][0]["message"].as_str().unwrap();
        if is_form && media_type == "application/json" {
            assert_eq!(message, "the body is not JSON: it looks like a form");
        }
    }
}

#[test]
fn a_token_with_spaces_in_its_line_is_shown_without_them() {
    let app = App::start();
    for (token, expected) in [
        ("gnsb_demo.2x500, ok*", Some("leave the spaces out, as in Bearer gnsb_demo.2x500,ok*")),
        ("gnsb_qa.post_video: 3 x 5026 , 404@30%", None),
        ("gnsb_qa.1x404 ,  ok", Some("leave the spaces out, as in Bearer gnsb_qa.1x404,ok")),
        ("gnsb_demo.flaky twice", None),
        ("gnsb_demo.2x500, s3cr3t-of-mine-and-yours", None),
    ] {
        let value = format!("Bearer {token}");
        let headers = [("Authorization", value.as_str()), ("Content-Type", "application/json")];
        assert_eq!(app.post(CREATE, &headers, EXAMPLE.as_bytes()).status, 401, "{token}");
        let tenant = &token[..token.find('.').unwrap()];
        let hidden = format!("leave the spaces out of what follows {tenant}.");
        assert_eq!(suggestion(&app, "anonymous"), expected.unwrap_or(&hidden), "{token}");
    }
    let other = [("Authorization", "Bearer gnsb_demo x"), ("Content-Type", "application/json")];
    app.post(CREATE, &other, EXAMPLE.as_bytes());
    let suggestion = suggestion(&app, "anonymous");
    assert!(
        suggestion.as_str().unwrap().starts_with("send Authorization: Bearer <"),
        "{suggestion}"
    );
}

#[test]
fn a_key_with_spaces_in_its_line_is_told_to_have_none() {
    let app = App::start();
    let keys = |key: &str| json!({"api_key": key, "api_secret": "gnsb-secret"}).to_string();
    assert_eq!(app.auth(&keys("gnsb_demo.2x500,ok*")).status, 200);
    assert_eq!(app.auth(&keys("gnsb_demo.2x500, ok*")).status, 412);
    assert_eq!(
        suggestion(&app, "anonymous"),
        "leave the spaces out of the line after gnsb_<tenant>."
    );
    assert_eq!(app.auth(&keys("gnsb_de mo")).status, 412);
    assert_eq!(
        suggestion(&app, "anonymous"),
        "use a key pair of the fixtures, or gnsb_<tenant> with gnsb-secret"
    );
}
