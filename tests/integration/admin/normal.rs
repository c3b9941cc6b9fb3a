//! Whether a tenant is back to normal: everything that can affect its next call is named, and nothing else.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};

use super::{ask, done, each, list, read, write};
use crate::harness::App;
use crate::process::Process;
use crate::scenarios::{Call, ending, wait_until, with_rules};

const LIMIT: Duration = Duration::from_secs(30);

/// A sandbox with the machine's clock, in which all is normal.
fn start() -> App {
    started_with(|builder| builder)
}

fn started_with(change: impl FnOnce(genuin_sandbox::Builder) -> genuin_sandbox::Builder) -> App {
    let builder = genuin_sandbox::RunningSandbox::builder();
    App { sandbox: change(builder).start().unwrap() }
}

fn normal(address: SocketAddr, tenant: &str) -> Value {
    let reply = read(address, &format!("tenants/{tenant}/normal"));
    let because = reply["because"].as_array().unwrap();
    assert_eq!(reply["normal"], because.is_empty(), "{reply}");
    reply
}

/// The names of the causes, and their details.
fn causes(address: SocketAddr, tenant: &str) -> Vec<(String, String)> {
    let reply = normal(address, tenant);
    let text = |cause: &Value, key: &str| cause[key].as_str().unwrap().to_owned();
    let because = list(&reply, "because");
    because.iter().map(|cause| (text(cause, "what"), text(cause, "detail"))).collect()
}

fn what(address: SocketAddr, tenant: &str) -> Vec<String> {
    causes(address, tenant).into_iter().map(|(what, _)| what).collect()
}

#[test]
fn a_tenant_that_nobody_has_used_is_normal() {
    let app = start();
    let address = app.sandbox.address();
    let expected = json!({
        "normal": true, "because": [],
        "next": {"outcome": "ok", "status": 200, "selector": "contract"},
        "last": null, "choosing": [],
    });
    let answer = ask(address, "GET", "tenants/demo/normal", "");
    assert_eq!(answer.json(), expected);
    let keys = ["normal", "because", "next", "outcome", "status", "selector", "last", "choosing"];
    assert_eq!(crate::harness::keys_in_order(&answer.body), keys);
    assert_eq!(read(address, "tenants"), json!({"tenants": []}), "looking makes no tenant");
    assert_eq!(read(address, "status")["counts"]["calls"], 0, "looking makes no call");
}

#[test]
fn an_override_is_named_with_who_why_and_until_when() {
    for (path, whose, expected) in [
        ("tenants/demo/scenario", "demo", "override"),
        ("tenants/*/scenario", "all tenants", "override-for-all"),
    ] {
        let app = start();
        let address = app.sandbox.address();
        let body = json!({"scenario": 5026, "hits": 2, "owner": "ann\n", "reason": "ticket 7"});
        let ends = write(address, "PUT", path, &body)["override"]["ends"].clone();
        let reply = normal(address, "demo");
        let cause = &reply["because"][0];
        assert_eq!(list(&reply, "because").len(), 1, "{reply}");
        assert_eq!([&cause["what"], &cause["owner"]], [expected, "ann\n"]);
        assert_eq!(cause["ends"], ends);
        let detail = cause["detail"].as_str().unwrap();
        let (start, end) = (
            format!("5026 is forced for {whose} for 2 calls, at most "),
            r#", set by "ann\n" ("ticket 7")"#,
        );
        assert!(detail.starts_with(&start) && detail.ends_with(end), "{detail}");
        let selector = if whose == "demo" { "override" } else { "override-all" };
        let next = json!({"outcome": "video-not-found", "status": 500, "selector": selector});
        assert_eq!(reply["next"], next);
        let others: &[&str] = if whose == "demo" { &[] } else { &[expected] };
        assert_eq!(what(address, "other"), others);
        // asking has used up nothing
        for _ in 0..2 {
            assert_eq!(what(address, "demo"), [expected]);
            assert_eq!(ending(&Call::new().send(&app)), "5026");
        }
        assert_eq!(normal(address, "demo")["normal"], true, "the hits are used up");
        write(address, "PUT", path, &json!({"scenario": "reset/before-auth", "ttl": "forever"}));
        let reply = normal(address, "demo");
        let next = json!({"outcome": "reset", "status": null, "selector": selector});
        assert_eq!(reply["next"], next);
        let detail = format!("reset/before-auth is forced for {whose} until it is cleared");
        let cause = json!({"what": expected, "detail": detail});
        assert_eq!(reply["because"], json!([cause]), "neither owner nor end");
        done(address, "DELETE", path);
        assert_eq!(normal(address, "demo")["normal"], true);
        write(address, "PUT", path, &json!({"scenario": "500", "ttl": "30ms"}));
        wait_until("its time is over", LIMIT, || normal(address, "demo")["normal"] == true);
    }
}

