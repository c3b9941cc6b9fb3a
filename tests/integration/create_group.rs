//! The behaviour of Create Group that is not about a single field.

use genuin_sandbox::MediaMode;
use serde_json::{Value, json};

use crate::harness::{
    App, BAD_REQUEST, EXAMPLE, UNAUTHORIZED, VIDEO_NOT_FOUND, example, keys_in_order, set, vendor,
    without,
};

/// The vendor's example answer with the known deviations and the sandbox's links.
fn documented_answer() -> Value {
    let mut answer: Value =
        serde_json::from_str(include_str!("examples/create-group.response.json")).unwrap();
    let pictures = "http://sandbox/uploads/profile_images/rt";
    let thumbnails = "http://sandbox/trends_thumbnail/2024/5/6/creative";
    let stem = "abcd1234-5678-90ef-1112-234567890111";
    let message = "/data/latest_messages/0";
    for (pointer, value) in [
        ("/data/settings/discoverable", json!(false)),
        ("/data/share_url", json!("http://sandbox/l/19b6a3e7f2000000")),
        ("/data/group/group_id", json!("e3831588-3928-47aa-9c87-cafd784b948c")),
        ("/data/group/dp", json!(format!("{pictures}/group_dp.png"))),
        ("/data/group/dp_s", json!(format!("{pictures}/s/group_dp.png"))),
        ("/data/group/dp_m", json!(format!("{pictures}/m/group_dp.png"))),
        ("/data/group/dp_l", json!(format!("{pictures}/l/group_dp.png"))),
        ("/data/community/share_url", json!("http://sandbox/community/357e35acdf000000")),
        (&format!("{message}/owner/member_id"), json!(stem)),
        (
            &format!("{message}/media_url"),
            json!(format!("http://sandbox/trends_videos/2024/5/6/creative/{stem}_video.mp4")),
        ),
        (&format!("{message}/thumbnail_url"), json!(format!("{thumbnails}/{stem}_thumb.jpg"))),
        (&format!("{message}/thumbnail_url_s"), json!(format!("{thumbnails}/s/{stem}_thumb.jpg"))),
        (&format!("{message}/thumbnail_url_l"), json!(format!("{thumbnails}/l/{stem}_thumb.jpg"))),
        (&format!("{message}/message_id"), json!("789e1234-f12d-4c67-a256-126314214555")),
        (&format!("{message}/share_url"), json!("http://sandbox/video/97bf5117ff000000")),
    ] {
        *answer.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
    }
    answer
}

#[test]
fn the_documented_request_gets_the_documented_answer() {
    let answer = App::start().create_as("gn-demo-token", EXAMPLE.as_bytes());
    assert_eq!((answer.status, answer.json()), (200, documented_answer()));
    assert_eq!(answer, vendor(200, &answer.body), "no header of the sandbox's own");
}

#[test]
fn keys_are_in_the_documented_order() {
    let documented = include_str!("examples/create-group.response.json");
    let answer = App::start().create_as("gnsb_demo", EXAMPLE.as_bytes());
    assert_eq!(keys_in_order(&answer.body), keys_in_order(documented));
}

#[test]
fn the_two_mandatory_fields_are_enough() {
    let body = json!({"type": 4, "community_id": "f2a05adb-93ce-4a19-b003-3523fa745667"});
    let answer = App::start().create(&body);
    let data = &answer.json()["data"];
    assert_eq!(answer.status, 200);
    assert_eq!(data["settings"]["discoverable"], json!(true));
    assert_eq!(data["latest_messages"], json!([]));
    assert_eq!(data["group"]["group_name"], Value::Null);
    assert_eq!(data["group"]["no_of_members"], json!(1));
    assert_ne!(data["chat_id"], data["group"]["group_id"]);
}

#[test]
fn a_request_without_a_mandatory_field_is_refused() {
    let app = App::start();
    for pointer in ["/type", "/community_id", "/actions/0"] {
        let body = match pointer {
            "/actions/0" => set(example(), "/actions", json!([{"action_id": 3}])),
            _ => without(example(), pointer),
        };
        assert_eq!(app.create(&body), vendor(400, BAD_REQUEST), "{pointer}");
    }
}

#[test]
fn a_repeated_chat_id_is_refused_and_changes_nothing() {
    let app = App::start();
    assert_eq!(app.create(&example()).status, 200);
    assert_eq!(app.create(&example()), vendor(400, BAD_REQUEST));
    let upper = set(example(), "/chat_id", json!("456E7890-B12C-4C23-89EF-126314214567"));
    assert_eq!(
        app.create(&upper),
        vendor(400, BAD_REQUEST),
        "ids are compared without regard to case"
    );
    let next = app.create(&without(example(), "/chat_id"));
    let fresh = App::start();
    fresh.create(&example());
    assert_eq!(
        next,
        fresh.create(&without(example(), "/chat_id")),
        "the refused call used up an id"
    );
}

#[test]
fn a_generated_chat_id_is_never_one_that_a_caller_sent() {
    let body = without(example(), "/chat_id");
    let generated = App::start().create(&body).json()["data"]["chat_id"].clone();
    let app = App::start();
    let taken = set(example(), "/chat_id", generated.clone());
    // the caller's group has used up the number of the generated id, so create two more groups
    assert_eq!(app.create(&taken).status, 200);
    assert_eq!(app.create(&body).status, 200);
    assert_ne!(app.create(&body).json()["data"]["chat_id"], generated);
}

