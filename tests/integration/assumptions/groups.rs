//! Assumptions about groups and their videos.

use serde_json::{Value, json};

use super::{
    CHAT, CONVERSATION_NOT_FOUND, POST_VIDEO, UNKNOWN, USER, app, chat, data, findings, group,
    groups, post, update, video,
};
use crate::harness::{
    App, BAD_REQUEST, COMMUNITY_NOT_FOUND, VIDEO_NOT_FOUND, set, vendor, without,
};

#[test]
fn a_repeated_chat_id_is_refused_or_answered_with_the_first_group_or_a_second_one() {
    let second =
        set(group(), "/group", json!({"name": "second", "members": [{"user_id": UNKNOWN}]}));
    let refuse = App::start();
    data(&refuse.create(&group()));
    assert_eq!(refuse.create(&second), vendor(400, BAD_REQUEST));
    assert_eq!(findings(&refuse), ["error /chat_id is the id of a group that already exists"]);
    assert_eq!(groups(&refuse).len(), 1);

    let first = app("repeat-chat-id", "first-answer");
    let answer = first.create(&set(group(), "/group", json!({"name": "first"})));
    data(&answer);
    assert_eq!(first.create(&second), answer, "with nothing else of the call");
    assert_eq!(
        findings(&first),
        ["warning /chat_id is the id of a group that already exists, and that group is the answer"]
    );
    assert_eq!(groups(&first).len(), 1);
    let committed = |seq| first.own(&format!("tenants/demo/requests/{seq}"))["committed"].clone();
    assert_eq!([committed(1), committed(2)], [true, false], "nothing was created");
    let elsewhere = set(group(), "/community_id", json!(UNKNOWN));
    assert_eq!(first.create(&elsewhere), vendor(400, BAD_REQUEST), "it is checked before");

    let both = app("repeat-chat-id", "second-group");
    let ids = ["first", "second"].map(|name| {
        let created = data(&both.create(&set(group(), "/group", json!({"name": name}))));
        assert_eq!(created["chat_id"], CHAT);
        created["group"]["group_id"].clone()
    });
    assert_ne!(ids[0], ids[1]);
    assert_eq!(
        findings(&both),
        [
            "warning /chat_id is the id of a group that already exists, and a second group may have it too"
        ]
    );
    let listed: Vec<_> = groups(&both).iter().map(|group| group["group_id"].clone()).collect();
    assert_eq!(listed, ids);
    assert_eq!(chat(&both)["group_id"], ids[1]);
    let posted = data(&post(&both, POST_VIDEO, &video()));
    assert_eq!(posted["group"]["group_id"], ids[1], "the newer one is found");
    assert_eq!(groups(&both)[0]["no_of_videos"], 0);
}

#[test]
fn an_unknown_community_is_bad_request_or_not_found() {
    let body = set(group(), "/community_id", json!(UNKNOWN));
    let body = set(body, "/group", json!({"members": [{"user_id": USER}, {"user_id": USER}]}));
    for (variant, expected) in
        [("400", vendor(400, BAD_REQUEST)), ("404", vendor(404, COMMUNITY_NOT_FOUND))]
    {
        let app = app("unknown-community", variant);
        assert_eq!(app.create(&body), expected);
        assert_eq!(findings(&app)[0], "error /community_id is not a community of this tenant");
        assert_eq!(groups(&app), Vec::<Value>::new());
        // what comes before and after has its own answer
        assert_eq!(app.create(&set(body.clone(), "/type", json!(3))), vendor(400, BAD_REQUEST));
        let member = set(group(), "/group", json!({"members": [{"user_id": UNKNOWN}]}));
        assert_eq!(app.create(&member), vendor(400, BAD_REQUEST));
    }
}

#[test]
fn an_unknown_group_is_bad_request_or_not_found() {
    for (variant, expected) in
        [("400", vendor(400, BAD_REQUEST)), ("404", vendor(404, CONVERSATION_NOT_FOUND))]
    {
        let app = app("unknown-chat", variant);
        assert_eq!(post(&app, POST_VIDEO, &video()), expected);
        assert_eq!(findings(&app), ["error /chat_id is not a group of this tenant"]);
        assert_eq!(update(&app, CHAT, &json!({"name": "x"})), expected);
        assert_eq!(findings(&app), ["error /path/chat_id is not a group of this tenant"]);
        assert_eq!(update(&app, "x", &json!({})), vendor(400, BAD_REQUEST), "it is no id");
    }
}

#[test]
fn the_type_of_a_group_is_four_or_any_integer() {
    let four = App::start();
    let any = app("type-of-group", "any");
    assert_eq!(four.create(&set(group(), "/type", json!(-12))), vendor(400, BAD_REQUEST));
    assert_eq!(data(&any.create(&set(group(), "/type", json!(-12))))["type"], -12);
    assert_eq!(data(&post(&any, POST_VIDEO, &video()))["type"], -12, "it is kept");
    assert_eq!(chat(&any)["type"], -12);
    assert_eq!(any.create(&set(group(), "/type", json!("x"))), vendor(400, BAD_REQUEST));
    assert_eq!(findings(&any), ["error /type must be an integer, not the string \"x\""]);
    let file = any.own("tenants/demo/fixtures");
    assert_eq!(file["groups"][0]["group_type"], -12);
    assert_eq!(any.create(&without(group(), "/type")), vendor(400, BAD_REQUEST));
}

#[test]
fn a_group_is_discoverable_or_not_when_nothing_is_said() {
    for (variant, expected) in [("true", true), ("false", false)] {
        let app = app("discoverable-default", variant);
        for body in [
            group(),
            without(set(group(), "/settings", json!({})), "/chat_id"),
            without(set(group(), "/settings", json!({"discoverable": null})), "/chat_id"),
        ] {
            assert_eq!(data(&app.create(&body))["settings"]["discoverable"], expected, "{body}");
        }
        assert_eq!(chat(&app)["discoverable"], expected);
        let said =
            without(set(group(), "/settings", json!({"discoverable": !expected})), "/chat_id");
        assert_eq!(data(&app.create(&said))["settings"]["discoverable"], !expected);
    }
}

#[test]
fn a_video_without_a_name_is_not_found_or_a_bad_request() {
    for (variant, expected) in
        [("not-found", vendor(500, VIDEO_NOT_FOUND)), ("bad-request", vendor(400, BAD_REQUEST))]
    {
        let app = app("empty-video-name", variant);
        for recorded in [json!({}), json!({"video_name": null}), json!({"video_name": ""})] {
            let what = if recorded["video_name"] == "" { "empty" } else { "missing" };
            let answer = app.create(&set(group(), "/recorded_video", recorded));
            assert_eq!(answer, expected);
            assert_eq!(
                findings(&app),
                [format!(
                    "error /recorded_video/video_name is {what}, so there is no video to find"
                )]
            );
        }
        assert_eq!(groups(&app), Vec::<Value>::new());
        let missing = set(group(), "/recorded_video", json!({"video_name": "missing.mp4"}));
        assert_eq!(app.create(&missing), vendor(500, VIDEO_NOT_FOUND));
        data(&app.create(&group()));
        assert_eq!(post(&app, POST_VIDEO, &set(video(), "/video_name", json!(""))), expected);
        assert_eq!(chat(&app)["no_of_videos"], 0);
    }
}
