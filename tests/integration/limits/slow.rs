//! Slow clients do not slow down others.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

use crate::harness::connect;
use crate::latency::{assert_not_slower, start_server};
use crate::scenarios::{open_files, wait_until};

const SLOW: usize = 1000;
const SILENT: usize = 1000;

#[test]
fn slow_and_silent_clients_do_not_slow_down_others() {
    let (unloaded, loaded) = (start_server(), start_server());
    let files = open_files(loaded.id());
    let _silent: Vec<_> = (0..SILENT).map(|_| connect(loaded.address)).collect();
    let mut slow: Vec<TcpStream> = (0..SLOW)
        .map(|number| {
            let mut stream = connect(loaded.address);
            let head = "POST /api/thirdparty/group/create HTTP/1.1\r\nHost: x\r\n";
            // half of them are slow with their head, half with their body
            let more = if number % 2 == 0 { "" } else { "Content-Length: 100000\r\n\r\n" };
            stream.write_all(format!("{head}{more}").as_bytes()).unwrap();
            stream
        })
        .collect();
    wait_until("all are connected", Duration::from_secs(20), || {
        open_files(loaded.id()) >= files + SILENT + SLOW
    });
    let mut next = 0;
    let what = format!("with {SLOW} slow and {SILENT} silent clients");
    assert_not_slower(&what, 1.25, (&unloaded, &loaded), || {
        next = (next + 1) % SLOW;
        // an error means that this client was too slow and has been refused
        let _ = slow[next].write_all(b"x");
    });
}
