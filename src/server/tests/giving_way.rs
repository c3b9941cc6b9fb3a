//! What only waits gives way to others who need its memory or its place.

use std::time::Duration;

use tokio::io::{AsyncWriteExt as _, DuplexStream};
use tokio::time::sleep;

use super::super::Limits;
use super::pipes::{CONNECTIONS, PIPE_BYTES, Server, received};

const KIB: usize = 1024;
const LENGTH: usize = 300 * KIB;

/// A call of this kind that takes memory and cannot go on.
async fn begin(server: &Server, kind: &str) -> DuplexStream {
    match kind {
        "body" => server.begin_body(LENGTH, LENGTH - 1).await,
        kind => server.get(&format!("/{kind}/{LENGTH}")).await,
    }
}

/// Sends a body that needs memory; returns the status of its answer.
async fn ask(server: &Server) -> u16 {
    let mut asker = server.begin_body(LENGTH, LENGTH).await;
    received(server, &mut asker).await.0
}

/// Otherwise a few clients could keep the memory from all others.
#[tokio::test(start_paused = true)]
async fn what_waits_for_a_second_gives_way_to_others_the_longest_first() {
    for (kind, expected) in [("whole", 200), ("delayed", 0), ("drip", 200), ("body", 503)] {
        let server = Server::new(700 * KIB, Limits::default());
        let mut first = begin(&server, kind).await;
        sleep(Duration::from_millis(700)).await;
        let mut second = begin(&server, kind).await;
        let used = server.memory.used_bytes();
        assert_eq!(ask(&server).await, 503, "{kind}: neither has waited for long");
        sleep(Duration::from_millis(400)).await;
        assert_eq!(ask(&server).await, 200, "{kind}: the first gives way, and nothing is refused");
        assert_eq!(server.memory.used_bytes(), used / 2, "{kind}: the second does not");
        let (status, answer) = received(&server, &mut first).await;
        assert_eq!(status, expected, "{kind}");
        assert!(answer.len() < LENGTH, "{kind}: it is cut off");
        assert!(first.write_all(b"x").await.is_err() || kind == "body", "{kind}: it is closed");
        assert!(second.write_all(b"x").await.is_ok(), "{kind}");
    }
}

