//! What an entry of the journal keeps of long and repeated texts, and by which it is found.

use serde_json::{Value, json};

use super::{list, read};
use crate::harness::{App, CREATE};
use crate::scenarios::Call;

#[test]
fn all_values_of_a_repeated_header_are_shown_in_their_order() {
    let app = App::start();
    let headers = [
        ("Authorization", "Bearer gnsb_demo"),
        ("Accept", "text/plain"),
        ("Cookie", "a=1"),
        ("X-Sandbox-Note", "one"),
        ("Accept", "application/json"),
        ("Cookie", "b=2"),
        ("Accept", "*/*"),
    ];
    app.send("POST", CREATE, &headers, b"{}");
    let shown = read(app.sandbox.address(), "tenants/demo/requests/last")["headers"].clone();
    assert_eq!(shown["accept"], "text/plain, application/json, */*");
    assert_eq!([&shown["x-sandbox-note"], &shown["cookie"]], [&json!("one"), &Value::Null]);
}

#[test]
fn a_scenario_is_kept_whole_however_long_its_line_is() {
    let app = App::start();
    let line = vec!["500@1%"; 40].join(",");
    Call::new().header(&line).send(&app);
    let last = read(app.sandbox.address(), "tenants/demo/requests/last");
    assert_eq!([&last["scenario"], &last["headers"]["x-sandbox-scenario"]], [&*line, &*line]);
}

#[test]
fn a_finding_is_found_by_every_text_of_it() {
    let app = App::start();
    let address = app.sandbox.address();
    app.create_as(
        "gnsb_found",
        br#"{"type":4,"communityId":"f2a05adb-93ce-4a19-b003-3523fa745667"}"#,
    );
    let findings = list(&read(address, "tenants/found/requests/last"), "findings");
    let texts = ["pointer", "clause", "message", "suggestion"]
        .map(|key| findings.iter().find_map(|finding| finding[key].as_str()).unwrap());
    for text in texts {
        let text = percent_encoded(text);
        let page = read(address, &format!("tenants/found/requests?text={text}"));
        assert_eq!(list(&page, "requests").len(), 1, "{text}");
    }
}

fn percent_encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat()
}
