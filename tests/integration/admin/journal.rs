//! `requests`: every field of a journal entry, pages and filters.

use serde_json::{Value, json};

use super::{ask, assert_problem, each, entries, list, read};
use crate::harness::{AUTH, Answer, App, BAD_REQUEST, CREATE, example};
use crate::scenarios::Call;

/// An entry without what `exchange.rs` is about, its duration and the fingerprint of its token, which it
/// must have.
fn without_duration(mut entry: Value) -> Value {
    for key in
        ["answer", "received_at", "answered_at", "connection", "delivery", "delay_ms", "trace"]
    {
        assert!(entry.as_object_mut().unwrap().remove(key).is_some(), "{key}");
    }
    let duration = entry.as_object_mut().unwrap().remove("duration_us").unwrap();
    assert!(duration.is_u64(), "{duration}");
    if let Value::String(kept) = &mut entry["headers"]["authorization"] {
        let (before, fingerprint) = kept.split_once("(fingerprint ").unwrap();
        let digits = fingerprint.strip_suffix(')').unwrap();
        assert!(digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()), "{kept}");
        *kept = before.trim_end().to_owned();
    }
    entry
}

/// The newest entry of the server.
fn newest(app: &App) -> Value {
    without_duration(list(&read(app.sandbox.address(), "requests"), "requests").pop().unwrap())
}

