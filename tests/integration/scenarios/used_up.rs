//! An override whose scenario has nothing left to do for a tenant says so, until a reset.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::{Call, endings, with_rules};
use crate::admin::{done, list, read, write};
use crate::harness::App;
use crate::process::{Process, run};

const QA: &str = "tenants/qa/scenario";
const POST: &str = "/api/thirdparty/conversation/reply";

fn call() -> Call {
    Call::new().token("gnsb_qa")
}

/// Makes a Post Video call of tenant `qa` and returns its status.
fn post(app: &App) -> u16 {
    app.post_as("gnsb_qa", POST, &json!({})).status
}

/// What an answer says of the use of the tenant's override.
fn use_in(answer: &Value) -> Value {
    json!([answer["override"]["used_up"], answer["override"]["used_up_for"]])
}

fn shown(address: SocketAddr) -> Value {
    use_in(&read(address, QA))
}

fn set(address: SocketAddr, body: &Value) -> Value {
    use_in(&write(address, "PUT", QA, body))
}

fn unused() -> Value {
    json!([null, null])
}

#[test]
fn a_line_that_is_set_again_is_told_to_be_used_up_until_a_reset() {
    let app = App::start();
    let address = app.sandbox.address();
    for body in [json!({"scenario": "2x404"}), json!({"scenario": "2x404", "hits": 5})] {
        assert_eq!(set(address, &body), unused());
        assert_eq!(endings(&app, &call(), 1), ["404"]);
        assert_eq!(shown(address), unused(), "one step is left");
        assert_eq!(endings(&app, &call(), 2), ["404", "ok"]);
        let used_up = json!([false, ["create_group"]]);
        assert_eq!(shown(address), used_up, "other calls would still fail");
        done(address, "DELETE", QA);
        assert_eq!(set(address, &body), used_up, "{body}");
        assert_eq!(set(address, &json!({"scenario": "1x404"})), unused(), "another line");
        assert_eq!(set(address, &body), used_up);
        assert_eq!(endings(&app, &call(), 1), ["ok"]);
        let other = write(address, "PUT", "tenants/other/scenario", &body);
        assert_eq!(use_in(&other), unused(), "another tenant");
        write(address, "POST", "tenants/qa/reset", &json!({"what": ["scenarios"]}));
        assert_eq!(read(address, QA)["override"], Value::Null, "a reset ends it");
    }
}

