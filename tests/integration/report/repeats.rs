//! Repeats of a request that was refused for good: which of them are mistakes.

use serde_json::{Value, json};

use super::{Client, found, group, group_with_id};
use crate::admin::{list, read};
use crate::harness::{Answer, App, CREATE};

/// A call as a tenant of its own, with JSON.
fn call(app: &App, tenant: &str, method: &str, path: &str, body: &str) -> Answer {
    call_with(app, &format!("gnsb_{tenant}"), method, path, "application/json", body)
}

fn call_with(
    app: &App,
    token: &str,
    method: &str,
    path: &str,
    media_type: &str,
    body: &str,
) -> Answer {
    let token = format!("Bearer {token}");
    let headers = [("Authorization", token.as_str()), ("Content-Type", media_type)];
    app.send(method, path, &headers, body.as_bytes())
}

#[test]
fn a_request_that_was_right_the_second_time_is_no_mistake() {
    let app = App::start();
    let made = group_with_id("made first", 1);
    let id = made["chat_id"].as_str().unwrap();
    let update = format!("/api/thirdparty/update_conversation/{id}");
    let rename = json!({"name": "renamed"}).to_string();
    let update = |tenant: &str| call(&app, tenant, "PATCH", &update, &rename).status;
    assert_eq!(update("ensures"), 400, "there is no such group");
    assert_eq!(call(&app, "ensures", "POST", CREATE, &made.to_string()).status, 200);
    assert_eq!(update("ensures"), 200);
    assert_eq!([update("insists"), update("insists")], [400, 400], "nobody has made it");
    let body = group("x").to_string();
    for (media_type, status) in [("text/plain", 400), ("application/json", 200)] {
        let answer = call_with(&app, "gnsb_types", "POST", CREATE, media_type, &body);
        assert_eq!(answer.status, status, "{media_type}");
    }
    for (query, scenario) in [("?a=1", ".400"), ("?a=2", "")] {
        let token = format!("gnsb_queries{scenario}");
        let path = format!("{CREATE}{query}");
        call_with(&app, &token, "POST", &path, "application/json", &body);
    }
    let escaped = body.replace(r#""name":"x""#, r#""name":"\u0078""#);
    let twice = escaped.replace(r#""type":4"#, r#""type":4,"type":4"#);
    for (token, body, status) in [("gnsb_keys.400", &twice, 400), ("gnsb_keys", &escaped, 200)] {
        let answer = call_with(&app, token, "POST", CREATE, "application/json", body);
        assert_eq!(answer.status, status, "{body}");
    }
    let found = found(app.sandbox.address());
    assert_eq!(found.keys().collect::<Vec<_>>(), ["insists"]);
    assert_eq!(found["insists"], ["retried-permanent [1,2]"]);
}

#[test]
fn each_final_answer_is_judged_by_what_came_after_it() {
    let app = App::start();
    let address = app.sandbox.address();
    for (tenant, scenarios, bad_requests, videos) in [
        ("last", ["400", "5026", "5026", "ok"], json!([1, 2]), json!([2, 3, 4])),
        ("first", ["5026", "400", "400", "ok"], json!([2, 3, 4]), json!([1, 2])),
    ] {
        let client = Client::new(address, tenant);
        for scenario in scenarios {
            client.status(scenario, &group("x"));
        }
        let checklist = read(address, &format!("tenants/{tenant}/checklist"));
        let items: Vec<Value> = list(&checklist, "items");
        let shown: Vec<_> = items[..2].iter().map(|item| (&item["item"], &item["state"])).collect();
        let failed = json!("failed");
        assert_eq!(
            shown,
            [(&json!("5026-not-retried"), &failed), (&json!("400-not-retried"), &failed)]
        );
        assert_eq!((&items[0]["requests"], &items[1]["requests"]), (&videos, &bad_requests));
        assert_eq!(found(address)[tenant], ["retried-permanent [1,2,3,4]"]);
    }
}
