//! Guards against hostile web pages, on every route.

use std::net::SocketAddr;

use genuin_sandbox::internals::call::Config;
use genuin_sandbox::internals::{self, admin::Access};
use serde_json::json;

use super::{assert_problem, read, requests_to_all_routes};
use crate::harness::{Answer, App, CREATE, raw};
use crate::process::{Process, command, run};
use crate::scenarios::{Call, ending};

/// Requests to every route and to paths that lead nowhere.
pub fn all_requests() -> Vec<(String, String)> {
    let nowhere = ["/_sandbox/nowhere", "/_sandbox/v2"].map(|path| ("GET".into(), path.into()));
    requests_to_all_routes("demo").into_iter().chain(nowhere).collect()
}

/// Sends a request with these headers and no others.
pub fn send(address: SocketAddr, first: &str, headers: &[&str]) -> Answer {
    let headers = headers.join("\r\n");
    let between = if headers.is_empty() { "" } else { "\r\n" };
    let request = format!("{first}\r\n{headers}{between}Connection: close\r\n\r\n");
    let answer = Answer::parse(&raw(address, request.as_bytes()));
    for (name, _) in &answer.headers {
        assert!(!name.starts_with("access-control-"), "{first} {headers}: {name}");
    }
    answer
}

pub fn with(access: Access) -> App {
    App { sandbox: internals::start(Config { admin: access, ..Config::default() }).unwrap() }
}

pub const JSON: &str = "Content-Type: application/json";

#[test]
fn a_host_that_dns_can_point_here_is_refused_on_every_route() {
    let app = App::start();
    let address = app.sandbox.address();
    let hosts: [&[&str]; 25] = [
        &[],
        &["Host: "],
        &["Host: evil.com"],
        &["Host: evil.com:4368"],
        &["Host: localhost.evil.com"],
        &["Host: 127.0.0.1.evil.com"],
        &["Host: localhost.."],
        &["Host: 0.0.0.0"],
        &["Host: 0.0.0.0:4368"],
        &["Host: [::]"],
        &["Host: [::]:4368"],
        &["Host: [::ffff:0.0.0.0]"],
        &["Host: 0"],
        &["Host: 0x0"],
        &["Host: 2130706433"],
        &["Host: 127.1"],
        &["Host: user@localhost"],
        &["Host: evil.com@localhost"],
        &["Host: localhost:x"],
        &["Host: localhost:99999"],
        &["Host: localhost:80:80"],
        &["Host: localhost, evil.com"],
        &["Host: localhost/evil.com"],
        &["Host: localhost", "Host: localhost"],
        &["Host: localhost", "Host: evil.com"],
    ];
    for host in hosts {
        for (method, path) in all_requests() {
            let first = format!("{method} {path} HTTP/1.1");
            let answer = send(address, &first, &[host, &[JSON]].concat());
            assert_eq!(answer.status, 421, "{first} {host:?}: {}", answer.body);
        }
    }
    let answer =
        send(address, "GET http://evil.com/_sandbox/v1/status HTTP/1.1", &["Host: localhost"]);
    assert_eq!(answer.status, 421, "the request line names another host");
    let hint = "use localhost, an IP address, a name without a dot, one under .localhost, .internal, \
                .svc or .cluster.local, or allow it with --allow-host";
    let answer = send(address, "GET /_sandbox/v1/status HTTP/1.1", &["Host: evil.com"]);
    let detail = format!("the Host \"evil.com\" is not allowed; {hint}");
    assert_problem(&answer, 421, "Misdirected Request", &detail, None);
    assert_eq!(read(address, "tenants"), json!({"tenants": []}), "nothing was changed");
    assert_eq!(read(address, "tenants/*/scenario")["override"], json!(null), "nothing was changed");
}

