//! Limits on request bodies, and answers that come before a body was read in full.

use std::io::Write as _;
use std::time::{Duration, Instant};

use genuin_sandbox::Limits;
use serde_json::json;

use super::{MUST_HAPPEN, NEVER, SHORT, Server, check_limit, expect, expect_problem};
use crate::harness::{CREATE, EXAMPLE};

fn head(framing: &str) -> String {
    format!(
        "POST {CREATE} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer gnsb_demo\r\n\
         Content-Type: application/json\r\n{framing}\r\n"
    )
}

/// The example request, padded with spaces to this length.
fn padded(length: usize) -> String {
    format!("{EXAMPLE}{}", " ".repeat(length - EXAMPLE.len()))
}

fn with_content_length(body: &str) -> Vec<u8> {
    let framing = format!("Content-Length: {}\r\nConnection: close\r\n", body.len());
    format!("{}{body}", head(&framing)).into_bytes()
}

fn chunked(body: &str) -> Vec<u8> {
    let head = head("Transfer-Encoding: chunked\r\nConnection: close\r\n");
    format!("{head}{:x}\r\n{body}\r\n0\r\n\r\n", body.len()).into_bytes()
}

#[test]
fn a_body_of_1_mib_is_read_and_a_longer_one_is_413() {
    let on = Limits::default();
    check_limit(on, Limits { body_bytes: usize::MAX, ..on }, |server| {
        let ask = |length| server.last_answer(server.send(&with_content_length(&padded(length))));
        expect("1 MiB", &ask(1_048_576)?.status, &200)?;
        let answer = ask(1_048_577)?;
        expect_problem(&answer, 413)?;
        expect("names the limit", &answer.body.contains("1 MiB"), &true)
    });
}

#[test]
fn a_chunked_body_longer_than_1_mib_is_413() {
    let on = Limits::default();
    check_limit(on, Limits { body_bytes: usize::MAX, ..on }, |server| {
        let ask = |length| server.last_answer(server.send(&chunked(&padded(length))));
        expect("1 MiB", &ask(1_048_576)?.status, &200)?;
        expect_problem(&ask(1_048_577)?, 413)
    });
}

#[test]
fn a_content_length_over_1_mib_is_413_before_the_body_is_sent() {
    let on = Limits::default();
    check_limit(on, Limits { body_bytes: usize::MAX, ..on }, |server| {
        let request = head("Content-Length: 99999999\r\nExpect: 100-continue\r\n");
        expect_problem(&server.last_answer(server.send(request.as_bytes()))?, 413)
    });
}

/// A body far longer than the limit, as many clients send it: whole, before they read anything.
#[test]
fn a_client_that_sends_its_whole_body_first_can_read_the_413() {
    const BODY_BYTES: usize = 8 * 1024 * 1024;
    let on = Limits::default();
    let with_length = head(&format!("Content-Length: {BODY_BYTES}\r\n")).into_bytes();
    let chunked = head("Transfer-Encoding: chunked\r\n").into_bytes();
    let chunk = [b"4000\r\n", &[b' '; 0x4000][..], b"\r\n"].concat();
    let chunks = [chunk.repeat(BODY_BYTES / 0x4000).as_slice(), b"0\r\n\r\n"].concat();
    for (head, body) in [(with_length, vec![b' '; BODY_BYTES]), (chunked, chunks)] {
        for off in [
            Limits { linger_bytes: 0, ..on },
            Limits { linger_bytes: 1024 * 1024, ..on },
            Limits { linger_time: Duration::ZERO, ..on },
        ] {
            check_limit(on, off, |server| {
                let mut stream = server.connect();
                // so that the write ends only if the server reads
                socket2::SockRef::from(&stream).set_send_buffer_size(16 * 1024).unwrap();
                stream.write_all(&head).unwrap();
                stream.write_all(&body).map_err(|error| error.to_string())?;
                expect_problem(&server.last_answer(stream)?, 413)
            });
        }
    }
}

