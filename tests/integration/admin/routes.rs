//! Every route as its row declares it, unknown paths, wrong methods, and names that are no tenants.

use genuin_sandbox::internals::admin::routes;
use serde_json::json;

use super::guards::send;
use super::{ask, assert_problem, each, list, read, requests_to_all_routes, write};
use crate::harness::{Answer, App, exchange};
use crate::scenarios::Call;

#[test]
fn no_other_spelling_of_the_path_bypasses_the_guards() {
    let app = App::start();
    for path in [
        "//_sandbox/v1/status",
        "/%5fsandbox/v1/status",
        "/_Sandbox/v1/status",
        "/x/../_sandbox/v1/status",
        "/./_sandbox/v1/status",
        "/~x/_sandbox/v1/status",
        "/~x/api/../_sandbox/v1/status",
        "/_sandboxx/v1/status",
        "/_sandbox%2fv1/status",
    ] {
        let answer =
            send(app.sandbox.address(), &format!("GET {path} HTTP/1.1"), &["Host: evil.com"]);
        assert_eq!(answer.status, 404, "{path}: {}", answer.body);
    }
}

#[test]
fn an_unknown_path_or_method_is_refused_with_the_nearest_path_or_allow() {
    let app = App::start();
    let address = app.sandbox.address();
    for (path, detail) in [
        ("stats", "unknown path \"/_sandbox/v1/stats\"; did you mean /_sandbox/v1/status?"),
        (
            "tenants/ci-1/grups",
            "unknown path \"/_sandbox/v1/tenants/ci-1/grups\"; did you mean \
             /_sandbox/v1/tenants/ci-1/groups?",
        ),
        ("", "unknown path \"/_sandbox/v1/\"; did you mean /_sandbox/v1/status?"),
        (
            "zzzzzzzzzzzzzzzzzzzz/yyyyyyyyyyyyyyyyyyyy",
            "unknown path \"/_sandbox/v1/zzzzzzzzzzzzzzzzzzzz/yyyyyyyyyyyyyyyyyyyy\"; start with /_sandbox/v1/status",
        ),
    ] {
        let answer = ask(address, "GET", path, "");
        assert_problem(&answer, 404, "Not Found", detail, None);
    }
    for (method, path, allow) in [
        ("POST", "status", "GET, HEAD, OPTIONS"),
        ("PATCH", "tenants/demo/scenario", "PUT, GET, HEAD, DELETE, OPTIONS"),
        ("GET", "tenants/demo/reset", "POST, OPTIONS"),
        ("PATCH", "scenarios/x", "GET, HEAD, PUT, POST, DELETE, OPTIONS"),
    ] {
        let answer = ask(address, method, path, "");
        let detail = format!("\"/_sandbox/v1/{path}\" takes {allow}, not \"{method}\"");
        assert_problem(&answer, 405, "Method Not Allowed", &detail, None);
        assert_eq!(answer.header("allow"), Some(allow));
    }
}

#[test]
fn a_wrong_method_or_path_is_refused_for_that_whatever_the_media_type() {
    let app = App::start();
    for media_type in ["", "\r\nContent-Type: text/plain", "\r\nContent-Type: application/json"] {
        for (method, path, status) in [
            ("POST", "status", 405),
            ("PUT", "report", 405),
            ("POST", "tenants/demo", 405),
            ("POST", "stats", 404),
            ("PUT", "tenants/demo/scenarios", 404),
        ] {
            let request = format!(
                "{method} /_sandbox/v1/{path} HTTP/1.1\r\nHost: localhost{media_type}\r\nContent-Length: 2\r\n\
                 Connection: close\r\n\r\n{{}}"
            );
            let answer = Answer::parse(&exchange(app.sandbox.address(), request.as_bytes()));
            assert_eq!(answer.status, status, "{method} {path} {media_type:?}: {}", answer.body);
        }
    }
}

#[test]
fn every_route_refuses_a_parameter_that_it_does_not_know() {
    let app = App::start();
    for (method, path) in requests_to_all_routes("demo") {
        let path = path.strip_prefix("/_sandbox/v1/").unwrap();
        let answer = ask(app.sandbox.address(), &method, &format!("{path}?formt=x&x"), "{}");
        assert_eq!(answer.status, 400, "{method} {path}: {}", answer.body);
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.starts_with("unknown parameter \"formt\""), "{method} {path}: {detail}");
        let takes_format = path.contains("report") || path.contains("checklist");
        assert_eq!(detail.contains("did you mean \"format\"?"), takes_format, "{detail}");
    }
    let answer = ask(app.sandbox.address(), "GET", "status?x=1", "");
    let detail = r#"unknown parameter "x"; this call takes none"#;
    assert_problem(&answer, 400, "Bad Request", detail, None);
}

