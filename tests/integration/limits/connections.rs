//! How many connections there may be, and who makes room.

use std::io::Write as _;
use std::net::TcpStream;

use genuin_sandbox::Limits;

use super::{
    Edge, IMPATIENCE, LIVEZ, NEVER, PATIENCE, SOON, Seen, expect, guarded, read_livez, see,
};
use crate::scenarios::Call;

const FEW: usize = 3;

fn few() -> Limits {
    Limits { connections: FEW, ..Limits::default() }
}

/// A connection that has made a call and is idle.
fn idle(edge: &Edge) -> Result<TcpStream, String> {
    let mut stream = edge.send(LIVEZ);
    stream.set_read_timeout(Some(edge.patience)).unwrap();
    read_livez(&mut stream)?;
    Ok(stream)
}

fn parked(edge: &Edge) -> TcpStream {
    edge.send(&Call::new().header("ok+60s").bytes(&[]))
}

#[test]
fn the_one_that_has_waited_longest_makes_room() {
    guarded(few(), Limits { connections: 1000, ..few() }, |edge| {
        let open: Vec<_> = (0..FEW).map(|_| idle(edge)).collect::<Result<_, _>>()?;
        for stream in &open {
            let open = see(stream.try_clone().unwrap(), std::time::Duration::from_millis(20));
            expect("as many as may be", &open, &Seen::Open(vec![]))?;
        }
        let [first, second, third] = open.try_into().unwrap();
        // another call makes the first one the youngest
        let mut first: TcpStream = first;
        first.write_all(LIVEZ).unwrap();
        read_livez(&mut first)?;
        let fourth = idle(edge)?;
        expect("the longest idle", &edge.see(second), &Seen::Closed(vec![]))?;
        for stream in [first, third, fourth] {
            expect("the others", &see(stream, IMPATIENCE), &Seen::Open(vec![]))?;
        }
        Ok(())
    });
}

#[test]
fn one_that_never_spoke_makes_room_too() {
    guarded(few(), Limits { connections: 1000, ..few() }, |edge| {
        let silent: Vec<_> = (0..FEW).map(|_| edge.connect()).collect();
        let called = idle(edge)?;
        let mut silent = silent.into_iter();
        expect("the first", &edge.see(silent.next().unwrap()), &Seen::Closed(vec![]))?;
        expect("the new one", &see(called, IMPATIENCE), &Seen::Open(vec![]))
    });
}

/// Whoever comes when all have a call under way waits until one of them is done.
#[test]
fn a_call_under_way_never_makes_room() {
    let edge = Edge::new(few(), PATIENCE);
    let busy: Vec<_> = (0..FEW).map(|_| parked(&edge)).collect();
    // one more is let in, and makes room for no one else while it speaks
    let one_more = parked(&edge);
    let waits = edge.send(LIVEZ);
    assert_eq!(see(waits.try_clone().unwrap(), IMPATIENCE), Seen::Open(vec![]), "it is not served");
    for stream in busy.iter().skip(1).chain([&one_more]) {
        assert_eq!(see(stream.try_clone().unwrap(), SOON), Seen::Open(vec![]), "nobody gave way");
    }
    drop(busy);
    let mut waits = waits;
    waits.set_read_timeout(Some(PATIENCE)).unwrap();
    read_livez(&mut waits).unwrap();
}

#[test]
fn a_client_who_does_not_read_its_answers_is_let_go() {
    let on = Limits { idle_time: SOON, ..Limits::default() };
    guarded(on, Limits { idle_time: NEVER, ..on }, |edge| {
        let mut stream = edge.connect();
        stream.set_write_timeout(Some(edge.patience)).unwrap();
        let page = b"GET /_sandbox/v1/contract HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(100);
        // until the server stops reading, since its answers are not read; then until it closes
        loop {
            match stream.write_all(&page) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    return Err("is still open".into());
                }
                Err(_) => return Ok(()),
            }
        }
    });
}
