//! People who come to a group and leave it.

use genuin_sandbox::internals::call::{Config, Sandbox};
use genuin_sandbox::internals::{self, http::Request};
use http::Method;
use serde_json::{Value, json};

use super::{
    CHAT, OWNER, SECOND, THIRD, UNKNOWN, add, app, findings, group, path, update, updated,
};
use crate::admin::{each, list};
use crate::harness::{App, BAD_REQUEST, CREATE, example, set, vendor};

/// The ids of the group's members and invited people, with role and status.
fn members(app: &App) -> Vec<(String, i64, i64)> {
    let number = |member: &Value, key: &str| member[key].as_i64().unwrap();
    list(&group(app), "members")
        .iter()
        .map(|member| {
            let id = member["member_id"].as_str().unwrap().to_owned();
            (id, number(member, "role"), number(member, "status"))
        })
        .collect()
}

fn member(id: &str, role: i64, status: i64) -> (String, i64, i64) {
    (id.to_owned(), role, status)
}

#[test]
fn people_are_invited_and_leave() {
    let app = app();
    let data = updated(&app, &add(&[SECOND, THIRD]));
    assert_eq!(each(&list(&data, "members_added"), "member_id"), [json!(SECOND), json!(THIRD)]);
    let invited = [member(OWNER, 1, 1), member(SECOND, 2, 2), member(THIRD, 2, 2)];
    assert_eq!(members(&app), invited);
    let upper = SECOND.to_uppercase();
    let data = updated(&app, &json!({"members_removed": [upper]}));
    assert_eq!(data["members_removed"], json!([SECOND]), "an id is answered in lower case");
    assert_eq!(members(&app), [member(OWNER, 1, 1), member(THIRD, 2, 2)]);
    let data = updated(&app, &add(&[SECOND]));
    assert_eq!(data["members_added"][0]["status"], 2, "somebody who left can come back");
}

#[test]
fn a_member_since_the_creation_can_leave() {
    let app = App::start();
    app.create(&set(example(), "/group/members", json!([{"user_id": THIRD}])));
    assert_eq!(members(&app), [member(OWNER, 1, 1), member(THIRD, 2, 1)]);
    updated(&app, &json!({"members_removed": [THIRD]}));
    assert_eq!(members(&app), [member(OWNER, 1, 1)]);
}

#[test]
fn both_lists_are_about_the_group_before_the_call() {
    let app = app();
    let both = set(add(&[SECOND]), "/members_removed", json!([SECOND]));
    let data = updated(&app, &both);
    assert_eq!(
        (data["members_added"].as_array().unwrap().len(), &data["members_removed"]),
        (1, &json!([]))
    );
    let data = updated(&app, &both);
    assert_eq!((&data["members_added"], &data["members_removed"]), (&json!([]), &json!([SECOND])));
    assert_eq!(members(&app), [member(OWNER, 1, 1)]);
}

#[test]
fn what_changes_nothing_is_ignored_with_a_warning() {
    let app = app();
    let body = json!({
        "members_added": [{"user_id": OWNER}, {"user_id": SECOND}, {"user_id": SECOND}],
        "members_removed": [THIRD, UNKNOWN],
        "subscribers_removed": [THIRD],
    });
    let data = updated(&app, &body);
    assert_eq!(each(&list(&data, "members_added"), "member_id"), [json!(SECOND)]);
    assert_eq!([&data["members_removed"], &data["subscribers_removed"]], [&json!([]), &json!([])]);
    let findings = findings(&app);
    let shown: Vec<_> = findings
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| [&finding["severity"], &finding["pointer"], &finding["message"]])
        .collect();
    let expected = [
        ("/members_added/0/user_id", "is in the group already and was ignored"),
        ("/members_added/2/user_id", "is a duplicate and counts once"),
        ("/members_removed/0", "is not in the group and was ignored"),
        ("/members_removed/1", "is not in the group and was ignored"),
        ("/subscribers_removed", "was ignored: nobody subscribes in this sandbox"),
    ];
    let expected =
        expected.map(|(pointer, message)| ["warning", pointer, message].map(Value::from));
    assert_eq!(shown, expected.each_ref().map(<[Value; 3]>::each_ref));
}

#[test]
fn unknown_users_and_the_owner_are_refused_and_the_patches_repair_that() {
    let app = app();
    let mut body = json!({
        "members_added": [{"user_id": UNKNOWN}, {"user_id": SECOND}],
        "members_removed": [OWNER, THIRD, OWNER.to_uppercase(), OWNER],
        "name": "n",
    });
    let before = group(&app);
    assert_eq!(update(&app, &body), vendor(400, BAD_REQUEST));
    assert_eq!(group(&app), before, "nothing is changed");
    let findings = findings(&app);
    let errors: Vec<_> = findings
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["severity"] == "error")
        .collect();
    let pointers: Vec<_> =
        errors.iter().map(|finding| finding["pointer"].as_str().unwrap()).collect();
    let expected = [
        "/members_added/0/user_id",
        "/members_removed/0",
        "/members_removed/2",
        "/members_removed/3",
    ];
    assert_eq!(pointers, expected);
    for error in errors {
        let patch: json_patch::Patch = serde_json::from_value(error["patch"].clone()).unwrap();
        json_patch::patch(&mut body, &patch).unwrap();
    }
    assert_eq!(body["members_removed"], json!([THIRD]));
    assert_eq!(update(&app, &body).status, 200, "{body}");
}

/// Has people come and go in three rounds of two calls each, and returns the time on the CPU.
fn time_with_people(count: usize) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("many.yaml");
    let fixtures = include_str!("../../../fixtures/default.yaml");
    std::fs::write(&file, fixtures.replace("users: 200", &format!("users: {count}"))).unwrap();
    let fixtures = internals::fixtures::from_file(&file).unwrap();
    let others = fixtures.users.keys().filter(|id| **id != fixtures.creator).take(count);
    let others: Vec<_> = others.copied().collect();
    let sandbox = Sandbox::new(Config { fixtures, ..Config::default() }).unwrap();
    assert_eq!(sandbox.answer(&request(Method::POST, CREATE, &example())).status, 200);
    let added: Vec<_> = others.iter().map(|id| json!({"user_id": id})).collect();
    let come = request(Method::PATCH, &path(CHAT), &json!({"members_added": added}));
    let go = request(Method::PATCH, &path(CHAT), &json!({"members_removed": others}));
    let before = cpu_time_ns();
    for _ in 0..3 {
        for (request, list) in [(&come, "members_added"), (&go, "members_removed")] {
            let reply = sandbox.answer(request);
            let answer: Value = serde_json::from_slice(&reply.body).unwrap();
            assert_eq!(answer["data"][list].as_array().unwrap().len(), count, "{list}");
        }
    }
    cpu_time_ns() - before
}

fn request(method: Method, path: &str, body: &Value) -> Request {
    Request::json(method, path, Some("gnsb_demo"), body.to_string())
}

/// How long this thread has run: other work on the machine does not count.
fn cpu_time_ns() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    stat.split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn ten_thousand_people_come_and_go_in_one_call_each() {
    let (few, many) = (time_with_people(1_000), time_with_people(10_000));
    let ratio = many / few.max(1);
    eprintln!("10 000 people take {ratio} times as long as 1 000, limit 30");
    assert!(ratio <= 30, "quadratic work would take a hundred times as long: {ratio}");
}
