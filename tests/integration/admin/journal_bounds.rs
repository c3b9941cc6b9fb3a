//! How the journal stays bounded: long bodies are cut, and a flood drops its own oldest entries.

use serde_json::{Value, json};

use super::{each, list, read};
use crate::harness::{App, CREATE};
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
