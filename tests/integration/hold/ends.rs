//! What lets calls go besides a release: the end of what holds them, of their tenant and of the server.

use std::io::Write as _;

use serde_json::{Value, json};

use super::{Waiting, call, facts, held, release, wait_until_held};
use crate::admin::{ask, done, read, write};
use crate::harness::{Answer, App, connect};
use crate::process::Process;
use crate::scenarios::{Call, write_rules};

const OVERRIDE: &str = "tenants/demo/scenario";

#[test]
fn an_override_that_is_cleared_replaced_or_expires_lets_its_calls_go() {
    for end in ["clear", "replace", "expire"] {
        let app = App::start();
        let address = app.sandbox.address();
        let ttl = if end == "expire" { "700ms" } else { "10m" };
        write(address, "PUT", OVERRIDE, &json!({"scenario": "hold", "ttl": ttl}));
        let own = Waiting::start(address, "demo", &Call::new());
        let chosen = Waiting::start(address, "demo", &call("demo", "hold"));
        match end {
            "clear" => done(address, "DELETE", OVERRIDE),
            "replace" => {
                write(address, "PUT", OVERRIDE, &json!({"scenario": "404"}));
            }
            _ => {}
        }
        assert_eq!(own.answer().status, 200, "{end}");
        assert_eq!(held(address, "demo").len(), 1, "{end}: one was held by its header");
        release(address, "demo", &json!({}));
        assert_eq!(chosen.answer().status, 200, "{end}");
    }
}

#[test]
fn an_override_whose_hits_are_used_up_goes_on_holding_the_calls_that_used_them() {
    let app = App::start();
    let address = app.sandbox.address();
    write(address, "PUT", OVERRIDE, &json!({"scenario": "hold", "hits": 2}));
    let waiting = [(); 2].map(|()| Waiting::start(address, "demo", &Call::new()));
    assert_eq!(read(address, OVERRIDE)["override"], Value::Null);
    assert_eq!(Call::new().send(&app).status, 200);
    // another one does not concern them
    write(address, "PUT", OVERRIDE, &json!({"scenario": "404"}));
    assert_eq!(held(address, "demo").len(), 2);
    done(address, "DELETE", OVERRIDE);
    for call in waiting {
        assert_eq!(call.answer().status, 200, "but back to the contract means all");
    }
}

#[test]
fn the_override_for_all_tenants_lets_the_calls_of_all_go() {
    let app = App::start();
    let address = app.sandbox.address();
    write(address, "PUT", "tenants/*/scenario", &json!({"scenario": "hold"}));
    let waiting = ["demo", "qa"].map(|tenant| {
        Waiting::start(address, tenant, &Call::new().token(&format!("gnsb_{tenant}")))
    });
    done(address, "DELETE", "tenants/*/scenario");
    for call in waiting {
        assert_eq!(call.answer().status, 200);
    }
}

#[test]
fn a_reset_of_state_or_scenarios_lets_the_calls_go_first() {
    for (what, left) in [
        (json!(["state"]), 0),
        (json!(["scenarios"]), 0),
        (json!(["journal", "clock"]), 1),
        (json!(["state", "journal", "scenarios", "clock"]), 0),
    ] {
        let app = App::start();
        let address = app.sandbox.address();
        let waiting = Waiting::start(address, "demo", &call("demo", "hold"));
        write(address, "POST", "tenants/demo/reset", &json!({"what": what}));
        assert_eq!(held(address, "demo").len(), left, "{what}");
        release(address, "demo", &json!({}));
        assert_eq!(waiting.answer().status, 200, "{what}");
        let is_reset = what.as_array().unwrap().contains(&json!("state"));
        let created = read(address, "tenants/demo/state")["groups_created"].as_u64();
        assert_eq!(created, Some(u64::from(!is_reset)), "{what}: what it makes is reset too");
    }
}

#[test]
fn a_tenant_that_is_removed_lets_its_calls_go() {
    let app = App::start();
    let address = app.sandbox.address();
    let waiting = [(); 2].map(|()| Waiting::start(address, "demo", &call("demo", "hold")));
    done(address, "DELETE", "tenants/demo");
    for call in waiting {
        assert_eq!(call.answer().status, 200);
    }
    assert_eq!(facts(address, "demo"), Vec::<Value>::new());
    let new = Waiting::start(address, "demo", &call("demo", "hold"));
    assert_eq!(release(address, "demo", &json!({})).0, [json!(["demo/1", "ok", 200])]);
    assert_eq!(new.answer().status, 200, "a new one of the name holds calls again");
}

