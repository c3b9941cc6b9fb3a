//! What connections hold is bounded in bytes.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::Poll;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::super::Limits;
use super::pipes::{PIECE_BYTES, PIPE_BYTES, Server, received};

const KIB: usize = 1024;

fn assert_busy((status, answer): &(u16, String)) {
    assert_eq!(*status, 503, "{answer}");
    assert!(answer.contains("\r\nretry-after: 1\r\n"), "{answer}");
    assert!(answer.contains("\r\ncontent-type: application/problem+json\r\n"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn bodies_under_way_are_refused_when_they_exceed_the_memory() {
    let server = Server::new(700 * KIB, Limits::default());
    let mut first = server.begin_body(300 * KIB, 200 * KIB).await;
    let mut second = server.begin_body(300 * KIB, 300 * KIB - 1).await;
    assert_eq!(server.memory.used_bytes(), 600 * KIB, "each has taken what it may become");
    let mut third = server.begin_body(300 * KIB, 200 * KIB).await;
    let answer = received(&server, &mut third).await;
    assert_busy(&answer);
    assert!(answer.1.contains("\r\nconnection: close\r\n"), "{}", answer.1);
    assert!(answer.1.contains("(700 KiB); try again in a second, or raise --max-memory"));
    assert_eq!(server.memory.used_bytes(), 600 * KIB);
    // what is small, or only announced, needs none of it
    let mut small = server.begin_body(1000, 1000).await;
    assert_eq!(received(&server, &mut small).await.0, 200);
    let announced = server.begin_body(1024 * KIB, 3 * KIB).await;
    assert_eq!(server.memory.used_bytes(), 600 * KIB);
    second.write_all(b"y").await.unwrap();
    first.write_all(&vec![b'y'; 100 * KIB]).await.unwrap();
    for client in [&mut first, &mut second] {
        let (_, answer) = received(&server, client).await;
        assert!(answer.ends_with(&format!("\r\n\r\n{}", 300 * KIB)), "{answer}");
    }
    assert_eq!(server.memory.used_bytes(), 0);
    drop(announced);
}

/// A chunked body does not say how long it becomes.
#[tokio::test(start_paused = true)]
async fn what_chunked_bodies_take_is_bounded_too() {
    let chunk = [&b"4000\r\n"[..], &[b'y'; 0x4000], b"\r\n"].concat();
    let head = b"POST /length/0 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (memory_bytes, status) in [(200 * KIB, 503), (usize::MAX, 200)] {
        let server = Server::new(memory_bytes, Limits::default());
        let body = [&head[..], &chunk.repeat(20), b"0\r\n\r\n"].concat();
        let mut client = server.send(&body).await;
        assert_eq!(received(&server, &mut client).await.0, status);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_takes_memory_from_when_it_is_made_until_it_is_written() {
    for kind in ["whole", "delayed", "drip"] {
        let server = Server::new(700 * KIB, Limits::default());
        let path = format!("/{kind}/{}", 300 * KIB);
        let mut first = server.get(&path).await;
        let second = server.get(&path).await;
        let one = if kind == "whole" { 300 * KIB } else { 304 * KIB };
        // another one is let through
        let third = server.get(&path).await;
        assert_eq!(server.memory.used_bytes(), 2 * one, "{kind}");
        let mut fourth = server.get(&path).await;
        assert_busy(&received(&server, &mut fourth).await);
        let mut small = server.get("/whole/1000").await;
        assert_eq!(received(&server, &mut small).await.0, 200);
        drop((second, third));
        server.settle().await;
        assert_eq!(server.memory.used_bytes(), one, "{kind}: a client that leaves holds none");
        if kind == "whole" {
            let (_, answer) = received(&server, &mut first).await;
            assert_eq!(answer.split_once("\r\n\r\n").unwrap().1.len(), 300 * KIB);
            assert_eq!(server.memory.used_bytes(), 0);
            first.write_all(b"GET /whole/300000 HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
            assert_eq!(received(&server, &mut first).await.0, 200, "the connection goes on");
        }
        let unbounded = Server::new(usize::MAX, Limits::default());
        let mut clients = Vec::new();
        for _ in 0..5 {
            clients.push(unbounded.get(&path).await);
        }
        assert_eq!(unbounded.memory.used_bytes(), 5 * one, "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_fault_that_sends_nothing_holds_nothing() {
    let server = Server::new(700 * KIB, Limits::default());
    let _hanging = [server.get("/hang/300000").await, server.get("/hang/300000").await];
    assert_eq!(server.memory.used_bytes(), 0);
    assert!(server.connections.count().contains(&("faulted", 2)));
}

#[tokio::test(start_paused = true)]
async fn a_stream_makes_no_piece_before_the_client_has_read_the_last() {
    const PIECES: usize = 100;
    let server = Server::new(700 * KIB, Limits::default());
    let mut client = server.get(&format!("/stream/{PIECES}")).await;
    let made = server.pieces.load(Relaxed);
    // what is in the pipe, in hyper and in the body
    assert!((4..=PIPE_BYTES / PIECE_BYTES + 3).contains(&made), "{made}");
    assert!((PIECE_BYTES..=64 * KIB).contains(&server.memory.used_bytes()));
    let (_, answer) = received(&server, &mut client).await;
    assert!(answer.contains("\r\ntransfer-encoding: chunked\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n0\r\n\r\n"));
    let body: Vec<_> = (0..PIECES).rev().map(|left| (left % 10).to_string()).collect();
    let is_digit = |text: &str| text.len() == PIECE_BYTES;
    let pieces: Vec<_> =
        answer.lines().filter(|line| is_digit(line)).map(|piece| piece[..1].to_owned()).collect();
    assert_eq!(pieces, body);
    assert_eq!(server.memory.used_bytes(), 0);
}

/// What is left of a request that was read with the one before is not lost with the buffers.
#[tokio::test(start_paused = true)]
async fn a_connection_that_was_quiet_goes_on_where_it_was() {
    let server = Server::new(700 * KIB, Limits::default());
    let request = "GET /whole/10 HTTP/1.1\r\nHost: x\r\n\r\n";
    for split in [0, 1, 20, request.len() - 1, request.len()] {
        let sent = format!("{request}{}", &request[..split]);
        let mut client = server.send(sent.as_bytes()).await;
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_millis(1100)).await;
        }
        client.write_all(&request.as_bytes()[split..]).await.unwrap();
        let (_, answers) = received(&server, &mut client).await;
        assert_eq!(answers.matches("\r\n\r\nxxxxxxxxxx").count(), 2, "{split}: {answers}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_lets_others_have_their_turn_after_each_piece() {
    let server = Server::new(700 * KIB, Limits::default());
    let pieces = Arc::clone(&server.pieces);
    let others = tokio::spawn(async move {
        let mut made = Vec::new();
        while made.last().is_none_or(|made| *made <= 3) {
            made.push(pieces.load(Relaxed));
            let mut has_yielded = false;
            poll_fn(|context| {
                context.waker().wake_by_ref();
                let polled = if has_yielded { Poll::Ready(()) } else { Poll::Pending };
                has_yielded = true;
                polled
            })
            .await;
        }
        made
    });
    let _client = server.get("/stream/50").await;
    let made = others.await.unwrap();
    let changes: Vec<_> = made.windows(2).map(|made| made[1] - made[0]).collect();
    // hyper asks twice in a turn
    assert!(changes.iter().all(|change| *change <= 2), "{changes:?}");
}

/// It has begun, so it cannot be refused.
#[tokio::test(start_paused = true)]
async fn a_stream_waits_for_memory() {
    let server = Server::new(100 * KIB, Limits::default());
    let mut unread = server.get("/whole/80000").await;
    let mut stream = server.get("/stream/2").await;
    let (status, answer) = received(&server, &mut stream).await;
    assert!(status == 200 && answer.ends_with("\r\n\r\n"), "there is no memory for a piece");
    received(&server, &mut unread).await;
    let mut rest = Vec::new();
    while !rest.ends_with(b"\r\n0\r\n\r\n") {
        assert_ne!(stream.read_buf(&mut rest).await.unwrap(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn event_streams_and_waiting_replies_are_limited_in_number() {
    for limit in [2, 4] {
        let server = Server::new(700 * KIB, Limits { waiting: limit, ..Limits::default() });
        let events = server.get("/events/0").await;
        let mut waiting = server.get("/wait/60").await;
        for path in ["/events/0", "/wait/60"] {
            let answer = received(&server, &mut server.get(path).await).await;
            if limit == 2 {
                assert_busy(&answer);
                let expected =
                    "there are 2 event streams and waiting verifications already; close one";
                assert!(answer.1.contains(expected), "{}", answer.1);
            } else {
                assert_ne!(answer.0, 503);
            }
        }
        // neither waits for later calls
        assert_eq!(received(&server, &mut server.get("/wait/0").await).await.0, 200);
        assert_eq!(received(&server, &mut server.get("/stream/1").await).await.0, 200);
        drop(events);
        server.settle().await;
        assert_eq!(received(&server, &mut server.get("/events/0").await).await.0, 200);
        tokio::time::sleep(Duration::from_secs(61)).await;
        assert_eq!(received(&server, &mut waiting).await.0, 200);
    }
}

#[tokio::test(start_paused = true)]
async fn heads_that_come_in_parts_are_refused_when_they_exceed_the_memory() {
    let long = "x".repeat(5000);
    let head = &format!("GET /whole/10 HTTP/1.1\r\nHost: x\r\nX: {long}\r\n").into_bytes();
    let server = Server::new(40 * KIB, Limits::default());
    let mut first = server.send(head).await;
    let _second = server.send(head).await;
    let mut third = server.send(head).await;
    let answer = received(&server, &mut third).await;
    assert_busy(&answer);
    assert!(answer.1.contains("\r\nconnection: close\r\n"), "{}", answer.1);
    first.write_all(b"\r\n").await.unwrap();
    assert_eq!(received(&server, &mut first).await.0, 200);
    let mut fourth = server.send(head).await;
    fourth.write_all(b"\r\n").await.unwrap();
    assert_eq!(received(&server, &mut fourth).await.0, 200, "the first has given back its part");
}
