//! `POST /api/thirdparty/conversation/reply`: videos that are posted to a group.

mod state;

use genuin_sandbox::MediaMode;
use serde_json::{Value, json};

use crate::admin::{each, read};
use crate::harness::{
    Answer, App, BAD_REQUEST, UNAUTHORIZED, VIDEO_NOT_FOUND, example, keys_in_order, set, vendor,
    without,
};

const REQUEST: &str = include_str!("../examples/post-video.request.json");
const RESPONSE: &str = include_str!("../examples/post-video.response.json");

const POST: &str = "/api/thirdparty/conversation/reply";
const CHAT: &str = "456e7890-b12c-4c23-89ef-126314214567";
const RECORDED: &str = "789e1234-f12d-4c67-a256-126314214555";
const UNKNOWN: &str = "11111111-1111-1111-1111-111111111111";

/// A sandbox in which tenant `demo` has the documented group.
fn app() -> App {
    let app = App::start();
    assert_eq!(app.create(&example()).status, 200);
    app
}

fn request() -> Value {
    serde_json::from_str(REQUEST).unwrap()
}

/// The documented request without an id of its own, so that it can be repeated.
fn fresh() -> Value {
    without(request(), "/message_id")
}

fn send_as(app: &App, token: &str, body: &str) -> Answer {
    let token = format!("Bearer {token}");
    let headers = [("Authorization", token.as_str()), ("Content-Type", "application/json")];
    app.post(POST, &headers, body.as_bytes())
}

fn send(app: &App, body: &Value) -> Answer {
    send_as(app, "gnsb_demo", &body.to_string())
}

/// Posts a video, which must succeed, and returns the data of the answer.
fn posted(app: &App, body: &Value) -> Value {
    let answer = send(app, body);
    assert_eq!(answer.status, 200, "{body}: {}", findings(app));
    answer.json()["data"].clone()
}

fn group(app: &App) -> Value {
    read(app.sandbox.address(), &format!("tenants/demo/groups/{CHAT}"))
}

/// The findings of the last call.
fn findings(app: &App) -> Value {
    read(app.sandbox.address(), "tenants/demo/requests/last")["findings"].clone()
}

/// The vendor's example answer with what the documented group has.
fn documented_answer() -> Value {
    let mut answer: Value =
        serde_json::from_str(&RESPONSE.replace("http://127.0.0.1:4368", "http://sandbox")).unwrap();
    let pictures = "http://sandbox/uploads/profile_images/rt";
    for (pointer, value) in [
        ("/data/share_url", json!("http://sandbox/l/19b6a3e7f2000000")),
        ("/data/settings/discoverable", json!(false)),
        ("/data/group/group_id", json!("e3831588-3928-47aa-9c87-cafd784b948c")),
        ("/data/group/group_description", example()["group"]["description"].clone()),
        ("/data/group/dp", json!(format!("{pictures}/group_dp.png"))),
        ("/data/group/dp_s", json!(format!("{pictures}/s/group_dp.png"))),
        ("/data/group/dp_m", json!(format!("{pictures}/m/group_dp.png"))),
        ("/data/group/dp_l", json!(format!("{pictures}/l/group_dp.png"))),
        ("/data/chats/0/share_url", json!("http://sandbox/video/c8124715f0000000")),
    ] {
        *answer.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
    }
    answer
}

#[test]
fn the_documented_request_gets_the_documented_answer() {
    let answer = send_as(&app(), "gn-demo-token", REQUEST);
    assert_eq!((answer.status, answer.json()), (200, documented_answer()));
    assert_eq!(answer, vendor(200, &answer.body), "no header of the sandbox's own");
    assert_eq!(keys_in_order(&answer.body), keys_in_order(RESPONSE));
}

