//! Calls that are held: what holds them, what releases them, and how they end.

mod clients;
mod ends;
mod limits;
mod phases;
mod verify;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::{Value, json};

use crate::admin::{ask, assert_problem, entries, list, read, write};
use crate::harness::{Answer, App, VIDEO_NOT_FOUND, connect, vendor};
use crate::scenarios::{Call, SERVER_ERROR, ending, wait_until};

/// A call under way, whose connection closes with its answer.
pub struct Waiting(TcpStream);

impl Waiting {
    /// Sends a call and waits until it is held.
    pub fn start(address: SocketAddr, tenant: &str, call: &Call) -> Self {
        let held = held(address, tenant).len();
        let waiting = Self::send(address, call);
        wait_until_held(address, tenant, held + 1);
        waiting
    }

    /// Sends a call.
    pub fn send(address: SocketAddr, call: &Call) -> Self {
        let mut stream = connect(address);
        stream.write_all(&call.bytes(&["Connection: close"])).unwrap();
        Self(stream)
    }

    /// A connection that closes with what is sent next.
    pub fn of(stream: TcpStream) -> Self {
        Self(stream)
    }

    pub fn answer(self) -> Answer {
        Answer::parse(&self.bytes())
    }

    /// Everything that is sent until the connection is closed.
    pub fn bytes(mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.0.read_to_end(&mut bytes).unwrap();
        bytes
    }
}

/// A call of a tenant that a scenario holds.
pub fn call(tenant: &str, scenario: &str) -> Call {
    Call::new().token(&format!("gnsb_{tenant}")).header(scenario)
}

/// The calls that a tenant holds.
pub fn held(address: SocketAddr, tenant: &str) -> Vec<Value> {
    list(&read(address, &format!("tenants/{tenant}/held")), "held")
}

/// Waits until a tenant holds so many calls.
pub fn wait_until_held(address: SocketAddr, tenant: &str, count: usize) {
    let limit = Duration::from_secs(20);
    wait_until("as many are held", limit, || held(address, tenant).len() == count);
}

/// Lets calls go and returns what they get, and how many are left.
pub fn release(address: SocketAddr, tenant: &str, body: &Value) -> (Vec<Value>, u64) {
    let reply = write(address, "POST", &format!("tenants/{tenant}/release"), body);
    assert_eq!(reply["tenant"], tenant);
    let released = list(&reply, "released").into_iter();
    let facts = released.map(|call| json!([call["id"], call["outcome"], call["status"]]));
    (facts.collect(), reply["held"].as_u64().unwrap())
}

/// Outcome, status and whether the change is made of each entry of a tenant.
pub fn facts(address: SocketAddr, tenant: &str) -> Vec<Value> {
    let facts = |entry: &Value| json!([entry["outcome"], entry["status"], entry["committed"]]);
    entries(address, tenant).iter().map(facts).collect()
}

/// What keeps tenant `demo` from being normal because of calls that are held.
fn held_cause(address: SocketAddr) -> Option<String> {
    let because = list(&read(address, "tenants/demo/normal"), "because");
    let cause = because.iter().find(|cause| cause["what"] == "held")?;
    assert!(cause["ends"].as_str().is_some_and(|ends| ends.ends_with('Z')), "{cause}");
    Some(cause["detail"].as_str().unwrap().to_owned())
}

