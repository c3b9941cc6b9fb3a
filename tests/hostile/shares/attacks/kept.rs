//! Data that a client can make the server keep by naming anything.

use std::net::{SocketAddr, TcpStream};

use serde_json::{Value, json};

use super::{create, nothing};
use crate::attack::{Attack, Control};
use crate::client::Client;

const EXAMPLE: &str = include_str!("../../../integration/examples/create-group.request.json");

/// Each line has hundreds of steps once it is parsed.
pub const LINES: Attack = Attack {
    name: "a new line of 1 KiB on each of 10 240 calls of 40 tenants",
    options: &["--journal-mib", "1"],
    prepare: nothing,
    run: lines,
    control: Control::Options { options: &["--max-memory", "4096"], grows_mib: 20.0 },
};

fn lines(address: SocketAddr) -> Vec<TcpStream> {
    let mut client = Client::new(address);
    let rest = "ok,".repeat(336) + "ok";
    for number in 1..=10_240 {
        let header = format!("X-Sandbox-Scenario: {number}x500,{rest}\r\n");
        let answer = create(&mut client, &format!("t{}", number % 40), &header, "{}");
        assert_eq!(answer.status, 500);
    }
    Vec::new()
}

/// Just below the size at which a group once counted as two.
pub const GROUPS: Attack = Attack {
    name: "20 000 groups of 8 KB",
    options: &["--journal-mib", "1"],
    prepare: nothing,
    run: groups,
    control: Control::Options { options: &["--max-groups", "200000"], grows_mib: 80.0 },
};

fn groups(address: SocketAddr) -> Vec<TcpStream> {
    let mut client = Client::new(address);
    let mut body: Value = serde_json::from_str(EXAMPLE).unwrap();
    body.as_object_mut().unwrap().remove("chat_id");
    body["group"]["name"] = json!("x".repeat(7500));
    let body = body.to_string();
    for number in 0..20_000 {
        let answer = create(&mut client, &format!("t{}", number % 10), "", &body);
        assert_eq!(answer.status, 200);
    }
    Vec::new()
}

/// What the own API adds is kept as long as its tenant.
pub const USERS: Attack = Attack {
    name: "60 users with names of 1 MB",
    options: &[],
    prepare: nothing,
    run: users,
    control: Control::Options { options: &["--max-memory", "4096"], grows_mib: 30.0 },
};

fn users(address: SocketAddr) -> Vec<TcpStream> {
    let mut client = Client::new(address);
    let name = "x".repeat(1_000_000);
    for number in 0..60 {
        let user_id = format!("{number:08x}-1111-4222-8333-444455556666");
        let user = json!({"user_id": user_id, "username": format!("u{number}"), "name": name});
        let path = format!("/tenants/t{}/users", number % 5);
        client.own("POST", &path, "application/json", user.to_string().as_bytes());
    }
    Vec::new()
}

/// A name of a scenario has spaces around it.
pub const OVERRIDES: Attack = Attack {
    name: "overrides of ok and a million spaces for 100 tenants",
    options: &[],
    prepare: nothing,
    run: overrides,
    control: Control::UnitTest(
        "memory::overrides_are_weighed_without_the_spaces_around_their_scenario",
    ),
};

fn overrides(address: SocketAddr) -> Vec<TcpStream> {
    let mut client = Client::new(address);
    let body = json!({"scenario": format!("ok{}", " ".repeat(1_000_000)), "ttl": "forever"});
    for number in 0..100 {
        let path = format!("/tenants/t{number}/scenario");
        client.own("PUT", &path, "application/json", body.to_string().as_bytes());
        create(&mut client, &format!("t{number}"), "", "{}");
    }
    Vec::new()
}

/// As many as there may be, and some that are refused.
pub const TENANTS: Attack = Attack {
    name: "a call of each of 15 000 tenants with long names",
    options: &[],
    prepare: nothing,
    run: tenants,
    control: Control::UnitTest("memory::tenants_are_bounded_by_memory_too"),
};

fn tenants(address: SocketAddr) -> Vec<TcpStream> {
    let mut client = Client::new(address);
    for number in 0..15_000 {
        let answer = create(&mut client, &format!("{number:0>63}"), "", "{}");
        assert!([400, 507].contains(&answer.status), "{}", answer.status);
    }
    Vec::new()
}
