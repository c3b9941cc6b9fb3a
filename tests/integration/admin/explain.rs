//! `explain` returns what the next call gets, and changes nothing.

use std::io::Write as _;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{ask, each, list, read, write};
use crate::harness::{App, connect};
use crate::scenarios::{Call, wait_until};

/// The keys that an explanation and a journal entry share.
const SHARED_KEYS: [&str; 10] = [
    "tenant",
    "endpoint",
    "selector",
    "scenario",
    "rule",
    "phase",
    "outcome",
    "status",
    "committed",
    "findings",
];

const RULES: &str = r#"
version: 1
name: counted
rules:
  - { id: never, enabled: false, do: { outcome: 404 } }
  - { id: odd-ones, match: { nth: odd, body: { group.name: { glob: "Odd*" } } }, do: { outcome: 412 } }
  - { id: by-name, match: { body: { group.name: { glob: "Scoped*" } } }, scope: "field:group.name", do: [ { outcome: 500 }, { outcome: 5026 } ] }
  - { id: limited, match: { header: { x-request-id: limited } }, limit: 1, do: { outcome: 401 } }
  - { id: again, match: { body: { group.name: Again } }, do: [ { outcome: 500 }, { outcome: ok } ], then: repeat }
"#;

/// Everything that a call can change, as the API shows it.
fn seen(app: &App) -> Value {
    let address = app.sandbox.address();
    let without_time = |path: &str| {
        let mut switched = read(address, path);
        if let Some(switched) = switched["override"].as_object_mut() {
            switched.remove("ttl_left_s");
            switched.remove("ends");
        }
        switched
    };
    let hits =
        |scenario: &Value| read(address, &format!("scenarios/{}", scenario.as_str().unwrap()));
    let scenarios = each(&list(&read(address, "scenarios"), "scenarios"), "name");
    let status = read(address, "status");
    let metrics = ask(address, "GET", "metrics", "").body;
    let metrics: Vec<_> = metrics.lines().filter(|line| line.contains("calls_total")).collect();
    json!([
        status["counts"],
        status["forgotten"],
        metrics,
        each(&list(&read(address, "tenants"), "tenants"), "name"),
        read(address, "requests?limit=1000"),
        read(address, "tenants/demo/state"),
        read(address, "tenants/fresh/state"),
        without_time("tenants/demo/scenario"),
        without_time("tenants/*/scenario"),
        scenarios.iter().map(hits).collect::<Vec<_>>(),
    ])
}

/// The description of a request on the wire, as explain takes it.
fn described(wire: &[u8]) -> Value {
    let text = std::str::from_utf8(wire).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let mut first = lines.next().unwrap().split(' ');
    let (method, path) = (first.next().unwrap(), first.next().unwrap());
    let mut headers: Map<String, Value> = Map::new();
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap();
        let values = headers.entry(name.to_lowercase()).or_insert_with(|| json!([]));
        values.as_array_mut().unwrap().push(json!(value));
    }
    json!({"method": method, "path": path, "headers": headers, "body": body})
}

/// Explains a call twice, makes it, and compares the explanation with the journal.
#[track_caller]
pub fn check(app: &App, wire: &[u8], reason: &str) -> Value {
    check_as(app, wire, &described(wire).to_string(), reason)
}

#[track_caller]
pub fn check_as(app: &App, wire: &[u8], explain: &str, reason: &str) -> Value {
    let address = app.sandbox.address();
    let before = seen(app);
    let explained = || {
        let answer = ask(address, "POST", "explain", explain);
        assert_eq!(answer.status, 200, "{reason}: {}", answer.body);
        answer.json()
    };
    let explanation = explained();
    assert_eq!(explained(), explanation, "{reason}: explained twice");
    assert_eq!(seen(app), before, "{reason}: nothing changed");
    let cursor = before[4]["next"].as_str().unwrap();
    // the answer does not matter, and a fault may keep it from coming
    let mut stream = connect(address);
    stream.write_all(wire).unwrap();
    let path = format!("requests?since={cursor}");
    let mut made = vec![];
    wait_until("the call is in the journal", Duration::from_secs(10), || {
        made = list(&read(address, &path), "requests");
        !made.is_empty()
    });
    let shared = |of: &Value| SHARED_KEYS.map(|key| (key, of[key].clone()));
    assert_eq!(shared(&explanation), shared(&made[0]), "{reason}");
    let is_told = explanation["changes"].as_array().is_some_and(|changes| !changes.is_empty());
    assert!(explanation["committed"] == true || !is_told, "{reason}: {explanation}");
    explanation
}

