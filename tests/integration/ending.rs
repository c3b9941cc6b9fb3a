//! Shutdown: no accepted call is lost and no answer is cut off.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::process::{Process, command};
use crate::scenarios::Call;

/// What became of one client's calls.
#[derive(Debug, Default)]
struct Tally {
    answered: usize,
    /// New connections that were reset, as the kernel does while the listening socket closes.
    resets: usize,
    errors: Vec<String>,
}

/// Reads one whole answer; returns whether it announces that the connection closes.
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

/// Calls as fast as possible until the connection is refused; opens a new one after so many calls.
fn call_until_refused(
    address: SocketAddr,
    calls_per_connection: usize,
    running: &AtomicBool,
) -> Tally {
    let mut tally = Tally::default();
    let request = Call::new().bytes(&[]);
    loop {
        let timeout = Duration::from_secs(10);
        let mut stream = match TcpStream::connect_timeout(&address, timeout) {
            Ok(stream) => stream,
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => return tally,
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {
                tally.resets += 1;
                return tally;
            }
            Err(error) => {
                tally.errors.push(format!("connect: {error}"));
                return tally;
            }
        };
        stream.set_read_timeout(Some(timeout)).unwrap();
        for call in 0..calls_per_connection {
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
                Err(why) if call == 0 && why.contains("reset by peer") => {
                    tally.resets += 1;
                    return tally;
                }
                Err(why) => {
                    tally.errors.push(format!("call {call} of a connection: {why}"));
                    return tally;
                }
            }
        }
    }
}

fn sum(tallies: impl Iterator<Item = Tally>) -> Tally {
    tallies.fold(Tally::default(), |mut sum, tally| {
        sum.answered += tally.answered;
        sum.resets += tally.resets;
        sum.errors.extend(tally.errors);
        sum
    })
}

/// Starts a server and stops it while six clients call it; returns the sum of what they saw.
fn stop_under_load() -> Tally {
    let process = Process::spawn(command(&["--listen", "127.0.0.1:0", "--log", "error"], &[]));
    let (address, running) = (process.address, &AtomicBool::new(false));
    std::thread::scope(|scope| {
        let clients: Vec<_> = [1, 1, 2, 50, usize::MAX, usize::MAX]
            .into_iter()
            .map(|calls| scope.spawn(move || call_until_refused(address, calls, running)))
            .collect();
        while !running.load(Ordering::Relaxed) {
            std::thread::yield_now();
        }
        let end = process.stop();
        let mut sum = sum(clients.into_iter().map(|client| client.join().unwrap()));
        if end.code != Some(0) {
            sum.errors.push(format!("exit code {:?}: {}", end.code, end.stderr));
        }
        if sum.answered == 0 {
            sum.errors.push("no call was answered".into());
        }
        sum
    })
}

#[test]
fn fifty_shutdowns_under_load_lose_no_call() {
    // a shutdown mostly waits, so that several may run at a time
    let sum = std::thread::scope(|scope| {
        let series = || sum((0..10).map(|_| stop_under_load()));
        let five: Vec<_> = (0..5).map(|_| scope.spawn(series)).collect();
        sum(five.into_iter().map(|series| series.join().unwrap()))
    });
    assert_eq!(sum.errors, Vec::<String>::new());
    eprintln!(
        "50 shutdowns: {} calls answered, {} new connections reset",
        sum.answered, sum.resets
    );
    assert!(sum.resets <= 2, "{} new connections reset in 50 shutdowns", sum.resets);
}

#[test]
fn readyz_is_503_during_a_shutdown() {
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
fn idle_connections_stay_open_for_250_ms_in_a_shutdown() {
    let process = Process::start(&[]);
    let mut idle = crate::harness::connect(process.address);
    idle.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    assert_eq!(read_answer(&mut idle), Ok(false));
    let stopped_at = Instant::now();
    process.signal("TERM");
    assert_eq!(idle.read(&mut [0]).unwrap(), 0);
    let open_for = stopped_at.elapsed();
    assert!(open_for >= Duration::from_millis(250), "closed after {open_for:?}");
    assert_eq!(process.wait().code, Some(0));
}

#[test]
fn an_event_stream_that_is_not_read_does_not_delay_a_shutdown() {
    let process = Process::start(&[]);
    let mut reader = crate::harness::connect(process.address);
    let request = b"GET /_sandbox/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n";
    reader.write_all(request).unwrap();
    let mut first = [0; 16];
    reader.read_exact(&mut first).unwrap();
    // more than the socket's buffers hold
    let mut caller = crate::scenarios::Kept::open(process.address);
    let long = Call::new().name(&"x".repeat(14_000)).bytes(&[]);
    for _ in 0..600 {
        assert_eq!(caller.call(&long), 200);
    }
    let end = process.stop();
    assert_eq!(end.code, Some(0), "{}", end.stderr);
}

#[test]
fn an_unfinished_body_makes_a_shutdown_reach_its_deadline() {
    let process = Process::start(&[]);
    let mut stream = crate::harness::connect(process.address);
    let head = "POST /api/thirdparty/group/create HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n";
    stream.write_all(format!("{head}Expect: 100-continue\r\n\r\n").as_bytes()).unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).unwrap();
    let end = process.stop();
    assert_eq!(end.code, Some(4), "{}", end.stderr);
    assert!(end.stderr.contains("calls were still open 5 s after the signal"));
}

#[test]
fn a_second_signal_ends_the_server_at_once_with_the_code_of_the_deadline() {
    let mut process = Process::start(&[]);
    let mut stream = crate::harness::connect(process.address);
    let head = "POST /api/thirdparty/group/create HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n";
    stream.write_all(format!("{head}Expect: 100-continue\r\n\r\n").as_bytes()).unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).unwrap();
    process.signal("TERM");
    process.log_line("SIGTERM");
    stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    // again if it came before the server listens for it
    let is_open = |stream: &mut TcpStream| {
        let waits = |error: ErrorKind| matches!(error, ErrorKind::WouldBlock | ErrorKind::TimedOut);
        stream.read(&mut [0]).is_err_and(|error| waits(error.kind()))
    };
    loop {
        process.signal("INT");
        if !is_open(&mut stream) {
            break;
        }
    }
    let end = process.wait();
    assert_eq!(end.code, Some(4), "{}", end.stderr);
    assert!(!end.stderr.contains("calls were still open"), "{}", end.stderr);
}

/// The kernel drops signals that process 1 does not handle, instead of ending it.
#[test]
fn sigterm_stops_the_server_as_process_1_of_a_container() {
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
    assert!(end.stderr.contains("received SIGTERM, finishing the open calls"), "{}", end.stderr);
}
