//! To whom the API is closed: other machines, and what a proxy passes on.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use genuin_sandbox::internals::admin::{Access, Mode};
use socket2::{Domain, Socket, Type};

use super::assert_problem;
use super::guards::{JSON, all_requests, send, with};
use crate::harness::{Answer, App};
use crate::process::{Process, run};
use crate::scenarios::{Call, ending};

const STATUS: &str = "GET /_sandbox/v1/status HTTP/1.1";

/// What proxies add to a request, or leave of its version.
const PASSED_ON: [(&str, &str); 9] = [
    ("1.1", "Forwarded: for=192.0.2.1"),
    ("1.1", "X-Forwarded-For: 192.0.2.1"),
    ("1.1", "x-forwarded-proto: https"),
    ("1.1", "X-Forwarded-Client-Cert: By=spiffe://x"),
    ("1.1", "X-Real-IP: 192.0.2.1"),
    ("1.1", "X-Envoy-Attempt-Count: 1"),
    ("1.1", "Via: 1.1 varnish"),
    ("1.1", "Via:"),
    // a bare `proxy_pass` of nginx sets no header
    ("1.0", "Accept: */*"),
];

/// Sends a request from another address of the loopback.
fn send_from(source: Ipv4Addr, address: SocketAddr, request: &str) -> Answer {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from((source, 0)).into()).unwrap();
    socket.connect(&address.into()).unwrap();
    let mut stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    Answer::parse(&answer)
}

#[test]
fn what_a_proxy_passes_on_gets_404_on_every_route() {
    let app = App::start();
    let address = app.sandbox.address();
    for (version, header) in PASSED_ON {
        let head = ["Host: localhost", JSON, header];
        for (method, path) in all_requests() {
            for method in [&*method, "HEAD", "OPTIONS"] {
                let answer = send(address, &format!("{method} {path} HTTP/{version}"), &head);
                assert_eq!(answer.status, 404, "{method} {path} {version} {header}");
            }
        }
        let answer = send(address, &format!("GET /_sandbox/v1/status HTTP/{version}"), &head);
        assert_problem(&answer, 404, "Not Found", "not found", None);
        for path in ["/livez", "/readyz", "/healthz"] {
            let answer = send(address, &format!("GET {path} HTTP/{version}"), &head);
            assert_eq!((answer.status, &*answer.body), (200, "ok"), "{path} {version} {header}");
        }
    }
    let call = Call::new().send_to(address);
    assert_eq!(call.status, 200);
}

#[test]
fn loopback_is_no_other_address_than_127_0_0_1() {
    let app = App::start();
    let address = app.sandbox.address();
    let request = format!("{STATUS}\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    for source in [Ipv4Addr::new(127, 0, 0, 6), Ipv4Addr::new(127, 1, 2, 3)] {
        let answer = send_from(source, address, &request);
        assert_problem(&answer, 404, "Not Found", "not found", None);
        let health = "GET /livez HTTP/1.0\r\n\r\n";
        assert_eq!(send_from(source, address, health).status, 200, "health is open to all");
    }
    assert_eq!(send_from(Ipv4Addr::LOCALHOST, address, &request).status, 200);
}

#[test]
fn with_a_token_or_with_open_a_proxy_may_pass_requests_on() {
    let token = "Authorization: Bearer s3cret";
    let with_token = with(Access { token: Some("s3cret".into()), ..Access::default() });
    let open = with(Access { mode: Mode::Open, ..Access::default() });
    for (app, header) in [(with_token, token), (open, "Accept: */*")] {
        for (version, passed_on) in PASSED_ON {
            let first = format!("GET /_sandbox/v1/status HTTP/{version}");
            let headers = ["Host: localhost", passed_on, header];
            let answer = send(app.sandbox.address(), &first, &headers);
            assert_eq!(answer.status, 200, "{version} {passed_on}: {}", answer.body);
        }
        let request =
            format!("{STATUS}\r\nHost: localhost\r\n{header}\r\nConnection: close\r\n\r\n");
        let answer = send_from(Ipv4Addr::new(127, 0, 0, 6), app.sandbox.address(), &request);
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

#[test]
fn with_admin_off_every_route_is_404_and_the_vendor_answers() {
    let process = Process::start(&["--admin", "off"]);
    for (method, path) in all_requests() {
        let answer =
            send(process.address, &format!("{method} {path} HTTP/1.1"), &["Host: localhost", JSON]);
        assert_problem(&answer, 404, "Not Found", "not found", None);
    }
    assert_eq!(ending(&Call::new().send_to(process.address)), "ok");
    let app = with(Access { mode: Mode::Off, token: Some("t".into()), ..Access::default() });
    let headers = ["Host: localhost", "Authorization: Bearer t"];
    let answer = send(app.sandbox.address(), "GET /_sandbox/v1/status HTTP/1.1", &headers);
    assert_problem(&answer, 404, "Not Found", "not found", None);
}

#[test]
fn the_log_says_once_why_the_api_is_closed_and_what_opens_it() {
    let process = Process::start(&[]);
    for _ in 0..3 {
        for (version, header) in PASSED_ON {
            let first = format!("GET /_sandbox/v1/status HTTP/{version}");
            send(process.address, &first, &["Host: localhost", header]);
        }
    }
    let request = format!("{STATUS}\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    for last in 6..9 {
        send_from(Ipv4Addr::new(127, 0, 0, last), process.address, &request);
    }
    let log = process.stop().stderr;
    let open = "; open it with --admin-token or --admin open (logged once a minute)\n";
    for reason in [
        "the own API is closed to proxies, and one set the header \"forwarded\"",
        "the own API is closed to proxies, and HTTP/1.0 is what nginx speaks as one",
        "the own API is closed to 127.0.0.6, which is neither 127.0.0.1 nor ::1",
    ] {
        let line = format!("refused \"GET\" \"/_sandbox/v1/status\": {reason}{open}");
        assert_eq!(log.matches(&line).count(), 1, "{line}{log}");
    }
    assert_eq!(log.matches("refused").count(), 3, "{log}");
}

#[test]
fn a_command_to_which_the_api_is_closed_says_what_opens_it() {
    let process = Process::start(&["--admin", "off"]);
    let url = format!("http://{}", process.address);
    for arguments in [&["requests"][..], &["reset"], &["override", "clear"], &["verify"]] {
        let end = run(&[arguments, &["--url", &url]].concat(), &[]);
        let expected = format!(
            "error: not found; the own API of the sandbox at {url} may be closed to this command: start \
             the sandbox with --admin-token (and give the token here too) or with --admin open\n"
        );
        assert_eq!((end.code, end.stderr), (Some(2), expected), "{arguments:?}");
    }
    let line =
        "the own API is off; open it with --admin open, or to this machine with --admin loopback";
    let log = process.stop().stderr;
    assert_eq!(log.matches(line).count(), 1, "{log}");
}
