//! Readers that wait for calls do not slow down the calls.

use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::harness::connect;
use crate::latency::{assert_not_slower, start_server};
use crate::scenarios::{Call, Kept, open_files, wait_until};

const READERS: usize = 400;

/// Opens requests that wait: event streams of nobody's calls, and verifications of those that are timed,
/// which no call fulfils.
fn start_readers(address: SocketAddr) -> Vec<TcpStream> {
    let verify = r#"{"match": {"status": 599}, "wait_ms": 60000}"#;
    let requests = [
        "GET /_sandbox/v1/events?tenant=nobody HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(),
        format!(
            "POST /_sandbox/v1/tenants/demo/verify HTTP/1.1\r\nHost: localhost\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{verify}",
            verify.len()
        ),
    ];
    let open = |number: usize| {
        let mut stream = connect(address);
        stream.write_all(requests[number % 2].as_bytes()).unwrap();
        stream
    };
    (0..READERS).map(open).collect()
}

#[test]
fn event_readers_and_waiting_verifications_do_not_slow_down_calls() {
    let (unloaded, loaded) = (start_server(), start_server());
    let files = open_files(loaded.id());
    let _readers = start_readers(loaded.address);
    wait_until("all are connected", Duration::from_secs(20), || {
        open_files(loaded.id()) >= files + READERS
    });
    // one call, after which all have been looked at
    assert_eq!(Kept::open(loaded.address).call(&Call::new().bytes(&[])), 200);
    // they are looked at on another processor, if there is one; woken by each call they made one 20 times as
    // long
    let what = format!("with {READERS} readers that wait");
    assert_not_slower(&what, 2.5, (&unloaded, &loaded), || ());
    assert!(open_files(loaded.id()) >= files + READERS, "one ended too early");
}