#[test]
fn an_override_whose_scenario_is_gone_still_bends_the_call() {
    let app = start();
    let address = app.sandbox.address();
    let file = json!({"version": 1, "rules": [{"id": "a", "do": {"outcome": 500}}]});
    write(address, "PUT", "scenarios/mine", &file);
    write(address, "PUT", "tenants/demo/scenario", &json!({"scenario": "mine"}));
    done(address, "DELETE", "scenarios/mine");
    let reply = normal(address, "demo");
    let next = json!({"outcome": "unknown-scenario", "status": 501, "selector": "override"});
    assert_eq!((&reply["normal"], &reply["next"]), (&json!(false), &next));
    let detail = reply["because"][0]["detail"].as_str().unwrap();
    assert!(detail.ends_with("; this scenario is gone, so that calls get 501"), "{detail}");
}

#[test]
fn an_override_that_does_not_act_on_create_group_is_named_all_the_same() {
    let app = start();
    let address = app.sandbox.address();
    write(address, "PUT", "tenants/demo/scenario", &json!({"scenario": "post_video:500"}));
    let reply = normal(address, "demo");
    let next = json!({"outcome": "ok", "status": 200, "selector": "override"});
    assert_eq!((&reply["normal"], &reply["next"]), (&json!(false), &next));
}

#[test]
fn the_scenario_of_the_server_is_named() {
    let app = started_with(|builder| builder.scenario("2x500, ok*"));
    let address = app.sandbox.address();
    let detail =
        "\"2x500, ok*\" is forced for all tenants by --scenario, as long as the server runs";
    let expected = vec![("scenario".to_owned(), detail.to_owned())];
    for status in [500, 500, 200] {
        let reply = normal(address, "demo");
        assert_eq!(reply["next"]["status"], status);
        assert_eq!(causes(address, "demo"), expected);
        assert_eq!(Call::new().send(&app).status, status);
    }
}

#[test]
fn a_set_clock_is_named_until_it_runs_with_the_machines() {
    let app = start();
    let address = app.sandbox.address();
    let set = |body: Value| write(address, "POST", "tenants/demo/clock", &body);
    let named = |detail: &str| vec![("clock".to_owned(), format!("the clock of demo {detail}"))];
    set(json!({"freeze": "2030-01-01T00:00:00Z"}));
    assert_eq!(causes(address, "demo"), named("is frozen at 2030-01-01T00:00:00.000Z"));
    assert_eq!(what(address, "other"), [""; 0]);
    set(json!({"resume": true}));
    assert_eq!(normal(address, "demo")["normal"], true);
    set(json!({"advance": "25h"}));
    assert_eq!(causes(address, "demo"), named("runs 25h ahead of the machine's"));
    write(address, "POST", "tenants/demo/reset", &json!({"what": ["clock"]}));
    assert_eq!(normal(address, "demo")["normal"], true);
    let app = App::start();
    let address = app.sandbox.address();
    let by_option = named("is frozen at 2024-09-24T09:13:31.000Z by --clock");
    assert_eq!(causes(address, "demo"), by_option);
    write(address, "POST", "tenants/demo/clock", &json!({"resume": true}));
    assert_eq!(normal(address, "demo")["normal"], true, "this tenant follows the machine");
    write(address, "POST", "tenants/demo/reset", &json!({}));
    assert_eq!(causes(address, "demo"), by_option);
}

