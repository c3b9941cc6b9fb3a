//! Faults below HTTP, as a client sees them on its socket.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use serde_json::json;

use super::{Call, Kept, SERVER_ERROR, ending, open_files, wait_until, with_rules};
use crate::harness::{Answer, App, connect, vendor};
use crate::process::Process;

const DEADLINE: Duration = Duration::from_secs(10);

fn send(app: &App, call: &Call) -> TcpStream {
    let mut stream = connect(app.sandbox.address());
    stream.write_all(&call.bytes(&[])).unwrap();
    stream
}

/// Reads all bytes that the server sends, and how the connection ends.
fn read(mut stream: TcpStream) -> (Vec<u8>, Result<(), ErrorKind>) {
    let mut bytes = Vec::new();
    let ended = stream.read_to_end(&mut bytes);
    (bytes, ended.map(|_| ()).map_err(|error| error.kind()))
}

#[test]
fn reset_is_a_tcp_reset_before_any_byte() {
    let app = App::start();
    for line in ["reset", "reset/before-auth", "reset/after-commit", "reset+5ms"] {
        let ended = read(send(&app, &Call::new().header(line)));
        assert_eq!(ended, (vec![], Err(ErrorKind::ConnectionReset)), "{line}");
    }
}

#[test]
fn close_closes_the_connection_before_any_byte() {
    let app = App::start();
    for line in ["close", "close/before-auth", "close/after-commit", "close+5ms"] {
        assert_eq!(read(send(&app, &Call::new().header(line))), (vec![], Ok(())), "{line}");
    }
}

#[test]
fn truncate_sends_the_whole_head_and_half_of_the_body() {
    let documented = Call::new().header("documented-example").send(&App::start());
    let real = Call::new().send(&App::start());
    // before the commit there is no real answer, half of the documented one is sent
    for (line, whole) in [("truncate", documented), ("truncate/after-commit", real)] {
        let (bytes, ended) = read(send(&App::start(), &Call::new().header(line)));
        let half = whole.body.len() / 2;
        let expected = Answer { body: whole.body[..half].to_owned(), ..whole.clone() };
        assert_eq!((Answer::parse(&bytes), ended), (expected, Ok(())), "{line}");
        let length = whole.body.len().to_string();
        assert_eq!(whole.header("content-length"), Some(length.as_str()), "{line}");
        assert!(bytes.starts_with(b"HTTP/1.1 200 OK\r\n"), "{line}");
    }
}

#[test]
fn garbage_is_not_http() {
    let (bytes, ended) = read(send(&App::start(), &Call::new().header("garbage")));
    assert_eq!(ended, Ok(()));
    assert!(!bytes.is_empty());
    assert!(!bytes.starts_with(b"HTTP/"), "{bytes:?}");
}

#[test]
fn hang_sends_nothing_as_long_as_the_client_stays() {
    let app = App::start();
    for line in ["hang", "hang/before-auth", "hang/after-commit"] {
        let mut stream = send(&app, &Call::new().header(line));
        stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        let kind = stream.read(&mut [0]).unwrap_err().kind();
        assert!(matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut), "{line}: {kind:?}");
    }
}

#[test]
fn hang_ends_when_the_client_leaves() {
    let process = Process::start(&[]);
    let before = open_files(process.id());
    let app = |call: Call| {
        let mut stream = connect(process.address);
        stream.write_all(&call.bytes(&[])).unwrap();
        stream
    };
    let mut hanging: Vec<_> = (0..50).map(|_| app(Call::new().header("hang"))).collect();
    wait_until("50 calls hang", DEADLINE, || open_files(process.id()) >= before + 50);
    // some leave with bytes unread at the server, some close only one direction
    for stream in &mut hanging[..10] {
        stream.write_all(b"more").unwrap();
    }
    for stream in &hanging[10..20] {
        stream.shutdown(Shutdown::Write).unwrap();
    }
    for half in hanging.drain(10..20) {
        assert_eq!(read(half), (vec![], Ok(())));
    }
    drop(hanging);
    wait_until("the server has closed it", DEADLINE, || open_files(process.id()) <= before);
    assert_eq!(process.stop().code, Some(0));
}

