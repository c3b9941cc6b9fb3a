//! How the journal stays bounded: long bodies are cut, and a flood drops its own oldest entries.

use serde_json::{Value, json};

use super::{each, list, read, write};
use crate::harness::{App, CREATE};
use crate::process::run;
use crate::scenarios::{Call, Kept};

#[test]
fn a_long_body_is_cut_and_marked() {
    let app = App::start();
    let body = format!("{:\u{e4}<20000}", "");
    for (body, cut) in [(body.as_str(), true), (&"y".repeat(14_000), false)] {
        app.create_as("gnsb_demo", body.as_bytes());
        let last = read(app.sandbox.address(), "tenants/demo/requests/last");
        let kept = last["body"].as_str().unwrap();
        if cut {
            assert_eq!(
                [&last["body_truncated"], &last["body_bytes"]],
                [&json!(true), &json!(40_000)]
            );
            assert!((15_000..=16_384).contains(&kept.len()), "{}", kept.len());
        } else {
            assert_eq!(kept, body);
            assert_eq!([&last["body_truncated"], &last["body_bytes"]], [&Value::Null; 2]);
        }
        assert!(body.starts_with(kept.trim_end_matches('\u{fffd}')));
    }
}

#[test]
fn a_login_body_that_is_cut_or_left_out_is_marked() {
    let app = App::start();
    let unknown_keys: Vec<_> = (0..1000).map(|number| format!("\"key-{number:04}\":1")).collect();
    let long = format!(r#"{{"api_key":"gnsb_demo","api_secret":"s",{}}}"#, unknown_keys.join(","));
    for (body, kept_bytes, reason) in [
        (long.as_str(), 10_000..=16_384, "redacting makes it longer than the journal keeps"),
        ("{broken", 0..=0, "what cannot be redacted is not kept"),
    ] {
        app.auth(body);
        let requests = list(&read(app.sandbox.address(), "requests"), "requests");
        let last = requests.last().unwrap();
        assert_eq!(
            [&last["body_truncated"], &last["body_bytes"]],
            [&json!(true), &json!(body.len())],
            "{reason}"
        );
        let kept = last["body"].as_str().unwrap().len();
        assert!(kept_bytes.contains(&kept), "{reason}: {kept}");
    }
}

#[test]
fn a_flood_of_one_tenant_drops_only_its_own_oldest_entries() {
    const CALLS: u64 = 2300;
    let app = App::start();
    let address = app.sandbox.address();
    for _ in 0..3 {
        Call::new().token("gnsb_quiet").send(&app);
    }
    let body = "x".repeat(17_000);
    let request = format!(
        "POST {CREATE} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer gnsb_flood\r\nContent-Type: application/json\r\nContent-Length: 17000\r\n\r\n{body}"
    );
    let mut connection = Kept::open(address);
    for _ in 0..CALLS {
        assert_eq!(connection.call(request.as_bytes()), 400);
    }
    let page = read(address, "tenants/flood/requests?limit=1");
    let dropped = page["dropped"].as_u64().unwrap();
    assert!((1..CALLS).contains(&dropped), "{dropped}");
    assert_eq!(page["requests"][0]["seq"], dropped + 1, "the oldest went");
    assert_eq!(read(address, "tenants/flood/requests/last")["seq"], CALLS);
    let quiet = read(address, "tenants/quiet/requests");
    assert_eq!(each(&list(&quiet, "requests"), "seq"), [1, 2, 3]);
    assert_eq!(quiet["dropped"], 0);
    let counts = &read(address, "status")["counts"];
    assert_eq!(
        [&counts["journal_dropped"], &counts["journal_entries"]],
        [dropped, CALLS + 3 - dropped]
    );
    assert!(counts["journal_bytes"].as_u64().unwrap() <= 32 * 1024 * 1024);
}

#[test]
fn the_size_of_the_journal_can_be_set() {
    let app = App::with(|builder| builder.journal_mib(2));
    let address = app.sandbox.address();
    let call = Call::new().name(&"x".repeat(14_000)).bytes(&[]);
    let mut connection = Kept::open(address);
    for _ in 0..200 {
        connection.call(&call);
    }
    let counts = &read(address, "status")["counts"];
    let bytes = counts["journal_bytes"].as_u64().unwrap();
    assert!((1_500_000..=2 * 1024 * 1024).contains(&bytes), "{counts}");
    assert!(counts["journal_dropped"].as_u64().unwrap() > 0, "{counts}");
    for mib in [0, 4097] {
        let error = genuin_sandbox::RunningSandbox::builder().journal_mib(mib).start().unwrap_err();
        let expected = format!("the journal's size must be from 1 to 4096 MiB, not {mib}");
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn a_call_with_many_long_findings_keeps_its_reason_and_says_how_many_are_left_off() {
    let app = App::start();
    let keys: Vec<_> = (0..40).map(|number| format!("\"{number:0>400}\":1")).collect();
    app.create_as("gnsb_demo", format!("{{\"type\":\"4\",{}}}", keys.join(",")).as_bytes());
    let last = read(app.sandbox.address(), "tenants/demo/requests/last");
    let findings = list(&last, "findings");
    assert_eq!(findings[0]["message"], "must be the integer 4, not the string \"4\"");
    let pointer = findings.last().unwrap()["pointer"].as_str().unwrap();
    assert!(pointer.starts_with("/0000") && pointer.ends_with('…'), "{pointer}");
    // the wrong type, the missing community, the unknown keys
    let omitted = last["findings_omitted"].as_u64().unwrap();
    assert_eq!(omitted, 2 + 40 - findings.len() as u64);
    assert!((5..40).contains(&findings.len()), "{}", findings.len());
    let url = app.sandbox.url();
    let end = run(&["requests", "--url", &url], &[]);
    assert!(
        end.stdout.contains(&format!("\n        and {omitted} more findings\n")),
        "{}",
        end.stdout
    );
    app.create_as("gnsb_demo", br#"{"type":"4"}"#);
    let last = read(app.sandbox.address(), "tenants/demo/requests/last");
    assert_eq!(last.get("findings_omitted"), None);
}

/// To compare names takes long, and a body has room for a hundred thousand of them.
#[test]
fn names_are_compared_only_for_findings_that_are_kept() {
    let app = App::start();
    let action = json!({"acton_id": 1, "access_type_id": 1});
    let body = json!({"actions": vec![action; 60]});
    let call = json!({"path": CREATE, "headers": {"authorization": "Bearer gnsb_demo", "content-type": "application/json"}, "body": body});
    let answer = write(app.sandbox.address(), "POST", "explain", &call);
    let findings = list(&answer, "findings");
    let of = |severity: &str| {
        let of = findings.iter().filter(|finding| finding["severity"] == severity);
        of.map(|finding| finding["pointer"].as_str().unwrap()).collect::<Vec<_>>()
    };
    let (errors, warnings) = (of("error"), of("warning"));
    assert_eq!((errors.len(), errors[2]), (50, "/actions/0/action_id"), "{errors:?}");
    // of the others, nobody is told what the unknown key was meant as
    assert_eq!((warnings.len(), warnings[0]), (12, "/actions/48/acton_id"), "{warnings:?}");
}

#[test]
fn an_unknown_scenario_among_many_is_answered_with_the_nearest() {
    let app = App::start();
    let body = br#"{"version":1,"rules":[{"id":"a","do":{"outcome":500}}]}"#;
    for number in 0..1000 {
        let path = format!("/_sandbox/v1/scenarios/name-{number:0>50}");
        assert_eq!(
            app.send("PUT", &path, &[("Content-Type", "application/json")], body).status,
            200
        );
    }
    let unknown = format!("name-{:0>50}", "5l5");
    let answer = Call::new().header(&unknown).send(&app);
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert_eq!(answer.status, 501);
    let near = format!("name-{:0>50}", 505);
    assert!(detail.contains(&near) && detail.contains(" and 996 more)"), "{detail}");
    assert!(detail.len() < 1000, "{}: {detail}", detail.len());
    let last = read(app.sandbox.address(), "tenants/demo/requests/last");
    assert_eq!(each(&list(&last, "findings"), "message"), [detail]);
}
