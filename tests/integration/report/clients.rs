//! Small clients with one mistake each, and one that does everything right, all at the same time.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::thread::{scope, sleep};
use std::time::Duration;

use genuin_sandbox::Clock;
use serde_json::{Value, json};

use super::{Client, found, group, group_with_id};
use crate::admin::{each, entries, list, read, write};
use crate::harness::App;
use crate::scenarios::wait_until;

const LIMIT: Duration = Duration::from_secs(30);

/// How long clients wait before a retry that is no haste.
const PAUSE: Duration = Duration::from_millis(150);

/// A client, what is found of it, and of the calls in which.
struct Case {
    name: &'static str,
    client: fn(&mut Client),
    found: &'static [&'static str],
}

const CASES: [Case; 11] = [
    Case {
        name: "retries-everything",
        client: |client| {
            assert_eq!(client.status("5026", &group("x")), 500);
            sleep(PAUSE);
            assert_eq!(client.status("", &group("x")), 200);
        },
        found: &["retried-permanent [1,2]"],
    },
    Case {
        name: "makes-up-ids",
        client: |client| {
            assert_eq!(client.status("500/after-commit", &group_with_id("x", 1)), 500);
            sleep(PAUSE);
            assert_eq!(client.status("", &group_with_id("x", 2)), 200);
        },
        found: &["duplicate-after-unknown [1,2]"],
    },
    Case {
        name: "hurries",
        client: |client| {
            // more often than it takes, since a busy machine may make gaps all the same
            let answers = client.create_in_a_row(9, "503", &group("x"));
            assert_eq!(answers.matches("HTTP/1.1 503 ").count(), 9, "{answers}");
            sleep(PAUSE);
            assert_eq!(client.status("", &group("x")), 200);
        },
        found: &["no-backoff"],
    },
    Case {
        name: "knows-no-retry-after",
        client: |client| {
            // longer than a client can be held up by a busy machine
            let rules = json!([{"id": "a", "do": {"outcome": "rate-limited", "retry_after": 600}}]);
            let scenario = json!({"version": 1, "rules": rules});
            write(client.address, "PUT", "scenarios/slow-down", &scenario);
            assert_eq!(client.status("slow-down", &group("x")), 429);
            sleep(PAUSE);
            assert_eq!(client.status("", &group("x")), 200);
        },
        found: &["ignored-retry-after [1,2]"],
    },
    Case {
        name: "never-stops",
        client: |client| {
            for _ in 0..11 {
                assert_eq!(client.status("503", &group("x")), 503);
                sleep(PAUSE);
            }
        },
        found: &["retry-storm [1,2,3,4,5,6,7,8,9,10,11]"],
    },
    Case {
        name: "keeps-its-token",
        client: |client| {
            client.log_in();
            expire_tokens(client);
            assert_eq!(client.status("", &group("x")), 401);
            sleep(PAUSE);
            assert_eq!(client.status("", &group("x")), 401);
        },
        found: &["used-expired-token [2,3]"],
    },
    Case {
        name: "gives-up",
        client: |client| assert_eq!(client.status("reset", &group("x")), 0),
        found: &["gave-up-on-transient [1]"],
    },
    Case {
        name: "has-no-patience",
        client: |client| {
            drop(client.send(super::CREATE, "500+1900ms", &group("x")));
            wait_for_end(client);
        },
        found: &["left-too-early [1]"],
    },
    Case {
        name: "logs-in-each-time",
        client: |client| {
            for number in 0..5 {
                client.log_in();
                assert_eq!(client.status("", &group(&number.to_string())), 200);
            }
        },
        found: &["login-per-call [1,3,5,7,9]"],
    },
    Case {
        name: "misspells",
        client: |client| {
            let mut body = group("x");
            body["grup"] = json!({});
            assert_eq!(client.status("", &body), 200);
        },
        found: &["unknown-fields [1]"],
    },
    Case { name: "good", client: do_everything_right, found: &[] },
];

