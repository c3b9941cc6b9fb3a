//! The end of the server under load: nothing that was accepted is lost, nothing is half sent.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::process::{Process, command};
use crate::scenarios::Call;

/// What a client saw of its calls.
#[derive(Debug, Default)]
struct Tally {
    answered: usize,
    /// What must not happen.
    lost: Vec<String>,
}

/// One answer, whole; whether the connection is to be closed after it.
fn read_answer(stream: &mut TcpStream) -> Result<bool, String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return Err(format!("ended after {} bytes", bytes.len())),
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
            Err(error) => return Err(format!("{error} after {} bytes", bytes.len())),
        }
        let Some(end) = bytes.windows(4).position(|part| part == b"\r\n\r\n") else { continue };
        let head = std::str::from_utf8(&bytes[..end]).map_err(|error| error.to_string())?;
        if !head.starts_with("HTTP/1.1 200 ") {
            return Err(head.to_owned());
        }
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.and_then(|length| length.parse().ok()).ok_or(head.to_owned())?;
        if bytes.len() == end + 4 + length {
            return Ok(head.contains("\r\nconnection: close"));
        }
    }
}

/// Calls as fast as it can until nobody listens any more; each connection is used for so many
/// calls.
fn call_until_the_end(address: SocketAddr, calls_each: usize, running: &AtomicBool) -> Tally {
    let mut tally = Tally::default();
    let request = Call::new().bytes(&[]);
    loop {
        let timeout = Duration::from_secs(10);
        let mut stream = match TcpStream::connect_timeout(&address, timeout) {
            Ok(stream) => stream,
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => return tally,
            Err(error) => {
                tally.lost.push(format!("connect: {error}"));
                return tally;
            }
        };
        stream.set_read_timeout(Some(timeout)).unwrap();
        for call in 0..calls_each {
            let answer = match stream.write_all(&request) {
                Ok(()) => read_answer(&mut stream),
                Err(error) => Err(format!("write: {error}")),
            };
            match answer {
                Ok(closing) => {
                    tally.answered += 1;
                    running.store(true, Ordering::Relaxed);
                    if closing {
                        break;
                    }
                }
                Err(why) => {
                    tally.lost.push(format!("call {call} of a connection: {why}"));
                    return tally;
                }
            }
        }
    }
}

/// Starts a server, ends it under the load of six clients, and says what went wrong.
fn end_under_load() -> Vec<String> {
    let process = Process::spawn(command(&["--listen", "127.0.0.1:0", "--log", "error"], &[]));
    let (address, running) = (process.address, &AtomicBool::new(false));
    std::thread::scope(|scope| {
        let clients: Vec<_> = [1, 1, 2, 50, usize::MAX, usize::MAX]
            .into_iter()
            .map(|calls| scope.spawn(move || call_until_the_end(address, calls, running)))
            .collect();
        while !running.load(Ordering::Relaxed) {
            std::thread::yield_now();
        }
        let end = process.stop();
        let tallies: Vec<_> = clients.into_iter().map(|client| client.join().unwrap()).collect();
        let mut wrong: Vec<_> = tallies.iter().flat_map(|tally| tally.lost.clone()).collect();
        if end.code != Some(0) {
            wrong.push(format!("exit code {:?}: {}", end.code, end.stderr));
        }
        if tallies.iter().all(|tally| tally.answered == 0) {
            wrong.push("nothing was answered".into());
        }
        wrong
    })
}

#[test]
fn sigterm_under_load_50_times_loses_no_call_and_sends_no_half_answer() {
    // most of the time of an end is waiting
    let ends = std::thread::scope(|scope| {
        let series = || (0..10).flat_map(|_| end_under_load()).collect::<Vec<_>>();
        let five: Vec<_> = (0..5).map(|_| scope.spawn(series)).collect();
        five.into_iter().flat_map(|series| series.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(ends.is_empty(), "{ends:?}");
}

#[test]
fn while_it_ends_it_says_that_it_is_not_ready() {
    let mut process = Process::start(&[]);
    let mut kept = crate::harness::connect(process.address);
    let ready = b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n";
    kept.write_all(ready).unwrap();
    assert_eq!(read_answer(&mut kept), Ok(false));
    process.signal("TERM");
    process.log_line("SIGTERM");
    kept.write_all(ready).unwrap();
    let mut answer = String::new();
    kept.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 Service Unavailable\r\n"), "{answer}");
    assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nstopping"), "{answer}");
    assert_eq!(process.wait().code, Some(0));
}

#[test]
fn a_reader_of_events_who_stopped_reading_does_not_hold_the_end_up() {
    let process = Process::start(&[]);
    let mut reader = crate::harness::connect(process.address);
    let request = b"GET /_sandbox/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n";
    reader.write_all(request).unwrap();
    let mut first = [0; 16];
    reader.read_exact(&mut first).unwrap();
    // more than the buffers of a socket hold, and nobody reads it
    let mut caller = crate::scenarios::Kept::open(process.address);
    let long = Call::new().name(&"x".repeat(14_000)).bytes(&[]);
    for _ in 0..600 {
        assert_eq!(caller.call(&long), 200);
    }
    let end = process.stop();
    assert_eq!(end.code, Some(0), "{}", end.stderr);
}

#[test]
fn a_client_that_never_ends_its_body_makes_the_end_late() {
    let process = Process::start(&[]);
    let mut stream = crate::harness::connect(process.address);
    let head = "POST /api/thirdparty/group/create HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n";
    stream.write_all(format!("{head}Expect: 100-continue\r\n\r\n").as_bytes()).unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).unwrap();
    let end = process.stop();
    assert_eq!(end.code, Some(4), "{}", end.stderr);
    assert!(end.stderr.contains("calls were still under way 5 s after the signal"));
}

/// The first process of a container has no default for signals: what it does not handle is lost.
#[test]
fn as_the_first_process_of_a_container_it_ends_at_sigterm() {
    let plain = command(&["--listen", "127.0.0.1:0"], &[]);
    let mut unshare = Command::new("unshare");
    if !rustix::process::geteuid().is_root() {
        unshare.args(["--user", "--map-root-user"]);
    }
    unshare.args(["--pid", "--fork"]).arg(plain.get_program()).args(plain.get_args());
    unshare.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let outer = Process::spawn(unshare);
    let children = format!("/proc/{0}/task/{0}/children", outer.id());
    let inner: i32 = std::fs::read_to_string(children).unwrap().trim().parse().unwrap();
    let status = std::fs::read_to_string(format!("/proc/{inner}/status")).unwrap();
    let ids = status.lines().find_map(|line| line.strip_prefix("NSpid:")).unwrap();
    assert_eq!(ids.split_whitespace().last(), Some("1"), "{status}");
    let inner = rustix::process::Pid::from_raw(inner).unwrap();
    rustix::process::kill_process(inner, rustix::process::Signal::TERM).unwrap();
    let end = outer.wait();
    assert_eq!(end.code, Some(0), "{}", end.stderr);
    assert!(end.stderr.contains("SIGTERM: finishing the calls under way"), "{}", end.stderr);
}
