//! Clients that send slowly, or do not read what they asked for.

use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};

use socket2::{Domain, Socket, Type};

use super::{create, nothing};
use crate::attack::{Attack, Control};
use crate::client::{CREATE, Client};

/// As long as a body may be, but for a little.
const LONG_BYTES: usize = 1_000_000;

/// Opens connections and sends the same bytes on each.
fn open(address: SocketAddr, count: usize, bytes: &[u8]) -> Vec<TcpStream> {
    let open = |_| {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None).unwrap();
        // so that the kernel does not take what the client does not read
        socket.set_recv_buffer_size(4096).unwrap();
        socket.connect(&address.into()).unwrap();
        let mut stream = TcpStream::from(socket);
        // an error means that the server has refused it already
        let _ = stream.write_all(bytes);
        stream
    };
    let opened = (0..count).map(open).collect();
    // calls that are served in turn with what was opened
    let mut client = Client::new(address);
    for _ in 0..300 {
        create(&mut client, "attacker", "", "{}");
    }
    opened
}

/// Bodies that are sent but for the last byte.
pub const BODIES: Attack = Attack {
    name: "300 bodies of 1 MB under way",
    options: &[],
    prepare: nothing,
    run: bodies,
    control: Control::Options { options: &["--max-memory", "4096"], grows_mib: 100.0 },
};

fn bodies(address: SocketAddr) -> Vec<TcpStream> {
    let head = format!(
        "POST {CREATE} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer gnsb_attacker\r\n\
         Content-Length: {LONG_BYTES}\r\n\r\n"
    );
    open(address, 300, &[head.as_bytes(), &vec![b' '; LONG_BYTES - 1]].concat())
}

/// Answers that nobody reads.
pub const ANSWERS: Attack = Attack {
    name: "200 connections with 8 unread answers of 1 MB",
    options: &[],
    prepare: long_group,
    run: answers,
    control: Control::UnitTest(
        "server::tests::memory::an_answer_takes_memory_from_when_it_is_made_until_it_is_written",
    ),
};

fn long_group(address: SocketAddr) {
    let description = "x".repeat(LONG_BYTES);
    let body = format!(
        r#"{{"type":4,"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667","group":{{"name":"n","description":"{description}"}}}}"#
    );
    assert_eq!(create(&mut Client::new(address), "attacker", "", &body).status, 200);
}

fn answers(address: SocketAddr) -> Vec<TcpStream> {
    let path = "/_sandbox/v1/tenants/attacker/groups";
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    // the kernel takes the first ones
    open(address, 200, request.repeat(8).as_bytes())
}

/// Readers of the journal from its beginning that read nothing.
pub const EVENTS: Attack = Attack {
    name: "60 event streams that are not read",
    options: &[],
    prepare: long_calls,
    run: events,
    control: Control::UnitTest(
        "server::tests::memory::a_stream_makes_no_piece_before_the_client_has_read_the_last",
    ),
};

fn long_calls(address: SocketAddr) {
    let mut client = Client::new(address);
    let body = format!(r#"{{"group":{{"name":"{}"}}}}"#, "x".repeat(14_000));
    for _ in 0..1000 {
        create(&mut client, "attacker", "", &body);
    }
}

fn events(address: SocketAddr) -> Vec<TcpStream> {
    let head = "GET /_sandbox/v1/events HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: 0\r\n\r\n";
    open(address, 60, head.as_bytes())
}

/// Connections that do nothing, that play a fault, and that never end their head.
pub const IDLE: Attack = Attack {
    name: "3000 connections that are silent, hang or send half a head",
    options: &[],
    prepare: nothing,
    run: idle,
    control: Control::UnitTest(
        "server::tests::memory::heads_that_come_in_parts_are_refused_when_they_exceed_the_memory",
    ),
};

fn idle(address: SocketAddr) -> Vec<TcpStream> {
    let hang = format!(
        "POST {CREATE} HTTP/1.1\r\nHost: localhost\r\nX-Sandbox-Scenario: hang\r\n\
         Authorization: Bearer gnsb_attacker\r\nContent-Length: 2\r\n\r\n{{}}"
    );
    let head = format!("POST {CREATE} HTTP/1.1\r\nX: {}", "x".repeat(12_000));
    let mut opened = open(address, 1000, b"");
    opened.extend(open(address, 1000, hang.as_bytes()));
    opened.extend(open(address, 1000, head.as_bytes()));
    opened
}
