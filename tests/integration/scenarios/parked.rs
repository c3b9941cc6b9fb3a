//! Calls that wait take nothing from those that do not.

use std::fs::{self, File};
use std::io::Write as _;
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use super::{Call, open_files, p99, wait_until};
use crate::harness::connect;
use crate::process::{Process, command};

const PARKED: usize = 2000;
const DEADLINE: Duration = Duration::from_mins(1);

/// Half of the calls hang, half wait for a minute.
fn park(process: &Process, log: &Path) -> Vec<TcpStream> {
    let told = || fs::read_to_string(log).unwrap().matches(" by rule line ").count();
    let before = told();
    let calls = ["hang", "ok+60s"].map(|line| Call::new().token("gnsb_parked").header(line));
    let requests = calls.map(|call| call.bytes(&[]));
    let parked: Vec<_> = (0..PARKED)
        .map(|number| {
            let mut stream = connect(process.address);
            stream.write_all(&requests[number % 2]).unwrap();
            stream
        })
        .collect();
    wait_until("all are parked", DEADLINE, || told() >= before + PARKED);
    parked
}

#[test]
fn calls_that_are_parked_do_not_slow_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut command = command(&["--listen", "127.0.0.1:0"], &[]);
    command.stderr(File::create(&log).unwrap());
    let process = Process::spawn(command);
    let files = open_files(process.id());
    p99(&process, || ());
    let mut attempts = Vec::new();
    // other work on the machine may disturb one of the two
    for _ in 0..5 {
        let quiet = p99(&process, || ());
        let parked = park(&process, &log);
        assert!(open_files(process.id()) >= files + PARKED);
        let loaded = p99(&process, || ());
        assert!(open_files(process.id()) >= files + PARKED, "they were parked all the time");
        drop(parked);
        wait_until("all have left", DEADLINE, || open_files(process.id()) <= files);
        if loaded <= quiet.mul_f64(1.5) {
            return;
        }
        attempts.push((quiet, loaded));
    }
    panic!("p99 without and with {PARKED} parked calls: {attempts:?}");
}
