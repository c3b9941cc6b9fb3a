//! The journal has the delivery of answers when the server ends or runs out of memory.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use super::super::{Limits, Listeners, ShutdownResult, run, runtime};
use crate::call::{Config, Sandbox};
use crate::http::DeliveryStatus;
use crate::journal::CallRecord;
use crate::world::TenantName;

const BODY: &str = r#"{"type":4,"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667"}"#;

/// Makes a call of tenant `a` on a connection of its own.
fn call(address: SocketAddr, scenario: &str) -> TcpStream {
    call_with(address, scenario, BODY)
}

fn call_with(address: SocketAddr, scenario: &str, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    // at once, since a head in parts takes memory
    let request = format!(
        "POST /api/thirdparty/group/create HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer gnsb_a\r\n\
         X-Sandbox-Scenario: {scenario}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

fn records(sandbox: &Sandbox) -> Vec<CallRecord<'static>> {
    let tenant = TenantName::parse("a").unwrap();
    (1..).map_while(|seq| sandbox.journal.record(&tenant, seq)).collect()
}

/// Serves until the clients are done, which run on another thread.
fn serve(
    sandbox: &Arc<Sandbox>,
    clients: impl FnOnce(SocketAddr) -> Vec<TcpStream> + Send + 'static,
) {
    runtime().unwrap().block_on(async {
        let listeners = Listeners::bind(&[([127, 0, 0, 1], 0).into()]).unwrap();
        let address = listeners.address();
        let clients = tokio::task::spawn_blocking(move || clients(address));
        let mut open = None;
        let stop = async { open = Some(clients.await.unwrap()) };
        let ended = run(listeners, Arc::clone(sandbox), Limits::default(), stop).await;
        assert_eq!(ended, ShutdownResult::Drained);
    });
}

#[test]
fn a_delay_that_a_shutdown_cuts_short_ends_with_a_sent_answer() {
    let sandbox = Arc::new(Sandbox::new(Config::default()).unwrap());
    let calls = Arc::clone(&sandbox);
    serve(&sandbox, move |address| {
        let streams = ["500+60s", "close+60s", "ok+60s"].map(|line| call(address, line));
        while records(&calls).len() < streams.len() {
            std::thread::yield_now();
        }
        let pending = |record: &CallRecord| record.delivery == DeliveryStatus::Pending;
        assert!(records(&calls).iter().all(pending));
        streams.into()
    });
    for record in records(&sandbox) {
        let expected = match record.status {
            Some(_) => DeliveryStatus::Sent,
            None => DeliveryStatus::Fault,
        };
        assert_eq!(record.delivery, expected, "{record:?}");
        assert!(record.answered_us.unwrap() >= record.received_us);
    }
}

#[test]
fn an_answer_for_which_there_is_no_memory_is_a_fault_and_its_refusal_is_sent() {
    let refused = (Some(503), DeliveryStatus::Sent);
    for (scenario, expected) in [
        ("ok+1ms", &[(Some(200), DeliveryStatus::Fault), refused][..]),
        // its request is not there any more to be journalled as refused
        ("hold+1ms", &[(Some(200), DeliveryStatus::Fault)]),
    ] {
        // 12 MiB in all, of which connections have the least
        let config = Config { max_memory_mib: Some(12), ..Config::default() };
        let sandbox = Arc::new(Sandbox::new(config).unwrap());
        let memory = Arc::clone(&sandbox.memory.connections);
        // a short request takes none, an answer that waits does
        let others = memory.take(memory.limit_bytes() - 1024).unwrap();
        let calls = Arc::clone(&sandbox);
        serve(&sandbox, move |address| {
            // a short request takes none, an answer that waits does; one is let through
            let first = call(address, "ok+60s");
            while records(&calls).is_empty() {
                std::thread::yield_now();
            }
            let mut stream = call(address, scenario);
            let mut head = [0; 12];
            stream.read_exact(&mut head).unwrap();
            assert_eq!(&head, b"HTTP/1.1 503", "{scenario}");
            vec![first, stream]
        });
        drop(others);
        let records = records(&sandbox);
        let ends: Vec<_> = records.iter().map(|record| (record.status, record.delivery)).collect();
        assert_eq!(ends[0], (Some(200), DeliveryStatus::Sent), "{scenario}");
        assert_eq!(ends[1..], *expected, "{scenario}: {records:?}");
    }
}

/// A file name of the body is in four links, where each of its bytes takes three.
#[test]
fn no_call_is_made_whose_answer_could_find_no_memory() {
    // of which connections have 1.5 MiB
    let config = Config { max_memory_mib: Some(12), ..Config::default() };
    let sandbox = Arc::new(Sandbox::new(config).unwrap());
    let calls = Arc::clone(&sandbox);
    serve(&sandbox, move |address| {
        let long = |scenario, bytes| {
            let group = format!(r#","group":{{"dp":"{}"}}}}"#, " ".repeat(bytes));
            call_with(address, scenario, &BODY.replace('}', &group))
        };
        let status = |bytes| {
            let mut head = [0; 12];
            long("ok", bytes).read_exact(&mut head).unwrap();
            head
        };
        // longer than all of it
        assert_eq!(&status(1_000_000), b"HTTP/1.1 200");
        let waiting = [80_000, 90_000].map(|bytes| {
            let before = records(&calls).len();
            let stream = long("ok+60s", bytes);
            while records(&calls).len() == before {
                std::thread::yield_now();
            }
            stream
        });
        assert_eq!(&status(70_000), b"HTTP/1.1 503");
        waiting.into()
    });
    let made: Vec<_> =
        records(&sandbox).iter().map(|record| (record.status, record.committed)).collect();
    assert_eq!(made, [(Some(200), true), (Some(200), true), (Some(200), true), (Some(503), false)]);
}

#[test]
fn a_call_that_waits_gives_way_and_its_delivery_is_what_became_of_it() {
    for (scenario, answer, delivery) in
        [("ok+1h", "", DeliveryStatus::Fault), ("hold", "HTTP/1.1 200", DeliveryStatus::Sent)]
    {
        let sandbox = Arc::new(Sandbox::new(Config::default()).unwrap());
        let calls = Arc::clone(&sandbox);
        let memory = Arc::clone(&sandbox.memory.connections);
        serve(&sandbox, move |address| {
            let mut waiting = call(address, scenario);
            while memory.used_bytes() == 0 {
                std::thread::yield_now();
            }
            let others = memory.take(memory.left_bytes()).unwrap();
            // the one that is let through, so that there is no room for more
            let let_through = call(address, "ok+1h");
            while records(&calls).len() < 2 {
                std::thread::yield_now();
            }
            waiting.set_nonblocking(true).unwrap();
            let mut received = [0; 12];
            // until it has waited for a second
            let length = loop {
                if let Ok(length) = waiting.read(&mut received) {
                    break length;
                }
                call(address, "ok+1ms").read_exact(&mut [0; 12]).unwrap();
            };
            assert_eq!(&received[..length], answer.as_bytes(), "{scenario}");
            drop(others);
            vec![let_through]
        });
        let first = &records(&sandbox)[0];
        assert_eq!((first.status, first.delivery), (Some(200), delivery), "{scenario}");
    }
}
