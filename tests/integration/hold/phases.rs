//! In which phase a call is held, and what is done when it goes.

use serde_json::json;

use super::{Waiting, call, facts, held, release};
use crate::admin::{ask, read, write};
use crate::harness::{App, UNAUTHORIZED, vendor};
use crate::scenarios::{Call, SERVER_ERROR, ending};

fn groups(app: &App, tenant: &str) -> u64 {
    read(app.sandbox.address(), &format!("tenants/{tenant}/state"))["groups_created"]
        .as_u64()
        .unwrap()
}

#[test]
fn the_rest_of_the_way_runs_when_the_call_goes() {
    for phase in ["before-auth", "after-auth", "after-validation"] {
        let app = App::start();
        let address = app.sandbox.address();
        let waiting = Waiting::start(address, "demo", &call("demo", &format!("hold/{phase}")));
        assert_eq!(held(address, "demo")[0]["phase"], phase);
        assert_eq!(groups(&app, "demo"), 0, "{phase}");
        release(address, "demo", &json!({}));
        assert_eq!(groups(&app, "demo"), 1, "{phase}");
        assert_eq!(waiting.answer().status, 200);
    }
}

#[test]
fn after_the_commit_the_change_is_made_on_arrival() {
    let app = App::start();
    let address = app.sandbox.address();
    let after_commit = call("demo", "hold/after-commit");
    let waiting = Waiting::start(address, "demo", &after_commit);
    assert_eq!(groups(&app, "demo"), 1);
    assert_eq!(facts(address, "demo"), [json!(["hold", null, true])]);
    assert_eq!(held(address, "demo")[0]["committed"], true);
    let (released, _) = release(address, "demo", &json!({}));
    assert_eq!(released, [json!(["demo/1", "ok", 200])]);
    let answer = waiting.answer();
    let chat_id = read(address, "tenants/demo/groups")["groups"][0]["chat_id"].clone();
    assert_eq!((answer.status, &answer.json()["data"]["chat_id"]), (200, &chat_id));

    let waiting = Waiting::start(address, "demo", &after_commit);
    release(address, "demo", &json!({"as": "server-error"}));
    assert_eq!(waiting.answer(), vendor(500, SERVER_ERROR), "the caller gets the failure");
    assert_eq!(groups(&app, "demo"), 2);
    assert_eq!(facts(address, "demo")[1], json!(["server-error", 500, true]));
}

#[test]
fn what_ends_earlier_is_not_held() {
    let app = App::start();
    let address = app.sandbox.address();
    let refused = Call::new().token("gn-revoked-token").header("hold");
    assert_eq!(refused.send(&app), vendor(401, UNAUTHORIZED));
    let invalid = call("demo", "hold/after-validation").with("/type", json!(5));
    assert_eq!(ending(&invalid.send(&app)), "400");
    let before = Call::new().token("gn-revoked-token").header("hold/before-auth");
    let waiting = Waiting::start(address, "demo", &before);
    let (released, _) = release(address, "demo", &json!({}));
    assert_eq!(released[0][1], "unauthorized");
    assert_eq!(waiting.answer(), vendor(401, UNAUTHORIZED), "the token is checked then");
}

#[test]
fn a_call_is_checked_against_the_world_as_it_is_when_it_goes() {
    let app = App::start();
    let address = app.sandbox.address();
    let chat_id = json!("11111111-2222-3333-4444-555555555555");
    let repeat = call("demo", "hold/after-validation").with("/chat_id", chat_id.clone());
    let waiting = Waiting::start(address, "demo", &repeat);
    let other = Call::new().with("/chat_id", chat_id);
    assert_eq!(other.send(&app).status, 200);
    release(address, "demo", &json!({}));
    assert_eq!(ending(&waiting.answer()), "400");
    assert_eq!(groups(&app, "demo"), 1);
}

#[test]
fn the_time_is_that_at_which_the_call_goes_and_a_frozen_clock_holds_nobody_longer() {
    let app = App::start();
    let address = app.sandbox.address();
    let waiting = Waiting::start(address, "demo", &call("demo", "hold"));
    write(address, "POST", "tenants/demo/clock", &json!({"advance": "25h"}));
    assert_eq!(held(address, "demo").len(), 1, "only real time counts");
    release(address, "demo", &json!({}));
    let created = waiting.answer().json()["data"]["latest_message_at"].clone();
    assert_eq!(created, "1727259211000", "25 hours after the frozen clock");
    let first = read(address, "tenants/demo/requests/1");
    assert_eq!(first["time"], "2024-09-24T09:13:31.000Z", "the entry says when it came");
}

#[test]
fn calls_of_no_tenant_and_logins_are_held_too() {
    let app = App::start();
    let address = app.sandbox.address();
    let unknown = Call::new().token("nobody").header("hold/before-auth");
    let waiting = Waiting::start(address, "anonymous", &unknown);
    let (released, _) = release(address, "anonymous", &json!({}));
    assert_eq!(released, [json!(["anonymous/1", "unauthorized", 401])]);
    assert_eq!(waiting.answer(), vendor(401, UNAUTHORIZED));
    let answer = ask(address, "GET", "tenants/Not%20a%20name/held", "");
    assert_eq!(answer.status, 404, "{}", answer.body);
}
