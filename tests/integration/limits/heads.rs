//! Heads: how long, how many headers, how slow; and connections that say nothing.

use std::io::Write as _;
use std::time::{Duration, Instant};

use genuin_sandbox::{Hosts, Limits};

use super::{
    Edge, IMPATIENCE, LIVEZ, NEVER, PATIENCE, SOON, Seen, expect, guarded, problem, read_livez, see,
};
use crate::harness::{Answer, raw};

#[test]
fn a_head_that_does_not_end_is_408() {
    let on = Limits { head_time: SOON, ..Limits::default() };
    guarded(on, Limits { head_time: NEVER, ..on }, |edge| {
        let stream = edge.send(b"GET /livez HTTP/1.1\r\nHost: x\r\n");
        problem(&edge.last_answer(stream)?, 408)
    });
}

#[test]
fn a_head_that_comes_byte_by_byte_is_408_too() {
    let on = Limits { head_time: SOON, ..Limits::default() };
    guarded(on, Limits { head_time: NEVER, ..on }, |edge| {
        let mut stream = edge.connect();
        let began = Instant::now();
        let mut bytes = b"GET /livez HTTP/1.1\r\nHost: x\r\n".iter().chain([b'x'].iter().cycle());
        // every byte is progress, and yet the time is that of the whole head
        while began.elapsed() < SOON * 3 {
            if stream.write_all(&[*bytes.next().unwrap()]).is_err() {
                break;
            }
            std::thread::yield_now();
            let pause = Instant::now();
            while pause.elapsed() < Duration::from_millis(5) {
                std::thread::yield_now();
            }
        }
        problem(&edge.last_answer(stream)?, 408)
    });
}

#[test]
fn a_second_head_on_a_kept_connection_has_the_time_of_a_head() {
    let on = Limits { head_time: SOON, ..Limits::default() };
    guarded(on, Limits { head_time: NEVER, ..on }, |edge| {
        let mut stream = edge.send(LIVEZ);
        read_livez(&mut stream)?;
        stream.write_all(b"GET /li").unwrap();
        problem(&edge.last_answer(stream)?, 408)
    });
}

#[test]
fn a_connection_that_never_spoke_is_closed_without_a_byte() {
    let on = Limits { head_time: SOON, ..Limits::default() };
    guarded(on, Limits { head_time: NEVER, ..on }, |edge| {
        expect("seen", &edge.see(edge.connect()), &Seen::Closed(vec![]))
    });
}

#[test]
fn a_connection_that_is_idle_between_calls_is_closed_without_a_byte() {
    let on = Limits { idle_time: SOON, ..Limits::default() };
    guarded(on, Limits { idle_time: NEVER, ..on }, |edge| {
        let mut stream = edge.send(LIVEZ);
        read_livez(&mut stream)?;
        expect("seen", &edge.see(stream), &Seen::Closed(vec![]))
    });
}

#[test]
fn the_time_of_a_head_is_not_that_of_an_idle_connection() {
    let edge = Edge::new(Limits { head_time: SOON, ..Limits::default() }, PATIENCE);
    let mut stream = edge.send(LIVEZ);
    read_livez(&mut stream).unwrap();
    assert_eq!(see(stream.try_clone().unwrap(), IMPATIENCE), Seen::Open(vec![]));
    stream.write_all(LIVEZ).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    read_livez(&mut stream).unwrap();
}

#[test]
fn an_answer_may_take_longer_than_any_of_these() {
    let short = Limits { head_time: SOON, idle_time: SOON, body_pause: SOON, ..Limits::default() };
    let edge = Edge::new(Limits { body_time: SOON, ..short }, PATIENCE);
    let call = crate::scenarios::Call::new().header("ok+700ms");
    let answer = call.send(&edge.app);
    assert_eq!(answer.status, 200);
}

#[test]
fn a_head_has_at_most_100_headers() {
    let on = Limits::default();
    let status = |edge: &Edge, headers: usize| {
        let more: Vec<_> = (3..=headers).map(|number| format!("x-{number}: y\r\n")).collect();
        let more = more.concat();
        let request = format!("GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{more}\r\n");
        edge.last_answer(edge.send(request.as_bytes())).map(|answer| answer.status)
    };
    guarded(on, Limits { headers: 1000, ..on }, |edge| {
        expect("100 headers", &status(edge, 100)?, &200)?;
        expect("101 headers", &status(edge, 101)?, &431)
    });
}

#[test]
fn a_head_has_at_most_16_kib() {
    let on = Limits::default();
    let status = |edge: &Edge, length: usize| {
        let rest = "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\nx: \r\n\r\n".len();
        let value = "y".repeat(length - rest);
        let request =
            format!("GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\nx: {value}\r\n\r\n");
        edge.last_answer(edge.send(request.as_bytes())).map(|answer| answer.status)
    };
    guarded(on, Limits { head_bytes: 1024 * 1024, ..on }, |edge| {
        expect("nearly 16 KiB", &status(edge, 16_000)?, &200)?;
        expect("more than 16 KiB", &status(edge, 17_000)?, &431)
    });
}

#[test]
fn a_request_has_exactly_one_well_formed_host() {
    let on = Limits::default();
    guarded(on, Limits { hosts: Hosts::Any, ..on }, |edge| {
        let ask = |host: &str| {
            let request = format!("GET /livez HTTP/1.1\r\n{host}Connection: close\r\n\r\n");
            edge.last_answer(edge.send(request.as_bytes()))
        };
        for host in ["localhost", "my_sandbox:4368", "127.0.0.1:1", "[::1]:4368", "example.com"] {
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
            "Host: [::1\r\n",
            "Host: a/b\r\n",
        ] {
            problem(&ask(host)?, 400).map_err(|why| format!("{host:?}: {why}"))?;
        }
        Ok(())
    });
}

#[test]
fn only_an_old_client_goes_without_a_host() {
    let edge = Edge::new(Limits::default(), PATIENCE);
    let answer = raw(edge.app.sandbox.address(), b"GET /livez HTTP/1.0\r\n\r\n");
    assert_eq!(Answer::parse(&answer).status, 200);
}
