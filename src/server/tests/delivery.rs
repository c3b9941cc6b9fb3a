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
    let mut stream = TcpStream::connect(address).unwrap();
    let length = BODY.len();
    // at once, since a head in parts takes memory
    let request = format!(
        "POST /api/thirdparty/group/create HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer gnsb_a\r\n\
         X-Sandbox-Scenario: {scenario}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{BODY}"
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
        serve(&sandbox, move |address| {
            let mut stream = call(address, scenario);
            let mut head = [0; 12];
            stream.read_exact(&mut head).unwrap();
            assert_eq!(&head, b"HTTP/1.1 503", "{scenario}");
            vec![stream]
        });
        drop(others);
        let records = records(&sandbox);
        let ends: Vec<_> = records.iter().map(|record| (record.status, record.delivery)).collect();
        assert_eq!(ends, expected, "{scenario}: {records:?}");
    }
}