/// Nobody pays for less than what is needed.
#[tokio::test(start_paused = true)]
async fn only_as_many_give_way_as_are_needed_and_none_if_all_are_too_few() {
    let server = Server::new(700 * KIB, Limits::default());
    let mut delayed = Vec::new();
    for _ in 0..5 {
        delayed.push(server.get(&format!("/delayed/{}", 100 * KIB)).await);
    }
    sleep(Duration::from_secs(2)).await;
    let one = 104 * KIB;
    assert_eq!(server.memory.used_bytes(), 5 * one);
    assert_eq!(ask(&server).await, 200);
    assert_eq!(server.memory.used_bytes(), 3 * one, "180 KiB were left");
    sleep(Duration::from_millis(100)).await;
    // nor do these take it
    let _let_through = server.get(&format!("/whole/{}", 600 * KIB)).await;
    let mut too_long = server.get(&format!("/whole/{}", 701 * KIB)).await;
    assert_eq!(received(&server, &mut too_long).await.0, 503);
    assert_eq!(server.memory.used_bytes(), 3 * one, "it would not have been enough");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_goes_on_slowly_gives_way_after_five_seconds() {
    let server = Server::new(400 * KIB, Limits::default());
    let mut slow = server.begin_body(LENGTH, LENGTH - 100).await;
    for half_seconds in 1..=10 {
        sleep(Duration::from_millis(500)).await;
        slow.write_all(b"y").await.unwrap();
        server.settle().await;
        let expected = if half_seconds < 10 { 503 } else { 200 };
        assert_eq!(ask(&server).await, expected, "after {half_seconds} half seconds");
    }
    let (status, answer) = received(&server, &mut slow).await;
    assert!(status == 503 && answer.contains("--max-memory"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn one_answer_is_let_through_that_is_too_long_for_the_memory() {
    let server = Server::new(100 * KIB, Limits::default());
    let long = format!("/whole/{LENGTH}");
    let mut first = server.get(&long).await;
    let refused = received(&server, &mut server.get(&long).await).await;
    assert_eq!(refused.0, 503, "a second one is not");
    // others go on meanwhile, unless their answer could be as long
    for (length, expected) in [(7 * KIB, 200), (90 * KIB, 503)] {
        let mut other = server.begin_body(length, length).await;
        assert_eq!(received(&server, &mut other).await.0, expected, "{length}");
    }
    let (_, answer) = received(&server, &mut first).await;
    assert_eq!(answer.split_once("\r\n\r\n").unwrap().1.len(), LENGTH);
    assert_eq!(received(&server, &mut server.get(&long).await).await.0, 200);
}

/// Otherwise a short answer that found no room once could keep that place for an hour.
#[tokio::test(start_paused = true)]
async fn the_place_for_a_long_answer_is_given_up_too() {
    let server = Server::new(100 * KIB, Limits::default());
    let filling = server.get(&format!("/whole/{}", 99 * KIB)).await;
    let mut delayed = server.get("/delayed/5000").await;
    drop(filling);
    server.settle().await;
    assert_eq!(server.memory.used_bytes(), 0);
    for (length, expected) in [(9 * KIB, 503), (7 * KIB, 200)] {
        let mut asker = server.begin_body(length, length).await;
        assert_eq!(received(&server, &mut asker).await.0, expected, "{length}");
    }
    sleep(Duration::from_millis(1100)).await;
    let mut long = server.get(&format!("/whole/{LENGTH}")).await;
    let (_, answer) = received(&server, &mut long).await;
    assert_eq!(answer.split_once("\r\n\r\n").unwrap().1.len(), LENGTH);
    assert!(delayed.write_all(b"x").await.is_err(), "it is closed");
    // before a call is made, too
    let filling = server.get(&format!("/whole/{}", 99 * KIB)).await;
    let delayed = server.get("/delayed/5000").await;
    drop(filling);
    sleep(Duration::from_millis(1100)).await;
    let mut asker = server.begin_body(9 * KIB, 9 * KIB).await;
    assert_eq!(received(&server, &mut asker).await.0, 200);
    drop(delayed);
}

/// hyper has them after the body, which is empty here.
#[tokio::test(start_paused = true)]
async fn the_headers_of_an_answer_take_memory_until_they_are_written() {
    let server = Server::new(700 * KIB, Limits::default());
    let long = PIPE_BYTES + 10 * KIB;
    let mut client = server.get(&format!("/headers/{long}")).await;
    assert!((long..long + KIB).contains(&server.memory.used_bytes()));
    assert_eq!(received(&server, &mut client).await.0, 200);
    assert_eq!(server.memory.used_bytes(), 0);
    client.write_all(b"GET /headers/300 HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    assert_eq!(received(&server, &mut client).await.0, 200, "the connection goes on");
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_waits_gives_its_place_to_a_new_one() {
    for kind in ["hang", "delayed", "drip", "wait", "body"] {
        let server = Server::new(usize::MAX, Limits::default());
        let mut waiting = Vec::new();
        for _ in 0..CONNECTIONS {
            waiting.push(match kind {
                "body" => server.begin_body(10, 1).await,
                kind => server.get(&format!("/{kind}/100")).await,
            });
        }
        let open = || server.connections.count().iter().map(|(_, count)| count).sum::<usize>();
        let mut new = server.get("/whole/10").await;
        assert_eq!(received(&server, &mut new).await.0, 200);
        assert_eq!(open(), CONNECTIONS + 1, "{kind}: none has waited for long");
        drop(new);
        sleep(Duration::from_secs(1)).await;
        let mut new = server.get("/whole/10").await;
        assert_eq!(received(&server, &mut new).await.0, 200);
        assert_eq!(open(), CONNECTIONS, "{kind}: one is closed for it");
        let (status, answer) = received(&server, &mut waiting[0]).await;
        let expected = if kind == "body" { 503 } else { 200 };
        assert!([0, expected].contains(&status), "{kind}: {answer}");
        assert!(waiting[1].write_all(b"x").await.is_ok(), "{kind}: the next one is not");
    }
}
