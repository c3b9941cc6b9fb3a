//! Clients that send slowly, or do not read what they asked for.

use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use socket2::{Domain, Socket, Type};

use super::{create, nothing};
use crate::attack::{Attack, Control};
use crate::client::{CREATE, Client, TIMEOUT};

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

/// A call of the attacker that chooses a scenario.
fn call_with(scenario: &str) -> String {
    format!(
        "POST {CREATE} HTTP/1.1\r\nHost: localhost\r\nX-Sandbox-Scenario: {scenario}\r\n\
         Authorization: Bearer gnsb_attacker\r\nContent-Length: 2\r\n\r\n{{}}"
    )
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
    let hang = call_with("hang");
    let head = format!("POST {CREATE} HTTP/1.1\r\nX: {}", "x".repeat(12_000));
    let mut opened = open(address, 1000, b"");
    opened.extend(open(address, 1000, hang.as_bytes()));
    opened.extend(open(address, 1000, head.as_bytes()));
    opened
}

/// Makes calls that need memory until one finds some, which must be soon.
fn others_go_on(address: SocketAddr) {
    let body = format!(r#"{{"group":{{"name":"{}"}}}}"#, "x".repeat(20_000));
    let (mut client, began) = (Client::new(address), Instant::now());
    while create(&mut client, "victim", "", &body).status == 503 {
        assert!(began.elapsed() < TIMEOUT, "others still find no memory");
    }
}

/// Long bodies that are sent but for the last byte, as many as there is memory for.
pub const SLOW_BODIES: Attack = Attack {
    name: "13 bodies of 1 MB that take all memory",
    options: &[],
    prepare: nothing,
    run: slow_bodies,
    control: Control::UnitTest(
        "server::tests::giving_way::what_waits_for_a_second_gives_way_to_others_the_longest_first",
    ),
};

fn slow_bodies(address: SocketAddr) -> Vec<TcpStream> {
    let head = format!(
        "POST {CREATE} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer gnsb_attacker\r\n\
         Content-Length: {LONG_BYTES}\r\n\r\n"
    );
    let opened = open(address, 13, &[head.as_bytes(), &vec![b' '; LONG_BYTES - 1]].concat());
    others_go_on(address);
    opened
}

/// Answers that wait for an hour, each 12 times as long as its body.
pub const DELAYED: Attack = Attack {
    name: "4 answers of 12 MB with a delay of an hour",
    options: &[],
    prepare: nothing,
    run: delayed,
    control: Control::UnitTest(
        "server::tests::giving_way::what_waits_for_a_second_gives_way_to_others_the_longest_first",
    ),
};

fn delayed(address: SocketAddr) -> Vec<TcpStream> {
    let body = format!(
        r#"{{"type":4,"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667","group":{{"dp":"{}"}}}}"#,
        " ".repeat(LONG_BYTES)
    );
    let length = body.len();
    let call = format!(
        "POST {CREATE} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer gnsb_attacker\r\n\
         X-Sandbox-Scenario: ok+1h\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    let opened = open(address, 4, call.as_bytes());
    others_go_on(address);
    opened
}

/// More connections than there may be, none of which ends by itself.
pub const HANGS: Attack = Attack {
    name: "10 100 connections that hang",
    options: &[],
    prepare: nothing,
    run: hangs,
    control: Control::UnitTest(
        "server::tests::giving_way::a_connection_that_waits_gives_its_place_to_a_new_one",
    ),
};

fn hangs(address: SocketAddr) -> Vec<TcpStream> {
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).unwrap();
    let hang = call_with("hang");
    (0..10_100)
        .map(|_| {
            let mut stream = TcpStream::connect(address).unwrap();
            // an error means that it was closed for another
            let _ = stream.write_all(hang.as_bytes());
            stream
        })
        .collect()
}

/// Answers whose headers are as long as they may be.
pub const HEADERS: Attack = Attack {
    name: "800 unread answers with headers of 16 KB",
    options: &[],
    prepare: long_headers,
    run: headers,
    control: Control::UnitTest(
        "server::tests::giving_way::the_headers_of_an_answer_take_memory_until_they_are_written",
    ),
};

fn long_headers(address: SocketAddr) {
    for (count, expected) in [(100, 400), (2, 200)] {
        let headers: Vec<_> =
            (0..count).map(|n| format!(r#""x-{n}":"{}""#, "v".repeat(8000))).collect();
        let scenario = format!(
            r#"{{"version":1,"name":"long","rules":[{{"id":"r","do":{{"outcome":"500","headers":{{{}}}}}}}]}}"#,
            headers.join(",")
        );
        let path = "/scenarios/long";
        let answer = Client::new(address).own("PUT", path, "application/json", scenario.as_bytes());
        assert_eq!(answer.status, expected, "{count}");
    }
}

fn headers(address: SocketAddr) -> Vec<TcpStream> {
    open(address, 800, call_with("long").as_bytes())
}