#[test]
fn strict_media_and_turned_assumptions_are_named_one_by_one() {
    let app = started_with(|builder| {
        builder
            .media(genuin_sandbox::MediaMode::Strict)
            .assume("unknown-user", "ignore")
            .assume("token-life", "24h")
            .assume("repeat-handle", "412")
    });
    let expected = [
        ("media", "only videos of the fixtures are found, by --media strict"),
        ("assumption", "unknown-user is read as ignore, by --assume"),
        ("assumption", "repeat-handle is read as 412, by --assume"),
    ];
    let expected = expected.map(|(what, detail)| (what.to_owned(), detail.to_owned()));
    assert_eq!(causes(app.sandbox.address(), "demo"), expected);
}

#[test]
fn all_causes_are_named_at_once_in_the_order_of_their_reach() {
    let arguments = [
        "--scenario",
        "ok",
        "--media",
        "strict",
        "--assume",
        "unknown-user=ignore,unknown-chat=404",
    ];
    let process = Process::start(&arguments);
    let address = process.address;
    for tenant in ["demo", "*"] {
        write(address, "PUT", &format!("tenants/{tenant}/scenario"), &json!({"scenario": "404"}));
    }
    let all =
        ["override", "override-for-all", "scenario", "clock", "media", "assumption", "assumption"];
    assert_eq!(what(address, "demo"), all);
    done(address, "DELETE", "tenants/demo");
    assert_eq!(what(address, "demo"), all[1..]);
    assert_eq!(normal(address, "demo")["next"]["selector"], "override-all");
}

#[test]
fn the_last_call_is_the_newest_of_the_tenant() {
    let app = start();
    let address = app.sandbox.address();
    Call::new().header("5026").send(&app);
    let last = |tenant: &str| normal(address, tenant)["last"].clone();
    let of = |outcome: &str, status: Value, selector: &str| json!({"outcome": outcome, "status": status, "selector": selector});
    let untimed = |mut last: Value| {
        // whatever the tenant's clock shows
        let ago = last.as_object_mut().unwrap().remove("seconds_ago");
        assert!(ago.as_ref().and_then(Value::as_u64).is_some_and(|ago| ago < 60), "{ago:?}");
        last
    };
    assert_eq!(untimed(last("demo")), of("video-not-found", json!(500), "header"));
    write(address, "POST", "tenants/demo/clock", &json!({"advance": "999h"}));
    app.send("GET", "/nowhere", &[("Authorization", "Bearer gnsb_demo")], b"");
    assert_eq!(untimed(last("demo")), of("unknown-path", json!(404), "none"));
    crate::harness::raw(address, &Call::new().header("close").bytes(&["Connection: close"]));
    assert_eq!(untimed(last("demo")), of("close", Value::Null, "header"));
    assert_eq!(last("other"), Value::Null);
    write(address, "POST", "tenants/demo/reset", &json!({"what": ["journal"]}));
    assert_eq!(last("demo"), Value::Null);
}

