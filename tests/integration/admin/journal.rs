//! `requests`: every field of a journal entry, pages and filters.

use serde_json::{Value, json};

use super::{ask, assert_problem, each, entries, list, read};
use crate::harness::{AUTH, App, CREATE, example};
use crate::scenarios::Call;

/// An entry without its duration, which it must have.
fn without_duration(mut entry: Value) -> Value {
    let duration = entry.as_object_mut().unwrap().remove("duration_us").unwrap();
    assert!(duration.is_u64(), "{duration}");
    entry
}

/// The newest entry of the server.
fn newest(app: &App) -> Value {
    without_duration(list(&read(app.sandbox.address(), "requests"), "requests").pop().unwrap())
}

/// The entry of an accepted Create Group call of `demo`, with these changes.
fn entry(number: u64, body: &str, changes: &Value) -> Value {
    let mut entry = json!({
        "id": number, "seq": number, "tenant": "demo", "time": "2024-09-24T09:13:31.000Z",
        "method": "POST", "path": CREATE, "endpoint": "create_group",
        "headers": {
            "host": "sandbox", "authorization": null, "content-type": "application/json",
            "content-length": body.len().to_string(), "connection": null,
        },
        "body": body, "status": 200, "outcome": "ok", "selector": "contract", "scenario": null,
        "rule": null, "phase": null, "committed": true, "findings": [],
    });
    for (key, value) in changes.as_object().unwrap() {
        match value {
            Value::Object(headers) if key == "headers" => {
                entry[key].as_object_mut().unwrap().extend(headers.clone());
            }
            _ => entry[key] = value.clone(),
        }
    }
    entry
}

#[test]
fn an_entry_holds_the_whole_call_for_every_kind_of_outcome() {
    let app = App::start();
    let body = example().to_string();
    app.create(&example());
    assert_eq!(newest(&app), entry(1, &body, &json!({})), "accepted");

    app.create(&example());
    let refused = json!({
        "status": 400, "outcome": "bad-request", "committed": false, "findings": [{
            "severity": "error", "pointer": "/chat_id", "clause": "create_group.chat_id",
            "message": "is the id of a group that already exists",
            "suggestion": "send a new chat_id, or leave it out to have one generated",
            "patch": [{"op": "remove", "path": "/chat_id"}],
        }],
    });
    assert_eq!(newest(&app), entry(2, &body, &refused), "refused");

    let wrong = r#"{"type":"4","communityId":"f2a05adb-93ce-4a19-b003-3523fa745667"}"#;
    app.create_as("gnsb_demo", wrong.as_bytes());
    let refused = newest(&app);
    assert_eq!(
        refused["findings"],
        json!([
            {
                "severity": "error", "pointer": "/type", "clause": "create_group.type",
                "message": "must be the integer 4, not the string \"4\"",
                "suggestion": "send it without quotes",
                "patch": [{"op": "replace", "path": "/type", "value": 4}],
            },
            {
                "severity": "error", "pointer": "/community_id", "clause": "create_group.community_id",
                "message": "is missing",
                "suggestion": "you sent \"communityId\" — did you mean \"community_id\"?",
                "patch": [{"op": "move", "from": "/communityId", "path": "/community_id"}],
            },
        ])
    );

    let call = Call::new().header("1x500/after-commit");
    let body = call_body(&call);
    call.send(&app);
    let forced = json!({
        "status": 500, "outcome": "server-error", "selector": "header", "scenario": "1x500/after-commit",
        "rule": "line", "phase": "after-commit", "headers": {"x-sandbox-scenario": "1x500/after-commit"},
    });
    assert_eq!(newest(&app), entry(4, &body, &forced), "forced, yet committed");

    let fault = Call::new().url("close");
    assert_eq!(
        crate::harness::raw(app.sandbox.address(), &fault.bytes(&["Connection: close"])),
        b""
    );
    let closed = json!({
        "path": format!("/~close{CREATE}"), "status": null, "outcome": "close", "selector": "url",
        "scenario": "close", "rule": "line", "phase": "after-auth", "committed": false,
    });
    assert_eq!(newest(&app), entry(5, &body, &closed), "a fault");

    Call::new().url("outrage").send(&app);
    let why = "unknown scenario \"outrage\"; did you mean \"outage\"? (scenarios: ambiguous-create, flaky-twice, outage, rush-hour, slow)";
    let unknown = json!({
        "path": format!("/~outrage{CREATE}"), "status": 501, "outcome": "unknown-scenario",
        "selector": "url", "committed": false,
        "findings": [{"severity": "error", "pointer": "", "clause": "scenario.url", "message": why}],
    });
    assert_eq!(newest(&app), entry(6, &body, &unknown), "an unknown scenario");

    Call::new().header("flaky-twice").send(&app);
    let file = json!({
        "status": 500, "outcome": "server-error", "selector": "header", "scenario": "flaky-twice",
        "rule": "two-500s", "phase": "after-auth", "committed": false,
        "headers": {"x-sandbox-scenario": "flaky-twice"},
    });
    assert_eq!(newest(&app), entry(7, &body, &file), "by the rule of a file");
    assert_eq!(each(&entries(app.sandbox.address(), "demo"), "seq"), [1, 2, 3, 4, 5, 6, 7]);
}