#[test]
fn local_hosts_are_let_in() {
    let app = App::start();
    for host in [
        "localhost",
        "LOCALHOST:1",
        "127.0.0.1:4368",
        "[::1]",
        "[::1]:4368",
        "192.168.1.7",
        "sandbox",
        "my_sandbox:4368",
        "a.localhost",
        "sandbox.internal",
        "svc.ns.cluster.local",
        "sandbox.ns.svc",
        "sandbox.ns.svc.cluster.local.:4368",
        "localhost.",
        "localhost:",
        "Sandbox.:",
        "127.0.0.1:",
        "127.0.0.1.",
        "[::1]:",
    ] {
        let host = format!("Host: {host}");
        let answer = send(app.sandbox.address(), "GET /_sandbox/v1/status HTTP/1.1", &[&host]);
        assert_eq!(answer.status, 200, "{host}: {}", answer.body);
    }
}

#[test]
fn hosts_that_are_only_like_local_ones_are_refused() {
    let app = App::start();
    for host in [
        "evil.com.",
        "svc.evil.com",
        "evilsvc.com",
        "ns.notsvc",
        ".localhost",
        "localhost/..",
        "0.0.0.0.",
        "0.",
        "0x7f000001",
        "::1",
        "[::1",
        "[::1]x",
        "a,b",
        "a b",
    ] {
        let host = format!("Host: {host}");
        let answer = send(app.sandbox.address(), "GET /_sandbox/v1/status HTTP/1.1", &[&host]);
        assert_eq!(answer.status, 421, "{host}: {}", answer.body);
    }
}

#[test]
fn a_page_of_another_origin_or_site_is_refused_on_every_route() {
    let app = App::start();
    let address = app.sandbox.address();
    for header in [
        "Origin: null",
        "Origin: http://evil.com",
        "Origin: http://localhost:1",
        "Origin: http://localhost.evil.com",
        "Origin: localhost",
        "Origin: ",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
        "Sec-Fetch-Site: x",
        "Origin: http://localhost\r\nOrigin: http://evil.com",
        "Origin: http://localhost\r\nSec-Fetch-Site: cross-site",
    ] {
        for (method, path) in all_requests() {
            let first = format!("{method} {path} HTTP/1.1");
            let answer = send(address, &first, &["Host: localhost", JSON, header]);
            assert_eq!(answer.status, 403, "{first} {header}: {}", answer.body);
        }
    }
    for header in
        ["Origin: http://localhost", "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: none"]
    {
        let answer =
            send(address, "GET /_sandbox/v1/status HTTP/1.1", &["Host: localhost", header]);
        assert_eq!(answer.status, 200, "{header}");
    }
    assert_eq!(read(address, "tenants"), json!({"tenants": []}), "nothing was changed");
}

#[test]
fn a_post_and_a_put_with_a_body_need_a_json_or_yaml_content_type() {
    let app = App::start();
    let address = app.sandbox.address();
    for (method, path, length) in [
        ("POST", "tenants/demo/reset", "Content-Length: 0"),
        ("POST", "tenants/demo/reset", "Content-Length: 2"),
        ("PUT", "tenants/demo/scenario", "Content-Length: 2"),
        ("PUT", "tenants/demo/scenario", "Transfer-Encoding: chunked"),
        ("POST", "explain", "Content-Length: 2"),
    ] {
        let body = if length.contains("chunked") { "2\r\n{}\r\n0\r\n\r\n" } else { "{}" };
        for content_type in [
            None,
            Some("text/plain"),
            Some("application/x-www-form-urlencoded"),
            Some("multipart/form-data; boundary=x"),
            Some("text/plain; application/json"),
            Some("application/jsonx"),
            Some(""),
            Some("application/json\r\nContent-Type: text/plain"),
        ] {
            let line = content_type.map(|kind| format!("Content-Type: {kind}"));
            let mut headers = vec!["Host: localhost", length];
            headers.extend(line.as_deref());
            let first = format!("{method} /_sandbox/v1/{path} HTTP/1.1");
            let head = format!("{first}\r\n{}\r\nConnection: close\r\n\r\n", headers.join("\r\n"));
            let body = if length.ends_with('0') { "" } else { body };
            let answer = Answer::parse(&raw(address, format!("{head}{body}").as_bytes()));
            let detail = "a POST, and a PUT with a body, needs Content-Type: application/json or \
                          application/yaml";
            assert_problem(&answer, 415, "Unsupported Media Type", detail, None);
        }
    }
    for content_type in ["application/json", "Application/JSON; charset=utf-8", "application/yaml"]
    {
        let line = format!("Content-Type: {content_type}");
        let first = "POST /_sandbox/v1/tenants/demo/reset HTTP/1.1";
        assert_eq!(send(address, first, &["Host: localhost", &line]).status, 200, "{content_type}");
    }
}

