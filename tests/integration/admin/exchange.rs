//! `requests`: the answer of each call, its real times, its connection and its trace.

use std::io::{Read as _, Write as _};

use serde_json::{Value, json};

use super::read;
use crate::harness::{AUTH, App, CREATE, connect};
use crate::scenarios::{Call, Kept};

/// The newest entry of all tenants.
fn newest(app: &App) -> Value {
    read(app.sandbox.address(), "requests?last=1")["requests"][0].clone()
}

#[test]
fn an_entry_has_the_answer_as_it_was_sent() {
    let app = App::start();
    let vendor = json!({"content-type": "application/json; charset=utf-8"});
    for (call, why) in [
        (Call::new(), "accepted"),
        (Call::new().token("gnsb_other").with("/type", json!("4")), "refused"),
        (Call::new().token("x"), "refused without a tenant"),
        (Call::new().header("429"), "forced"),
        (Call::new().header("503"), "a gateway's page"),
        (Call::new().header("nope"), "an unknown scenario"),
    ] {
        let answer = call.send(&app);
        let kept = &newest(&app)["answer"];
        assert_eq!(kept["status"], answer.status, "{why}");
        assert_eq!(kept["body"], answer.body, "{why}");
        assert_eq!(kept["truncated"], false, "{why}");
        let headers = kept["headers"].as_object().unwrap();
        for (name, value) in headers {
            assert_eq!(value.as_str(), answer.header(name), "{why}: {name}");
        }
        match why {
            "accepted" | "refused" => assert_eq!(kept["headers"], vendor, "{why}"),
            "forced" => assert_eq!(headers["retry-after"], "1", "{why}"),
            _ => {}
        }
    }
}

#[test]
fn what_is_refused_before_an_endpoint_has_its_answer_too() {
    let app = App::start();
    for (method, path, body_bytes, status) in [
        ("GET", "/nope", 0, 404),
        ("GET", CREATE, 0, 405),
        ("HEAD", CREATE, 0, 405),
        ("POST", CREATE, 1024 * 1024 + 1, 413),
    ] {
        let answer = app.send(method, path, &[], &vec![b' '; body_bytes]);
        assert_eq!(answer.status, status, "{method} {path}");
        let entry = newest(&app);
        assert_eq!(entry["endpoint"], Value::Null);
        assert_eq!(entry["answer"]["status"], status, "{method} {path}");
        // that of HEAD is not sent
        assert_eq!(entry["answer"]["body"], answer.body, "{method} {path}");
        assert_eq!(entry["answer"]["headers"]["allow"].as_str(), answer.header("allow"));
    }
}

#[test]
fn of_a_fault_only_what_was_sent_is_kept() {
    let app = App::start();
    for fault in ["reset", "close", "garbage"] {
        let mut stream = connect(app.sandbox.address());
        stream.write_all(&Call::new().header(fault).bytes(&[])).unwrap();
        let mut sent = Vec::new();
        // an error is a reset
        let _ = stream.read_to_end(&mut sent);
        let answer = match fault {
            "garbage" => json!({
                "status": null, "headers": {}, "body": String::from_utf8_lossy(&sent),
                "truncated": false, "body_base64": "FgMA//4gZ2FyYmFnZSAAAQIgbm90IGh0dHAgDQoNCn+A",
            }),
            _ => Value::Null,
        };
        assert_eq!(sent.is_empty(), answer.is_null(), "{fault}");
        assert_eq!(newest(&app)["answer"], answer, "{fault}");
    }
    let whole = Call::new().send(&app).body;
    let sent = Call::new().header("truncate").send(&app).body;
    let entry = newest(&app);
    assert_eq!((&entry["status"], &entry["answer"]["truncated"]), (&Value::Null, &json!(true)));
    assert_eq!(entry["answer"]["body"], sent);
    assert!(!sent.is_empty() && sent.len() < whole.len(), "{sent}");
}

#[test]
fn an_issued_token_is_left_out_of_the_answer() {
    let app = App::start();
    let answer = app.auth(r#"{"api_key":"demo-key","api_secret":"demo-secret"}"#);
    let token = answer.header("gn-access-token").unwrap();
    let entry = newest(&app);
    assert_eq!(entry["path"], AUTH);
    assert_eq!(entry["answer"]["headers"]["gn-access-token"], Value::Null);
    assert_eq!(entry["answer"]["body"], answer.body);
    assert!(!entry.to_string().contains(token));
}

#[test]
fn long_bodies_of_request_and_answer_are_cut_on_their_own() {
    let app = App::start();
    let name = format!("{:\u{20ac}<6000}", "");
    let answer = Call::new().name(&name).send(&app);
    let entry = newest(&app);
    let kept = entry["answer"]["body"].as_str().unwrap();
    assert_eq!(entry["body_truncated"], true);
    assert_eq!(entry["answer"]["truncated"], true);
    assert!(answer.body.len() > 16 * 1024 && answer.body.starts_with(kept), "between two letters");
    assert!((16 * 1024 - 2..=16 * 1024).contains(&kept.len()), "{}", kept.len());
}

#[test]
fn real_times_do_not_follow_the_clock_of_the_tenant() {
    let app = App::start();
    let before = jiff_now();
    Call::new().send(&app);
    let entry = newest(&app);
    assert_eq!(entry["time"], "2024-09-24T09:13:31.000Z", "it is frozen");
    let received = entry["received_at"].as_str().unwrap();
    assert_eq!(received.len(), "2024-09-24T09:13:31.000000Z".len(), "{received}");
    assert!(*before <= *received && *received <= *jiff_now(), "{before} {received}");
}

/// The time as entries show it.
fn jiff_now() -> String {
    format!("{:.6}", jiff::Timestamp::now())
}

#[test]
fn calls_of_one_connection_have_its_number() {
    let app = App::start();
    let address = app.sandbox.address();
    let (mut one, mut other) = (Kept::open(address), Kept::open(address));
    let call = Call::new().bytes(&[]);
    let number_of = |connection: &mut Kept| {
        assert_eq!(connection.call(&call), 200);
        newest(&app)["connection"].as_u64().unwrap()
    };
    let numbers = [number_of(&mut one), number_of(&mut other), number_of(&mut one)];
    assert_eq!(numbers[0], numbers[2]);
    assert!(numbers[0] > 0 && numbers[0] != numbers[1], "{numbers:?}");
}

#[test]
fn the_trace_is_read_out_of_traceparent_and_the_header_kept() {
    let app = App::start();
    let id = "4bf92f3577b34da6a3ce929d0e0e4736";
    for (header, trace) in [
        (Some(format!("00-{id}-00f067aa0ba902b7-01")), json!(id)),
        (Some(format!("00-{id}-00f067aa0ba902b7")), Value::Null),
        (None, Value::Null),
    ] {
        let headers = header.iter().map(|value| ("traceparent", value.as_str()));
        app.post("/nope", &headers.collect::<Vec<_>>(), b"");
        let entry = newest(&app);
        assert_eq!(entry["trace"], trace, "{header:?}");
        let kept = entry["headers"].get("traceparent").and_then(Value::as_str);
        assert_eq!(kept, header.as_deref());
    }
}
