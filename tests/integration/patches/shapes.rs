//! What is sent in another shape, or by another name, is kept; what is made up would pass.

use serde_json::{Value, json};

use super::{patched, send};
use crate::harness::App;

/// Sends a body to an endpoint, applies the patches and sends it again; returns what was sent then, and the
/// last status.
fn patched_call(app: &App, method: &str, path: &str, body: &Value) -> (Value, u16) {
    let headers = [("Authorization", "Bearer gnsb_test"), ("Content-Type", "application/json")];
    let send = |body: &str| {
        let status = app.send(method, path, &headers, body.as_bytes()).status;
        let last = app.sandbox.requests().pop().unwrap();
        (status, last.findings.iter().map(|finding| json!(finding)).collect::<Vec<_>>())
    };
    let (status, findings) = send(&body.to_string());
    assert!(status >= 400, "{body} is accepted");
    let patched = patched(&body.to_string(), &findings).unwrap();
    let (status, _) = send(&patched);
    (serde_json::from_str(&patched).unwrap(), status)
}

const COMMUNITY: &str = "f2a05adb-93ce-4a19-b003-3523fa745667";
const MEMBER: &str = "345e1234-5678-90ef-2345-678912341234";

#[test]
fn an_id_in_another_shape_is_kept() {
    let update = "/api/thirdparty/update_conversation/11111111-2222-4333-8444-555566667777";
    let add = "/api/thirdparty/community/add_users";
    let in_braces = format!("{{{}}}", MEMBER.to_uppercase());
    for (path, sent, repaired) in [
        (update, json!({"members_removed": MEMBER}), json!({"members_removed": [MEMBER]})),
        (
            update,
            json!({"members_removed": {"user_id": MEMBER}}),
            json!({"members_removed": [MEMBER]}),
        ),
        (
            update,
            json!({"members_removed": [{"user_id": MEMBER}]}),
            json!({"members_removed": [MEMBER]}),
        ),
        (
            update,
            json!({"members_removed": [in_braces]}),
            json!({"members_removed": [MEMBER.to_uppercase()]}),
        ),
        (
            update,
            json!({"members_added": [MEMBER]}),
            json!({"members_added": [{"user_id": MEMBER}]}),
        ),
        (
            update,
            json!({"members_added": {"user_id": MEMBER}}),
            json!({"members_added": [{"user_id": MEMBER}]}),
        ),
        (
            add,
            json!({"communities": COMMUNITY.replace('-', ""), "users": MEMBER}),
            json!({"communities": COMMUNITY, "users": MEMBER}),
        ),
        (
            add,
            json!({"communities": COMMUNITY, "users": [{"user_id": in_braces}, "919437243350"]}),
            json!({
                "communities": COMMUNITY,
                "users": [{"user_id": MEMBER.to_uppercase()}, {"phone_number": "919437243350"}],
            }),
        ),
    ] {
        let app = App::start();
        let group = json!({
            "type": 4, "community_id": COMMUNITY, "chat_id": "11111111-2222-4333-8444-555566667777",
        });
        assert_eq!(send(&app, &group.to_string()).0.status, 200);
        let method = if path == update { "PATCH" } else { "POST" };
        assert_eq!(patched_call(&app, method, path, &sent), (repaired, 200), "{sent}");
    }
}

#[test]
fn a_misspelled_field_of_any_type_is_renamed() {
    for (path, sent, repaired) in [
        (
            "/api/thirdparty/community/add_users",
            json!({"comunities": [COMMUNITY], "users": MEMBER}),
            json!({"communities": [COMMUNITY], "users": MEMBER}),
        ),
        (
            "/api/thirdparty/community/add_users",
            json!({"communities": "", "Communities": COMMUNITY, "Users": {"user_id": MEMBER}}),
            json!({"communities": COMMUNITY, "users": {"user_id": MEMBER}}),
        ),
        (
            "/api/thirdparty/community/add_moderators",
            json!({"communityId": {"community_id": COMMUNITY}, "usres": [MEMBER]}),
            json!({"community_id": {"community_id": COMMUNITY}, "users": [MEMBER]}),
        ),
    ] {
        assert_eq!(patched_call(&App::start(), "POST", path, &sent), (repaired, 200), "{sent}");
    }
    // one that would not pass is not moved
    let sent = json!({"comunities": 7, "users": MEMBER});
    let path = "/api/thirdparty/community/add_users";
    let (repaired, status) = patched_call(&App::start(), "POST", path, &sent);
    assert_eq!((&repaired["comunities"], status), (&json!(7), 200));
}

#[test]
fn a_handle_is_replaced_by_one_that_is_free() {
    let app = App::start();
    let create = "/api/thirdparty/community/create";
    let community = |handle: Value| {
        json!({
            "handle": handle, "name": "n", "type": 1,
            "actions": [{"action_id": 2, "access_type_id": 3}],
        })
    };
    let mut handles = Vec::new();
    for handle in [json!(7), json!([]), json!({}), json!(null), json!("x".repeat(65))] {
        let (repaired, status) = patched_call(&app, "POST", create, &community(handle));
        assert_eq!(status, 200);
        handles.push(repaired["handle"].clone());
    }
    let long = "y".repeat(64);
    let (first, _) =
        patched_call(&app, "POST", create, &community(json!(format!("@{}", &long[..63]))));
    assert_eq!(first["handle"], long[..63]);
    for expected in ["-2", "-3"] {
        let (repaired, status) =
            patched_call(&app, "POST", create, &community(json!(long[..63].to_uppercase())));
        let handle = repaired["handle"].as_str().unwrap();
        assert_eq!((status, handle.ends_with(expected)), (200, true), "{handle}");
    }
    // what a text was meant as may be in use too
    let (repaired, status) =
        patched_call(&app, "POST", create, &community(json!(" genuin-community ")));
    assert_eq!(status, 200, "{repaired}");
    handles.push(repaired["handle"].clone());
    let different: std::collections::BTreeSet<_> = handles.iter().map(Value::to_string).collect();
    assert_eq!(different.len(), handles.len(), "{handles:?}");
}

#[test]
fn there_is_no_patch_where_nothing_would_pass() {
    let app = App::start();
    let headers = [("Authorization", "Bearer gnsb_test"), ("Content-Type", "application/json")];
    for chat_id in [json!(7), Value::Null, json!("x")] {
        let body = json!({
            "chat_id": chat_id, "aspect_ratio": "16:9", "duration": 8, "link": "", "resolution": "1x1",
            "size": 5, "video_name": "v.mp4", "thumbnail_name": "v.jpg",
        });
        let path = "/api/thirdparty/conversation/reply";
        assert_eq!(app.post(path, &headers, body.to_string().as_bytes()).status, 400);
        let last = app.sandbox.requests().pop().unwrap();
        let patches: Vec<_> =
            last.findings.iter().map(|one| json!(one).get("patch").cloned()).collect();
        assert_eq!(patches, [None], "the tenant has no group: {chat_id}");
    }
}