#[test]
fn a_line_is_used_up_for_each_endpoint_alone() {
    let app = App::start();
    let address = app.sandbox.address();
    app.auth(r#"{"api_key":"gnsb_qa","api_secret":"gnsb-secret"}"#);
    set(address, &json!({"scenario": "1x404"}));
    assert_eq!(endings(&app, &call(), 2), ["404", "ok"]);
    let partly = json!([false, ["create_group"]]);
    assert_eq!(shown(address), partly, "the only one that was called");
    done(address, "DELETE", QA);
    assert_ne!(post(&app), 404);
    assert_eq!(set(address, &json!({"scenario": "1x404"})), partly, "posts would still fail");
    assert_eq!([post(&app), post(&app)], [404, 400]);
    let both = json!([false, ["create_group", "post_video"]]);
    assert_eq!(shown(address), both, "so would calls to other endpoints");
    assert_eq!(set(address, &json!({"scenario": "post_video:1x404"})), unused());
    assert_eq!([post(&app), post(&app)], [404, 400]);
    assert_eq!(shown(address), json!([true, ["post_video"]]), "it is for no other");
}

#[test]
fn a_line_is_used_up_whole_when_no_call_is_left_that_it_can_act_on() {
    let app = App::start();
    let address = app.sandbox.address();
    set(address, &json!({"scenario": "1x503"}));
    let endpoints = list(&read(address, "contract"), "endpoints");
    // a line is for all calls but logins
    let meant: Vec<_> = endpoints.iter().filter(|endpoint| endpoint["name"] != "auth").collect();
    let mut used_up_for = Vec::new();
    for (place, endpoint) in meant.iter().enumerate() {
        let (method, path) =
            (endpoint["method"].as_str().unwrap(), endpoint["path"].as_str().unwrap());
        let headers = [("authorization", "Bearer gnsb_qa"), ("content-type", "application/json")];
        let answer = app.send(method, &path.replace(['{', '}'], ""), &headers, b"{}");
        assert_eq!(answer.status, 503, "{method} {path}");
        used_up_for.push(&endpoint["name"]);
        let is_whole = place + 1 == meant.len();
        assert_eq!(shown(address), json!([is_whole, used_up_for]), "{method} {path}");
    }
}

#[test]
fn a_file_is_used_up_when_no_rule_of_it_is_left() {
    let once = "do: [{outcome: 404}]";
    let never = unused();
    let whole = json!([true, ["create_group"]]);
    let partly = json!([false, ["create_group"]]);
    for (rules, expected, reason) in [
        (format!("- {{id: a, {once}}}"), &whole, "its only step has acted"),
        ("- {id: a, limit: 1, do: {outcome: 404}}".into(), &whole, "its limit is reached"),
        (
            "- {id: a, limit: 1, then: repeat, do: [{outcome: 404}]}".into(),
            &whole,
            "its limit is reached before it repeats",
        ),
        (format!("- {{id: a, {once}}}\n- {{id: b, enabled: false, {once}}}"), &whole, "b is off"),
        (format!("- {{id: a, then: hold-last, {once}}}"), &never, "its last step goes on"),
        (format!("- {{id: a, then: repeat, {once}}}"), &never, "it begins again"),
        ("- {id: a, do: {outcome: 404, times: forever}}".into(), &never, "it never ends"),
        (format!("- {{id: a, scope: 'field:group.tags', {once}}}"), &never, "other tags may come"),
        (
            "- {id: a, scope: 'field:group.tags', limit: 1, do: [{outcome: 404}]}".into(),
            &never,
            "other tags have a limit of their own",
        ),
        (
            format!("- {{id: a, {once}}}\n- {{id: b, match: {{header: {{x-b: '1'}}}}, {once}}}"),
            &never,
            "b is left",
        ),
        (
            format!("- {{id: a, {once}}}\n- {{id: b, match: {{endpoint: post_video}}, {once}}}"),
            &partly,
            "b is left for posts",
        ),
        ("- {id: a, enabled: false, do: {outcome: 404}}".into(), &never, "it never began"),
    ] {
        let (app, _folder) = with_rules(&rules);
        let address = app.sandbox.address();
        let body = json!({"scenario": "test"});
        assert_eq!(set(address, &body), unused(), "{reason}");
        endings(&app, &call(), 2);
        assert_eq!(set(address, &body), *expected, "{reason}");
        assert_eq!(shown(address), *expected, "{reason}");
    }
}

#[test]
fn the_override_for_all_tenants_and_one_of_an_unknown_scenario_tell_nothing_of_use() {
    let app = App::start();
    let address = app.sandbox.address();
    let file = json!({"version": 1, "rules": [{"id": "a", "do": [{"outcome": 404}]}]});
    write(address, "PUT", "scenarios/mine", &file);
    for path in ["tenants/*/scenario", QA] {
        write(address, "PUT", path, &json!({"scenario": "mine"}));
        endings(&app, &call(), 2);
        if path == QA {
            assert_eq!(shown(address), json!([true, ["create_group"]]));
            done(address, "DELETE", "scenarios/mine");
        }
        assert_eq!(use_in(&read(address, path)), unused(), "{path}");
        write(address, "POST", "tenants/qa/reset", &json!({"what": ["scenarios"]}));
    }
}

#[test]
fn normal_and_the_log_of_switches_say_that_an_override_is_used_up() {
    let app = App::start();
    let address = app.sandbox.address();
    let detail = || {
        let normal = read(address, "tenants/qa/normal");
        normal["because"][0]["detail"].as_str().unwrap().to_owned()
    };
    let body = json!({"scenario": "1x412", "ttl": "forever"});
    set(address, &body);
    assert_eq!(detail(), "1x412 is forced for qa until it is cleared");
    endings(&app, &call(), 1);
    let used_up = "; it is used up for create_group until a reset";
    assert_eq!(detail(), format!("1x412 is forced for qa until it is cleared{used_up}"));
    set(address, &body);
    let switches = list(&read(address, "switches?tenant=qa"), "switches");
    let details: Vec<_> = switches.iter().map(|it| it["detail"].as_str().unwrap()).collect();
    let forcing = "forcing 1x412 for qa until it is cleared";
    let again = format!("{forcing}{used_up}; this replaced 1x412");
    assert_eq!(details, [forcing, &again]);
}

#[test]
fn the_command_says_what_starts_a_used_up_line_again_and_the_log_that_it_is() {
    let mut process = Process::start(&["--log", "info"]);
    let address = process.address;
    let url = format!("http://{address}");
    let printed = |arguments: &[&str]| {
        let end = run(arguments, &[("GNSB_URL", &url)]);
        assert_eq!((end.code, end.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        end.stdout
    };
    let set = ["override", "set", "2x404", "--tenant", "qa", "--ttl", "forever"];
    let forcing = "forcing 2x404 for qa: until it is cleared, set by tester";
    assert_eq!(printed(&set), format!("{forcing}\n"));
    let statuses = |calls| (0..calls).map(|_| call().send_to(address).status).collect::<Vec<_>>();
    assert_eq!(statuses(3), [404, 404, 200]);
    let reset = "genuin-sandbox reset --what scenarios --tenant qa";
    let used_up = format!(
        "{forcing}\nused up for create_group, where calls follow the contract; to start again, run {reset}, \
         which ends this override, and set it again\n"
    );
    assert_eq!(printed(&set), used_up);
    assert_eq!(printed(&["override", "show", "--tenant", "qa"]), used_up);
    let listed = format!("{forcing}; used up for create_group\n");
    assert_eq!(printed(&["override", "list"]), listed);
    process
        .log_line("\"tester\"; it is used up for create_group until a reset; this replaced 2x404");
    printed(&reset.split(' ').skip(1).collect::<Vec<_>>());
    assert_eq!(statuses(1), [200], "the override has ended");
    assert_eq!(printed(&set), format!("{forcing}\n"));
    assert_eq!(statuses(3), [404, 404, 200], "and starts again");
}
