//! The console: who gets its page and files, and what they carry.

use genuin_sandbox::internals::admin::{Access, Mode};
use genuin_sandbox::internals::console::{FILES, PATH};
use serde_json::json;

use crate::admin::guards::{send, with};
use crate::admin::{ask, assert_problem, each, list, read};
use crate::harness::{Answer, App};
use crate::process::Process;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page and every file that it loads.
fn paths() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|file| file.path)
}

fn get(app: &App, path: &str, headers: &[&str]) -> Answer {
    send(app.sandbox.address(), &format!("GET {path} HTTP/1.1"), headers)
}

/// The page without its slash.
const SHORT_PATH: &str = "/_sandbox";

/// What a browser sends when a link of another site is followed.
const BY_LINK: [&str; 4] = [
    "Host: localhost",
    "Sec-Fetch-Site: cross-site",
    "Sec-Fetch-Mode: navigate",
    "Sec-Fetch-Dest: document",
];

#[test]
fn every_file_has_its_media_type_the_policy_and_no_other_header() {
    let app = App::start();
    for path in paths() {
        let answer = get(&app, path, &["Host: localhost"]);
        let media_type = match path.rsplit('.').next() {
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            _ => "text/html; charset=utf-8",
        };
        let length = answer.body.len().to_string();
        let headers = [
            ("content-type", media_type),
            ("content-security-policy", POLICY),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
            ("content-length", &length),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        assert_eq!((answer.status, &answer.headers), (200, &headers), "{path}");
        assert!(!answer.body.is_empty(), "{path}");
    }
    assert_eq!(paths().next(), Some(PATH));
}

#[test]
fn the_page_loads_files_that_are_there_and_nothing_else() {
    let app = App::start();
    let page = get(&app, PATH, &["Host: localhost"]).body;
    let links: Vec<_> = page
        .split(['"', '\''])
        .filter(|part| part.starts_with('/') || part.contains("://") || part.starts_with("data:"))
        .collect();
    assert!(links.len() > 2, "{links:?}");
    for link in links {
        assert!(link == "data:," || paths().any(|path| path == link), "{link}");
    }
    for path in paths().filter(|path| path.strip_suffix(".js").is_some()) {
        let script = get(&app, path, &["Host: localhost"]).body;
        for import in script.split("from './").skip(1) {
            let name = import.split('\'').next().unwrap();
            let imported = format!("{PATH}console/{name}");
            assert!(paths().any(|path| path == imported), "{path} imports {name}");
        }
    }
}

#[test]
fn head_options_and_other_methods() {
    let app = App::start();
    let address = app.sandbox.address();
    for path in paths() {
        let send = |method: &str| {
            send(address, &format!("{method} {path} HTTP/1.1"), &["Host: localhost"])
        };
        let get = send("GET");
        assert_eq!(send("HEAD"), Answer { body: String::new(), ..get }, "{path}");
        let options = send("OPTIONS");
        assert_eq!((options.status, options.header("allow")), (204, Some("GET, HEAD, OPTIONS")));
        for method in ["POST", "PUT", "DELETE", "PATCH"] {
            let answer = send(method);
            let detail = format!("\"{path}\" takes GET, HEAD, OPTIONS, not \"{method}\"");
            assert_problem(&answer, 405, "Method Not Allowed", &detail, None);
            assert_eq!(answer.header("allow"), Some("GET, HEAD, OPTIONS"));
        }
    }
}

#[test]
fn the_path_without_its_slash_leads_to_the_page() {
    let app = App::start();
    for (query, address) in [
        ("", "/_sandbox/"),
        ("?", "/_sandbox/?"),
        ("?tenant=qa&text=%C3%A9", "/_sandbox/?tenant=qa&text=%C3%A9"),
    ] {
        for method in ["GET", "HEAD"] {
            let first = format!("{method} /_sandbox{query} HTTP/1.1");
            let answer = send(app.sandbox.address(), &first, &["Host: localhost"]);
            let found = (answer.status, answer.header("location"), answer.header("cache-control"));
            assert_eq!(found, (308, Some(address), Some("no-store")), "{first}");
            assert_eq!(answer.body, "");
        }
    }
    assert_eq!(get(&app, SHORT_PATH, &BY_LINK).status, 308);
}

#[test]
fn another_host_origin_or_site_gets_nothing() {
    let app = App::start();
    for path in paths().chain([SHORT_PATH]) {
        for (status, headers) in [
            (421, &["Host: evil.com"][..]),
            (421, &["Host: localhost.evil.com"]),
            (421, &["Host: 0.0.0.0"]),
            (421, &["Host: localhost", "Host: evil.com"]),
            (421, &[]),
            (403, &["Host: localhost", "Origin: http://evil.com"]),
            (403, &["Host: localhost", "Origin: null"]),
            (403, &["Host: localhost", "Sec-Fetch-Site: cross-site"]),
            (
                403,
                &[
                    "Host: localhost",
                    "Sec-Fetch-Site: same-site",
                    "Sec-Fetch-Mode: no-cors",
                    "Sec-Fetch-Dest: script",
                ],
            ),
            (
                403,
                &[
                    "Host: localhost",
                    "Sec-Fetch-Site: cross-site",
                    "Sec-Fetch-Mode: navigate",
                    "Sec-Fetch-Dest: iframe",
                ],
            ),
            (
                403,
                &[
                    "Host: localhost",
                    "Sec-Fetch-Site: cross-site",
                    "Sec-Fetch-Mode: navigate",
                    "Sec-Fetch-Dest: object",
                ],
            ),
            (
                403,
                &[
                    "Host: localhost",
                    "Sec-Fetch-Site: cross-site",
                    "Sec-Fetch-Mode: navigate",
                    "Sec-Fetch-Dest: document",
                    "Sec-Fetch-Dest: iframe",
                ],
            ),
            (
                403,
                &[
                    "Host: localhost",
                    "Sec-Fetch-Site: cross-site",
                    "Sec-Fetch-Mode: cors",
                    "Sec-Fetch-Dest: document",
                ],
            ),
            (
                421,
                &[
                    "Host: evil.com",
                    "Sec-Fetch-Site: cross-site",
                    "Sec-Fetch-Mode: navigate",
                    "Sec-Fetch-Dest: document",
                ],
            ),
            (
                403,
                &[
                    "Host: localhost",
                    "Origin: http://evil.com",
                    "Sec-Fetch-Site: cross-site",
                    "Sec-Fetch-Mode: navigate",
                    "Sec-Fetch-Dest: document",
                ],
            ),
        ] {
            let answer = get(&app, path, headers);
            assert_eq!(answer.status, status, "{path} {headers:?}: {}", answer.body);
        }
    }
}

#[test]
fn a_link_of_another_site_leads_to_the_page_and_to_nothing_else() {
    let app = App::start();
    assert_eq!(get(&app, PATH, &BY_LINK).status, 200);
    for path in paths().skip(1).chain(["/_sandbox/v1/status", "/_sandbox/nowhere"]) {
        assert_eq!(get(&app, path, &BY_LINK).status, 403, "{path}");
    }
    let post = send(app.sandbox.address(), &format!("POST {PATH} HTTP/1.1"), &BY_LINK);
    assert_eq!(post.status, 403, "a form of another site");
}

#[test]
fn page_and_files_need_no_admin_token_but_what_they_read_does() {
    let app = with(Access { token: Some("s3cret".into()), ..Access::default() });
    for path in paths() {
        assert_eq!(get(&app, path, &["Host: localhost"]).status, 200, "{path}");
        assert_eq!(get(&app, path, &["Host: evil.com"]).status, 421, "{path}");
        // a browser never sends the token here, so that it cannot lift the check of the host
        let with_token = ["Host: evil.com", "Authorization: Bearer s3cret"];
        assert_eq!(get(&app, path, &with_token).status, 421, "{path}");
    }
    for path in ["/_sandbox/v1/status", "/_sandbox/console/", "/_sandbox/console/nothing.js"] {
        assert_eq!(get(&app, path, &["Host: localhost"]).status, 401, "{path}");
    }
}

#[test]
fn those_to_whom_the_own_api_is_closed_get_no_console_and_no_link_to_it() {
    let closed = |answer: &Answer| assert_problem(answer, 404, "Not Found", "not found", None);
    let link = format!("<a href=\"{PATH}\">");
    let off = with(Access { mode: Mode::Off, ..Access::default() });
    let loopback = App::start();
    let by_proxy = ["Host: localhost", "X-Forwarded-For: 192.0.2.1"];
    for path in paths() {
        closed(&get(&off, path, &["Host: localhost"]));
        closed(&get(&loopback, path, &by_proxy));
    }
    assert!(get(&loopback, "/", &["Host: localhost"]).body.contains(&link));
    assert!(!get(&loopback, "/", &by_proxy).body.contains(&link));
    assert!(!get(&off, "/", &["Host: localhost"]).body.contains(&link));
}

#[test]
fn the_log_says_at_the_start_where_the_console_is() {
    let process = Process::start(&[]);
    let line = format!("console at http://{}{PATH}", process.address);
    assert!(process.stop().stderr.contains(&line));
    let off = Process::start(&["--admin", "off"]);
    assert!(!off.stop().stderr.contains("console at"));
}

#[test]
fn a_path_beside_the_page_is_answered_with_its_address() {
    let app = App::start();
    let answer = get(&app, "/_sandbox//", &["Host: localhost"]);
    let detail = "unknown path \"/_sandbox//\"; did you mean /_sandbox/?";
    assert_problem(&answer, 404, "Not Found", detail, None);
    for path in
        ["/_sandbox/console/../app.js", "/_sandbox/console/%61pp.js", "/_sandbox/index.html"]
    {
        assert_eq!(get(&app, path, &["Host: localhost"]).status, 404, "{path}");
    }
}

#[test]
fn a_scenario_file_is_checked_without_being_kept() {
    let app = App::start();
    let address = app.sandbox.address();
    let check = |name: &str, text: &str| {
        let path = format!("/_sandbox/v1/scenarios/{name}");
        app.send("POST", &path, &[("Content-Type", "application/yaml")], text.as_bytes())
    };
    let good = "version: 1\nname: tried\nrules:\n  - id: a\n    do: { outcome: 5026 }\n";
    let answer = check("tried", good);
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!((&answer.json()["name"], &answer.json()["rules"]), (&json!("tried"), &json!(1)));
    assert_eq!(ask(address, "GET", "scenarios/tried", "").status, 404, "it was not kept");
    let uploaded = app.send(
        "PUT",
        "/_sandbox/v1/scenarios/tried",
        &[("Content-Type", "application/yaml")],
        good.as_bytes(),
    );
    assert_eq!(uploaded.json()["warnings"], answer.json()["warnings"], "as an upload is checked");
    let named = each(&list(&read(address, "scenarios"), "scenarios"), "uploaded");
    assert_eq!(named.iter().filter(|uploaded| **uploaded == json!(true)).count(), 1);
    for (name, text) in [
        ("other", good),
        ("tried", "version: 1\nrules:\n  - id: a\n    do: { outcom: 500 }\n"),
        ("tried", "{"),
    ] {
        let put = app.send(
            "PUT",
            &format!("/_sandbox/v1/scenarios/{name}"),
            &[("Content-Type", "application/yaml")],
            text.as_bytes(),
        );
        let checked = check(name, text);
        assert_eq!(checked.status, 400, "{text}");
        assert_eq!(checked, put, "the same problem as of an upload");
    }
}
