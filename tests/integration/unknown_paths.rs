//! Paths that lead nowhere: the nearest one is named, and links of answers are known as such.

use serde_json::{Value, json};

use crate::admin::ask;
use crate::edge::problem;
use crate::harness::{App, example, raw, set};
use crate::process::Process;

const ID: &str = "ABCD1234-5678-90ef-1112-234567890111";

/// What the answer to a request says, which the journal and `explain` must say too.
#[track_caller]
fn said(app: &App, method: &str, path: &str) -> String {
    let explain = json!({"method": method, "path": path}).to_string();
    let explained = ask(app.sandbox.address(), "POST", "explain", &explain).json();
    let answer = app.send(method, path, &[("Authorization", "Bearer gnsb_demo")], b"");
    assert_eq!(answer.status, 404, "{path}");
    let finding = app.own("tenants/demo/requests/last")["findings"][0].clone();
    assert_eq!(explained["findings"], json!([finding]), "{path}");
    assert_eq!(explained["outcome"], "unknown-path", "{path}");
    if method != "HEAD" {
        assert_eq!(finding["message"], problem(&answer)["detail"], "{path}");
    }
    finding["message"].as_str().unwrap().to_owned()
}

#[test]
fn the_nearest_path_is_named_with_its_parameter_as_sent() {
    let app = App::start();
    let group = format!("/api/thirdparty/update_conversation/{ID}");
    let unnamed = "/api/thirdparty/update_conversation/{chat_id}".to_owned();
    let (create, community) = ("/api/thirdparty/group/create", "/api/thirdparty/community/create");
    for (path, near) in [
        (format!("/api/thirdparty/update_conversation/{ID}/"), &group),
        (format!("/api/thirdparty/update_conversations/{ID}"), &group),
        (format!("/api/thirdparty/updateConversation/{ID}"), &group),
        (format!("/api/thirdparty/update_conversation//{ID}"), &group),
        (format!("//api/thirdparty/update_conversation/{ID}"), &group),
        (format!("/API/THIRDPARTY/UPDATE_CONVERSATION/{ID}"), &group),
        (format!("/api/v1/thirdparty/update_conversation/{ID}"), &group),
        (format!("/update_conversation/{ID}"), &group),
        (format!("/api/thirdparty/update_conversation/{ID}/members"), &group),
        ("/api/thirdparty/update_conversation".into(), &unnamed),
        ("/api/thirdparty/update_conversation/".into(), &unnamed),
        (format!("/~500/api/thirdparty/update_conversation/{ID}/"), &group),
        ("/api/v1/thirdparty/group/create".into(), &create.into()),
        ("/api/thirdparty/group/creat".into(), &create.into()),
        ("/api/thirdparty/group/create/".into(), &create.into()),
        ("/API/thirdparty/Group/Create".into(), &create.into()),
        ("/api/thirdparty//group/create".into(), &create.into()),
        ("/group/create".into(), &create.into()),
        ("/community/create".into(), &community.into()),
        ("/api/thirdparty/community/created".into(), &community.into()),
        ("/api/thirdparty/Auth".into(), &"/api/thirdparty/auth".into()),
        ("/livez/".into(), &"/livez".into()),
    ] {
        let expected = format!("; did you mean {near}?");
        let said = said(&app, "PATCH", &path);
        assert!(said.starts_with("unknown path ") && said.ends_with(&expected), "{path}: {said}");
    }
    for path in ["/zzz", "/..%2f..%2fetc/passwd", "/api/thirdparty", "/api/thirdparty/zzz"] {
        let said = said(&app, "PATCH", path);
        let expected = "; the vendor's endpoints here are /api/thirdparty/group/create, ";
        assert!(said.contains(expected), "{path}: {said}");
    }
    let said = said(&app, "PATCH", &format!("/~500/API/thirdparty/update_conversation/{ID}"));
    assert!(said.contains(&format!("as in /~5026{group}, where")), "{said}");
}

