//! Clients that are slow on purpose take nothing from those that are not.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

use crate::harness::connect;
use crate::process::{Process, command};
use crate::scenarios::{open_files, p99, wait_until};

const SLOW: usize = 1000;
const SILENT: usize = 1000;

#[test]
fn a_thousand_slow_clients_and_as_many_silent_ones_do_not_slow_the_others() {
    let process = Process::spawn(command(&["--listen", "127.0.0.1:0", "--log", "error"], &[]));
    let files = open_files(process.id());
    p99(&process, || ());
    let mut attempts = Vec::new();
    // other work on the machine may disturb one of the two
    for _ in 0..5 {
        let quiet = p99(&process, || ());
        let silent: Vec<_> = (0..SILENT).map(|_| connect(process.address)).collect();
        let mut slow: Vec<TcpStream> = (0..SLOW)
            .map(|number| {
                let mut stream = connect(process.address);
                let head = "POST /api/thirdparty/group/create HTTP/1.1\r\nHost: x\r\n";
                // half of them are slow with their head, half with their body
                let more = if number % 2 == 0 { "" } else { "Content-Length: 100000\r\n\r\n" };
                stream.write_all(format!("{head}{more}").as_bytes()).unwrap();
                stream
            })
            .collect();
        wait_until("all are in", Duration::from_secs(20), || {
            open_files(process.id()) >= files + SILENT + SLOW
        });
        let mut next = 0;
        let loaded = p99(&process, || {
            next = (next + 1) % SLOW;
            // one that took too long has been refused meanwhile
            let _ = slow[next].write_all(b"x");
        });
        drop((silent, slow));
        wait_until("all have left", Duration::from_mins(1), || open_files(process.id()) <= files);
        if loaded <= quiet * 2 {
            return;
        }
        attempts.push((quiet, loaded));
    }
    panic!("p99 without and with slow clients: {attempts:?}");
}