#[test]
fn an_admin_token_is_required_on_every_route() {
    let process = Process::start(&["--admin-token", "s3cret-Token"]);
    let address = process.address;
    for token in [
        "",
        "Authorization: Bearer wrong",
        "Authorization: Bearer s3cret-Toke",
        "Authorization: Bearer s3cret-Token1",
        "Authorization: Bearer s3cret-token",
        "Authorization: Bearer",
        "Authorization: s3cret-Token",
        "Authorization: Basic s3cret-Token",
        "Authorization: Bearer gnsb_demo",
        "X-Admin-Token: s3cret-Token",
        "Authorization: Bearer s3cret-Token\r\nAuthorization: Bearer s3cret-Token",
    ] {
        let headers: Vec<_> =
            ["Host: localhost", JSON, token].into_iter().filter(|line| !line.is_empty()).collect();
        for (method, path) in all_requests() {
            let answer = send(address, &format!("{method} {path} HTTP/1.1"), &headers);
            let detail = "the admin token is missing or wrong; send Authorization: Bearer <token of --admin-token>";
            assert_problem(&answer, 401, "Unauthorized", detail, None);
        }
    }
    for token in ["Authorization: Bearer s3cret-Token", "authorization: bearer s3cret-Token"] {
        let answer = send(address, "GET /_sandbox/v1/status HTTP/1.1", &["Host: localhost", token]);
        assert_eq!(answer.status, 200, "{token}");
    }
    assert_eq!(
        ending(&Call::new().send_to(address)),
        "ok",
        "the vendor's routes need no admin token"
    );
}

#[test]
fn a_correct_admin_token_may_be_sent_to_any_one_well_formed_host() {
    let app = with(Access { token: Some("s3cret".into()), ..Access::default() });
    let token = "Authorization: Bearer s3cret";
    let first = "GET /_sandbox/v1/status HTTP/1.1";
    let without_host = "GET /_sandbox/v1/status HTTP/1.0";
    assert_eq!(send(app.sandbox.address(), without_host, &[token]).status, 421);
    for (headers, status) in [
        (&["Host: ci.example.com", token][..], 200),
        (&["Host: evil.com:1", token], 200),
        (&["Host: 0.0.0.0:4368", token], 200),
        (&["Host: evil.com", "Authorization: Bearer wrong"], 421),
        (&["Host: evil.com"], 421),
        (&["Host: evil.com", token, token], 421),
        (&["Host: a", "Host: a", token], 421),
        (&["Host: a b", token], 421),
        (&["Host: u@a", token], 421),
        (&[token], 421),
        (&["Host: evil.com", "Origin: http://other.com", token], 403),
        (&["Host: evil.com", "Sec-Fetch-Site: cross-site", token], 403),
    ] {
        let answer = send(app.sandbox.address(), first, headers);
        assert_eq!(answer.status, status, "{headers:?}: {}", answer.body);
    }
}

