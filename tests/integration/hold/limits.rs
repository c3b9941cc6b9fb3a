//! How many calls can be held.

use std::net::SocketAddr;

use serde_json::json;

use super::{Waiting, call, facts, held, release, wait_until_held};
use crate::admin::{entries, read};
use crate::harness::App;
use crate::scenarios::Call;

fn warning(address: SocketAddr, tenant: &str) -> serde_json::Value {
    let finding = entries(address, tenant).last().unwrap()["findings"][0].clone();
    json!([finding["severity"], finding["clause"], finding["message"]])
}

#[test]
fn a_tenant_holds_64_calls_and_the_contract_answers_the_65th() {
    let app = App::start();
    let address = app.sandbox.address();
    let waiting: Vec<_> = (0..64).map(|_| Waiting::send(address, &call("demo", "hold"))).collect();
    wait_until_held(address, "demo", 64);
    let first = held(address, "demo")[0]["seq"].clone();
    assert_eq!(call("demo", "hold").send(&app).status, 200);
    let message = "the call was not held, since demo holds 64 calls already, the most there can be; \
                   release some (genuin-sandbox hold release --tenant demo)";
    assert_eq!(warning(address, "demo"), json!(["warning", "scenario.hold", message]));
    assert_eq!(facts(address, "demo").last().unwrap(), &json!(["ok", 200, true]));
    let other = Waiting::start(address, "qa", &call("qa", "hold"));
    let (released, left) = release(address, "demo", &json!({"count": 1}));
    assert_eq!((released.len(), left), (1, 63));
    assert_eq!(released[0][0], format!("demo/{first}"), "the oldest");
    let again = Waiting::start(address, "demo", &call("demo", "hold"));
    release(address, "demo", &json!({}));
    release(address, "qa", &json!({}));
    for call in waiting.into_iter().chain([other, again]) {
        assert_eq!(call.answer().status, 200);
    }
}

#[test]
fn all_tenants_together_hold_1000_calls() {
    let app = App::start();
    let address = app.sandbox.address();
    let tenant = |number: usize| format!("t{}", number / 60);
    let waiting: Vec<_> =
        (0..1000).map(|number| Waiting::send(address, &call(&tenant(number), "hold"))).collect();
    wait_until_held(address, "t16", 40);
    assert_eq!(read(address, "status")["counts"]["held"], 1000);
    assert_eq!(call("one-more", "hold").send(&app).status, 200);
    let message = "the call was not held, since all tenants together hold 1000 calls already, the most \
                   there can be; release some (genuin-sandbox hold release --tenant NAME)";
    assert_eq!(warning(address, "one-more"), json!(["warning", "scenario.hold", message]));
    assert_eq!(Call::new().send(&app).status, 200, "others are answered");
    for number in 0..=16 {
        release(address, &format!("t{number}"), &json!({}));
    }
    for call in waiting {
        assert_eq!(call.answer().status, 200);
    }
    assert_eq!(read(address, "status")["counts"]["held"], 0);
}

#[test]
fn held_bodies_count_towards_the_memory_of_connections_and_are_let_go_where_it_is_too_little() {
    // 1.5 MiB for connections
    let app = App::with(|builder| builder.max_memory_mib(12));
    let address = app.sandbox.address();
    let used = || read(address, "status")["memory"]["connections"]["used_bytes"].as_u64().unwrap();
    let long = call("demo", "hold").name(&"x".repeat(500_000));
    let mut waiting = vec![Waiting::start(address, "demo", &long)];
    assert!(used() > 500_000, "{}", used());
    waiting.push(Waiting::start(address, "demo", &long));
    let small: Vec<_> = (0..64).map(|_| call("demo", "hold").send(&app).status).take(0).collect();
    assert_eq!(small, Vec::<u16>::new());
    drop(waiting);
    wait_until_held(address, "demo", 0);
    assert!(used() < 100_000, "{}", used());
}