#[test]
fn a_change_of_the_scenario_does_not_concern_calls_that_are_held() {
    let app = App::start();
    let address = app.sandbox.address();
    let scenario = |outcome: &str| {
        let rule =
            format!("- {{ id: a, do: {{ outcome: {outcome}, headers: {{ x-a: '{outcome}' }} }} }}");
        json!(format!("version: 1\nname: mine\nrules:\n{rule}\n"))
    };
    let upload = |outcome| {
        let text = scenario(outcome);
        let answer = ask(address, "PUT", "scenarios/mine", text.as_str().unwrap());
        assert!(answer.status < 300, "{}", answer.body);
    };
    upload("hold(3)");
    let first = Waiting::start(address, "demo", &call("demo", "mine"));
    upload("hold(2)");
    assert_eq!(held(address, "demo").len(), 1);
    let second = Waiting::send(address, &call("demo", "mine"));
    for (call, expected) in [(first, "hold(3)"), (second, "hold(2)")] {
        let answer = call.answer();
        assert_eq!(
            (answer.status, answer.header("x-a")),
            (200, Some(expected)),
            "each by its version"
        );
    }
    upload("hold");
    let third = Waiting::start(address, "demo", &call("demo", "mine"));
    done(address, "DELETE", "scenarios/mine");
    assert_eq!(held(address, "demo").len(), 1);
    release(address, "demo", &json!({}));
    assert_eq!(third.answer().status, 200);
}

#[test]
fn the_end_of_the_server_lets_all_calls_go_and_ends_all_that_wait() {
    let folder = tempfile::tempdir().unwrap();
    write_rules(&folder, "late", "- { id: a, do: { outcome: hold, delay: 60s } }");
    let process = Process::start(&["--scenarios", folder.path().to_str().unwrap()]);
    let address = process.address;
    let waiting: Vec<_> = ["demo", "demo", "qa"]
        .into_iter()
        .zip(["hold", "late", "hold(2)/after-commit"])
        .map(|(tenant, scenario)| Waiting::start(address, tenant, &call(tenant, scenario)))
        .collect();
    let refused = Waiting::start(address, "demo", &call("demo", "hold").with("/type", json!(7)));
    let verify = r#"{"held": {"exactly": 9}, "wait_ms": 60000}"#;
    let [verifying, reading] = [
        format!(
            "POST /_sandbox/v1/tenants/demo/verify HTTP/1.1\r\nHost: localhost\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{verify}",
            verify.len()
        ),
        "GET /_sandbox/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(),
    ]
    .map(|request| {
        let mut stream = connect(address);
        stream.write_all(request.as_bytes()).unwrap();
        stream
    });
    // both have come once a later request on another connection is answered
    wait_until_held(address, "demo", 3);
    process.signal("TERM");
    for call in waiting {
        assert_eq!(call.answer().status, 200);
    }
    assert_eq!(refused.answer().status, 400);
    let verdict = Answer::parse(&Waiting::of(verifying).bytes()).json();
    assert_eq!((&verdict["pass"], &verdict["held"]), (&json!(false), &json!(0)));
    let events = String::from_utf8(Waiting::of(reading).bytes()).unwrap();
    assert!(events.starts_with("HTTP/1.1 200 OK\r\n"), "{events}");
    let end = process.wait();
    assert_eq!(end.code, Some(0), "{}", end.stderr);
    assert!(end.stderr.contains("held create_group for demo by rule line of scenario \"hold\""));
}

#[test]
fn sixty_four_calls_are_answered_at_the_end_of_the_server() {
    let process = Process::start(&["--scenario", "hold"]);
    let address = process.address;
    let waiting: Vec<_> = (0..64).map(|_| Waiting::send(address, &Call::new())).collect();
    wait_until_held(address, "demo", 64);
    process.signal("TERM");
    for call in waiting {
        assert_eq!(call.answer().status, 200);
    }
    assert_eq!(process.wait().code, Some(0));
}
