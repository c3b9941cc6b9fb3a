//! `tenants`: isolation, removal and reset of tenants, and the bound on groups.

use genuin_sandbox::Clock;
use genuin_sandbox::internals::{self, call::Config};
use serde_json::{Value, json};

use super::{ask, assert_problem, done, each, entries, list, read, write};
use crate::harness::{App, BAD_REQUEST, EXAMPLE_TIME};
use crate::process::Process;
use crate::scenarios::{Call, ending};

const CHAT: &str = "0a0b0c0d-1111-4222-8333-444455556666";

fn of(tenant: &str) -> Call {
    Call::new().token(&format!("gnsb_{tenant}")).name(tenant)
}

/// Makes calls as one tenant and checks everything that it sees afterwards.
fn suite(app: &App, tenant: &str) {
    let address = app.sandbox.address();
    let switch = format!("tenants/{tenant}/scenario");
    write(address, "PUT", &switch, &json!({"scenario": "404", "hits": 2, "owner": tenant}));
    let chat = of(tenant).with("/chat_id", json!(CHAT));
    for (call, expected) in [
        (of(tenant), "404"),
        (of(tenant).header("flaky-twice"), "500"),
        (of(tenant), "404"),
        (chat.clone(), "ok"),
        (chat, "400"),
        (of(tenant).header("flaky-twice"), "500"),
        (of(tenant).header("flaky-twice"), "ok"),
    ] {
        assert_eq!(ending(&call.send(app)), expected, "{tenant}");
    }
    let groups = list(&read(address, &format!("tenants/{tenant}/groups")), "groups");
    assert_eq!(each(&groups, "name"), [json!(tenant), json!(tenant)]);
    assert_eq!(groups[0]["chat_id"], json!(CHAT));
    let entries = entries(address, tenant);
    assert_eq!(each(&entries, "seq"), (1..=7).map(|seq| json!(seq)).collect::<Vec<_>>());
    assert_eq!(each(&entries, "tenant"), vec![json!(tenant); 7]);
    let addresses: Vec<_> = (1..=7).map(|seq| json!(format!("{tenant}/{seq}"))).collect();
    assert_eq!(each(&entries, "id"), addresses);
    let outcomes = each(&entries, "outcome");
    let expected = [
        "community-not-found",
        "server-error",
        "community-not-found",
        "ok",
        "bad-request",
        "server-error",
        "ok",
    ];
    assert_eq!(outcomes, expected.map(|outcome| json!(outcome)));
    let expected = json!({
        "tenant": tenant, "override": null, "next": {"selector": "contract", "scenario": null},
    });
    assert_eq!(read(address, &switch), expected);
}

#[test]
fn two_hundred_tenants_at_once_share_nothing() {
    let app = App::start();
    let address = app.sandbox.address();
    let names: Vec<_> = (0..200).map(|number| format!("t{number:03}")).collect();
    std::thread::scope(|scope| {
        for name in &names {
            scope.spawn(|| suite(&app, name));
        }
    });
    let hits = read(address, "scenarios/flaky-twice")["rules"][0]["hits"].clone();
    let expected: serde_json::Map<_, _> =
        names.iter().map(|name| (name.clone(), json!(2))).collect();
    assert_eq!(hits, Value::Object(expected));
    let tenants = list(&read(address, "tenants"), "tenants");
    assert_eq!(each(&tenants, "name"), names.iter().map(|name| json!(name)).collect::<Vec<_>>());
    assert_eq!(each(&tenants, "groups"), vec![json!(2); 200]);
    let counts = &read(address, "status")["counts"];
    assert_eq!([&counts["tenants"], &counts["groups"], &counts["calls"]], [200, 400, 1400]);
    assert_eq!([&counts["journal_entries"], &counts["journal_dropped"]], [1400, 0]);
}

