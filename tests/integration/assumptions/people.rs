//! Assumptions about the people of groups and communities.

use serde_json::{Value, json};

use super::{
    ADD_MODERATORS, ADD_USERS, CHAT, COMMUNITY, CREATOR, POST_VIDEO, SECOND, TECH, UNKNOWN, USER,
    app, chat, community, data, findings, group, groups, post, update, video,
};
use crate::harness::{Answer, App, BAD_REQUEST, COMMUNITY_NOT_FOUND, set, vendor};

#[test]
fn an_unknown_user_is_refused_or_left_out() {
    let members =
        set(group(), "/group", json!({"members": [{"user_id": UNKNOWN}, {"user_id": USER}]}));
    let users = set(community(), "/users", json!([{"user_id": UNKNOWN}, {"user_id": USER}]));
    let added = json!({"members_added": [{"user_id": UNKNOWN}, {"user_id": SECOND}]});
    let names = json!({"communities": TECH, "users": [UNKNOWN, USER]});
    for (variant, is_refused) in [("refuse", true), ("ignore", false)] {
        let app = app("unknown-user", variant);
        let check = |answer: Answer, pointer: &str| {
            let found = findings(&app);
            if is_refused {
                assert_eq!(answer, vendor(400, BAD_REQUEST));
                assert_eq!(found, [format!("error {pointer} is not a known user")]);
                return Value::Null;
            }
            assert_eq!(found, [format!("warning {pointer} is not a known user and was left out")]);
            data(&answer)
        };
        let created = check(app.create(&members), "/group/members/0/user_id");
        let made = check(post(&app, COMMUNITY, &users), "/users/0/user_id");
        if is_refused {
            assert_eq!(groups(&app), Vec::<Value>::new());
            data(&app.create(&group()));
        }
        let updated = check(update(&app, CHAT, &added), "/members_added/0/user_id");
        let joined = check(post(&app, ADD_USERS, &names), "/users/0");
        // the page says what becomes of a moderator
        let moderators = json!({"community_id": TECH, "users": UNKNOWN});
        assert_eq!(post(&app, ADD_MODERATORS, &moderators), vendor(404, COMMUNITY_NOT_FOUND));
        if is_refused {
            continue;
        }
        assert_eq!(created["group"]["no_of_members"], 2);
        assert_eq!(created["group"]["members"][1]["member_id"], USER);
        assert_eq!(updated["members_added"].as_array().unwrap().len(), 1);
        assert_eq!(updated["members_added"][0]["member_id"], SECOND);
        assert_eq!(joined["members_added"].as_array().unwrap().len(), 1);
        let kept: Vec<_> = chat(&app)["members"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["member_id"].clone())
            .collect();
        assert_eq!(kept, [CREATOR, USER, SECOND]);
        let all = app.own("tenants/demo/communities")["communities"].clone();
        let found =
            all.as_array().unwrap().iter().find(|one| one["community_id"] == made["community_id"]);
        assert_eq!(found.unwrap()["members"].as_array().unwrap().len(), 2, "leader and user");
    }
}

#[test]
fn members_are_those_who_have_joined_or_invited_people_too() {
    let members = json!([{"phone_number": "919876543210", "name": "Ann"}, {"user_id": USER}, {"phone_number": "999100000002"}]);
    let body = set(group(), "/group", json!({"members": members}));
    let count =
        |app: &App| data(&post(app, POST_VIDEO, &video()))["group"]["no_of_members"].clone();
    let active = App::start();
    let created = data(&active.create(&body));
    assert_eq!(created["group"]["no_of_members"], 2);
    let all = app("listed-members", "all");
    let listed = data(&all.create(&body))["group"].clone();
    assert_eq!(listed["no_of_members"], 4);
    let listed = listed["members"].as_array().unwrap();
    assert_eq!(json!(listed[..2]), created["group"]["members"]);
    let id = listed[2]["member_id"].as_str().unwrap();
    assert_eq!(
        listed[2],
        json!({
            "member_id": id, "name": "Ann", "username": "", "is_avatar": false,
            "is_brand_system_user": false, "status": 2, "role": 2, "profile_image": "",
            "profile_image_s": "", "profile_image_m": "", "profile_image_l": "",
        })
    );
    assert_eq!((&listed[3]["member_id"], &listed[3]["status"]), (&json!(SECOND), &json!(2)));
    assert_eq!(chat(&all)["pending"], chat(&active)["pending"], "the group itself is the same");
    for (app, before, after) in [(&active, 2, 2), (&all, 4, 5)] {
        assert_eq!(count(app), before);
        let added = json!({"members_added": [{"user_id": "0bf977ed-4887-4056-a8f4-1f0de71101f1"}]});
        data(&update(app, CHAT, &added));
        assert_eq!(count(app), after, "one more is invited");
    }
}

