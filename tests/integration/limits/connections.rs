//! The limit on open connections, and which one is closed for another.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

use genuin_sandbox::Limits;

use super::{
    LIVEZ, MUST_HAPPEN, MUST_NOT_HAPPEN, NEVER, Received, SHORT, Server, check_limit, expect,
    read_livez, receive,
};
use crate::scenarios::Call;

const FEW: usize = 3;

fn few() -> Limits {
    Limits { connections: FEW, ..Limits::default() }
}

/// A connection that has made a call and is idle.
fn idle(server: &Server) -> Result<TcpStream, String> {
    let mut stream = server.send(LIVEZ);
    stream.set_read_timeout(Some(server.wait)).unwrap();
    read_livez(&mut stream)?;
    Ok(stream)
}

#[test]
fn at_the_limit_the_longest_idle_connection_is_closed() {
    check_limit(few(), Limits { connections: 1000, ..few() }, |server| {
        let open: Vec<_> = (0..FEW).map(|_| idle(server)).collect::<Result<_, _>>()?;
        for stream in &open {
            let open = receive(stream.try_clone().unwrap(), std::time::Duration::from_millis(20));
            expect("up to the limit", &open, &Received::Open(vec![]))?;
        }
        let [first, second, third] = open.try_into().unwrap();
        // another call makes the second one the longest idle
        let mut first: TcpStream = first;
        first.set_read_timeout(Some(server.wait)).unwrap();
        first.write_all(LIVEZ).unwrap();
        read_livez(&mut first)?;
        let fourth = idle(server)?;
        expect("the longest idle", &server.receive(second), &Received::Closed(vec![]))?;
        for stream in [first, third, fourth] {
            expect("the others", &receive(stream, MUST_NOT_HAPPEN), &Received::Open(vec![]))?;
        }
        Ok(())
    });
}

#[test]
fn a_connection_without_a_request_counts_as_idle() {
    check_limit(few(), Limits { connections: 1000, ..few() }, |server| {
        let silent: Vec<_> = (0..FEW).map(|_| server.connect()).collect();
        let called = idle(server)?;
        let mut silent = silent.into_iter();
        expect("the first", &server.receive(silent.next().unwrap()), &Received::Closed(vec![]))?;
        expect("the new one", &receive(called, MUST_NOT_HAPPEN), &Received::Open(vec![]))
    });
}

/// A new connection waits until one of them is finished or has waited for a second.
#[test]
fn if_none_is_idle_the_call_that_has_waited_longest_gives_its_place() {
    for scenario in ["ok+60s", "hang"] {
        let server = Server::new(few(), MUST_HAPPEN);
        let waiting = || server.send(&Call::new().header(scenario).bytes(&[]));
        // one more than the limit is accepted
        let busy: Vec<_> = (0..=FEW).map(|_| waiting()).collect();
        let mut new = server.send(LIVEZ);
        let still_open = receive(new.try_clone().unwrap(), SHORT);
        assert_eq!(still_open, Received::Open(vec![]), "{scenario}: it is not served yet");
        new.set_read_timeout(Some(MUST_HAPPEN)).unwrap();
        read_livez(&mut new).unwrap();
        let mut busy = busy.into_iter();
        // one for its permit, one for the limit
        for _ in 0..2 {
            let longest = server.receive(busy.next().unwrap());
            assert_eq!(longest, Received::Closed(vec![]), "{scenario}");
        }
        for other in busy {
            assert_eq!(
                receive(other, SHORT),
                Received::Open(vec![]),
                "{scenario}: the others stay"
            );
        }
    }
}

#[test]
fn a_client_that_does_not_read_its_answers_is_disconnected() {
    let on = Limits { idle_time: SHORT, ..Limits::default() };
    check_limit(on, Limits { idle_time: NEVER, ..on }, |server| {
        let mut stream = server.connect();
        stream.set_write_timeout(Some(server.wait)).unwrap();
        let page = b"GET /_sandbox/v1/contract HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(100);
        // the server stops reading when its answers are not read, and closes in the end
        loop {
            match stream.write_all(&page) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    return Err("the connection is still open".into());
                }
                Err(_) => return Ok(()),
            }
        }
    });
}

/// Without its buffers, a connection goes on: for another call, for the end, and for the limits on time.
#[test]
fn a_quiet_connection_goes_on() {
    let quiet = Limits { quiet_time: Duration::from_millis(1), ..few() };
    let server = Server::new(quiet, MUST_HAPPEN);
    let mut stream = idle(&server).unwrap();
    for _ in 0..3 {
        assert_eq!(
            receive(stream.try_clone().unwrap(), Duration::from_millis(50)),
            Received::Open(vec![])
        );
        stream.set_read_timeout(Some(MUST_HAPPEN)).unwrap();
        stream.write_all(LIVEZ).unwrap();
        read_livez(&mut stream).unwrap();
    }
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(server.receive(stream), Received::Closed(vec![]));
    // a client that sends everything, ends its side and reads
    let stream = server.send(LIVEZ);
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let Received::Closed(answer) = server.receive(stream) else { panic!() };
    assert!(answer.ends_with(b"\r\n\r\nok"));
    check_limit(
        Limits { idle_time: SHORT, ..quiet },
        Limits { idle_time: NEVER, ..quiet },
        |server| expect("it is closed", &server.receive(idle(server)?), &Received::Closed(vec![])),
    );
}
