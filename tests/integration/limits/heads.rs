//! Limits on request heads, and on connections without a request.

use std::io::Write as _;
use std::time::{Duration, Instant};

use genuin_sandbox::{HostCheck, Limits};

use super::{
    LIVEZ, MUST_HAPPEN, MUST_NOT_HAPPEN, NEVER, Received, SHORT, Server, check_limit, expect,
    expect_problem, read_livez, receive,
};
use crate::harness::{Answer, raw};

#[test]
fn an_incomplete_head_is_408() {
    let on = Limits { head_time: SHORT, ..Limits::default() };
    check_limit(on, Limits { head_time: NEVER, ..on }, |server| {
        let stream = server.send(b"GET /livez HTTP/1.1\r\nHost: x\r\n");
        expect_problem(&server.last_answer(stream)?, 408)
    });
}

#[test]
fn a_slow_head_is_408() {
    let on = Limits { head_time: SHORT, ..Limits::default() };
    check_limit(on, Limits { head_time: NEVER, ..on }, |server| {
        let mut stream = server.connect();
        let began = Instant::now();
        let mut bytes = b"GET /livez HTTP/1.1\r\nHost: x\r\n".iter().chain([b'x'].iter().cycle());
        // each byte is progress, but the time limit is that of the whole head
        while began.elapsed() < SHORT * 3 {
            if stream.write_all(&[*bytes.next().unwrap()]).is_err() {
                break;
            }
            std::thread::yield_now();
            let pause = Instant::now();
            while pause.elapsed() < Duration::from_millis(5) {
                std::thread::yield_now();
            }
        }
        expect_problem(&server.last_answer(stream)?, 408)
    });
}

#[test]
fn an_incomplete_second_head_is_408() {
    let on = Limits { head_time: SHORT, ..Limits::default() };
    check_limit(on, Limits { head_time: NEVER, ..on }, |server| {
        let mut stream = server.send(LIVEZ);
        read_livez(&mut stream)?;
        stream.write_all(b"GET /li").unwrap();
        expect_problem(&server.last_answer(stream)?, 408)
    });
}

#[test]
fn a_connection_without_a_request_is_closed_without_an_answer() {
    let on = Limits { head_time: SHORT, ..Limits::default() };
    check_limit(on, Limits { head_time: NEVER, ..on }, |server| {
        expect("received", &server.receive(server.connect()), &Received::Closed(vec![]))
    });
}

#[test]
fn a_connection_idle_after_a_request_is_closed_without_an_answer() {
    let on = Limits { idle_time: SHORT, ..Limits::default() };
    check_limit(on, Limits { idle_time: NEVER, ..on }, |server| {
        let mut stream = server.send(LIVEZ);
        read_livez(&mut stream)?;
        expect("received", &server.receive(stream), &Received::Closed(vec![]))
    });
}

#[test]
fn head_time_does_not_limit_idle_connections() {
    let server = Server::new(Limits { head_time: SHORT, ..Limits::default() }, MUST_HAPPEN);
    let mut stream = server.send(LIVEZ);
    read_livez(&mut stream).unwrap();
    assert_eq!(receive(stream.try_clone().unwrap(), MUST_NOT_HAPPEN), Received::Open(vec![]));
    stream.write_all(LIVEZ).unwrap();
    stream.set_read_timeout(Some(MUST_HAPPEN)).unwrap();
    read_livez(&mut stream).unwrap();
}

#[test]
fn answers_are_not_limited_in_time() {
    let short =
        Limits { head_time: SHORT, idle_time: SHORT, body_pause: SHORT, ..Limits::default() };
    let server = Server::new(Limits { body_time: SHORT, ..short }, MUST_HAPPEN);
    let call = crate::scenarios::Call::new().header("ok+700ms");
    let answer = call.send(&server.app);
    assert_eq!(answer.status, 200);
}

#[test]
fn a_head_has_at_most_100_headers() {
    let on = Limits::default();
    let status = |server: &Server, headers: usize| {
        let more: Vec<_> = (3..=headers).map(|number| format!("x-{number}: y\r\n")).collect();
        let more = more.concat();
        let request = format!("GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{more}\r\n");
        server.last_answer(server.send(request.as_bytes())).map(|answer| answer.status)
    };
    check_limit(on, Limits { headers: 1000, ..on }, |server| {
        expect("100 headers", &status(server, 100)?, &200)?;
        expect("101 headers", &status(server, 101)?, &431)
    });
}

#[test]
fn a_head_has_at_most_16_kib() {
    let on = Limits::default();
    let status = |server: &Server, length: usize| {
        let rest = "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\nx: \r\n\r\n".len();
        let value = "y".repeat(length - rest);
        let request =
            format!("GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\nx: {value}\r\n\r\n");
        server.last_answer(server.send(request.as_bytes())).map(|answer| answer.status)
    };
    check_limit(on, Limits { head_bytes: 1024 * 1024, ..on }, |server| {
        expect("less than 16 KiB", &status(server, 16_000)?, &200)?;
        expect("more than 16 KiB", &status(server, 17_000)?, &431)
    });
}

#[test]
fn a_request_has_exactly_one_well_formed_host() {
    let on = Limits::default();
    check_limit(on, Limits { host_check: HostCheck::Off, ..on }, |server| {
        let ask = |host: &str| {
            let request = format!("GET /livez HTTP/1.1\r\n{host}Connection: close\r\n\r\n");
            server.last_answer(server.send(request.as_bytes()))
        };
        for host in [
            "localhost",
            "my_sandbox:4368",
            "127.0.0.1:1",
            "[::1]:4368",
            "example.com",
            "a.example:",
            "a.example.",
            "a.example.:1",
        ] {
            expect(host, &ask(&format!("Host: {host}\r\n"))?.status, &200)?;
        }
        for host in [
            "",
            "Host: \r\n",
            "Host: a\r\nHost: a\r\n",
            "Host: a b\r\n",
            "Host: a,b\r\n",
            "Host: u@a\r\n",
            "Host: a:x\r\n",
            "Host: a:99999\r\n",
            "Host: .\r\n",
            "Host: a..\r\n",
            "Host: a..b\r\n",
            "Host: [::1\r\n",
            "Host: a/b\r\n",
        ] {
            expect_problem(&ask(host)?, 400).map_err(|why| format!("{host:?}: {why}"))?;
        }
        Ok(())
    });
}

#[test]
fn http_1_0_needs_no_host() {
    let server = Server::new(Limits::default(), MUST_HAPPEN);
    let answer = raw(server.app.sandbox.address(), b"GET /livez HTTP/1.0\r\n\r\n");
    assert_eq!(Answer::parse(&answer).status, 200);
}