#[test]
fn a_call_waits_until_it_is_released_and_is_listed_meanwhile() {
    let app = App::start();
    let address = app.sandbox.address();
    let waiting = Waiting::start(address, "demo", &call("demo", "hold"));
    let listed = &held(address, "demo")[0];
    let [held_ms, left_ms] = ["held_ms", "left_ms"].map(|key| listed[key].as_u64().unwrap());
    assert!(held_ms + left_ms <= 60_000 && left_ms > 0, "{listed}");
    let mut expected = json!({
        "id": "demo/1", "seq": 1, "endpoint": "create_group",
        "path": "/api/thirdparty/group/create", "selector": "header", "scenario": "hold",
        "rule": "line", "phase": "after-auth", "committed": false, "until_held": null,
    });
    (expected["held_ms"], expected["left_ms"]) = (held_ms.into(), left_ms.into());
    assert_eq!(*listed, expected);
    assert_eq!(facts(address, "demo"), [json!(["hold", null, false])]);
    let sent = || {
        let entry = entries(address, "demo")[0].clone();
        json!([entry["delivery"], entry["answered_at"].is_string(), entry["answer"]["status"]])
    };
    assert_eq!(sent(), json!(["pending", false, null]));
    assert_eq!(read(address, "status")["counts"]["held"], 1);
    let metrics = ask(address, "GET", "metrics", "").body;
    assert!(metrics.contains("held_calls{instance=\"in-process\"} 1\n"), "{metrics}");

    assert_eq!(
        held_cause(address).as_deref(),
        Some("1 call is held for demo; release it with genuin-sandbox hold release --tenant demo")
    );

    let released = release(address, "demo", &json!({}));
    assert_eq!(released, (vec![json!(["demo/1", "ok", 200])], 0));
    assert_eq!(waiting.answer().status, 200);
    assert_eq!(held_cause(address), None);
    assert_eq!(facts(address, "demo"), [json!(["ok", 200, true])], "the same entry");
    assert_eq!(sent(), json!(["sent", true, 200]));
    let entry = &entries(address, "demo")[0];
    let chosen = ["selector", "scenario", "rule", "phase"].map(|key| entry[key].clone());
    assert_eq!(json!(chosen), json!(["header", "hold", "line", "after-auth"]));
    assert_eq!(held(address, "demo"), Vec::<Value>::new());
    assert_eq!(read(address, "status")["counts"]["held"], 0);
    assert_eq!(release(address, "demo", &json!({})), (vec![], 0), "it is fine if there are none");
}

#[test]
fn calls_go_in_the_order_in_which_they_came_as_many_as_asked_for() {
    let app = App::start();
    let address = app.sandbox.address();
    let chat_id = "11111111-2222-3333-4444-555555555555";
    // only the first of those with this id can be made
    let repeat = call("demo", "hold").with("/chat_id", json!(chat_id));
    let mut waiting = [&repeat, &repeat, &call("demo", "hold"), &repeat]
        .map(|call| Some(Waiting::start(address, "demo", call)));
    let first = release(address, "demo", &json!({"count": 1}));
    assert_eq!(first, (vec![json!(["demo/1", "ok", 200])], 3));
    assert_eq!(ending(&waiting[0].take().unwrap().answer()), "ok");
    let two = release(address, "demo", &json!({"count": 2}));
    let expected = vec![json!(["demo/2", "bad-request", 400]), json!(["demo/3", "ok", 200])];
    assert_eq!(two, (expected, 1));
    let rest = release(address, "demo", &json!({"count": 9}));
    assert_eq!(rest, (vec![json!(["demo/4", "bad-request", 400])], 0));
    for (call, expected) in waiting.into_iter().flatten().zip(["400", "ok", "400"]) {
        assert_eq!(ending(&call.answer()), expected);
    }
}

#[test]
fn a_released_call_can_get_any_outcome() {
    let app = App::start();
    let address = app.sandbox.address();
    for (outcome, expected, result) in [
        (json!("5026"), Some(vendor(500, VIDEO_NOT_FOUND)), json!(["video-not-found", 500])),
        (json!(500), Some(vendor(500, SERVER_ERROR)), json!(["server-error", 500])),
        (json!("close"), None, json!(["close", null])),
    ] {
        let waiting = Waiting::start(address, "demo", &call("demo", "hold"));
        let (released, _) = release(address, "demo", &json!({"as": outcome}));
        assert_eq!(json!([released[0][1], released[0][2]]), result, "{outcome}");
        match expected {
            Some(expected) => assert_eq!(waiting.answer(), expected),
            None => assert_eq!(waiting.bytes(), b""),
        }
        let (outcome, status) = (result[0].clone(), result[1].clone());
        assert_eq!(*facts(address, "demo").last().unwrap(), json!([outcome, status, false]));
    }
    let limited = Waiting::start(address, "demo", &call("demo", "hold"));
    release(address, "demo", &json!({"as": "rate-limited"}));
    let answer = limited.answer();
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("1")));
    let example = Waiting::start(address, "demo", &call("demo", "hold"));
    release(address, "demo", &json!({"as": "documented-example"}));
    assert_eq!(example.answer().json()["code"], 200);
}

