//! Bodies: how long and how slow; and answers that come before the request was read.

use std::io::Write as _;
use std::time::Instant;

use genuin_sandbox::Limits;

use super::{Edge, NEVER, SOON, expect, guarded, problem};
use crate::harness::{CREATE, EXAMPLE};

fn head(framing: &str) -> String {
    format!(
        "POST {CREATE} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer gnsb_demo\r\n\
         Content-Type: application/json\r\n{framing}\r\n"
    )
}

/// The request with spaces behind it, so that it has this length.
fn padded(length: usize) -> String {
    format!("{EXAMPLE}{}", " ".repeat(length - EXAMPLE.len()))
}

fn announced(body: &str) -> Vec<u8> {
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
    guarded(on, Limits { body_bytes: usize::MAX, ..on }, |edge| {
        let ask = |length| edge.last_answer(edge.send(&announced(&padded(length))));
        expect("1 MiB", &ask(1_048_576)?.status, &200)?;
        let answer = ask(1_048_577)?;
        problem(&answer, 413)?;
        expect("says how much", &answer.body.contains("1 MiB"), &true)
    });
}

#[test]
fn a_chunked_body_is_counted_too() {
    let on = Limits::default();
    guarded(on, Limits { body_bytes: usize::MAX, ..on }, |edge| {
        let ask = |length| edge.last_answer(edge.send(&chunked(&padded(length))));
        expect("1 MiB", &ask(1_048_576)?.status, &200)?;
        problem(&ask(1_048_577)?, 413)
    });
}

#[test]
fn a_body_that_is_announced_too_long_is_413_before_it_comes() {
    let on = Limits::default();
    guarded(on, Limits { body_bytes: usize::MAX, ..on }, |edge| {
        let request = head("Content-Length: 99999999\r\nExpect: 100-continue\r\n");
        problem(&edge.last_answer(edge.send(request.as_bytes()))?, 413)
    });
}

#[test]
fn a_client_that_sends_all_of_it_first_still_reads_the_413() {
    let on = Limits::default();
    guarded(on, Limits { linger_bytes: 0, ..on }, |edge| {
        let mut stream = edge.connect();
        // so that what is sent needs somebody who reads it
        socket2::SockRef::from(&stream).set_send_buffer_size(16 * 1024).unwrap();
        stream.write_all(head("Content-Length: 1900000\r\n").as_bytes()).unwrap();
        stream.write_all(&vec![b' '; 900_000]).map_err(|error| error.to_string())?;
        problem(&edge.last_answer(stream)?, 413)
    });
}

#[test]
fn a_body_that_pauses_is_408() {
    let on = Limits { body_pause: SOON, ..Limits::default() };
    guarded(on, Limits { body_pause: NEVER, ..on }, |edge| {
        for framing in ["Content-Length: 10\r\n", "Transfer-Encoding: chunked\r\n"] {
            let stream = edge.send(format!("{}5\r\n[", head(framing)).as_bytes());
            problem(&edge.last_answer(stream)?, 408)?;
        }
        Ok(())
    });
}

#[test]
fn a_body_that_never_pauses_and_never_ends_is_408() {
    let on = Limits { body_time: SOON, ..Limits::default() };
    guarded(on, Limits { body_time: NEVER, ..on }, |edge| {
        let mut stream = edge.send(head("Content-Length: 1000000\r\n").as_bytes());
        let began = Instant::now();
        while began.elapsed() < SOON * 3 && stream.write_all(b" ").is_ok() {
            std::thread::yield_now();
        }
        problem(&edge.last_answer(stream)?, 408)
    });
}

#[test]
fn a_client_that_waits_to_be_told_is_told_to_go_on() {
    let edge = Edge::new(Limits::default(), super::PATIENCE);
    let framing = format!(
        "Content-Length: {}\r\nExpect: 100-continue\r\nConnection: close\r\n",
        EXAMPLE.len()
    );
    let mut stream = edge.send(head(&framing).as_bytes());
    let mut first = [0; 25];
    std::io::Read::read_exact(&mut stream, &mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(EXAMPLE.as_bytes()).unwrap();
    assert_eq!(edge.last_answer(stream).unwrap().status, 200);
}