#[test]
fn every_fault_after_commit_commits_and_before_it_does_not() {
    let chat_id = json!("0a0b0c0d-1111-4222-8333-444455556666");
    for fault in ["reset", "close", "truncate", "garbage"] {
        for (phase, next) in [("after-validation", "ok"), ("after-commit", "400")] {
            let app = App::start();
            let call = Call::new().with("/chat_id", chat_id.clone());
            let stream = send(&app, &call.clone().header(&format!("{fault}/{phase}")));
            let (bytes, _) = read(stream);
            assert_eq!(bytes.starts_with(b"HTTP/1.1 200"), fault == "truncate", "{fault}/{phase}");
            assert_eq!(ending(&call.send(&app)), next, "{fault}/{phase}");
        }
    }
}

#[test]
fn hang_after_commit_commits_and_before_it_does_not() {
    let call = Call::new().with("/chat_id", json!("0a0b0c0d-1111-4222-8333-444455556666"));
    for (phase, next) in [("after-validation", "ok"), ("after-commit", "400")] {
        let mut process = Process::start(&[]);
        let mut stream = connect(process.address);
        let hanging = call.clone().header(&format!("hang/{phase}"));
        stream.write_all(&hanging.bytes(&[])).unwrap();
        process.log_line("forced hang");
        assert_eq!(ending(&call.send_to(process.address)), next, "{phase}");
    }
}

#[test]
fn a_fault_is_counted_like_any_step() {
    let app = App::start();
    let call = Call::new().header("2xclose, ok*");
    for expected in [&b""[..], b"", b"HTTP/1.1 200"] {
        let mut stream = connect(app.sandbox.address());
        stream.write_all(&call.bytes(&["Connection: close"])).unwrap();
        let (bytes, ended) = read(stream);
        assert_eq!((&bytes[..bytes.len().min(12)], ended), (expected, Ok(())));
    }
}

#[test]
fn a_fault_on_a_kept_connection_does_not_affect_the_answer_before_it() {
    let app = App::start();
    let mut kept = Kept::open(app.sandbox.address());
    assert_eq!(kept.call(&Call::new().bytes(&[])), 200);
    let stream = kept.into_inner();
    (&stream).write_all(&Call::new().header("reset").bytes(&[])).unwrap();
    assert_eq!(read(stream), (vec![], Err(ErrorKind::ConnectionReset)));
}

#[test]
fn a_pipelined_fault_does_not_affect_the_answer_before_it() {
    let first = Call::new().send(&App::start());
    let app = App::start();
    let mut both = Call::new().bytes(&[]);
    both.extend(Call::new().header("close").bytes(&[]));
    let mut stream = connect(app.sandbox.address());
    stream.write_all(&both).unwrap();
    let (bytes, ended) = read(stream);
    assert_eq!((Answer::parse(&bytes), ended), (first, Ok(())));
}

#[test]
fn a_delay_does_not_change_the_answer() {
    let app = App::start();
    let start = Instant::now();
    let answer = Call::new().header("500+150ms").send(&app);
    assert_eq!(answer, vendor(500, SERVER_ERROR));
    assert!(start.elapsed() >= Duration::from_millis(150));
}

#[test]
fn a_drip_takes_its_time_and_sends_the_whole_body() {
    let error_length = u64::try_from(SERVER_ERROR.len()).unwrap();
    for chunks in [2, 3, 5, error_length, 1000] {
        let rule = format!(
            "- {{ id: a, do: {{ outcome: 500, drip: {{ chunks: {chunks}, over: 300ms }} }} }}"
        );
        let (app, _folder) = with_rules(&rule);
        let start = Instant::now();
        assert_eq!(Call::new().send(&app), vendor(500, SERVER_ERROR), "{chunks} chunks");
        assert!(start.elapsed() >= Duration::from_millis(300), "{chunks}: {:?}", start.elapsed());
    }
}

#[test]
fn a_drip_takes_its_time_if_its_pieces_are_not_whole_bytes() {
    // 89 bytes do not divide into 60 equal pieces
    assert!(!SERVER_ERROR.len().is_multiple_of(60));
    let (app, _folder) =
        with_rules("- { id: a, do: { outcome: 500, drip: { chunks: 60, over: 500ms } } }");
    let start = Instant::now();
    assert_eq!(Call::new().send(&app), vendor(500, SERVER_ERROR));
    assert!(start.elapsed() >= Duration::from_millis(500), "{:?}", start.elapsed());
}

#[test]
fn a_drip_in_one_piece_is_sent_at_once() {
    let (app, _folder) =
        with_rules("- { id: a, do: { outcome: ok, drip: { chunks: 1, over: 60s } } }");
    let plain = Call::new().send(&App::start());
    assert_eq!(Call::new().send(&app), plain);
}
