//! Lists that are too long to be made at once: sent in pieces, and the same text as a short one would be.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{ask, each, list, read, write};
use crate::harness::App;
use crate::scenarios::Call;

/// Calls of a tenant, every third of them refused.
fn make_calls(app: &App, tenant: &str, count: usize) {
    for number in 0..count {
        let (line, status) = if number % 3 == 0 { ("500", 500) } else { ("ok", 200) };
        let call = Call::new().token(&format!("gnsb_{tenant}")).header(line);
        assert_eq!(call.name(&format!("{number} x")).send(app).status, status);
    }
}

#[test]
fn a_long_page_is_what_the_short_ones_are_together() {
    let app = App::start();
    let address = app.sandbox.address();
    make_calls(&app, "long", 150);
    make_calls(&app, "other", 3);
    for (path, filter, count) in [
        ("tenants/long/requests", "", 150),
        ("tenants/long/requests", "&status=500", 50),
        ("requests", "", 153),
    ] {
        let whole = ask(address, "GET", &format!("{path}?limit=1000{filter}"), "");
        let newest = ask(address, "GET", &format!("{path}?last=1000{filter}"), "");
        assert!(whole.body.len() > 64 * 1024, "the rule is for long ones");
        assert_eq!(whole.header("transfer-encoding"), Some("chunked"));
        assert_eq!(whole.body, newest.body);
        let keys: Vec<_> = whole.json().as_object().unwrap().keys().cloned().collect();
        assert_eq!(keys, ["requests", "next", "dropped"]);
        let whole = whole.json();
        let (mut joined, mut next) = (Vec::new(), String::new());
        loop {
            let page = read(address, &format!("{path}?limit=7&since={next}{filter}"));
            let part = list(&page, "requests");
            next = page["next"].as_str().unwrap().to_owned();
            if part.is_empty() {
                break;
            }
            joined.extend(part);
        }
        assert_eq!(joined.len(), count);
        assert_eq!((list(&whole, "requests"), &whole["next"]), (joined, &json!(next)), "{path}");
        // none is left behind a page that is not full
        assert_eq!(
            list(&read(address, &format!("{path}?since={next}")), "requests"),
            [Value::Null; 0]
        );
    }
}

#[test]
fn long_lists_of_groups_communities_users_and_tenants_are_whole() {
    let app = App::start();
    let address = app.sandbox.address();
    make_calls(&app, "long", 300);
    let groups = list(&read(address, "tenants/long/groups"), "groups");
    let names: Vec<_> = groups.iter().map(|group| group["name"].as_str().unwrap()).collect();
    let numbers: Vec<_> = (0..300).filter(|number| number % 3 > 0).map(|n| n.to_string()).collect();
    let first_words: Vec<_> = names.iter().map(|name| name.split(' ').next().unwrap()).collect();
    assert_eq!(first_words, numbers);
    let state = read(address, "tenants/long/state");
    assert_eq!(list(&state, "groups"), groups);
    assert_eq!(state.as_object().unwrap().keys().next_back().unwrap(), "groups");
    assert_eq!(state["groups_created"], 200);

    for (kind, id) in [("communities", "community_id"), ("users", "user_id")] {
        let before = list(&read(address, &format!("tenants/long/{kind}")), kind);
        let mut added = Vec::new();
        for number in 0..100 {
            let mut uuid = String::new();
            write!(uuid, "00000000-0000-4000-8000-{number:012}").unwrap();
            let name = "n".repeat(1000);
            let body = if kind == "users" {
                json!({"user_id": uuid, "username": format!("u{number}"), "name": name})
            } else {
                json!({
                    "community_id": uuid, "handle": format!("c{number}"), "name": name,
                    "color_code": "#000000", "text_color_code": "#ffffff",
                })
            };
            let answer = ask(address, "POST", &format!("tenants/long/{kind}"), &body.to_string());
            assert_eq!(answer.status, 201, "{}", answer.body);
            added.push(json!(uuid));
        }
        let all = list(&read(address, &format!("tenants/long/{kind}")), kind);
        assert_eq!(all[..before.len()], before);
        assert_eq!(each(&all[before.len()..], id), added);
    }

    for number in 0..40 {
        write(address, "POST", &format!("tenants/t{number:02}/reset"), &json!({}));
    }
    let names = each(&list(&read(address, "tenants"), "tenants"), "name");
    let expected = (0..40).map(|number| json!(format!("t{number:02}")));
    assert_eq!(names, [json!("long")].into_iter().chain(expected).collect::<Vec<_>>());
}