fn call_body(call: &Call) -> String {
    let bytes = String::from_utf8(call.bytes(&[])).unwrap();
    bytes.split_once("\r\n\r\n").unwrap().1.to_owned()
}

#[test]
fn a_call_without_a_tenant_is_only_in_the_journal_of_all_tenants() {
    let app = App::start();
    let address = app.sandbox.address();
    let call = Call::new().token("gnsb_anonymous");
    call.send(&app);
    let expected = json!({
        "tenant": "anonymous", "status": 401, "outcome": "unauthorized", "committed": false,
        "findings": [{
            "severity": "error", "pointer": "", "clause": "authorization",
            "message": "the token names no tenant: gnsb_ must be followed by 1 to 63 of a-z, 0-9 and -, not starting with -, and not by anonymous",
        }],
    });
    assert_eq!(newest(&app), entry(1, &call_body(&call), &expected));
    let detail = r#""anonymous" is reserved for calls that name no tenant; choose another; calls without a tenant are in GET /_sandbox/v1/requests"#;
    let answer = ask(address, "GET", "tenants/anonymous/requests", "");
    assert_problem(&answer, 404, "Not Found", detail, None);
    assert_eq!(read(address, "tenants"), json!({"tenants": []}));
    // an expired one still names its tenant
    Call::new().token("gn-expired-token").send(&app);
    let last = newest(&app);
    assert_eq!([&last["tenant"], &last["outcome"]], ["demo", "unauthorized"]);
    assert_eq!([&last["id"], &last["seq"]], [2, 1]);
}

