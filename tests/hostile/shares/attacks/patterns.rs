//! Scenarios whose patterns or rules take long.

use std::fmt::Write as _;
use std::net::{SocketAddr, TcpStream};

use super::{create, nothing};
use crate::attack::{Attack, Control};
use crate::client::Client;

/// Patterns that few engines match in one look at each letter, and a text that is long for them.
pub const SLOW: Attack = Attack {
    name: "40 patterns like (?:[ab]{0,30}a){40}c, and a text of 16 KiB",
    options: &[],
    prepare: nothing,
    run: slow,
    control: Control::UnitTest(
        "scenario::file::pattern::tests::the_cost_is_that_of_the_worst_text",
    ),
};

fn slow(address: SocketAddr) -> Vec<TcpStream> {
    let mut client = Client::new(address);
    let text = "ab".repeat(8 * 1024);
    let body = format!(r#"{{"group":{{"name":"{text}"}}}}"#);
    for pattern in ["(?:[ab]{0,30}a){40}c", "(?:a|b|ab)*c", "[ab]*a[ab]{12}c", r"(?:\w{0,20}b){9}c"]
    {
        for count in [1, 4, 40] {
            let mut file = String::from("version: 1\nrules:\n");
            for number in 0..count {
                let _ = writeln!(
                    file,
                    "- {{ id: r{number}, match: {{ body: {{ group.name: {{ regex: '{pattern}' }} }} }}, do: {{ outcome: 500 }} }}"
                );
            }
            client.own("PUT", "/scenarios/slow", "application/yaml", file.as_bytes());
            create(&mut client, "attacker", "X-Sandbox-Scenario: slow\r\n", &body);
        }
    }
    Vec::new()
}

/// Patterns that are large once they are compiled.
pub const MANY: Attack = Attack {
    name: "an upload of 600 patterns",
    options: &[],
    prepare: nothing,
    run: many,
    control: Control::UnitTest("scenario::file::pattern::tests::a_pattern_says_what_it_takes"),
};

fn many(address: SocketAddr) -> Vec<TcpStream> {
    let mut client = Client::new(address);
    for pattern in [r"\\w{20}", r"[a-z]+@[a-z]{2,9}", r"(?i)flaky.*\\d"] {
        for upload in 0..4 {
            let mut file = String::from("version: 1\nrules:\n");
            for number in 0..600 {
                let _ = writeln!(
                    file,
                    "- {{ id: r{number}, match: {{ body: {{ group.name: {{ regex: \"{pattern}{number}\" }} }} }}, do: {{ outcome: 500 }} }}"
                );
            }
            let path = format!("/scenarios/many-{upload}");
            client.own("PUT", &path, "application/yaml", file.as_bytes());
            let scenario = format!("X-Sandbox-Scenario: many-{upload}\r\n");
            create(&mut client, "attacker", &scenario, r#"{"group":{"name":"x"}}"#);
        }
    }
    Vec::new()
}

/// As many as a file may have.
const RULES: usize = 800;

/// Every tenant that used the first version compares its rules with those of the second.
pub const SECOND_UPLOAD: Attack = Attack {
    name: "a second upload of 800 rules that 500 tenants have used",
    options: &[],
    prepare: first_upload,
    run: second_upload,
    control: Control::UnitTest(
        "scenario::file::rule::tests::a_rule_is_found_among_others_if_it_does_the_same",
    ),
};

fn upload_rules(client: &mut Client, status: u16) {
    let mut file = String::from("version: 1\nrules:\n");
    for number in 0..RULES {
        let _ = writeln!(
            file,
            "- {{ id: r{number}, match: {{ tenant: 'x*' }}, do: {{ outcome: {status} }} }}"
        );
    }
    let answer = client.own("PUT", "/scenarios/rules", "application/yaml", file.as_bytes());
    assert!(answer.status < 300, "{}", String::from_utf8_lossy(&answer.body));
}

fn use_rules(client: &mut Client) {
    for tenant in 0..500 {
        create(client, &format!("t{tenant}"), "X-Sandbox-Scenario: rules\r\n", "{}");
    }
}

fn first_upload(address: SocketAddr) {
    let mut client = Client::new(address);
    upload_rules(&mut client, 500);
    use_rules(&mut client);
}

fn second_upload(address: SocketAddr) -> Vec<TcpStream> {
    let mut client = Client::new(address);
    upload_rules(&mut client, 503);
    use_rules(&mut client);
    // what is listed with its hits
    client.own("GET", "/scenarios", "application/json", b"");
    Vec::new()
}