#[test]
fn a_release_makes_its_tenant_as_other_writes_do() {
    let app = App::start();
    let address = app.sandbox.address();
    for name in ["new", "anonymous"] {
        let released = json!({"tenant": name, "released": [], "held": 0});
        assert_eq!(
            write(address, "POST", &format!("tenants/{name}/release"), &json!({})),
            released
        );
    }
    assert_eq!(each(&list(&read(address, "tenants"), "tenants"), "name"), ["new"]);
}

#[test]
fn an_unknown_scenario_that_is_asked_for_is_called_one() {
    let app = App::start();
    for (name, detail) in [
        ("nope", "unknown scenario \"nope\" (scenarios: ambiguous-create, flaky-twice, outage, "),
        ("outrage", "unknown scenario \"outrage\"; did you mean \"outage\"? (scenarios: "),
        ("Rush_Hour2", "unknown scenario \"Rush_Hour2\"; did you mean \"rush-hour\"? (scenarios: "),
        ("5027", "unknown outcome \"5027\"; did you mean \"5026\"?"),
        ("2x5o0", "unknown outcome \"5o0\"; did you mean \"500\"?"),
    ] {
        let answer = ask(app.sandbox.address(), "GET", &format!("scenarios/{name}"), "");
        assert_eq!(answer.status, 404, "{name}");
        let found = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(found.starts_with(detail), "{found}");
    }
}

#[test]
fn malformed_and_reserved_names_are_no_tenants() {
    let app = App::start();
    let address = app.sandbox.address();
    let long = "x".repeat(64);
    for name in ["Demo", "-a", "a_b", "a.b", "a%20b", "a%2Fb", "%C3%A4", "anonymous", &long, "*"] {
        for (method, path) in requests_to_all_routes(name) {
            let Some(path) = path.strip_prefix("/_sandbox/v1/tenants/") else { continue };
            if (name, path) == ("*", "*/scenario") {
                continue;
            }
            // calls without a tenant have a journal and can be held, and nothing else
            let of_calls = ["/requests", "/verify", "/report", "/held", "/release"];
            if name == "anonymous" && of_calls.iter().any(|part| path.contains(part)) {
                continue;
            }
            let answer = ask(address, &method, &format!("tenants/{path}"), "not: [valid");
            assert_eq!(answer.status, 404, "{method} {path}: {}", answer.body);
        }
    }
    assert_eq!(read(address, "tenants"), json!({"tenants": []}));
}

#[test]
fn every_route_answers_as_its_row_declares() {
    let app = App::start();
    let address = app.sandbox.address();
    let id = "0a0b0c0d-1111-4222-8333-444455556666";
    Call::new().with("/chat_id", json!(id)).send(&app);
    let body_of = |pattern: &str| match pattern {
        "scenarios/{name}" => "version: 1\nrules: [{ id: a, do: { outcome: 500 } }]",
        "tenants/{tenant_or_all}/scenario" => r#"{"scenario":500}"#,
        "tenants/{tenant}/communities" => {
            r##"{"community_id":"00000000-0000-4000-8000-000000000001","handle":"new","name":"New","color_code":"#000000","text_color_code":"#FFFFFF"}"##
        }
        "tenants/{tenant}/users" => {
            r#"{"user_id":"00000000-0000-4000-8000-000000000002","username":"new"}"#
        }
        "tenants/{tenant}/clock" => r#"{"resume":true}"#,
        _ => "{}",
    };
    // a stream of events does not end
    let mut rows: Vec<_> = routes().filter(|route| route.pattern != "events").collect();
    rows.sort_by_key(|route| ["GET", "PUT", "POST", "DELETE"].map(|method| route.method != method));
    for route in rows {
        let path = route
            .pattern
            .replace("{tenant}", "demo")
            .replace("{tenant_or_all}", "demo")
            .replace("{name}", "outage")
            .replace("{chat_id}", id)
            .replace("{seq}", "last");
        let answer = ask(address, route.method.as_str(), &path, body_of(route.pattern));
        let row = format!("{} {}", route.method, route.pattern);
        assert_eq!(answer.status, route.status.as_u16(), "{row}: {}", answer.body);
        assert!(route.summary.ends_with('.'), "{row}");
        let media_type = answer.header("content-type").and_then(|text| text.split(';').next());
        assert_eq!(route.media_types.first().copied(), media_type, "{row}");
        let takes_body = ["PUT", "POST"].contains(&route.method.as_str());
        assert_eq!((route.request)().is_some(), takes_body, "{row}");
    }
}