/// Meets everything that can go wrong.
fn do_everything_right(client: &mut Client) {
    client.log_in();
    assert_eq!(client.status("5026", &group("video")), 500);
    assert_eq!(client.status("400", &group("bad")), 400);
    assert_eq!(client.status("", &json!({"type": 5})), 400);
    // it does not know of the first one, and the repeat is refused
    assert_eq!(client.status("500/after-commit", &group_with_id("lost", 1)), 500);
    sleep(PAUSE);
    assert_eq!(client.status("", &group_with_id("lost", 1)), 400);
    assert_eq!(client.status("reset/after-commit", &group_with_id("lost too", 2)), 0);
    sleep(PAUSE);
    assert_eq!(client.status("", &group_with_id("lost too", 2)), 400);
    assert_eq!(client.status("500", &group("unclear")), 500);
    sleep(PAUSE);
    assert_eq!(client.status("", &group("unclear")), 200);
    let answer = client.create("429", &group("too fast")).unwrap();
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("1")));
    sleep(Duration::from_secs(1));
    assert_eq!(client.status("", &group("too fast")), 200);
    expire_tokens(client);
    assert_eq!(client.status("", &group("late")), 401);
    client.log_in();
    assert_eq!(client.status("", &group("late")), 200);
    drop(client.send(super::CREATE, "hang", &group_with_id("silent", 3)));
    wait_for_end(client);
    assert_eq!(client.status("", &group_with_id("silent", 3)), 200);
    assert_eq!(client.status("reset", &group("broken")), 0);
    sleep(PAUSE);
    assert_eq!(client.status("", &group("broken")), 200);
    for (number, status) in [(1, 503), (2, 502), (4, 504)] {
        assert_eq!(client.status(&status.to_string(), &group("down")), status);
        sleep(PAUSE * number);
    }
    assert_eq!(client.status("", &group("down")), 200);
}

/// Lets the tokens of a client's tenant expire, with a clock that is frozen or not.
fn expire_tokens(client: &Client) {
    let path = format!("tenants/{}/clock", client.tenant);
    write(client.address, "POST", &path, &json!({"advance": "25h"}));
}

/// Waits until the sandbox has noticed that the client has left its last call.
fn wait_for_end(client: &Client) {
    let path = format!("tenants/{}/requests/last", client.tenant);
    let is_over = || {
        // the call may not have arrived yet
        let entries = entries(client.address, &client.tenant);
        entries.iter().any(|entry| entry["scenario"] == "hang" || entry["delay_ms"] == 1900)
            && read(client.address, &path)["delivery"] != "pending"
    };
    wait_until("the call is over", LIMIT, is_over);
}

/// Runs all clients so often at the same time, and returns what is found in each tenant.
fn run(address: SocketAddr, round: usize, rounds: usize) -> BTreeMap<String, Vec<String>> {
    scope(|scope| {
        for round in round..round + rounds {
            for case in &CASES {
                scope.spawn(move || {
                    let tenant = format!("{}-{round}", case.name);
                    (case.client)(&mut Client::new(address, &tenant));
                });
            }
        }
    });
    found(address)
}

#[test]
fn each_mistake_is_found_once_and_a_good_client_is_clean_twenty_times_in_a_row() {
    const BATCHES: usize = 4;
    const ROUNDS: usize = 5;
    for clock in [Clock::Real, Clock::parse(crate::harness::EXAMPLE_TIME).unwrap()] {
        let app = App::with(|builder| builder.clock(clock));
        let address = app.sandbox.address();
        for batch in 0..BATCHES {
            let found = run(address, batch * ROUNDS, ROUNDS);
            for case in &CASES {
                for round in 0..(batch + 1) * ROUNDS {
                    let tenant = format!("{}-{round}", case.name);
                    let found = found.get(&tenant).map_or(&[][..], Vec::as_slice);
                    check(case, found, &tenant);
                }
            }
        }
        check_items(address);
    }
}

fn check(case: &Case, found: &[String], tenant: &str) {
    if case.found == ["no-backoff"] {
        // which of its retries had no gap, the machine decides
        assert!(found.len() == 1 && found[0].starts_with("no-backoff ["), "{tenant}: {found:?}");
    } else {
        assert_eq!(found, case.found, "{tenant}");
    }
}

/// The checklists of the good client and of two others.
fn check_items(address: SocketAddr) {
    let states = |tenant: &str| {
        let checklist = read(address, &format!("tenants/{tenant}/checklist"));
        let items = list(&checklist, "items");
        assert_eq!(items.len(), 9, "{checklist}");
        items
    };
    let good = states("good-7");
    assert_eq!(each(&good, "state"), vec![json!("passed"); 9], "{good:?}");
    let state = |items: &[Value], name: &str| {
        items.iter().find(|item| item["item"] == name).unwrap()["state"].clone()
    };
    for (tenant, item) in [
        ("retries-everything-3", "5026-not-retried"),
        ("makes-up-ids-3", "no-duplicate-after-lost-answer"),
        ("knows-no-retry-after-3", "waits-retry-after"),
        ("hurries-3", "backs-off"),
        ("never-stops-3", "backs-off"),
    ] {
        let items = states(tenant);
        assert_eq!(state(&items, item), "failed", "{tenant}");
        assert_eq!(state(&items, "times-out-on-hang"), "not-tried", "{tenant}");
    }
}