#[test]
fn the_mandatory_fields_are_enough() {
    let body = json!({
        "chat_id": CHAT.to_uppercase(), "aspect_ratio": "", "duration": 8, "link": "", "resolution": 0,
        "size": "", "video_name": "v.mp4", "thumbnail_name": "",
    });
    let data = posted(&app(), &body);
    let chat = &data["chats"][0];
    assert_eq!(data["chat_id"], CHAT, "an id is answered in lower case");
    assert_eq!(chat["video_url"], "http://sandbox/temp_video/v.mp4");
    assert_eq!(
        [&chat["thumbnail_url"], &chat["thumbnail_url_s"], &chat["thumbnail_url_l"]],
        ["", "", ""]
    );
    let meta =
        json!({"topic": null, "duration": 8, "resolution": 0, "size": "", "aspect_ratio": ""});
    assert_eq!(chat["meta_data"], meta);
    for field in body.as_object().unwrap().keys() {
        let app = app();
        let pointer = format!("/{field}");
        for body in [without(body.clone(), &pointer), set(body.clone(), &pointer, Value::Null)] {
            assert_eq!(send(&app, &body), vendor(400, BAD_REQUEST), "{body}");
        }
    }
}

#[test]
fn measures_are_kept_and_echoed_as_they_were_written() {
    let app = app();
    for (written, reason) in [
        ("4.50", "a final zero"),
        ("1E+2", "an exponent"),
        ("-0", "a negative zero"),
        ("-0.0", "a negative zero with a fraction"),
        ("18446744073709551616", "more than 64 bits"),
        ("0.1000000000000000055511151231257827", "more digits than a double has"),
        ("7", "an integer"),
        (r#""4.50""#, "a string"),
        (r#""1:1 \"ü\" \u0000""#, "a string with escapes"),
        (r#""""#, "an empty string"),
    ] {
        for (field, key) in
            ["duration", "size", "aspect_ratio", "resolution"].map(|field| (field, field))
        {
            let body = set(fresh(), &format!("/{field}"), json!("WRITTEN")).to_string();
            let answer = send_as(&app, "gnsb_demo", &body.replace(r#""WRITTEN""#, written));
            assert_eq!(answer.status, 200, "{field} = {written}");
            let expected = format!(r#""{key}":{written}"#);
            assert!(answer.body.contains(&expected), "{field}, {reason}: {}", answer.body);
            let path = format!("/_sandbox/v1/tenants/demo/groups/{CHAT}");
            let kept = app.send("GET", &path, &[], b"").body;
            assert!(kept.contains(&expected), "{field}, {reason}: {kept}");
        }
    }
}

#[test]
fn checks_are_made_in_the_order_of_the_contract() {
    let app = app();
    let missing = set(request(), "/video_name", json!("missing.mp4"));
    let taken = set(missing.clone(), "/message_id", json!(RECORDED));
    let unknown = set(taken.clone(), "/chat_id", json!(UNKNOWN));
    for (body, outcome, pointers) in [
        (set(unknown.clone(), "/size", json!([])), (400, BAD_REQUEST), vec!["/size"]),
        (unknown, (400, BAD_REQUEST), vec!["/chat_id"]),
        (taken, (400, BAD_REQUEST), vec!["/message_id"]),
        (missing, (500, VIDEO_NOT_FOUND), vec!["/video_name"]),
    ] {
        assert_eq!(send(&app, &body), vendor(outcome.0, outcome.1), "{body}");
        let findings = findings(&app);
        assert_eq!(each(findings.as_array().unwrap(), "pointer"), pointers, "{findings}");
    }
    assert_eq!(send_as(&app, "no-such-token", "{"), vendor(401, UNAUTHORIZED));
    assert_eq!(send_as(&app, "gnsb_other", REQUEST), vendor(400, BAD_REQUEST), "another's group");
    assert_eq!(group(&app)["no_of_videos"], 1, "nothing is changed");
}

#[test]
fn a_video_that_is_not_uploaded_is_error_5026() {
    let app = app();
    for (name, status) in [("", 500), ("missing.mp4", 500), ("MiSsInG", 500), ("mis.mp4", 200)] {
        let answer = send(&app, &set(fresh(), "/video_name", json!(name)));
        assert_eq!(answer.status, status, "{name:?}");
        assert!(status == 200 || answer == vendor(500, VIDEO_NOT_FOUND), "{name:?}");
    }
    let strict = App::with(|builder| builder.media(MediaMode::Strict));
    strict.create(&example());
    assert_eq!(send(&strict, &request()), vendor(500, VIDEO_NOT_FOUND));
    let listed = example()["recorded_video"]["video_name"].clone();
    assert_eq!(send(&strict, &set(request(), "/video_name", listed)).status, 200);
}

#[test]
fn a_wrong_value_is_refused_and_changes_nothing() {
    let app = app();
    let not_text = || vec![json!(1), json!(true), json!(["x"]), json!({})];
    let not_measure = || vec![json!(true), json!([1]), json!({})];
    let not_id = || vec![json!(""), json!(7), json!("x"), json!({}), json!(format!("{{{CHAT}}}"))];
    let not_boolean = || vec![json!("true"), json!(1), json!([]), json!("")];
    for (field, values) in [
        ("chat_id", not_id()),
        ("message_id", not_id()),
        ("aspect_ratio", not_measure()),
        ("duration", not_measure()),
        ("resolution", not_measure()),
        ("size", not_measure()),
        ("link", not_text()),
        ("video_name", not_text()),
        ("thumbnail_name", not_text()),
        ("description_text", not_text()),
        ("description_data", not_text()),
        ("video_path", not_text()),
        ("thumbnail_path", not_text()),
        ("questions", vec![json!("x"), json!([1]), json!([null]), json!([["x"]]), json!({})]),
        ("is_ai_generated", not_boolean()),
        ("is_ai_generated_video", not_boolean()),
        ("is_ai_generated_thumbnail", not_boolean()),
    ] {
        for value in values {
            let mut body = set(fresh(), &format!("/{field}"), value);
            body["unknown"] = json!(1);
            assert_eq!(send(&app, &body), vendor(400, BAD_REQUEST), "{body}");
        }
        let repeated = REQUEST.replacen('{', &format!("{{\"{field}\":\"x\","), 1);
        assert_eq!(
            send_as(&app, "gnsb_demo", &repeated),
            vendor(400, BAD_REQUEST),
            "{field} twice"
        );
    }
    assert_eq!(group(&app)["no_of_videos"], 1);
}

#[test]
fn optional_fields_may_be_null_or_empty() {
    let app = app();
    for (field, empty) in [
        ("message_id", Value::Null),
        ("description_text", json!("")),
        ("description_data", json!("[]")),
        ("video_path", json!("")),
        ("thumbnail_path", json!("/")),
        ("questions", json!([])),
        ("is_ai_generated", Value::Null),
        ("is_ai_generated_video", json!(false)),
        ("is_ai_generated_thumbnail", json!(false)),
    ] {
        for value in [Value::Null, empty] {
            posted(&app, &set(fresh(), &format!("/{field}"), value.clone()));
            assert_eq!(findings(&app), json!([]), "{field} = {value}");
        }
    }
    posted(&app, &set(fresh(), "/description_data", json!("{}")));
    let finding = findings(&app)[0].clone();
    assert_eq!([&finding["severity"], &finding["pointer"]], ["warning", "/description_data"]);
}

#[test]
fn the_same_calls_give_the_same_bytes_whatever_other_tenants_do() {
    let calls = |app: &App, between: &dyn Fn()| -> Vec<Answer> {
        app.create(&example());
        (0..3)
            .map(|_| {
                between();
                send(app, &fresh())
            })
            .collect()
    };
    let quiet = App::start();
    let expected = calls(&quiet, &|| ());
    let busy = App::start();
    let answers = calls(&busy, &|| {
        busy.create_as("gnsb_other", example().to_string().as_bytes());
        assert_eq!(send_as(&busy, "gnsb_other", &fresh().to_string()).status, 200);
    });
    assert_eq!(answers, expected);
    let links: std::collections::HashSet<_> = answers
        .iter()
        .map(|answer| answer.json()["data"]["chats"][0]["share_url"].to_string())
        .collect();
    assert_eq!(links.len(), 3, "no two videos have the same link");
}
