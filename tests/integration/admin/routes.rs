//! Paths that lead nowhere, methods that are not taken, and names that are no tenants.

use serde_json::json;

use super::guards::send;
use super::{ask, assert_problem, read};
use crate::harness::App;

#[test]
fn no_other_spelling_of_the_path_leads_around_the_guards() {
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
fn what_is_not_there_is_said_with_the_nearest_that_is() {
    let app = App::start();
    let address = app.sandbox.address();
    for (path, detail) in [
        ("stats", "nothing is at \"/_sandbox/v1/stats\"; did you mean /_sandbox/v1/status?"),
        ("", "nothing is at \"/_sandbox/v1/\"; did you mean /_sandbox/v1/status?"),
        (
            "zzzzzzzzzzzzzzzzzzzz/yyyyyyyyyyyyyyyyyyyy",
            "nothing is at \"/_sandbox/v1/zzzzzzzzzzzzzzzzzzzz/yyyyyyyyyyyyyyyyyyyy\"; begin with /_sandbox/v1/status",
        ),
    ] {
        let answer = ask(address, "GET", path, "");
        assert_problem(&answer, 404, "Not Found", detail, None);
    }
    for (method, path, allow) in [
        ("POST", "status", "GET"),
        ("OPTIONS", "status", "GET"),
        ("PATCH", "tenants/demo/scenario", "PUT, GET, DELETE"),
        ("GET", "tenants/demo/reset", "POST"),
        ("POST", "scenarios/x", "GET, PUT, DELETE"),
    ] {
        let answer = ask(address, method, path, "");
        let detail = format!("\"/_sandbox/v1/{path}\" takes {allow}, not \"{method}\"");
        assert_problem(&answer, 405, "Method Not Allowed", &detail, None);
        assert_eq!(answer.header("allow"), Some(allow));
    }
}

#[test]
fn malformed_and_reserved_names_are_no_tenants() {
    let app = App::start();
    let address = app.sandbox.address();
    let long = "x".repeat(64);
    for name in ["Demo", "-a", "a_b", "a.b", "a%20b", "a%2Fb", "%C3%A4", "anonymous", &long, "*"] {
        for (method, rest) in [
            ("GET", "/state"),
            ("GET", "/groups"),
            ("GET", "/requests"),
            ("GET", "/requests/last"),
            ("GET", "/users"),
            ("POST", "/reset"),
            ("POST", "/verify"),
            ("POST", "/clock"),
            ("PUT", "/scenario"),
            ("DELETE", ""),
        ] {
            if (name, rest) == ("*", "/scenario") {
                continue;
            }
            let answer = ask(address, method, &format!("tenants/{name}{rest}"), "");
            assert_eq!(answer.status, 404, "{method} {name}{rest}: {}", answer.body);
        }
    }
    assert_eq!(read(address, "tenants"), json!({"tenants": []}));
}