#[test]
fn every_selector_phase_and_outcome_is_explained_as_the_next_call_gets_it() {
    let app = App::start();
    let outcomes = list(&read(app.sandbox.address(), "outcomes"), "outcomes");
    for outcome in &outcomes {
        let name = outcome["name"].as_str().unwrap();
        let explanation = check(&app, &Call::new().header(name).bytes(&[]), name);
        assert_eq!(
            [&explanation["outcome"], &explanation["status"]],
            [&outcome["name"], &outcome["status"]]
        );
    }
    for phase in ["before-auth", "after-auth", "after-validation", "after-commit"] {
        for outcome in ["500", "reset", "documented-example", "ok+1ms"] {
            let line = format!("{outcome}/{phase}");
            check(&app, &Call::new().header(&line).bytes(&[]), &line);
            let refused = Call::new().with("/type", json!(5)).header(&line);
            check(&app, &refused.bytes(&[]), &format!("{line}, but refused by a check"));
            let revoked = Call::new().token("gn-revoked-token").header(&line);
            check(&app, &revoked.bytes(&[]), &format!("{line}, but revoked"));
        }
    }
    for (call, selector) in [
        (Call::new().url("412"), "url"),
        (Call::new().url("404%2C500"), "url"),
        (Call::new().tags("a, sandbox:5026"), "magic-word"),
        (Call::new().name("sandbox:400"), "magic-word"),
        (Call::new().token("gnsb_demo.401"), "token"),
        (Call::new().token("gnsb_fresh.flaky-twice"), "token"),
        (Call::new().header("outage").url("500").tags("sandbox:400"), "header"),
        (Call::new().header("outrage"), "header"),
        (Call::new().header("500").header("500"), "header"),
        (Call::new().url("outrage"), "url"),
        (Call::new().tags("sandbox:sever-error"), "magic-word"),
        (Call::new().token("gnsb_demo.outrage"), "token"),
        (Call::new(), "contract"),
    ] {
        let explanation = check(&app, &call.bytes(&[]), selector);
        assert_eq!(explanation["selector"], selector);
    }
    let served = App::with(|builder| builder.scenario("2x5026"));
    for expected in ["video-not-found", "video-not-found", "ok"] {
        let explanation = check(&served, &Call::new().bytes(&[]), "server");
        assert_eq!([&explanation["selector"], &explanation["outcome"]], ["server", expected]);
    }
}

#[test]
fn explaining_an_override_uses_up_no_hit() {
    for (path, selector) in [("demo", "override"), ("*", "override-all")] {
        let app = App::start();
        let body = json!({"scenario": "5026", "hits": 2});
        write(app.sandbox.address(), "PUT", &format!("tenants/{path}/scenario"), &body);
        let found: Vec<_> = (0..3)
            .map(|_| check(&app, &Call::new().bytes(&[]), selector))
            .map(|explanation| (explanation["selector"].clone(), explanation["outcome"].clone()))
            .collect();
        let hit = (json!(selector), json!("video-not-found"));
        assert_eq!(found, [hit.clone(), hit, (json!("contract"), json!("ok"))]);
    }
}

#[test]
fn every_counter_is_explained_as_it_stands() {
    let app = App::start();
    let address = app.sandbox.address();
    assert_eq!(ask(address, "PUT", "scenarios/counted", RULES).status, 200);
    for line in ["2x500, 5026, ok*", "500@50%", "3x404@30%, 412", "rush-hour", "flaky-twice"] {
        let mut endings = vec![];
        for number in 0..12 {
            let call = Call::new().header(line);
            let explanation = check(&app, &call.bytes(&[]), &format!("{line}, call {number}"));
            endings.push(explanation["outcome"].clone());
        }
        endings.dedup();
        assert!(endings.len() > 1, "{line} never changed: {endings:?}");
    }
    write(address, "POST", "tenants/demo/reset", &json!({"what": ["scenarios"]}));
    for (name, expected) in [
        ("Odd", "precondition-failed"),
        ("Odd", "ok"),
        ("Odd", "precondition-failed"),
        ("Scoped 1", "server-error"),
        ("Scoped 2", "server-error"),
        ("Scoped 1", "video-not-found"),
        ("Scoped 1", "ok"),
        ("Again", "server-error"),
        ("Again", "ok"),
        ("Again", "server-error"),
        ("Limited", "unauthorized"),
        ("Limited", "ok"),
    ] {
        let call = Call::new().name(name).header("counted");
        let more: &[&str] = if name == "Limited" { &["X-Request-Id: limited"] } else { &[] };
        let explanation = check(&app, &call.bytes(more), name);
        assert_eq!(explanation["outcome"], expected, "{name}");
    }
}
