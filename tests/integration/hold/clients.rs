//! What a held call needs of its client, and the connection behind it.

use std::io::Write as _;
use std::net::TcpStream;

use serde_json::json;

use super::{Waiting, call, facts, held, release, wait_until_held};
use crate::admin::{ask, each, entries, read};
use crate::harness::{App, connect};
use crate::scenarios::{Call, Kept, ending};

/// Sends calls on one connection, the first of which is held.
fn pipelined(app: &App, calls: &[Call]) -> TcpStream {
    let mut stream = connect(app.sandbox.address());
    let bytes: Vec<u8> = calls.iter().flat_map(|call| call.bytes(&[])).collect();
    stream.write_all(&bytes).unwrap();
    wait_until_held(app.sandbox.address(), "demo", 1);
    stream
}

#[test]
fn a_client_that_leaves_changes_nothing_and_is_no_longer_counted() {
    let app = App::start();
    let address = app.sandbox.address();
    let leaving = Waiting::start(address, "demo", &call("demo", "hold(3)"));
    let second = Waiting::start(address, "demo", &call("demo", "hold(3)"));
    drop(leaving);
    wait_until_held(address, "demo", 1);
    let third = Waiting::start(address, "demo", &call("demo", "hold(3)"));
    assert_eq!(held(address, "demo").len(), 2, "one of the three has left");
    let (released, _) = release(address, "demo", &json!({}));
    assert_eq!(released.len(), 2);
    assert_eq!([second.answer().status, third.answer().status], [200, 200]);
    let expected =
        [json!(["hold", null, false]), json!(["ok", 200, true]), json!(["ok", 200, true])];
    assert_eq!(facts(address, "demo"), expected);
    let delivered = each(&entries(address, "demo"), "delivery");
    assert_eq!(delivered, ["client-left", "sent", "sent"]);
    assert_eq!(read(address, "tenants/demo/state")["groups_created"], 2);
    let metrics = ask(address, "GET", "metrics", "").body;
    for (outcome, calls) in [("hold", 1), ("ok", 2)] {
        let counted = format!("endpoint=\"create_group\",outcome=\"{outcome}\"}} {calls}\n");
        assert!(metrics.contains(&counted), "{metrics}");
    }
}

#[test]
fn a_client_that_leaves_is_noticed_behind_requests_that_it_has_sent_ahead() {
    // none, a short one, and more than is read ahead
    for more in [0, 1, 3] {
        let app = App::start();
        let next = Call::new().name(&"x".repeat(700));
        let calls: Vec<_> = std::iter::once(call("demo", "hold")).chain(vec![next; more]).collect();
        let stream = pipelined(&app, &calls);
        drop(stream);
        wait_until_held(app.sandbox.address(), "demo", 0);
        let entries = facts(app.sandbox.address(), "demo");
        assert_eq!(entries, [json!(["hold", null, false])], "{more} more");
    }
}

#[test]
fn the_connection_goes_on_behind_a_held_call() {
    let app = App::start();
    let address = app.sandbox.address();
    let calls =
        [call("demo", "hold"), call("demo", "404"), call("demo", "hold"), call("demo", "500")];
    let mut kept = Kept::over(pipelined(&app, &calls));
    assert_eq!(facts(address, "demo").len(), 1, "those behind it wait");
    release(address, "demo", &json!({}));
    assert_eq!([kept.answer(), kept.answer()], [200, 404]);
    wait_until_held(address, "demo", 1);
    release(address, "demo", &json!({"as": "429"}));
    assert_eq!([kept.answer(), kept.answer()], [429, 500]);
    assert_eq!(kept.call(&Call::new().bytes(&[])), 200);
}

#[test]
fn a_fault_ends_the_connection_with_all_that_waits_behind_it() {
    let app = App::start();
    let address = app.sandbox.address();
    let stream = pipelined(&app, &[call("demo", "hold"), Call::new()]);
    release(address, "demo", &json!({"as": "close"}));
    assert_eq!(Waiting::of(stream).bytes(), b"");
    assert_eq!(facts(address, "demo"), [json!(["close", null, false])]);
}

#[test]
fn a_delay_begins_when_the_call_goes() {
    let app = App::start();
    let address = app.sandbox.address();
    let waiting = Waiting::start(address, "demo", &call("demo", "hold+1ms"));
    release(address, "demo", &json!({}));
    assert_eq!(ending(&waiting.answer()), "ok");
}
