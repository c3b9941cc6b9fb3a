//! What a group and a tenant keep of their videos.

use genuin_sandbox::internals::{self, call::Config};
use serde_json::{Value, json};

use super::{CHAT, RECORDED, app, findings, fresh, group, posted, request, send, send_as};
use crate::admin::{each, list, read, write};
use crate::harness::{App, BAD_REQUEST, EXAMPLE_TIME, example, set, vendor, without};

#[test]
fn the_group_counts_its_videos_and_members() {
    let counts = |data: &Value| {
        let group = &data["group"];
        (group["no_of_videos"].as_u64().unwrap(), group["no_of_members"].as_u64().unwrap())
    };
    let app = App::start();
    let third = "345e1234-5678-90ef-2345-678912341234";
    app.create(&set(example(), "/group/members", json!([{"user_id": third}])));
    assert_eq!(counts(&posted(&app, &request())), (2, 2), "with the video of the creation");
    let headers = [("Authorization", "Bearer gnsb_demo"), ("Content-Type", "application/json")];
    let second = "0badcafe-1111-4222-8333-444455556666";
    let change = json!({
        "members_added": [{"user_id": second}], "members_removed": [third], "name": "n",
        "settings": {"discoverable": true},
    });
    let path = format!("/api/thirdparty/update_conversation/{CHAT}");
    assert_eq!(app.send("PATCH", &path, &headers, change.to_string().as_bytes()).status, 200);
    let data = posted(&app, &fresh());
    assert_eq!(counts(&data), (3, 1), "one has left, one is only invited");
    assert_eq!(
        (&data["group"]["group_name"], &data["settings"]["discoverable"]),
        (&json!("n"), &json!(true))
    );
    let without_video = App::start();
    without_video.create(&without(example(), "/recorded_video"));
    assert_eq!(counts(&posted(&without_video, &request())), (1, 1));
}

#[test]
fn a_video_is_the_newest_of_its_group() {
    let app = app();
    let address = app.sandbox.address();
    let before = group(&app);
    assert_eq!(
        (&before["no_of_videos"], &before["latest_message_at"]),
        (&json!(1), &before["created_at"])
    );
    write(address, "POST", "tenants/demo/clock", &json!({"advance": "90500ms"}));
    let data = posted(&app, &request());
    assert_eq!(data["chats"][0]["conversation_at"], "1727169301000", "a whole second");
    let after = group(&app);
    assert_eq!(
        [&after["latest_message_at"], &after["created_at"]],
        ["1727169301000", "1727169211000"]
    );
    assert_eq!(after["video"], before["video"], "the video of the creation");
    let videos = list(&after, "videos");
    assert_eq!(each(&videos, "message_id"), [json!(RECORDED), request()["message_id"].clone()]);
    let request = request();
    let expected = json!({
        "message_id": request["message_id"], "video_name": request["video_name"],
        "video_path": request["video_path"], "thumbnail_name": request["thumbnail_name"],
        "thumbnail_path": request["thumbnail_path"], "description_text": request["description_text"],
        "owner": "abcd1234-5678-90ef-1112-234567890111", "posted_at": "1727169301000",
        "link": "", "duration": "8", "size": "5", "aspect_ratio": "16:9", "resolution": "688x1220",
        "questions": request["questions"],
    });
    assert_eq!(videos[1], expected);
    assert_eq!(read(address, "tenants/demo/state")["groups"][0], after);
    assert_eq!(list(&read(address, "tenants/demo/groups"), "groups")[0], after);
}

#[test]
fn a_message_id_that_the_group_has_is_refused() {
    let app = app();
    posted(&app, &request());
    for id in [RECORDED.to_owned(), request()["message_id"].as_str().unwrap().to_uppercase()] {
        let mut body = set(request(), "/message_id", json!(id));
        assert_eq!(send(&app, &body), vendor(400, BAD_REQUEST), "{id}");
        let finding = findings(&app)[0].clone();
        assert_eq!(finding["pointer"], "/message_id");
        let patch: json_patch::Patch = serde_json::from_value(finding["patch"].clone()).unwrap();
        json_patch::patch(&mut body, &patch).unwrap();
        assert_eq!(send(&app, &body).status, 200, "{body}");
    }
    let other = without(without(example(), "/chat_id"), "/recorded_video");
    let other = app.create(&other).json()["data"]["chat_id"].clone();
    posted(&app, &set(request(), "/chat_id", other));
}

