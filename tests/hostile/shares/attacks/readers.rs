//! Readers of the journal: those that read all of it, and those that wait.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use super::{create, nothing};
use crate::attack::{Attack, Control};
use crate::client::{Client, TIMEOUT};

fn open(address: SocketAddr, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("the server accepts");
    stream.set_read_timeout(Some(TIMEOUT)).expect("a timeout can be set");
    stream.write_all(request.as_bytes()).expect("the server reads");
    stream
}

fn get(path: &str, headers: &str) -> String {
    format!("GET /_sandbox/v1/{path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n")
}

fn verify(tenant: &str, body: &str) -> String {
    format!(
        "POST /_sandbox/v1/tenants/{tenant}/verify HTTP/1.1\r\nHost: localhost\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Reads until there were so many bytes.
fn read_bytes(stream: &mut TcpStream, mut left: usize) {
    let mut buffer = vec![0; 64 * 1024];
    while left > 0 {
        let read = stream.read(&mut buffer).expect("the answer goes on");
        assert_ne!(read, 0, "the answer has ended");
        left = left.saturating_sub(read);
    }
}

/// 20 000 calls of as many tenants as there are numbers below `tenants`.
fn fill(address: SocketAddr, tenants: usize) {
    let mut client = Client::new(address);
    let body = format!(r#"{{"group":{{"name":"{}"}}}}"#, "ab".repeat(100));
    for number in 0..20_000 {
        create(&mut client, &format!("t{}", number % tenants), "", &body);
    }
}

/// A page over all tenants once decoded a page of each.
pub const ALL_EVENTS: Attack = Attack {
    name: "all events of 20 000 calls of 5000 tenants, read by ten clients",
    options: &[],
    prepare: |address| fill(address, 5000),
    run: all_events,
    control: Control::UnitTest("journal::tests::a_page_costs_what_it_returns"),
};

fn all_events(address: SocketAddr) -> Vec<TcpStream> {
    let request = get("events", "Last-Event-ID: from-the-start\r\n");
    let mut streams: Vec<_> = (0..10).map(|_| open(address, &request)).collect();
    for stream in &mut streams {
        read_bytes(stream, 10 * 1024 * 1024);
    }
    streams
}

/// Filters that nothing passes look at everything.
pub const NOTHING_FOUND: Attack = Attack {
    name: "pages of calls that there are none of",
    options: &[],
    prepare: |address| fill(address, 5000),
    run: nothing_found,
    control: Control::UnitTest("journal::tests::a_page_costs_what_it_returns"),
};

fn nothing_found(address: SocketAddr) -> Vec<TcpStream> {
    let mut client = Client::new(address);
    for _ in 0..50 {
        for page in ["limit", "last"] {
            let path = format!("/requests?{page}=1000&outcome=unauthorized&status=418");
            let answer = client.own("GET", &path, "application/json", b"");
            assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        }
    }
    Vec::new()
}

/// Each call once woke all of them.
pub const WAITING: Attack = Attack {
    name: "calls of a tenant for whom 500 verifications and 500 event streams wait",
    options: &[],
    prepare: nothing,
    run: waiting,
    control: Control::UnitTest(
        "server::worker::tests::a_waiting_job_is_looked_at_after_a_change_however_many_there_are",
    ),
};

fn waiting(address: SocketAddr) -> Vec<TcpStream> {
    let verify = verify("attacker", r#"{"match": {"status": 599}, "wait_ms": 60000}"#);
    let events = get("events?tenant=attacker", "");
    let open = |number| open(address, if number % 2 == 0 { &verify } else { &events });
    let streams: Vec<_> = (0..1000).map(open).collect();
    let mut client = Client::new(address);
    for _ in 0..2000 {
        create(&mut client, "attacker", "", "{}");
    }
    streams
}

/// A verification looks at every call, and asks each condition.
pub const VERIFICATIONS: Attack = Attack {
    name: "ten verifications with ten patterns over 20 000 calls",
    options: &[],
    prepare: |address| fill(address, 1),
    run: verifications,
    control: Control::UnitTest("admin::verify::tests::a_verification_of_many_calls_goes_in_slices"),
};

fn verifications(address: SocketAddr) -> Vec<TcpStream> {
    let any: Vec<_> = (0..10)
        .map(|number| {
            format!(r#"{{"body": {{"group.name": {{"regex": "[ab]*a[ab]{{{number}}}c"}}}}}}"#)
        })
        .collect();
    let request = verify("t0", &format!(r#"{{"match": {{"any": [{}]}}}}"#, any.join(", ")));
    let streams = (0..10).map(|_| open(address, &request)).collect();
    // they go on meanwhile
    let mut client = Client::new(address);
    for _ in 0..2000 {
        create(&mut client, "attacker", "", "{}");
    }
    streams
}

/// Each once held its whole page.
pub const UNREAD: Attack = Attack {
    name: "200 long pages that nobody reads",
    options: &[],
    prepare: |address| fill(address, 1),
    run: unread,
    control: Control::UnitTest("admin::listing::tests::a_long_list_is_made_as_it_is_read"),
};

fn unread(address: SocketAddr) -> Vec<TcpStream> {
    let request = get("requests?limit=1000", "");
    let mut streams: Vec<_> = (0..200).map(|_| open(address, &request)).collect();
    // each has got what there is before it has to be read
    for stream in &mut streams {
        read_bytes(stream, 1);
    }
    streams
}