/// The entry of an accepted Create Group call of `demo`, with these changes.
fn entry(number: u64, body: &str, changes: &Value) -> Value {
    let mut entry = json!({
        "id": format!("demo/{number}"), "seq": number, "tenant": "demo", "time": "2024-09-24T09:13:31.000Z",
        "method": "POST", "path": CREATE, "query": null, "endpoint": "create_group",
        "headers": {
            "host": "sandbox", "authorization": "Bearer demo", "content-type": "application/json",
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
    let why = "unknown scenario \"outrage\"; did you mean \"outage\"? (scenarios: ambiguous-create, flaky-twice, outage, partner-journey, rush-hour, slow)";
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
fn an_entry_keeps_the_query_without_its_secrets_and_the_call_goes_on_as_without() {
    let app = App::start();
    let long = "q".repeat(3000);
    for (sent, kept) in [
        ("", json!(null)),
        ("?", json!("")),
        ("?page=2&x=%20+", json!("page=2&x=%20+")),
        ("?Gn-Access-Token=s3cr3t&page=2", json!("Gn-Access-Token=[redacted]&page=2")),
        (&format!("?{long}"), json!(long[..1024])),
    ] {
        let head = format!(
            "POST {CREATE}{sent} HTTP/1.1\r\nHost: sandbox\r\nAuthorization: Bearer gnsb_demo\r\n\
             Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}"
        );
        let answer = crate::harness::raw(app.sandbox.address(), head.as_bytes());
        assert_eq!(Answer::parse(&answer).body, BAD_REQUEST, "{sent}");
        let entry = newest(&app);
        assert_eq!((&entry["path"], &entry["query"]), (&json!(CREATE), &kept));
    }
    let found = read(app.sandbox.address(), "requests?text=PAGE%3D2");
    assert_eq!(list(&found, "requests").len(), 2);
}

#[test]
fn a_call_without_a_tenant_is_in_the_journal_of_anonymous() {
    let app = App::start();
    let address = app.sandbox.address();
    let call = Call::new().token("gnsb_anonymous");
    call.send(&app);
    let expected = json!({
        "id": "anonymous/1", "tenant": "anonymous", "status": 401, "outcome": "unauthorized",
        "committed": false, "headers": {"authorization": "Bearer anonymous"},
        "findings": [{
            "severity": "error", "pointer": "", "clause": "authorization",
            "message": "the token names no tenant: gnsb_ must be followed by 1 to 63 of a-z, 0-9 and -, not starting with -, and not by anonymous",
        }],
    });
    assert_eq!(newest(&app), entry(1, &call_body(&call), &expected));
    assert_eq!(entries(address, "anonymous").len(), 1);
    let last = read(address, "tenants/anonymous/requests/last");
    assert_eq!(last, read(address, "tenants/anonymous/requests/1"));
    assert_eq!(last["id"], "anonymous/1");
    assert_eq!(read(address, "tenants"), json!({"tenants": []}));
    // it has no world
    let detail = r#""anonymous" is reserved for calls that name no tenant; choose another; its calls are in GET /_sandbox/v1/tenants/anonymous/requests"#;
    let answer = ask(address, "GET", "tenants/anonymous/groups", "");
    assert_problem(&answer, 404, "Not Found", detail, None);
    // an expired one still names its tenant
    Call::new().token("gn-expired-token").send(&app);
    let last = newest(&app);
    assert_eq!([&last["tenant"], &last["outcome"]], ["demo", "unauthorized"]);
    assert_eq!([&last["id"], &last["seq"]], [&json!("demo/1"), &json!(1)]);
}

#[test]
fn two_calls_with_one_token_show_the_same_fingerprint_and_no_part_of_it() {
    let app = App::start();
    let authorization = |value: &str| {
        app.post(CREATE, &[("Authorization", value)], b"{}");
        let page = read(app.sandbox.address(), "requests?last=1");
        page["requests"][0]["headers"]["authorization"].as_str().unwrap().to_owned()
    };
    let secret = "Bearer a-token-of-the-real-host";
    let kept = authorization(secret);
    assert_eq!(authorization(secret), kept);
    assert_ne!(authorization("Bearer another-one"), kept);
    for (value, start) in [
        (secret, "Bearer anonymous (fingerprint "),
        ("basic dXNlcjpwYXNz", "Basic anonymous (fingerprint "),
        ("a-token-of-the-real-host", "unknown anonymous (fingerprint "),
        ("Bearer two words", "Bearer anonymous (fingerprint "),
        ("bearer gnsb_demo.500", "Bearer demo (fingerprint "),
    ] {
        let kept = authorization(value);
        assert!(kept.starts_with(start), "{value}: {kept}");
        assert!(!kept.contains("real-host") && !kept.contains("dXNl"), "{kept}");
    }
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

#[test]
fn a_body_is_kept_byte_for_byte_but_for_its_secrets() {
    let app = App::start();
    for (sent, kept) in [
        (r#"{"type":4,"type":4,"x":"\u0041"}"#, None),
        (r#"{ "x" : 1.50, "y":123456789012345678901234567890, "z":"my token" }"#, None),
        (r#"{"x":-0.0e-5,"y":1e999,"z":"\ud800","z":"\/"}"#, None),
        (
            r#"{"x": 1.50, "x": "\u0041", "\u0074oken" : {"a": 1}, "token": "b"}"#,
            Some(
                r#"{"x": 1.50, "x": "\u0041", "\u0074oken" : "[redacted]", "token": "[redacted]"}"#,
            ),
        ),
    ] {
        app.create_as("gnsb_demo", sent.as_bytes());
        assert_eq!(newest(&app)["body"], kept.unwrap_or(sent));
    }
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

/// The cursor behind the first calls of the server, as many as given.
fn cursor_after(app: &App, calls: usize) -> String {
    let page = read(app.sandbox.address(), &format!("requests?limit={calls}"));
    page["next"].as_str().unwrap().to_owned()
}

#[test]
fn pages_are_bounded_by_since_limit_and_last_and_filtered_by_outcome_and_status() {
    let app = mixed();
    let address = app.sandbox.address();
    let [first, second, sixth, all] = [1, 2, 6, 12].map(|calls| cursor_after(&app, calls));
    let demo = |seqs: &[u64]| seqs.iter().map(|seq| format!("demo/{seq}")).collect::<Vec<_>>();
    let both: Vec<_> =
        (1..=6).flat_map(|seq| [format!("demo/{seq}"), format!("other/{seq}")]).collect();
    for (path, ids, next, reason) in [
        ("tenants/demo/requests", demo(&[1, 2, 3, 4, 5, 6]), &all, "all, and the cursor past all"),
        ("requests", both.clone(), &all, "of all tenants"),
        ("tenants/demo/requests?limit=1", demo(&[1]), &first, "a full page ends at its last"),
        (
            &format!("tenants/demo/requests?since={second}&limit=1"),
            demo(&[2]),
            &cursor_after(&app, 3),
            "the next page",
        ),
        (&format!("tenants/demo/requests?since={all}"), vec![], &all, "nothing since"),
        ("tenants/demo/requests?since=99", demo(&[1, 2, 3, 4, 5, 6]), &all, "an unknown cursor"),
        ("requests?since=&limit=2", both[..2].to_vec(), &second, "an empty one"),
        (&format!("requests?since={sixth}"), both[6..].to_vec(), &all, "a cursor of all tenants"),
        (&format!("tenants/demo/requests?since={sixth}"), demo(&[4, 5, 6]), &all, "good for each"),
        ("tenants/demo/requests?last=2", demo(&[5, 6]), &all, "the newest, oldest first"),
        ("requests?last=3", both[9..].to_vec(), &all, "the newest of all"),
        (&format!("tenants/demo/requests?last=5&since={sixth}"), demo(&[4, 5, 6]), &all, "both"),
        ("tenants/demo/requests?last=1&status=500", demo(&[6]), &all, "filtered, then the newest"),
        ("tenants/demo/requests?outcome=server-error", demo(&[3, 6]), &all, "by outcome"),
        ("tenants/demo/requests?outcome=5026", demo(&[4]), &all, "by an alias"),
        ("tenants/demo/requests?status=500", demo(&[3, 4, 6]), &all, "two outcomes of one status"),
        ("requests?status=404&outcome=community-not-found", both[2..4].to_vec(), &all, "both"),
        ("requests?status=404&outcome=ok", vec![], &all, "both, of which none is"),
        ("tenants/nobody/requests", vec![], &all, "a tenant that was never used"),
    ] {
        let page = read(address, path);
        assert_eq!(each(&list(&page, "requests"), "id"), ids, "{path}: {reason}");
        assert_eq!(
            (&page["next"], &page["dropped"]),
            (&json!(next), &json!(0)),
            "{path}: {reason}"
        );
    }
    assert_eq!(list(&read(address, "tenants"), "tenants").len(), 2, "reading makes no tenant");
}

#[test]
fn following_the_cursor_returns_every_entry_once() {
    let app = mixed();
    let (mut next, mut found) = (String::new(), Vec::new());
    while found.len() < 6 {
        let path = format!("tenants/other/requests?limit=1&since={next}");
        let page = read(app.sandbox.address(), &path);
        found.extend(each(&list(&page, "requests"), "seq"));
        next = page["next"].as_str().unwrap().to_owned();
        assert!(next.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{next} needs no escape");
    }
    assert_eq!(found, [1, 2, 3, 4, 5, 6]);
}

#[test]
fn a_cursor_of_an_earlier_run_loses_nothing_of_the_new_one() {
    let (before, after) = (mixed(), App::start());
    let cursor = cursor_after(&before, 3);
    let address = after.sandbox.address();
    for tenant in ["demo", "other", "demo", "other", "demo"] {
        Call::new().token(&format!("gnsb_{tenant}")).send(&after);
    }
    for (path, count) in [("requests", 5), ("tenants/demo/requests", 3)] {
        let page = read(address, &format!("{path}?since={cursor}"));
        assert_eq!(list(&page, "requests").len(), count, "{path}");
    }
}

#[test]
fn an_invalid_query_is_refused() {
    let app = App::start();
    for (query, detail) in [
        (
            "limt=1",
            r#"unknown parameter "limt"; did you mean "limit"? (known: since, limit, last, outcome, status, trace, text)"#,
        ),
        ("limit=0", "limit must be from 1 to 1000, not 0"),
        ("limit=1001", "limit must be from 1 to 1000, not 1001"),
        ("last=0", "last must be from 1 to 1000, not 0"),
        ("limit=%2B1", r#"limit must be a whole number, 0 or more, not "+1""#),
        ("last=-1", r#"last must be a whole number, 0 or more, not "-1""#),
        ("limit=1&last=1", "limit counts from the oldest, last from the newest; give one of them"),
        ("since=1&since=2", r#"duplicate parameter "since"; give it once"#),
        ("status=700", "status must be from 100 to 599, not 700"),
        (
            "outcome=sever-error",
            r#"unknown outcome "sever-error"; did you mean "server-error"?; GET /_sandbox/v1/outcomes lists them"#,
        ),
        (
            "outcome=hold(3)",
            r#"unknown outcome "hold(3)"; a held call has the outcome "hold", whatever it waits for; GET /_sandbox/v1/outcomes lists them"#,
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
        ("demo/requests/7", "tenant demo has no entry 7: the newest is 6"),
        ("demo/requests/0", "tenant demo has no entry 0: the first is 1"),
        ("demo/requests/+1", r#""+1" is not the number of an entry; use its seq, or last"#),
        ("demo/requests/01", r#""01" is not the number of an entry; use its seq, or last"#),
        ("demo/requests/%2B6", r#""+6" is not the number of an entry; use its seq, or last"#),
        ("demo/requests/first", r#""first" is not the number of an entry; use its seq, or last"#),
        (
            "nobody/requests/last",
            "the journal of nobody has no call: none was made yet, or none is kept",
        ),
        ("nobody/requests/1", "tenant nobody has no entry 1: none was made yet, or none is kept"),
    ] {
        let answer = ask(address, "GET", &format!("tenants/{path}"), "");
        assert_problem(&answer, 404, "Not Found", detail, None);
    }
}