#[test]
fn a_group_id_is_never_the_chat_id_of_the_caller() {
    let earlier = App::start().create(&example()).json()["data"]["group"]["group_id"].clone();
    let answer = App::start().create(&set(example(), "/chat_id", earlier.clone())).json();
    assert_eq!(answer["data"]["chat_id"], earlier);
    assert_ne!(answer["data"]["group"]["group_id"], earlier);
}

#[test]
fn checks_are_made_in_the_order_of_the_contract() {
    let app = App::start();
    app.create(&example());
    // a second violation does not change the answer to an earlier one
    let missing_video = set(example(), "/recorded_video/video_name", json!("missing.mp4"));
    assert_eq!(app.create(&missing_video), vendor(400, BAD_REQUEST), "repeat before video");
    let unknown = "11111111-1111-1111-1111-111111111111";
    let unknown_member =
        set(without(missing_video.clone(), "/chat_id"), "/group/members/1/user_id", json!(unknown));
    assert_eq!(app.create(&unknown_member), vendor(400, BAD_REQUEST), "member before video");
    let bad = app.create_as("no-such-token", b"{");
    assert_eq!(bad, vendor(401, UNAUTHORIZED), "token before body");
    let no_video = without(missing_video, "/chat_id");
    assert_eq!(app.create(&no_video), vendor(500, VIDEO_NOT_FOUND), "video last");
}

#[test]
fn the_strict_mode_accepts_only_listed_videos() {
    let app = App::with(|builder| builder.media(MediaMode::Strict));
    assert_eq!(app.create(&example()).status, 200, "the example's file is listed");
    let body = set(without(example(), "/chat_id"), "/recorded_video/video_name", json!("new.mp4"));
    assert_eq!(app.create(&body), vendor(500, VIDEO_NOT_FOUND));
}

#[test]
fn a_group_has_the_colours_brand_and_pictures_of_its_community() {
    let id = "def45678-abcd-ef12-3456-1234abcdef56";
    let data =
        App::start().create(&set(example(), "/community_id", json!(id))).json()["data"].clone();
    assert_eq!(data["group"]["color_code"], json!("#8DC6E8"));
    assert_eq!(data["group"]["text_color_code"], json!("#1B8DD1"));
    assert_eq!(data["brand_id"], json!(7));
    assert_eq!(
        data["community"]["dp_s"],
        json!("http://sandbox/uploads/profile_images/rt/s/xyz.png")
    );
}

#[test]
fn a_user_with_a_picture_has_links_in_four_sizes() {
    let id = "345e1234-5678-90ef-2345-678912341234";
    let answer = App::start().create(&set(example(), "/group/members", json!([{"user_id": id}])));
    let folder = "http://sandbox/uploads/profile_images";
    let expected = json!({
        "member_id": id, "name": "Mentioned User", "username": "user", "is_avatar": false,
        "is_brand_system_user": false, "status": 1, "role": 2,
        "profile_image": format!("{folder}/user.png"), "profile_image_s": format!("{folder}/s/user.png"),
        "profile_image_m": format!("{folder}/m/user.png"), "profile_image_l": format!("{folder}/l/user.png"),
    });
    assert_eq!(answer.json()["data"]["group"]["members"][1], expected);
}

#[test]
fn links_start_with_the_callers_host_if_no_address_is_configured() {
    let app = App::with(|_| genuin_sandbox::RunningSandbox::builder());
    let answer = app.create(&example()).json();
    let link = answer["data"]["share_url"].as_str().unwrap();
    assert!(link.starts_with("http://sandbox/l/"), "{link}");
}

#[test]
fn times_are_strings_of_whole_seconds() {
    let app = App::with(|_| genuin_sandbox::RunningSandbox::builder());
    let answer = app.create(&example()).json();
    let time = answer["data"]["latest_message_at"].as_str().unwrap();
    assert_eq!((time.len(), &time[10..]), (13, "000"), "{time}");
    assert_eq!(answer["data"]["latest_messages"][0]["message_at"], json!(time));
}

#[test]
fn what_was_said_of_the_recorded_video_is_seen_again_as_it_was_sent() {
    let app = App::start();
    let of_video = |video: &str| {
        let body = format!(
            r#"{{"type":4,"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667","recorded_video":{{"video_name":"v.mp4"{video}}}}}"#
        );
        assert_eq!(app.create_as("gnsb_demo", body.as_bytes()).status, 200, "{body}");
        app.own("tenants/demo/groups")["groups"].as_array().unwrap().last().unwrap().clone()
    };
    let keys = ["link", "duration", "size", "aspect_ratio", "resolution"];
    for (sent, expected) in [
        ("", json!([null, null, null, null, null])),
        (r#","link":"""#, json!(["", null, null, null, null])),
        (
            r#","link":"https://x/é","duration":7,"size":"5MB","aspect_ratio":"9:16","resolution":"1080p""#,
            json!(["https://x/é", 7, "5MB", "9:16", "1080p"]),
        ),
        (r#","duration":"a\"b","size":1.5"#, json!([null, "a\"b", 1.5, null, null])),
    ] {
        let group = of_video(sent);
        let video = &group["videos"][0];
        assert_eq!(json!(keys.map(|key| &video[key])), expected, "{sent}");
        assert_eq!(video["video_name"], "v.mp4");
    }
    let text = crate::admin::ask(app.sandbox.address(), "GET", "tenants/demo/groups", "").body;
    of_video(r#","duration":1.50"#);
    let longer = crate::admin::ask(app.sandbox.address(), "GET", "tenants/demo/groups", "").body;
    assert!(!text.contains("1.50") && longer.contains(r#""duration":1.50,"#), "as it was written");
}
