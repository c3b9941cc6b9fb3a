//! Calls that take long hold up no others but those of their tenant.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use super::super::{Limits, Listeners, ShutdownResult, run, runtime};
use super::read_answer;
use crate::call::{Config, LONG_BODY_BYTES, Sandbox};
use crate::world::TenantName;

/// If the server waits for what it must not wait for, the test fails after this time.
const MUST_HAPPEN: Duration = Duration::from_secs(30);

/// Sends a call of a tenant.
fn send(stream: &mut TcpStream, tenant: &str, body: &str) {
    write!(
        stream,
        "POST /api/thirdparty/group/create HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer gnsb_{tenant}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
}

fn call(stream: &mut TcpStream, tenant: &str, body: &str) -> String {
    send(stream, tenant, body);
    read_answer(stream)
}

/// Has the lock of a tenant as a call would that takes long, and makes other calls meanwhile.
fn call_while_one_takes_long(sandbox: &Sandbox, [mut same, mut other, mut long]: [TcpStream; 3]) {
    let tenant = sandbox.get_or_create_tenant(&TenantName::parse("busy").unwrap()).unwrap();
    let (state, taking_long) = (tenant.lock(), tenant.begin_long_call());
    send(&mut same, "busy", "{}");
    for _ in 0..10 {
        assert!(call(&mut other, "free", "{}").starts_with("400 "));
    }
    same.set_nonblocking(true).unwrap();
    assert_eq!(same.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock, "it waits");
    same.set_nonblocking(false).unwrap();
    drop((state, taking_long));
    // calls of a tenant wait for the end of any that takes long
    assert!(call(&mut long, "long", &" ".repeat(LONG_BODY_BYTES)).starts_with("400 "));
    assert!(read_answer(&mut same).starts_with("400 "));
    let name = TenantName::parse("busy").unwrap();
    let record = sandbox.journal.last(&name).unwrap();
    assert_eq!(record.seq, 1, "a call that has waited is recorded once");
}

#[test]
fn a_call_that_takes_long_holds_up_only_those_of_its_tenant() {
    runtime().unwrap().block_on(async {
        let sandbox = Arc::new(Sandbox::new(Config::default()).unwrap());
        let listeners = Listeners::bind(&[([127, 0, 0, 1], 0).into()]).unwrap();
        let address = listeners.address();
        let called = Arc::clone(&sandbox);
        let client = tokio::task::spawn_blocking(move || {
            let streams = [(); 3].map(|()| TcpStream::connect(address).unwrap());
            for stream in &streams {
                stream.set_read_timeout(Some(MUST_HAPPEN)).unwrap();
            }
            call_while_one_takes_long(&called, streams);
        });
        let stop = async { client.await.unwrap() };
        assert_eq!(run(listeners, sandbox, Limits::default(), stop).await, ShutdownResult::Drained);
    });
}