#[test]
fn a_removed_tenant_loses_its_data_and_its_journal() {
    let app = App::start();
    let address = app.sandbox.address();
    of("stays").send(&app);
    of("goes").with("/chat_id", json!(CHAT)).send(&app);
    write(address, "PUT", "tenants/goes/scenario", &json!({"scenario": "500"}));
    write(address, "POST", "tenants/goes/clock", &json!({"advance": "1h"}));
    done(address, "DELETE", "tenants/goes");
    assert_eq!(each(&list(&read(address, "tenants"), "tenants"), "name"), ["stays"]);
    assert_eq!(read(address, "status")["counts"]["groups"], 1);
    let state = read(address, "tenants/goes/state");
    assert_eq!([&state["groups"], &state["groups_created"]], [&json!([]), &json!(0)]);
    assert_eq!(state["now"], "2024-09-24T09:13:31.000Z");
    assert_eq!(entries(address, "goes"), Vec::<Value>::new());
    assert_eq!(read(address, "tenants/goes/scenario")["override"], Value::Null);
    done(address, "DELETE", "tenants/goes");
    done(address, "DELETE", "tenants/never-used");
    assert_eq!(each(&list(&read(address, "tenants"), "tenants"), "name"), ["stays"]);
    let again = of("goes").with("/chat_id", json!(CHAT)).send(&app);
    assert_eq!(ending(&again), "ok", "its chat_id is free");
    assert_eq!(each(&entries(address, "stays"), "seq"), [1]);
}

/// What the tenant has of each part: groups, entries, hits of a scenario, override, clock.
fn parts(app: &App) -> [Value; 5] {
    let address = app.sandbox.address();
    let state = read(address, "tenants/demo/state");
    [
        json!(list(&state, "groups").len()),
        json!(entries(address, "demo").len()),
        read(address, "scenarios/flaky-twice")["rules"][0]["hits"]["demo"].clone(),
        read(address, "tenants/demo/scenario")["override"]["scenario"].clone(),
        state["now"].clone(),
    ]
}

#[test]
fn each_part_is_reset_alone() {
    let early = json!("2024-09-24T09:13:31.000Z");
    let late = json!("2024-09-24T10:13:31.000Z");
    let before = [json!(1), json!(2), json!(1), json!("412"), late];
    let all = json!(["state", "journal", "scenarios", "clock"]);
    for (body, named, changed) in [
        (json!({"what": ["state"]}), json!(["state"]), [true, false, false, false, false]),
        (json!({"what": ["journal"]}), json!(["journal"]), [false, true, false, false, false]),
        (json!({"what": ["scenarios"]}), json!(["scenarios"]), [false, false, true, true, false]),
        (json!({"what": ["clock"]}), json!(["clock"]), [false, false, false, false, true]),
        (
            json!({"what": ["clock", "state"]}),
            json!(["clock", "state"]),
            [true, false, false, false, true],
        ),
        (json!({}), all, [true; 5]),
    ] {
        let app = App::start();
        let address = app.sandbox.address();
        assert_eq!(ending(&Call::new().send(&app)), "ok");
        assert_eq!(ending(&Call::new().header("flaky-twice").send(&app)), "500");
        write(address, "PUT", "tenants/demo/scenario", &json!({"scenario": "412"}));
        write(address, "POST", "tenants/demo/clock", &json!({"advance": "1h"}));
        of("other").send(&app);
        assert_eq!(parts(&app), before, "{body}");
        let answer = write(address, "POST", "tenants/demo/reset", &body);
        assert_eq!(answer, json!({"tenant": "demo", "reset": named}));
        let fresh = [json!(0), json!(0), Value::Null, Value::Null, early.clone()];
        let mut expected = before.clone();
        for (index, changed) in changed.into_iter().enumerate() {
            if changed {
                expected[index] = fresh[index].clone();
            }
        }
        assert_eq!(parts(&app), expected, "{body}");
        assert_eq!(list(&read(address, "tenants/other/groups"), "groups").len(), 1, "{body}");
        assert_eq!(entries(address, "other").len(), 1, "{body}");
    }
}

#[test]
fn a_reset_of_an_unknown_part_is_refused_and_changes_nothing() {
    let app = App::start();
    let address = app.sandbox.address();
    Call::new().send(&app);
    for (body, detail, pointer) in [
        (
            r#"{"what":["journal","stat"]}"#,
            r#"unknown part "stat"; did you mean "state"? (known: state, journal, scenarios, clock)"#,
            "/what/1",
        ),
        (
            r#"{"what":[]}"#,
            "what is empty; name at least one of state, journal, scenarios, clock, or leave it out to reset all of them",
            "/what",
        ),
        (
            r#"{"waht":["state"]}"#,
            r#"unknown key "waht"; did you mean "what"? (known: what)"#,
            "/waht",
        ),
    ] {
        let answer = ask(address, "POST", "tenants/demo/reset", body);
        assert_problem(&answer, 400, "Bad Request", detail, Some(pointer));
    }
    assert_eq!(entries(address, "demo").len(), 1);
    assert_eq!(list(&read(address, "switches"), "switches"), [Value::Null; 0], "none is told of");
}