#[test]
fn what_a_step_adds_is_added_once_the_call_goes() {
    let rules = "- { id: a, do: { outcome: hold, headers: { x-a: b }, retry_after: 7 } }";
    let (app, _folder) = crate::scenarios::with_rules(rules);
    let address = app.sandbox.address();
    for body in [json!({}), json!({"as": "server-error"})] {
        let waiting = Waiting::start(address, "demo", &Call::new());
        release(address, "demo", &body);
        let answer = waiting.answer();
        assert_eq!((answer.header("x-a"), answer.header("retry-after")), (Some("b"), Some("7")));
    }
}

#[test]
fn a_rule_lets_its_calls_go_together_once_it_holds_enough() {
    let app = App::start();
    let address = app.sandbox.address();
    let other = Waiting::start(address, "demo", &call("demo", "hold"));
    let mut waiting = vec![
        Waiting::start(address, "demo", &call("demo", "hold(3)")),
        Waiting::start(address, "demo", &call("demo", "hold(3)")),
    ];
    assert_eq!(held(address, "demo")[1]["until_held"], 3);
    // the same line in another tenant counts for itself
    let elsewhere = Waiting::start(address, "qa", &call("qa", "hold(3)"));
    assert_eq!(held(address, "demo").len(), 3);
    waiting.push(Waiting::send(address, &call("demo", "hold(3)")));
    for call in waiting {
        assert_eq!(call.answer().status, 200);
    }
    assert_eq!(held(address, "demo").len(), 1, "that of another rule stays");
    assert_eq!(held(address, "qa").len(), 1);
    let alone = Waiting::send(address, &call("qa", "hold(1)"));
    assert_eq!(alone.answer().status, 200, "one alone goes at once");
    for (tenant, call) in [("demo", other), ("qa", elsewhere)] {
        release(address, tenant, &json!({}));
        assert_eq!(call.answer().status, 200);
    }
}

#[test]
fn calls_to_several_endpoints_are_let_go_by_one_rule() {
    let app = App::start();
    let address = app.sandbox.address();
    let body = json!({"scenario": "hold(2)"});
    write(address, "PUT", "tenants/demo/scenario", &body);
    let group = Waiting::start(address, "demo", &Call::new());
    let users = app.post_as("gnsb_demo", "/api/thirdparty/community/add_users", &json!({}));
    assert_eq!(users.status, 412);
    assert_eq!(group.answer().status, 200);
}

#[test]
fn a_wrong_release_is_refused() {
    let app = App::start();
    let address = app.sandbox.address();
    let waiting = Waiting::start(address, "demo", &call("demo", "hold"));
    let names = "(see genuin-sandbox outcomes)";
    for (body, detail, pointer) in [
        (r#"{"count": 0}"#, "count must be at least 1".to_owned(), "/count"),
        (r#"{"count": -1}"#, "count must be at least 1".into(), "/count"),
        (
            r#"{"as": "hold"}"#,
            "a call that is released cannot be held again; name another outcome".into(),
            "/as",
        ),
        (
            r#"{"as": "hold(2)"}"#,
            "a call that is released cannot be held again; name another outcome".into(),
            "/as",
        ),
        (
            r#"{"as": "sever-error"}"#,
            format!("unknown outcome \"sever-error\"; did you mean \"server-error\"? {names}"),
            "/as",
        ),
        (
            r#"{"cuont": 1}"#,
            "unknown key \"cuont\"; did you mean \"count\"? (known: count, as)".into(),
            "/cuont",
        ),
    ] {
        let answer = ask(address, "POST", "tenants/demo/release", body);
        assert_problem(&answer, 400, "Bad Request", &detail, Some(pointer));
    }
    assert_eq!(held(address, "demo").len(), 1, "nothing was released");
    drop(waiting);
}

#[test]
fn explain_says_that_a_call_would_be_held() {
    let app = App::start();
    let address = app.sandbox.address();
    let call = json!({
        "headers": {"authorization": "Bearer gnsb_demo", "x-sandbox-scenario": "hold(2)+1s"},
        "body": crate::harness::example(),
    });
    let explained = write(address, "POST", "explain", &call);
    let facts = ["outcome", "status", "committed", "delay_ms"].map(|key| explained[key].clone());
    assert_eq!(json!(facts), json!(["hold", null, false, 0]));
    assert_eq!(held(address, "demo"), Vec::<Value>::new(), "it leaves no trace");
}