#[test]
fn the_log_names_the_nearest_path() {
    let mut process = Process::start(&[]);
    let path = format!("/api/thirdparty/update_conversation/{ID}/");
    raw(
        process.address,
        format!("PATCH {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes(),
    );
    let line = process.log_line("PATCH");
    let near = path.trim_end_matches('/');
    let expected = format!(
        "refused \"PATCH\" \"{path}\" for anonymous: unknown path \"{path}\"; did you mean {near}?"
    );
    assert!(line.ends_with(&expected), "{line}");
}

/// Adds every link of an answer, by its path.
fn add_links(answer: &Value, links: &mut Vec<String>) {
    match answer {
        Value::String(text) => {
            links.extend(text.strip_prefix("http://sandbox").map(ToOwned::to_owned));
        }
        Value::Array(items) => items.iter().for_each(|item| add_links(item, links)),
        Value::Object(fields) => fields.values().for_each(|value| add_links(value, links)),
        _ => {}
    }
}

#[test]
fn whoever_follows_a_link_of_an_answer_is_told_that_nothing_is_behind_it() {
    let app = App::start();
    let community = include_str!("examples/create-community.request.json");
    let video = include_str!("examples/post-video.request.json");
    let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let in_default_folders =
        set(set(parsed(video), "/video_path", Value::Null), "/thumbnail_path", json!(""));
    let own_id = json!("11111111-1111-4111-8111-111111111111");
    let mut links = vec![];
    for (path, body) in [
        ("group/create", example()),
        ("community/create", parsed(community)),
        ("conversation/reply", parsed(video)),
        ("conversation/reply", set(in_default_folders, "/message_id", own_id)),
    ] {
        let answer = app.post_as("gnsb_demo", &format!("/api/thirdparty/{path}"), &body);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        add_links(&answer.json(), &mut links);
    }
    links.sort();
    links.dedup();
    assert!(links.len() > 20, "{links:?}");
    links.push("/uploads/profile_images/user.png".into());
    let avatars = ["/owl", "/api/thirdparty/group/owl"].map(ToOwned::to_owned);
    let mut ends = std::collections::BTreeMap::<_, Vec<_>>::new();
    for link in links.iter().chain(&avatars) {
        let said = said(&app, "GET", link);
        assert_eq!(said, self::said(&app, "HEAD", link), "{link}");
        ends.entry(said).or_default().push(link.split('/').nth(1).unwrap());
    }
    ends.values_mut().for_each(Vec::dedup);
    let made_up = "this link was made up by the sandbox: it has the vendor's shape, but";
    let expected = [
        (
            "this is the name of an avatar, which answers have in place of a link, and media is not served here".to_owned(),
            vec!["owl", "api"],
        ),
        (
            format!("{made_up} media is not served here"),
            vec!["temp_video", "trends_thumbnail", "trends_videos", "uploads"],
        ),
        (format!("{made_up} nothing is stored behind it"), vec!["community", "l", "video"]),
    ];
    assert_eq!(ends.into_iter().collect::<Vec<_>>(), expected);
    let report = app.own("tenants/demo/report");
    assert_eq!(report["findings"], json!([]), "who follows a link does nothing wrong");
}

#[test]
fn a_file_in_any_folder_may_be_a_link_and_a_write_is_none() {
    let app = App::start();
    for (method, path, is_link) in [
        ("GET", "/clips/2024/Hello.MP4", true),
        ("GET", "/video/2024/x.mov", true),
        ("GET", "/my/uploads/thumb.webp", true),
        ("POST", "/clips/2024/hello.mp4", false),
        ("GET", "/hello.mp4", false),
        ("GET", "/clips/2024/hello", false),
        ("GET", "/l", false),
    ] {
        let said = said(&app, method, path);
        assert_eq!(said.starts_with("this link was made up"), is_link, "{path}: {said}");
    }
    let said = said(&app, "GET", "/clips/community/hello");
    let expected = "unknown path \"/clips/community/hello\"; if an answer links to it, media is not served \
                    here; the vendor's endpoints here are /api/thirdparty/group/create, ";
    assert!(said.starts_with(expected), "{said}");
}
