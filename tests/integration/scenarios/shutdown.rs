//! The end of the server while calls wait, hang or drip.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use super::{Call, SERVER_ERROR, write_rules};
use crate::harness::{Answer, connect, vendor};
use crate::process::Process;

fn send(process: &Process, call: &Call) -> TcpStream {
    let mut stream = connect(process.address);
    stream.write_all(&call.bytes(&[])).unwrap();
    stream
}

fn rest(mut stream: TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_hang_ends_with_the_server_and_the_exit_code_is_0() {
    let mut process = Process::start(&[]);
    let stream = send(&process, &Call::new().header("hang"));
    process.log_line("forced hang");
    let end = process.stop();
    assert_eq!((rest(stream), end.code), (vec![], Some(0)), "{}", end.stderr);
}

#[test]
fn a_delay_is_cut_short_and_answered() {
    let mut process = Process::start(&[]);
    let delayed = send(&process, &Call::new().header("500+60s"));
    process.log_line("forced server-error");
    let faulty = send(&process, &Call::new().header("close+60s"));
    process.log_line("forced close");
    process.signal("TERM");
    assert_eq!(Answer::parse(&rest(delayed)), vendor(500, SERVER_ERROR));
    assert_eq!(rest(faulty), b"");
    let end = process.wait();
    assert_eq!(end.code, Some(0), "{}", end.stderr);
}

#[test]
fn the_rest_of_a_drip_is_sent_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let rule = "- { id: a, do: { outcome: 500, drip: { chunks: 3, over: 60s } } }";
    write_rules(&folder, "drip", rule);
    let path = folder.path().to_str().unwrap();
    let process = Process::start(&["--scenarios", path, "--scenario", "drip"]);
    let mut stream = send(&process, &Call::new());
    let mut bytes = vec![0];
    stream.read_exact(&mut bytes).unwrap();
    process.signal("TERM");
    bytes.extend(rest(stream));
    assert_eq!(Answer::parse(&bytes), vendor(500, SERVER_ERROR));
    let end = process.wait();
    assert_eq!(end.code, Some(0), "{}", end.stderr);
}
