//! `explain` says what a call would add or change: what the next call then does.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{ask, list, read};
use crate::harness::{App, example};

const GROUP: &str = "0a0b0c0d-1111-4222-8333-444455556666";
const COMMUNITY: &str = "f2a05adb-93ce-4a19-b003-3523fa745667";
const CREATOR: &str = "abcd1234-5678-90ef-1112-234567890111";
const USER: &str = "345e1234-5678-90ef-2345-678912341234";

/// A kind of data by its ids; memberships by the ids of both.
type Data = BTreeMap<String, Value>;

fn by_id(items: &[Value], id: &str) -> Data {
    items.iter().map(|item| (item[id].to_string(), item.clone())).collect()
}

/// What the own API shows of a tenant, by kind.
fn world(app: &App) -> BTreeMap<&'static str, Data> {
    let demo = |path: &str| read(app.sandbox.address(), &format!("tenants/demo/{path}"));
    let groups = list(&demo("groups"), "groups");
    let shown = demo("communities");
    let mut communities = list(&shown, "communities");
    let mut memberships = Data::new();
    for community in &mut communities {
        let members = community.as_object_mut().unwrap().remove("members").unwrap();
        for member in members.as_array().unwrap() {
            let id = format!("{} {}", community["community_id"], member["user_id"]);
            memberships.insert(id, member["role"].clone());
        }
    }
    let videos = groups.iter().flat_map(|group| {
        let count = group["no_of_videos"].as_u64().unwrap();
        (0..count).map(|number| (format!("{} {number}", group["chat_id"]), Value::Null))
    });
    BTreeMap::from([
        ("groups", by_id(&groups, "chat_id")),
        ("videos", videos.collect()),
        ("communities", by_id(&communities, "community_id")),
        ("memberships", memberships),
        ("categories", by_id(&list(&shown, "categories"), "number")),
        ("users", by_id(&list(&demo("users"), "users"), "user_id")),
    ])
}

/// The differences between two worlds. What came with a new community does not count.
fn differences(before: &BTreeMap<&str, Data>, after: &BTreeMap<&str, Data>) -> Vec<Value> {
    let mut found = Vec::new();
    let is_of_new = |id: &String| {
        let community = id.split(' ').next().unwrap();
        after["communities"].contains_key(community)
            && !before["communities"].contains_key(community)
    };
    for (kind, now) in after {
        let was = &before[kind];
        let is_new =
            |id: &&String| !was.contains_key(*id) && (*kind != "memberships" || !is_of_new(id));
        let added = now.keys().filter(is_new).count();
        let changed = now.iter().filter(|(id, it)| was.get(*id).is_some_and(|was| was != *it));
        for (change, count) in [("added", added), ("changed", changed.count())] {
            if count > 0 {
                found.push(json!({"kind": kind, "change": change, "count": count}));
            }
        }
        assert!(was.keys().all(|id| now.contains_key(id)), "{kind}: none is removed");
    }
    found
}

fn sorted(changes: &Value) -> Vec<Value> {
    let mut changes = changes.as_array().unwrap().clone();
    changes.sort_by_key(|change| format!("{} {}", change["kind"], change["change"]));
    changes
}

/// Explains a call, makes it, and returns what was explained, which must be what came.
#[track_caller]
fn changes(
    app: &App,
    method: &str,
    path: &str,
    scenario: Option<&str>,
    body: &Value,
) -> Vec<String> {
    let path = format!("/api/thirdparty/{path}");
    let mut headers =
        vec![("Authorization", "Bearer gnsb_demo"), ("Content-Type", "application/json")];
    headers.extend(scenario.map(|scenario| ("X-Sandbox-Scenario", scenario)));
    let explained: BTreeMap<_, _> = headers.iter().copied().collect();
    let explain = json!({"method": method, "path": path, "headers": explained, "body": body});
    let explanation = ask(app.sandbox.address(), "POST", "explain", &explain.to_string()).json();
    let before = world(app);
    app.send(method, &path, &headers, body.to_string().as_bytes());
    let entry = app.own("tenants/demo/requests/last");
    assert_eq!(explanation["committed"], entry["committed"], "{path} {body}");
    let shown = sorted(&explanation["changes"]);
    let visible: Vec<_> = shown.iter().filter(|one| one["kind"] != "tokens").cloned().collect();
    assert_eq!(visible, differences(&before, &world(app)), "{path} {body}");
    let text = |one: &Value| {
        let word = |key: &str| one[key].as_str().unwrap().to_owned();
        format!("{} {} {}", one["count"], word("kind"), word("change"))
    };
    shown.iter().map(text).collect()
}

/// Method, path, scenario and body of a call, what it changes, and why.
type Case<'c> = (&'c str, &'c str, Option<&'c str>, Value, &'c [&'c str], &'c str);