/// It got no `100 Continue`, but need not have waited for it.
#[test]
fn a_client_that_expects_100_continue_but_sends_its_body_can_read_the_413() {
    let on = Limits::default();
    check_limit(on, Limits { linger_bytes: 1024 * 1024, ..on }, |server| {
        let length = 8 * 1024 * 1024;
        let framing = format!("Content-Length: {length}\r\nExpect: 100-continue\r\n");
        let mut stream = server.connect();
        socket2::SockRef::from(&stream).set_send_buffer_size(16 * 1024).unwrap();
        stream.write_all(head(&framing).as_bytes()).unwrap();
        stream.write_all(&vec![b' '; length]).map_err(|error| error.to_string())?;
        expect_problem(&server.last_answer(stream)?, 413)
    });
}

#[test]
fn a_client_that_goes_on_sending_after_its_answer_is_cut_off() {
    let on = Limits { linger_bytes: 1024 * 1024, ..Limits::default() };
    check_limit(on, Limits { linger_bytes: usize::MAX, ..on }, |server| {
        let mut stream = server.connect();
        stream.write_all(head("Content-Length: 99999999999\r\n").as_bytes()).unwrap();
        stream.set_write_timeout(Some(server.wait)).unwrap();
        let began = Instant::now();
        while began.elapsed() < server.wait {
            if stream.write_all(&[b' '; 16 * 1024]).is_err() {
                return Ok(());
            }
        }
        Err("it was never cut off".into())
    });
}

/// Such a connection could be held for nothing.
#[test]
fn a_refused_request_without_a_body_is_closed_at_once() {
    let server = Server::new(Limits { linger_time: NEVER, ..Limits::default() }, MUST_HAPPEN);
    let mut stream = server.send(b"GET /livez HTTP/1.1\r\nHost: a b\r\n\r\n");
    let answer = server.last_answer(stream.try_clone().unwrap()).unwrap();
    expect_problem(&answer, 400).unwrap();
    let began = Instant::now();
    while stream.write_all(b"x").is_ok() {
        assert!(began.elapsed() < MUST_HAPPEN, "the connection is still open");
        std::thread::yield_now();
    }
}

#[test]
fn a_pause_in_a_body_is_408() {
    let on = Limits { body_pause: SHORT, ..Limits::default() };
    check_limit(on, Limits { body_pause: NEVER, ..on }, |server| {
        for framing in ["Content-Length: 10\r\n", "Transfer-Encoding: chunked\r\n"] {
            let stream = server.send(format!("{}5\r\n[", head(framing)).as_bytes());
            expect_problem(&server.last_answer(stream)?, 408)?;
        }
        Ok(())
    });
}

#[test]
fn a_slow_body_is_408() {
    let on = Limits { body_time: SHORT, ..Limits::default() };
    check_limit(on, Limits { body_time: NEVER, ..on }, |server| {
        let mut stream = server.send(head("Content-Length: 1000000\r\n").as_bytes());
        let began = Instant::now();
        while began.elapsed() < SHORT * 3 && stream.write_all(b" ").is_ok() {
            std::thread::yield_now();
        }
        expect_problem(&server.last_answer(stream)?, 408)
    });
}

#[test]
fn a_body_that_comes_too_late_is_in_the_journal_of_its_tenant() {
    for limits in [
        Limits { body_pause: SHORT, ..Limits::default() },
        Limits { body_time: SHORT, ..Limits::default() },
    ] {
        let server = Server::new(limits, MUST_HAPPEN);
        let stream = server.send(head("Content-Length: 10\r\n").as_bytes());
        expect_problem(&server.last_answer(stream).unwrap(), 408).unwrap();
        let page = server.app.send("GET", "/_sandbox/v1/tenants/demo/requests", &[], b"").json();
        let entry = &page["requests"][0];
        let facts = ["endpoint", "status", "outcome", "body_bytes", "path"].map(|key| &entry[key]);
        assert_eq!(json!(facts), json!([null, 408, "request-timeout", 10, CREATE]));
    }
}

#[test]
fn a_client_that_expects_100_continue_gets_it() {
    let server = Server::new(Limits::default(), MUST_HAPPEN);
    let framing = format!(
        "Content-Length: {}\r\nExpect: 100-continue\r\nConnection: close\r\n",
        EXAMPLE.len()
    );
    let mut stream = server.send(head(&framing).as_bytes());
    let mut first = [0; 25];
    std::io::Read::read_exact(&mut stream, &mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(EXAMPLE.as_bytes()).unwrap();
    assert_eq!(server.last_answer(stream).unwrap().status, 200);
}