#[test]
fn who_chooses_for_its_own_calls_is_listed_and_does_not_count() {
    let app = start();
    let address = app.sandbox.address();
    for call in [
        Call::new().header("5026"),
        Call::new().url("2x500"),
        Call::new().token("gnsb_demo.401"),
        Call::new().tags("sandbox:404"),
        Call::new(),
        Call::new().header("5026"),
        Call::new().header("unknown"),
    ] {
        call.send(&app);
    }
    let headers = [
        ("Authorization", "Bearer gnsb_demo"),
        ("Content-Type", "application/json"),
        ("X-Sandbox-Scenario", "5026"),
        ("User-Agent", "okhttp/4 \u{7}".trim_end_matches('\u{7}')),
    ];
    app.post(crate::harness::CREATE, &headers, b"{}");
    let reply = normal(address, "demo");
    assert_eq!(reply["normal"], true);
    let mut choosing = list(&reply, "choosing");
    let last = |entry: &mut Value| entry.as_object_mut().unwrap().remove("last").unwrap();
    let times: Vec<_> = choosing.iter_mut().map(|it| last(it).to_string()).collect();
    assert!(times.iter().rev().is_sorted(), "the newest first: {times:?}");
    let newest = read(address, "tenants/demo/requests/last")["received_at"].to_string();
    assert_eq!(times[0], newest);
    let entry = |selector: &str, scenario: Value, user_agent: Value, calls: u64| json!({"selector": selector, "scenario": scenario, "user_agent": user_agent, "calls": calls});
    let expected = [
        entry("header", json!("5026"), json!("okhttp/4"), 1),
        entry("header", Value::Null, Value::Null, 1),
        entry("header", json!("5026"), Value::Null, 2),
        entry("magic-word", json!("404"), Value::Null, 1),
        entry("token", json!("401"), Value::Null, 1),
        entry("url", json!("2x500"), Value::Null, 1),
    ];
    assert_eq!(choosing, expected);
    assert_eq!(normal(address, "other")["choosing"], json!([]));
}

#[test]
fn a_large_journal_is_looked_through_in_slices_and_callers_are_bounded() {
    const CALLS: usize = 3000;
    let app = start();
    let address = app.sandbox.address();
    let mut kept = crate::scenarios::Kept::open(address);
    for number in 0..CALLS {
        let agent = format!("User-Agent: agent-{}", number % 150);
        let call = if number < 2000 { Call::new().header("503") } else { Call::new() };
        kept.call(&call.bytes(&[&agent]));
    }
    let reply = normal(address, "demo");
    let agents = each(&list(&reply, "choosing"), "user_agent");
    assert_eq!(agents.len(), 100);
    assert_eq!(agents[0], format!("agent-{}", 1999 % 150));
    let calls: u64 =
        each(&list(&reply, "choosing"), "calls").iter().map(|calls| calls.as_u64().unwrap()).sum();
    assert!((1300..1400).contains(&calls), "{calls} calls of those 100");
}

#[test]
fn only_a_tenant_can_be_normal() {
    let app = start();
    let address = app.sandbox.address();
    for name in ["*", "anonymous", "Demo", "a.b", "-a", ""] {
        let answer = ask(address, "GET", &format!("tenants/{name}/normal"), "");
        assert_eq!(answer.status, 404, "{name}: {}", answer.body);
    }
}

#[test]
fn next_knows_the_communities_of_the_tenant() {
    let folder = tempfile::tempdir().unwrap();
    let fixtures = folder.path().join("world.yaml");
    let community = "{ community_id: 00000000-0000-4000-8000-000000000001, handle: one, name: One, \
                     color_code: '#000000', text_color_code: '#FFFFFF' }";
    let creator = "{ user_id: 00000000-0000-4000-8000-000000000002, username: one }";
    let text = format!(
        "version: 1\ncreator: 00000000-0000-4000-8000-000000000002\n\
                        users: [{creator}]\ncommunities: [{community}]\n"
    );
    std::fs::write(&fixtures, text).unwrap();
    let app = started_with(|builder| builder.fixtures(&fixtures));
    let reply = normal(app.sandbox.address(), "demo");
    assert_eq!(reply["next"]["outcome"], "ok", "{reply}");
}

#[test]
fn a_rule_by_number_or_chance_decides_what_is_next() {
    let (app, _folder) = with_rules("- { id: a, match: { nth: 2 }, do: { outcome: 412 } }");
    let address = app.sandbox.address();
    for status in [200, 412, 200] {
        assert_eq!(normal(address, "demo")["next"]["status"], status);
        assert_eq!(Call::new().send(&app).status, status);
    }
}
