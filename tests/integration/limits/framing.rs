//! Requests with ambiguous framing, as used for request smuggling: they are refused, and what follows
//! them is never answered.

use genuin_sandbox::Limits;

use super::{MUST_HAPPEN, Received, Server, expect};

/// A second request that an attacker hides behind the first.
const SMUGGLED: &str = "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n";

/// Each is answered 400 or not at all, and the connection is closed.
#[test]
fn a_request_with_bad_framing_is_refused_and_nothing_after_it_is_answered() {
    let server = Server::new(Limits::default(), MUST_HAPPEN);
    for (reason, lines) in [
        ("two lengths", "Content-Length: 0\r\nContent-Length: 5\r\n\r\n"),
        ("two lengths in one", "Content-Length: 0, 5\r\n\r\n"),
        ("a negative length", "Content-Length: -1\r\n\r\n"),
        ("a signed length", "Content-Length: +0\r\n\r\n"),
        ("a length in hex", "Content-Length: 0x0\r\n\r\n"),
        ("no length", "Content-Length: \r\n\r\n"),
        ("a length past 64 bits", "Content-Length: 99999999999999999999\r\n\r\n"),
        ("an unknown coding", "Transfer-Encoding: gzip\r\n\r\n"),
        ("chunked is not last", "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"),
        ("a coding that looks like chunked", "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
        ("chunked twice", "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
        (
            "chunked on two lines",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n",
        ),
        (
            "chunked around another",
            "Transfer-Encoding: chunked, gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ),
        (
            "chunked after chunked with a parameter",
            "Transfer-Encoding: CHUNKED;x=1,\tchunked\r\n\r\n0\r\n\r\n",
        ),
        ("chunked before nothing", "Transfer-Encoding: chunked,\r\n\r\n0\r\n\r\n"),
        ("chunked with a parameter", "Transfer-Encoding: chunked;x=1\r\n\r\n0\r\n\r\n"),
        ("identity", "Transfer-Encoding: identity\r\n\r\n"),
        ("an empty coding", "Transfer-Encoding: \r\n\r\n"),
        ("a length twice in one", "Content-Length: 0, 0\r\n\r\n"),
        (
            "a length twice in one, and chunked",
            "Content-Length: 0, 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ),
        ("a space before the colon", "Content-Length : 0\r\n\r\n"),
        ("a folded line", "Content-Length:\r\n 0\r\n\r\n"),
        ("a bare carriage return", "x: a\rContent-Length: 0\r\n\r\n"),
        ("a null", "x: a\0b\r\n\r\n"),
        ("a line without a colon", "Content-Length\r\n\r\n"),
        ("an empty name", ": x\r\n\r\n"),
        ("a chunk size that is not a number", "Transfer-Encoding: chunked\r\n\r\nx\r\n\r\n"),
        ("a chunk size too large", "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n"),
        ("a chunk longer than its size", "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n"),
        ("a chunk size with a sign", "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n"),
    ] {
        let request = format!("POST /livez HTTP/1.1\r\nHost: x\r\n{lines}{SMUGGLED}");
        let received = server.receive(server.send(request.as_bytes()));
        let Received::Closed(bytes) = &received else { panic!("{reason}: {received:?}") };
        let text = String::from_utf8_lossy(bytes);
        let answers = text.matches("HTTP/1.1 ").count();
        assert!(answers <= 1, "{reason}: {text}");
        assert!(answers == 0 || text.starts_with("HTTP/1.1 400 "), "{reason}: {text}");
        assert!(answers == 0 || text.contains("\r\nconnection: close\r\n"), "{reason}: {text}");
    }
}

/// The coding counts (RFC 9112, 6.3).
#[test]
fn a_request_with_both_length_and_coding_is_the_last_of_its_connection() {
    let server = Server::new(Limits::default(), MUST_HAPPEN);
    for length in [0, 5, 100] {
        let request = format!(
            "POST /zzz HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\
             Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n{SMUGGLED}"
        );
        let answer = server.last_answer(server.send(request.as_bytes())).unwrap();
        assert_eq!(answer.status, 404, "{length}");
    }
}

#[test]
fn bytes_that_are_not_http_1_are_refused() {
    let server = Server::new(Limits::default(), MUST_HAPPEN);
    for (reason, bytes) in [
        ("a greeting", "hello\r\n\r\n".as_bytes()),
        ("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        ("a version of the future", b"GET /livez HTTP/3.0\r\nHost: x\r\n\r\n"),
        ("no version", b"GET /livez\r\n\r\n"),
        ("two spaces", b"GET  /livez HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("a path with a space", b"GET /li vez HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("bytes", &[0x80, 0xff, 0x00, b'\r', b'\n', b'\r', b'\n']),
    ] {
        let received = server.receive(server.send(bytes));
        let Received::Closed(bytes) = &received else { panic!("{reason}: {received:?}") };
        let text = String::from_utf8_lossy(bytes);
        assert!(text.is_empty() || text.starts_with("HTTP/1.1 400 "), "{reason}: {text}");
    }
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let server = Server::new(Limits::default(), MUST_HAPPEN);
    let last = "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let received = server.receive(server.send(format!("{}{last}", SMUGGLED.repeat(40)).as_bytes()));
    let Received::Closed(bytes) = received else { panic!("{received:?}") };
    let text = String::from_utf8(bytes).unwrap();
    expect("answers", &text.matches("HTTP/1.1 200 OK\r\n").count(), &41).unwrap();
}