#[test]
fn those_who_are_added_are_invited_or_members_at_once() {
    for (variant, status, count) in [("invited", 2, 1), ("active", 1, 2)] {
        let app = app("added-member", variant);
        data(&app.create(&group()));
        let updated = data(&update(&app, CHAT, &json!({"members_added": [{"user_id": USER}]})));
        assert_eq!(updated["members_added"][0]["status"], status);
        assert_eq!(
            chat(&app)["members"][1],
            json!({"member_id": USER, "role": 2, "status": status})
        );
        assert_eq!(data(&post(&app, POST_VIDEO, &video()))["group"]["no_of_members"], count);
    }
}

/// The ids of the people whom an answer lists, with their status.
fn listed(answer: &Value) -> Vec<(String, i64)> {
    let members = answer["group"]["members"].as_array().unwrap();
    let one = |member: &Value| {
        (member["member_id"].as_str().unwrap().to_owned(), member["status"].as_i64().unwrap())
    };
    members.iter().map(one).collect()
}

#[test]
fn whoever_is_listed_can_be_removed_by_the_listed_id() {
    let app = app("listed-members", "all");
    let people = json!([
        {"phone_number": "919876543210"}, {"phone_number": "999100000001"}, {"user_id": SECOND},
        {"phone_number": "4915112345678"},
    ]);
    let created = data(&app.create(&set(group(), "/group", json!({"members": people}))));
    let ids: Vec<_> = listed(&created).into_iter().map(|(id, _)| id).collect();
    assert_eq!((&*ids[0], &*ids[1], &*ids[3]), (CREATOR, SECOND, USER));
    // an id that was listed stands for the person after they became a user too
    let joined = data(&post(
        &app,
        ADD_USERS,
        &json!({"communities": TECH, "users": {"phone_number": "919876543210"}}),
    ));
    let user = joined["members_added"][0]["member_id"].as_str().unwrap();
    assert_ne!(user, ids[2]);
    let leaving = json!({"members_removed": [ids[2], user, ids[3], ids[1]]});
    let updated = data(&update(&app, CHAT, &leaving));
    assert_eq!(updated["members_removed"], json!([ids[2], ids[3], ids[1]]));
    assert_eq!(
        findings(&app),
        ["warning /members_removed/1 is a duplicate and counts once"],
        "both ids are those of one person"
    );
    let left = chat(&app);
    assert_eq!(left["members"].as_array().unwrap().len(), 1);
    assert_eq!(
        left["pending"],
        json!([{"phone_number": "4915112345678", "name": null, "role": 2, "status": 2}])
    );
    let updated = data(&update(&app, CHAT, &json!({"members_removed": [ids[4], ids[2]]})));
    assert_eq!(updated["members_removed"], json!([ids[4]]));
    assert_eq!(findings(&app), ["warning /members_removed/1 is not in the group and was ignored"]);
    assert_eq!(data(&post(&app, POST_VIDEO, &video()))["group"]["no_of_members"], 1);
}

#[test]
fn a_user_who_is_invited_by_phone_number_is_in_the_group_already() {
    let invited = json!({"members": [{"phone_number": "999100000001"}]});
    for turned in
        [("listed-members", "active"), ("listed-members", "all"), ("added-member", "active")]
    {
        let app = app(turned.0, turned.1);
        data(&app.create(&set(group(), "/group", invited.clone())));
        let before = chat(&app);
        let added = json!({"members_added": [{"user_id": USER}]});
        assert_eq!(data(&update(&app, CHAT, &added))["members_added"], json!([]));
        assert_eq!(
            findings(&app),
            ["warning /members_added/0/user_id is in the group already and was ignored"]
        );
        assert_eq!(chat(&app), before);
        let removed = data(&update(&app, CHAT, &json!({"members_removed": [USER]})));
        assert_eq!(removed["members_removed"], json!([USER]));
        assert_eq!(chat(&app)["pending"], json!([]));
        assert_eq!(
            data(&update(&app, CHAT, &added))["members_added"][0]["member_id"],
            USER,
            "who has left can come again"
        );
    }
}

#[test]
fn a_user_who_is_named_by_id_and_by_phone_number_counts_once_as_a_member() {
    let (by_id, by_phone) = (json!({"user_id": USER}), json!({"phone_number": "999100000001"}));
    let second = json!({"phone_number": "999100000002"});
    for (members, repeated) in [
        ([&by_id, &by_phone, &second], "1/phone_number"),
        ([&by_phone, &second, &by_id], "2/user_id"),
    ] {
        let app = app("listed-members", "all");
        let created = data(&app.create(&set(group(), "/group", json!({"members": members}))));
        let expected = [(CREATOR, 1), (USER, 1), (SECOND, 2)];
        assert_eq!(listed(&created), expected.map(|(id, status)| (id.to_owned(), status)));
        assert_eq!(created["group"]["no_of_members"], 3);
        let message = format!("warning /group/members/{repeated} is a duplicate and counts once");
        assert_eq!(findings(&app), [message]);
    }
}