#[test]
fn a_reset_gives_the_same_groups_again_while_seq_goes_on() {
    let app = App::start();
    let address = app.sandbox.address();
    let first = Call::new().send(&app);
    Call::new().send(&app);
    write(address, "POST", "tenants/demo/reset", &json!({}));
    assert_eq!(Call::new().send(&app), first);
    let last = read(address, "tenants/demo/requests/last");
    assert_eq!([&last["seq"], &last["id"]], [&json!(3), &json!("demo/3")]);
    assert_eq!(entries(address, "demo"), [last]);
}

#[test]
fn a_token_that_auth_issued_survives_a_reset() {
    let app = App::start();
    let answer = app.auth(r#"{"api_key":"demo-key","api_secret":"demo-secret"}"#);
    let token = answer.header("gn-access-token").unwrap();
    write(app.sandbox.address(), "POST", "tenants/demo/reset", &json!({}));
    assert_eq!(ending(&Call::new().token(token).send(&app)), "ok");
}

#[test]
fn past_the_bound_the_largest_tenant_forgets_its_oldest_groups() {
    let config = Config {
        clock: Clock::parse(EXAMPLE_TIME).unwrap(),
        max_groups: Some(5),
        ..Config::default()
    };
    let app = App { sandbox: internals::start(config).unwrap() };
    let address = app.sandbox.address();
    let chat = |number: u8| format!("{CHAT:.34}{number:02x}");
    for number in 0..4 {
        let call = of("large").with("/chat_id", json!(chat(number)));
        assert_eq!(ending(&call.send(&app)), "ok");
    }
    for _ in 0..2 {
        assert_eq!(ending(&of("small").send(&app)), "ok", "no call fails because of the bound");
    }
    let large = read(address, "tenants/large/state");
    let kept = each(&list(&large, "groups"), "chat_id");
    assert_eq!(kept, [1, 2, 3].map(|number| json!(chat(number))), "the oldest is forgotten");
    assert_eq!([&large["forgotten"], &large["groups_created"]], [1, 4]);
    let small = read(address, "tenants/small/state");
    assert_eq!((list(&small, "groups").len(), &small["forgotten"]), (2, &json!(0)));
    assert_eq!(read(address, "tenants/large/groups")["forgotten"], 1);
    let status = read(address, "status");
    assert_eq!([&status["forgotten"], &status["counts"]["groups"]], [1, 5]);
    let id = chat(0);
    let detail = format!(
        "tenant large has no group {id}; 1 group was forgotten to keep memory bounded \
         (--max-groups), maybe this one too"
    );
    let answer = ask(address, "GET", &format!("tenants/large/groups/{id}"), "");
    assert_problem(&answer, 404, "Not Found", &detail, None);
    let post = json!({
        "chat_id": id, "link": "", "video_name": "a.mp4", "thumbnail_name": "a.jpg",
        "duration": "8", "resolution": "1x1", "size": "5", "aspect_ratio": "16:9",
    });
    let update = format!("/api/thirdparty/update_conversation/{id}");
    for (method, path, body) in [
        ("POST", "/api/thirdparty/conversation/reply", post),
        ("PATCH", &update, json!({"name": "x"})),
    ] {
        let headers =
            [("Authorization", "Bearer gnsb_large"), ("Content-Type", "application/json")];
        let answer = app.send(method, path, &headers, body.to_string().as_bytes());
        assert_eq!((answer.status, &*answer.body), (400, BAD_REQUEST), "{path}");
        let message =
            read(address, "tenants/large/requests/last")["findings"][0]["message"].clone();
        assert_eq!(
            message,
            "is not a group of this tenant; 1 group was forgotten to keep memory bounded, maybe \
             this one: --max-groups and --max-memory set how many are kept",
            "{path}"
        );
    }
    let never = "ffffffff-1111-4222-8333-444455556666";
    let answer = ask(address, "GET", &format!("tenants/other/groups/{never}"), "");
    let detail = format!("tenant other has no group {never}");
    assert_problem(&answer, 404, "Not Found", &detail, None);
}

#[test]
fn forgotten_groups_are_logged_once() {
    let mut process = Process::start(&["--max-groups", "2"]);
    for _ in 0..4 {
        Call::new().send_to(process.address);
    }
    let line = process.log_line("forgets");
    let (_, line) = line.split_once("WARN  ").unwrap();
    assert_eq!(
        line,
        "more than 2 groups (a long one counts as several): the largest tenant forgets its oldest ones, 1 so far; --max-groups sets the limit"
    );
    assert!(!process.stop().stderr.contains("forgets"), "at most one line a minute");
}
