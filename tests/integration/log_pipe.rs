//! Log lines about connections, and a log pipe that fails without stopping the server.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::process::Stdio;

use crate::harness::{Answer, connect};
use crate::process::{Process, command};
use crate::scenarios::{Call, Kept};

/// Writes more log than a pipe holds: 3000 refusals of more than 100 bytes each.
fn refuse_many(process: &Process) {
    let mut kept = Kept::open(process.address);
    let call = Call::new().with("/type", serde_json::json!(3)).bytes(&[]);
    for _ in 0..3000 {
        assert_eq!(kept.call(&call), 400);
    }
}

#[test]
fn an_unread_log_does_not_stop_the_server() {
    let process = Process::start(&["--log", "trace"]);
    refuse_many(&process);
    process.signal("TERM");
    // stderr is still not read when the process ends
    assert_eq!(process.end_unread(), Some(0));
}

#[test]
fn a_closed_log_does_not_stop_the_server() {
    let mut process = Process::start(&[]);
    process.close_output();
    refuse_many(&process);
    process.signal("TERM");
    assert_eq!(process.end_unread(), Some(0));
}

#[test]
fn a_log_on_a_full_disk_does_not_stop_the_server() {
    let mut command = command(&["--listen", "127.0.0.1:0"], &[]);
    command.stderr(File::options().write(true).open("/dev/full").unwrap());
    let process = Process::spawn(command);
    refuse_many(&process);
    process.signal("TERM");
    assert_eq!(process.end_unread(), Some(0));
}

/// Only the port file shows that the server is ready.
#[test]
fn a_full_or_closed_stdout_does_not_stop_the_server() {
    for stdout in [Stdio::null(), File::options().write(true).open("/dev/full").unwrap().into()] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("port");
        let mut command =
            command(&["--listen", "127.0.0.1:0", "--port-file", path.to_str().unwrap()], &[]);
        let mut child = command.stdout(stdout).spawn().unwrap();
        let port = loop {
            match std::fs::read_to_string(&path) {
                Ok(port) => break port.trim().parse().unwrap(),
                Err(_) => assert_eq!(child.try_wait().unwrap(), None, "the server ended"),
            }
        };
        let answer = Call::new().send_to(([127, 0, 0, 1], port).into());
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(answer.status, 200);
    }
}

#[test]
fn a_tls_client_is_logged() {
    let mut process = Process::start(&[]);
    let mut stream = connect(process.address);
    // the beginning of a ClientHello
    stream.write_all(&[0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]).unwrap();
    let line = process.log_line("speaks TLS");
    assert!(line.contains("127.0.0.1") && line.contains("http://"), "{line}");
}

#[test]
fn a_client_that_shuts_down_its_side_before_the_answer_is_logged() {
    let mut process = Process::start(&[]);
    let mut stream = connect(process.address);
    stream.write_all(&Call::new().header("ok+60s").bytes(&[])).unwrap();
    process.log_line("by rule line");
    stream.shutdown(Shutdown::Write).unwrap();
    let line = process.log_line("closed its side of the connection");
    assert!(line.contains("127.0.0.1"), "{line}");
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    assert_eq!(rest, b"");
}

#[test]
fn a_client_that_shuts_down_its_side_in_the_middle_of_a_head_is_logged() {
    let mut process = Process::start(&[]);
    let call = Call::new().bytes(&[]);
    let head_end = call.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    for (sent, expected) in [
        (10, "in the middle of the head of a request"),
        (head_end + 2, "in the middle of the head of a request"),
    ] {
        let mut stream = connect(process.address);
        stream.write_all(&call[..sent]).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let line = process.log_line(expected);
        assert!(line.contains("127.0.0.1"), "{sent}: {line}");
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, b"", "{sent}");
    }
}

/// As `printf … | nc -N` does.
#[test]
fn a_client_that_shuts_down_its_side_after_its_request_is_answered() {
    let process = Process::start(&[]);
    let long = Call::new().name(&"x".repeat(100_000));
    for call in [Call::new(), long, Call::new().header("5026")].into_iter().cycle().take(300) {
        let mut stream = connect(process.address);
        stream.write_all(&call.bytes(&[])).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        assert!(matches!(Answer::parse(&answer).status, 200 | 500));
    }
}

/// Connections wait in the backlog meanwhile.
#[test]
fn a_server_out_of_file_descriptors_recovers() {
    use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};
    let mut process = Process::start(&[]);
    let id = Pid::from_raw(process.id().try_into().unwrap());
    let open = crate::scenarios::open_files(process.id()) as u64;
    let maximum = getrlimit(Resource::Nofile).maximum;
    let limit = |files| Rlimit { current: Some(files), maximum };
    let before = prlimit(id, Resource::Nofile, limit(open)).unwrap();
    let mut waiting: Vec<TcpStream> = (0..3)
        .map(|_| {
            let mut stream = connect(process.address);
            stream.write_all(&Call::new().bytes(&["Connection: close"])).unwrap();
            stream
        })
        .collect();
    let line = process.log_line("cannot accept a connection");
    assert!(line.contains("Too many open files"), "{line}");
    prlimit(id, Resource::Nofile, before).unwrap();
    for stream in &mut waiting {
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        assert_eq!(Answer::parse(&answer).status, 200);
    }
}
