//! Numbers and truth values of a scenario file where the value is text.

use serde_json::json;

use super::{Call, ending, endings, with_rules};
use crate::admin::ask;
use crate::harness::{App, CREATE, raw};
use crate::process::{Process, run};

/// Makes a call with one more header and returns how it ended.
fn with_header(app: &App, value: &str) -> String {
    let call = Call::new();
    let headers = [
        ("Authorization", "Bearer gnsb_demo"),
        ("Content-Type", "application/json"),
        ("X-Try", value),
    ];
    ending(&app.post(CREATE, &headers, call.body.to_string().as_bytes()))
}

#[test]
fn a_number_for_a_header_stands_for_its_text() {
    for (matcher, yes, no) in [
        ("2", "2", "2.0"),
        ("1.50", "1.50", "1.5"),
        ("007", "007", "7"),
        ("0x10", "0x10", "16"),
        ("true", "true", "True"),
        ("{ equals: -1e3 }", "-1e3", "-1000"),
        ("{ in: [1, 2.0, no] }", "2.0", "2"),
        ("{ glob: 404 }", "404", "4040"),
        ("{ regex: 40 }", "404", "41"),
        ("{ in: [99999999999999999999] }", "99999999999999999999", "1e20"),
    ] {
        let rule = format!(
            "- {{ id: a, match: {{ header: {{ x-try: {matcher} }} }}, do: {{ outcome: 412 }} }}"
        );
        let (app, _folder) = with_rules(&rule);
        assert_eq!(with_header(&app, yes), "412", "{matcher} is {yes}");
        assert_eq!(with_header(&app, no), "ok", "{matcher} is not {no}");
    }
}

#[test]
fn a_number_for_a_header_inside_not_excludes_its_text_only() {
    let rule =
        "- { id: a, match: { not: { header: { x-try: { in: [1, 2] } } } }, do: { outcome: 412 } }";
    let (app, _folder) = with_rules(rule);
    assert_eq!([with_header(&app, "1"), with_header(&app, "3")], ["ok", "412"]);
}

#[test]
fn a_number_for_a_header_of_an_answer_is_sent_as_it_is_written() {
    let rule = "- { id: a, do: { outcome: 503, headers: { x-window: 007, x-part: 1.50, x-on: yes, x-off: false } } }";
    let (app, _folder) = with_rules(rule);
    let answer = Call::new().send(&app);
    let headers = ["x-window", "x-part", "x-on", "x-off"].map(|name| answer.header(name));
    assert_eq!(headers, [Some("007"), Some("1.50"), Some("yes"), Some("false")]);
}

#[test]
fn a_number_for_a_text_field_is_refused_by_uploads_and_verify() {
    let app = App::start();
    let address = app.sandbox.address();
    let detail = "group.name is a string, which never equals the number 2024; put it in quotes";
    let rule = json!({"id": "a", "match": {"body": {"group.name": 2024}}, "do": {"outcome": 412}});
    let file = json!({"version": 1, "rules": [rule]}).to_string();
    let answer = ask(address, "PUT", "scenarios/mine", &file);
    let column = file.find("2024").unwrap() + 1;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["detail"], json!(format!("line 1, column {column}: {detail}")));
    let expectation = json!({"match": {"not": {"body": {"group.name": 2024}}}}).to_string();
    let answer = ask(address, "POST", "tenants/demo/verify", &expectation);
    assert_eq!((answer.status, &answer.json()["detail"]), (400, &json!(detail)));
    assert_eq!(answer.json()["pointer"], json!("/match/not/body/group.name"));
}

#[test]
fn null_matches_an_absent_field_of_any_type() {
    let rule = "- { id: a, match: { body: { template_id: null } }, do: { outcome: 412 } }";
    let (app, _folder) = with_rules(rule);
    let without =
        Call { body: crate::harness::without(Call::new().body, "/template_id"), ..Call::new() };
    assert_eq!(endings(&app, &without, 1), ["412"]);
    assert_eq!(endings(&app, &Call::new().with("/template_id", json!(3)), 1), ["ok"]);
}

#[test]
fn the_command_verify_keeps_a_number_for_a_header_as_it_is_written() {
    let process = Process::start(&[]);
    for value in ["1.50", "007"] {
        let line = format!("X-Request-Id: {value}");
        raw(process.address, &Call::new().bytes(&[&line, "Connection: close"]));
    }
    let url = format!("http://{}", process.address);
    for (matcher, exactly) in [
        ("{header: {x-request-id: 1.50}}", "1"),
        ("{header: {x-request-id: {in: [007, 1.50]}}}", "2"),
        ("{not: {header: {x-request-id: 1.5}}}", "2"),
    ] {
        let arguments = ["verify", "--url", &url, "--match", matcher, "--exactly", exactly];
        let end = run(&arguments, &[]);
        assert_eq!(end.code, Some(0), "{matcher}: {}{}", end.stdout, end.stderr);
    }
}
