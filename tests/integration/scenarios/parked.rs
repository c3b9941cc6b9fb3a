//! Calls that wait do not slow down others.

use std::fs::{self, File};
use std::io::Write as _;
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use super::{Call, open_files, wait_until};
use crate::harness::connect;
use crate::latency::{assert_not_slower, start_server};
use crate::process::{Process, command};

const WAITING: usize = 2000;

/// Starts calls of which some hang, some are delayed by a minute and some are held.
fn start_waiting_calls(process: &Process, log: &Path) -> Vec<TcpStream> {
    let call = |number: usize| {
        let line = ["hang", "ok+60s", "hang", "hold"][number % 4];
        // fewer of a tenant than it can hold
        Call::new().token(&format!("gnsb_waiting{}", number / 200)).header(line)
    };
    let streams = (0..WAITING)
        .map(|number| {
            let mut stream = connect(process.address);
            stream.write_all(&call(number).bytes(&[])).unwrap();
            stream
        })
        .collect();
    wait_until("all calls are logged", Duration::from_mins(1), || {
        fs::read_to_string(log).unwrap().matches(" by rule line ").count() >= WAITING
    });
    streams
}

#[test]
fn waiting_calls_do_not_slow_down_others() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut command = command(&["--listen", "127.0.0.1:0"], &[]);
    command.stderr(File::create(&log).unwrap());
    let (unloaded, loaded) = (start_server(), Process::spawn(command));
    let files = open_files(loaded.id());
    let _waiting = start_waiting_calls(&loaded, &log);
    let what = format!("with {WAITING} waiting calls");
    assert_not_slower(&what, 1.25, (&unloaded, &loaded), || ());
    assert!(open_files(loaded.id()) >= files + WAITING, "a call ended too early");
}