fn check(app: &App, cases: &[Case]) {
    for (method, path, scenario, body, expected, reason) in cases {
        let told = changes(app, method, path, *scenario, body);
        assert_eq!(told, *expected, "{path}: {reason}");
    }
}

#[test]
fn what_calls_add_to_communities_is_told_by_kind_and_count() {
    let new = "22222222-2222-4222-8222-222222222222";
    let community = json!({
        "handle": "new-one", "name": "n", "type": 1, "actions": [{"action_id": 2, "access_type_id": 3}],
        "categories": {"existing": [1], "new": ["a", "b"]}, "users": [{"user_id": USER}],
    });
    let (users, moderators) = ("community/add_users", "community/add_moderators");
    let cases: &[Case] = &[
        (
            "POST",
            "community/create",
            None,
            community,
            &["2 categories added", "1 communities added"],
            "a community with categories",
        ),
        (
            "POST",
            users,
            None,
            json!({
                "communities": [COMMUNITY, COMMUNITY],
                "users": [
                    {"phone_number": "4915112345678"}, {"phone_number": "4915112345678"},
                    {"phone_number": "4915112345679"}, USER, CREATOR,
                ],
            }),
            &["4 memberships added", "2 users added"],
            "two of them have no account",
        ),
        (
            "POST",
            users,
            None,
            json!({"communities": COMMUNITY, "users": {"phone_number": "4915112345678"}}),
            &[],
            "who is known and there by now",
        ),
        (
            "POST",
            moderators,
            None,
            json!({"community_id": COMMUNITY, "users": [USER, USER]}),
            &["1 memberships changed"],
            "a member becomes one",
        ),
        (
            "POST",
            moderators,
            None,
            json!({"community_id": COMMUNITY, "users": [USER]}),
            &[],
            "who is one already",
        ),
        (
            "POST",
            moderators,
            None,
            json!({"community_id": new, "users": [USER]}),
            &[],
            "no community",
        ),
        (
            "POST",
            "auth",
            None,
            json!({"api_key": "demo-key", "api_secret": "demo-secret"}),
            &["1 tokens added"],
            "a login",
        ),
    ];
    check(&App::start(), cases);
}

#[test]
fn what_calls_do_to_groups_is_told_by_kind_and_count() {
    let mut group = example();
    group["chat_id"] = json!(GROUP);
    let bare = json!({"type": 4, "community_id": COMMUNITY});
    let update = &*format!("update_conversation/{GROUP}");
    let video = json!({
        "chat_id": GROUP, "aspect_ratio": "16:9", "duration": "8", "link": "", "resolution": "1x1", "size": "5",
        "video_name": "v.mp4", "thumbnail_name": "v.jpg",
    });
    let cases: &[Case] = &[
        ("POST", "group/create", None, bare.clone(), &["1 groups added"], "a group alone"),
        ("POST", "group/create", Some("500"), group.clone(), &[], "it fails before"),
        (
            "POST",
            "group/create",
            Some("500/after-commit"),
            group.clone(),
            &["1 groups added", "1 videos added"],
            "it fails afterwards",
        ),
        ("POST", "group/create", None, group, &[], "the id is in use"),
        ("POST", "group/create", None, json!({"type": 5}), &[], "it is refused"),
        ("POST", "group/create", Some("documented-example"), bare, &[], "an example"),
        (
            "POST",
            "conversation/reply",
            None,
            video,
            &["1 groups changed", "1 videos added"],
            "the group has a video more",
        ),
        ("PATCH", update, None, json!({"name": "x"}), &["1 groups changed"], "another name"),
        ("PATCH", update, None, json!({"name": "x"}), &[], "the same name"),
        ("PATCH", update, None, json!({}), &[], "nothing is sent"),
        (
            "PATCH",
            update,
            None,
            json!({"members_added": [{"user_id": USER}]}),
            &["1 groups changed"],
            "somebody joins",
        ),
        (
            "PATCH",
            update,
            None,
            json!({"members_added": [{"user_id": USER}]}),
            &[],
            "who is there already",
        ),
    ];
    check(&App::start(), cases);
}

#[test]
fn assumptions_change_what_is_told() {
    for (variant, expected) in [("first-answer", 0), ("second-group", 1)] {
        let app = App::with(|builder| builder.assume("repeat-chat-id", variant));
        let body = json!({"type": 4, "community_id": COMMUNITY, "chat_id": GROUP});
        changes(&app, "POST", "group/create", None, &body);
        let explain = json!({
            "headers": {"authorization": "Bearer gnsb_demo", "content-type": "application/json"},
            "body": body,
        });
        let explained = ask(app.sandbox.address(), "POST", "explain", &explain.to_string()).json();
        let told = sorted(&explained["changes"]);
        assert_eq!(told.len(), expected, "{variant}: {told:?}");
    }
}