#[test]
fn an_absolute_target_must_name_the_host_of_the_host_header() {
    let app = App::start();
    for (target, host, status) in [
        ("http://localhost", "localhost", 200),
        ("http://LOCALHOST:", "localhost", 200),
        ("http://localhost:1", "localhost", 421),
        ("http://localhost", "evil.com", 421),
        ("http://evil.com", "localhost", 421),
        ("http://evil.com", "evil.com", 421),
        ("http://user@localhost", "localhost", 421),
        ("http://localhost", "user@localhost", 421),
    ] {
        let first = format!("GET {target}/_sandbox/v1/status HTTP/1.1");
        let answer = send(app.sandbox.address(), &first, &[&format!("Host: {host}")]);
        assert_eq!(answer.status, status, "{target} {host}: {}", answer.body);
    }
}

#[test]
fn other_hosts_are_allowed_by_a_flag_or_a_variable_however_they_are_written() {
    let names = "ci.example.com, Other.Example.com. ,third.example.com";
    let listen = ["--listen", "127.0.0.1:0"];
    let by_flag = Process::start(&["--allow-host", names]);
    let by_variable = Process::spawn(command(&listen, &[("GNSB_ALLOW_HOST", names)]));
    let flags = ["ci.example.com", "other.example.com", "third.example.com"]
        .map(|name| ["--allow-host", name]);
    let by_flags = Process::start(flags.as_flattened());
    for process in [by_flag, by_variable, by_flags] {
        for (host, status) in [
            ("ci.example.com", 200),
            ("CI.example.com:8080", 200),
            ("ci.example.com.:8080", 200),
            ("other.example.com", 200),
            ("third.example.com:", 200),
            ("example.com", 421),
            ("x.ci.example.com", 421),
            ("localhost", 200),
        ] {
            let host = format!("Host: {host}");
            let answer = send(process.address, "GET /_sandbox/v1/status HTTP/1.1", &[&host]);
            assert_eq!(answer.status, status, "{host}");
        }
    }
}

#[test]
fn an_allowed_host_that_could_never_match_is_refused_at_start() {
    for (value, why) in [
        ("http://a.example", "without the scheme"),
        ("a.example:80", "without a port"),
        ("a.example:", "without a port"),
        ("a.example/", "without a path"),
        ("a.example/x", "without a path"),
        ("*.example", "name each host"),
        ("*", "name each host"),
        ("\"a.example\"", "without quotes"),
        ("'a.example'", "without quotes"),
        ("a.example,", "a host name is empty"),
        (",", "a host name is empty"),
        (" ", "a host name is empty"),
        ("a.example b.example", "is not a host name"),
        ("u@a.example", "is not a host name"),
        ("bücher.example", "is not a host name"),
        ("a..example", "is not a host name"),
    ] {
        let end = run(&["--allow-host", value], &[]);
        assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""), "{value}");
        assert!(end.stderr.contains(why), "{value}: {}", end.stderr);
        assert!(end.stderr.contains("error: --allow-host: "), "{value}: {}", end.stderr);
        let end = run(&[], &[("GNSB_ALLOW_HOST", value)]);
        assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""), "{value}");
        assert!(end.stderr.contains(why), "{value}: {}", end.stderr);
        assert!(end.stderr.contains("error: GNSB_ALLOW_HOST: "), "{value}: {}", end.stderr);
    }
}

#[test]
fn calls_to_the_vendor_are_not_guarded() {
    let app = App::start();
    for header in ["Origin: http://evil.com", "Sec-Fetch-Site: cross-site", "X: y"] {
        let (name, value) = header.split_once(": ").unwrap();
        let headers = [
            ("Authorization", "Bearer gnsb_demo"),
            ("Content-Type", "application/json"),
            (name, value),
        ];
        let answer = app.post(CREATE, &headers, b"{}");
        assert_eq!(answer.status, 400, "{header}");
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
    let headers = ["Host: evil.com", "Authorization: Bearer gnsb_demo", JSON];
    assert_eq!(
        send(app.sandbox.address(), &format!("POST {CREATE} HTTP/1.1"), &headers).status,
        400
    );
}