#[test]
fn a_login_is_recorded_without_its_keys() {
    let app = App::start();
    app.auth(r#"{"api_key":"demo-key","api_secret":"demo-secret"}"#);
    let last = newest(&app);
    let recorded = ["tenant", "path", "endpoint", "outcome", "body"].map(|key| last[key].clone());
    let body = r#"{"api_key":"[redacted]","api_secret":"[redacted]"}"#;
    assert_eq!(recorded, ["demo", AUTH, "auth", "ok", body].map(|text| json!(text)));
}

/// Calls of two tenants in turn, with every kind of outcome.
fn mixed() -> App {
    let app = App::start();
    for scenario in ["ok", "404", "500", "5026", "ok", "500"] {
        Call::new().header(scenario).send(&app);
        Call::new().token("gnsb_other").header(scenario).send(&app);
    }
    app
}

#[test]
fn pages_are_bounded_by_since_and_limit_and_filtered_by_outcome_and_status() {
    let app = mixed();
    let address = app.sandbox.address();
    for (path, ids, next, reason) in [
        (
            "tenants/demo/requests",
            vec![1, 3, 5, 7, 9, 11],
            12,
            "all, and the cursor past everything",
        ),
        ("requests", (1..=12).collect(), 12, "of all tenants"),
        ("tenants/demo/requests?limit=2", vec![1, 3], 3, "a full page ends at its last"),
        ("tenants/demo/requests?since=3&limit=2", vec![5, 7], 7, "the next page"),
        ("tenants/demo/requests?since=11", vec![], 12, "nothing since"),
        (
            "tenants/demo/requests?since=99",
            vec![],
            12,
            "a cursor of another run stands for the newest",
        ),
        ("requests?since=10", vec![11, 12], 12, "since is left out itself"),
        ("tenants/demo/requests?outcome=server-error", vec![5, 11], 12, "by outcome"),
        ("tenants/demo/requests?outcome=5026", vec![7], 12, "by an alias"),
        ("tenants/demo/requests?status=500", vec![5, 7, 11], 12, "two outcomes of one status"),
        ("requests?status=404&outcome=community-not-found", vec![3, 4], 12, "both"),
        ("requests?status=404&outcome=ok", vec![], 12, "both, of which none is"),
        ("tenants/demo/requests?outcome=server-error&limit=1", vec![5], 5, "filtered, then cut"),
        ("tenants/nobody/requests", vec![], 0, "a tenant that was never used"),
        ("tenants/nobody/requests?since=4", vec![], 4, "a tenant that was never used, later"),
    ] {
        let page = read(address, path);
        let found: Vec<_> = ids.iter().map(|id| json!(id)).collect();
        assert_eq!(each(&list(&page, "requests"), "id"), found, "{path}: {reason}");
        assert_eq!([&page["next"], &page["dropped"]], [next, 0], "{path}: {reason}");
    }
    assert_eq!(list(&read(address, "tenants"), "tenants").len(), 2, "reading makes no tenant");
}

#[test]
fn following_the_cursor_returns_every_entry_once() {
    let app = mixed();
    let (mut next, mut found) = (0, Vec::new());
    while found.len() < 6 {
        let path = format!("tenants/other/requests?limit=1&since={next}");
        let page = read(app.sandbox.address(), &path);
        found.extend(each(&list(&page, "requests"), "seq"));
        next = page["next"].as_u64().unwrap();
    }
    assert_eq!(found, [1, 2, 3, 4, 5, 6]);
}

#[test]
fn an_invalid_query_is_refused() {
    let app = App::start();
    for (query, detail) in [
        (
            "limt=1",
            r#"unknown parameter "limt"; did you mean "limit"? (known: since, limit, outcome, status)"#,
        ),
        ("limit=0", "limit must be from 1 to 1000, not 0"),
        ("limit=1001", "limit must be from 1 to 1000, not 1001"),
        ("since=-1", r#"since must be a whole number, 0 or more, not "-1""#),
        ("since=1&since=2", r#"duplicate parameter "since"; give it once"#),
        ("status=700", "status must be from 100 to 599, not 700"),
        (
            "outcome=sever-error",
            r#"unknown outcome "sever-error"; did you mean "server-error"?; GET /_sandbox/v1/outcomes lists them"#,
        ),
    ] {
        for path in ["requests", "tenants/demo/requests"] {
            let answer = ask(app.sandbox.address(), "GET", &format!("{path}?{query}"), "");
            assert_problem(&answer, 400, "Bad Request", detail, None);
        }
    }
}

#[test]
fn one_entry_is_shown_by_its_seq_or_as_the_last() {
    let app = mixed();
    let address = app.sandbox.address();
    let all = entries(address, "demo");
    for seq in 1..=6 {
        assert_eq!(read(address, &format!("tenants/demo/requests/{seq}")), all[seq - 1], "{seq}");
    }
    assert_eq!(read(address, "tenants/demo/requests/last"), all[5]);
    for (path, detail) in [
        ("demo/requests/7", "tenant demo has no entry 7; it may have been dropped for newer ones"),
        ("demo/requests/0", "tenant demo has no entry 0; it may have been dropped for newer ones"),
        ("demo/requests/first", r#""first" is not the number of an entry; use its seq, or last"#),
        ("nobody/requests/last", "tenant nobody has made no call yet"),
        (
            "nobody/requests/1",
            "tenant nobody has no entry 1; it may have been dropped for newer ones",
        ),
    ] {
        let answer = ask(address, "GET", &format!("tenants/{path}"), "");
        assert_problem(&answer, 404, "Not Found", detail, None);
    }
}