#[test]
fn a_generated_id_is_never_one_that_the_group_has() {
    let first = posted(&app(), &fresh())["chats"][0]["conversation_id"].clone();
    let app = App::start();
    app.create(&set(example(), "/recorded_video/message_id", first.clone()));
    assert_ne!(posted(&app, &fresh())["chats"][0]["conversation_id"], first);
}

#[test]
fn a_group_keeps_its_newest_thousand_videos_and_counts_all() {
    let app = app();
    let mut ids = vec![json!(RECORDED)];
    for number in 0..1_002_u32 {
        let id = format!("{number:08x}-0000-4000-8000-000000000000");
        let data = posted(&app, &set(request(), "/message_id", json!(id)));
        assert_eq!(data["group"]["no_of_videos"], number + 2);
        ids.push(json!(id));
    }
    let group = group(&app);
    assert_eq!(each(&list(&group, "videos"), "message_id"), ids[3..]);
    assert_eq!([&group["no_of_videos"], &group["video"]], [&json!(1_003), &Value::Null]);
    posted(&app, &set(request(), "/message_id", ids[2].clone()));
    assert_eq!(send(&app, &set(request(), "/message_id", ids[4].clone())).status, 400);
}

#[test]
fn past_the_bound_the_tenant_with_the_most_videos_forgets_its_oldest() {
    let clock = genuin_sandbox::Clock::parse(EXAMPLE_TIME).unwrap();
    let config = Config { clock, max_videos: Some(5), ..Config::default() };
    let app = App { sandbox: internals::start(config).unwrap() };
    let address = app.sandbox.address();
    let other = set(example(), "/chat_id", json!("00000000-0000-4000-8000-000000000001"));
    for (token, body) in
        [("gnsb_large", example()), ("gnsb_large", other), ("gnsb_small", example())]
    {
        assert_eq!(app.create_as(token, body.to_string().as_bytes()).status, 200);
    }
    let post = |tenant: &str, chat: &str, name: &str| {
        let body = set(set(fresh(), "/chat_id", json!(chat)), "/video_name", json!(name));
        let answer = send_as(&app, &format!("gnsb_{tenant}"), &body.to_string());
        assert_eq!(answer.status, 200, "no call fails because of the bound");
    };
    let second = "00000000-0000-4000-8000-000000000001";
    for (chat, name) in [(second, "a"), (CHAT, "b"), (second, "c"), (CHAT, "d")] {
        post("large", chat, name);
    }
    for name in ["x", "y"] {
        post("small", CHAT, name);
    }
    let names = |tenant: &str, chat: &str| {
        let group = read(address, &format!("tenants/{tenant}/groups/{chat}"));
        let names = each(&list(&group, "videos"), "video_name");
        let names: Vec<_> =
            names[1..].iter().map(|name| name.as_str().unwrap().to_owned()).collect();
        (names, group["no_of_videos"].as_u64().unwrap())
    };
    assert_eq!(names("large", second), (vec!["c".to_owned()], 3), "its oldest is forgotten");
    assert_eq!(names("large", CHAT), (vec!["b".to_owned(), "d".to_owned()], 3));
    assert_eq!(names("small", CHAT), (vec!["x".to_owned(), "y".to_owned()], 3));
    let large = read(address, "tenants/large/state");
    assert_eq!([&large["videos_posted"], &large["videos_forgotten"]], [4, 1]);
    assert_eq!(read(address, "tenants/small/groups")["videos_forgotten"], 0);
    let status = read(address, "status");
    assert_eq!([&status["videos_forgotten"], &status["counts"]["videos"]], [1, 5]);
    write(address, "POST", "tenants/large/reset", &json!({"what": ["state"]}));
    assert_eq!(read(address, "status")["counts"]["videos"], 2, "a reset forgets them too");
}

#[test]
fn videos_make_no_group_give_way() {
    let config = Config { max_groups: Some(1), ..Config::default() };
    let app = App { sandbox: internals::start(config).unwrap() };
    app.create(&example());
    for _ in 0..300 {
        posted(&app, &fresh());
    }
    let state = read(app.sandbox.address(), "tenants/demo/state");
    assert_eq!([&state["forgotten"], &state["videos_forgotten"]], [0, 0], "{state}");
    assert_eq!(group(&app)["no_of_videos"], 301);
}

#[test]
fn a_clock_that_is_turned_back_does_not_turn_back_a_group() {
    let app = app();
    let address = app.sandbox.address();
    let before = group(&app);
    write(address, "POST", "tenants/demo/clock", &json!({"freeze": "2024-01-01T00:00:00Z"}));
    posted(&app, &request());
    assert_eq!(group(&app)["latest_message_at"], before["latest_message_at"]);
}
