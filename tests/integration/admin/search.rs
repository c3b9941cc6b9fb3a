//! The journal searched by text and by trace, in pages and over all tenants.

use serde_json::{Value, json};

use super::{ask, assert_problem, each, list, read, write};
use crate::harness::{App, raw};
use crate::scenarios::{Call, Kept};

/// The addresses of the calls that a query finds.
fn found(app: &App, path: &str) -> Vec<Value> {
    each(&list(&read(app.sandbox.address(), path), "requests"), "id")
}

#[test]
fn a_text_is_found_in_any_case_wherever_a_call_has_it() {
    let app = App::start();
    let address = app.sandbox.address();
    Call::new().name("Größe 7%").send(&app);
    raw(
        address,
        &Call::new().header("5026").bytes(&["User-Agent: OkHttp/4.12", "Connection: close"]),
    );
    Call::new().with("/communityId", json!("x")).send(&app);
    app.send("PUT", "/Somewhere/Else?page=Two", &[("Authorization", "Bearer gnsb_other")], b"");
    write(address, "PUT", "tenants/third/scenario", &json!({"scenario": "outage"}));
    Call::new().token("gnsb_third").send(&app);
    let of = |text: &str| {
        let encoded: Vec<_> = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
        found(&app, &format!("requests?text={}", encoded.concat()))
    };
    for (text, expected) in [
        ("GRÖSSE", &[][..]),
        ("gRÖßE 7%", &["demo/1"]),
        ("okhttp", &["demo/2"]),
        ("Video-Not-Found", &["demo/2"]),
        ("\"5026\"", &["demo/2"]),
        ("was IGNORED", &["demo/3"]),
        ("SOMEWHERE/else", &["other/1"]),
        ("put", &["other/1"]),
        ("PAGE=two", &["other/1"]),
        ("OutAge", &["third/1"]),
        ("group has been created", &["demo/1", "demo/3"]),
        ("unknown path", &["other/1"]),
        ("no such text", &[]),
        ("Bearer", &[]),
        ("/COMMUNITYid", &["demo/3"]),
        ("GRöSE", &[]),
        ("%%", &[]),
        (" ", &["demo/1", "demo/2", "demo/3", "other/1", "third/1"]),
    ] {
        assert_eq!(of(text), expected, "{text}");
    }
    assert_eq!(found(&app, "tenants/other/requests?text=somewhere"), ["other/1"]);
    assert_eq!(found(&app, "tenants/demo/requests?text=somewhere"), [""; 0]);
    assert_eq!(found(&app, "tenants/demo/requests?text=create&status=500"), ["demo/2"]);
    assert_eq!(found(&app, "tenants/demo/requests?text=7%25"), ["demo/1"], "decoded once");
    assert_eq!(found(&app, "tenants/demo/requests?text=GR%C3%96%C3%9FE+7"), ["demo/1"]);
}

#[test]
fn the_calls_of_a_trace_are_found_in_all_tenants() {
    let app = App::start();
    let address = app.sandbox.address();
    let trace = |digit: &str| digit.repeat(32);
    for (token, digit) in [("gnsb_a", "1"), ("gnsb_b", "2"), ("gnsb_b", "1"), ("nobody", "1")] {
        let header = format!("traceparent: 00-{}-b7ad6b7169203331-01", trace(digit));
        raw(address, &Call::new().token(token).bytes(&[&header, "Connection: close"]));
    }
    Call::new().send(&app);
    assert_eq!(
        found(&app, &format!("requests?trace={}", trace("1"))),
        ["a/1", "b/2", "anonymous/1"]
    );
    assert_eq!(found(&app, &format!("tenants/b/requests?trace={}", trace("1"))), ["b/2"]);
    assert_eq!(found(&app, &format!("requests?trace={}&last=1", trace("2"))), ["b/1"]);
    assert_eq!(found(&app, &format!("requests?trace={}", trace("3"))), [""; 0]);
    let query = format!("requests?trace={}&text=nowhere", trace("1"));
    assert_eq!(found(&app, &query), [""; 0]);
}

#[test]
fn a_search_goes_through_a_large_journal_in_pages() {
    const CALLS: usize = 1500;
    let app = App::start();
    let mut kept = Kept::open(app.sandbox.address());
    for number in 0..CALLS {
        let agent = if number % 100 == 7 { "User-Agent: needle" } else { "User-Agent: hay" };
        kept.call(&Call::new().bytes(&[agent]));
    }
    let all: Vec<_> =
        (0..15).map(|index| Value::from(format!("demo/{}", 100 * index + 8))).collect();
    for path in ["requests", "tenants/demo/requests"] {
        assert_eq!(found(&app, &format!("{path}?text=NEEDLE")), all);
        assert_eq!(found(&app, &format!("{path}?text=NEEDLE&last=4")), all[11..]);
        assert_eq!(found(&app, &format!("{path}?text=NEEDLE&last=1000")), all);
        assert_eq!(found(&app, &format!("{path}?text=none&last=3")), [""; 0]);
        let (mut pages, mut cursor) = (Vec::new(), String::new());
        for _ in 0..4 {
            let page =
                read(app.sandbox.address(), &format!("{path}?text=NEEDLE&limit=4&since={cursor}"));
            pages.extend(each(&list(&page, "requests"), "id"));
            page["next"].as_str().unwrap().clone_into(&mut cursor);
        }
        assert_eq!(pages, all, "in pages, each found once");
    }
}

#[test]
fn what_cannot_be_searched_for_is_refused() {
    let app = App::start();
    let address = app.sandbox.address();
    let refused = |query: &str, detail: &str| {
        for path in ["requests", "tenants/demo/requests"] {
            let answer = ask(address, "GET", &format!("{path}?{query}"), "");
            assert_problem(&answer, 400, "Bad Request", detail, None);
        }
    };
    refused("text=", "text must have from 1 to 200 characters, not 0");
    let long = format!("text={}", "%C3%A9".repeat(201));
    refused(&long, "text must have from 1 to 200 characters, not 201");
    assert_eq!(found(&app, &format!("requests?text={}", "%C3%A9".repeat(200))), [""; 0]);
    let malformed = |id: &str| {
        format!(
            "{id:?} is not the id of a trace: write its 32 hexadecimal digits, in lower case and not all 0"
        )
    };
    for id in ["", "1", &"0".repeat(32), &"A".repeat(32), &"1".repeat(33)] {
        refused(&format!("trace={id}"), &malformed(id));
    }
    refused(
        "txt=x",
        "unknown parameter \"txt\"; did you mean \"text\"? (known: since, limit, last, outcome, \
         status, trace, text)",
    );
    refused("text=a&text=b", "duplicate parameter \"text\"; give it once");
}
