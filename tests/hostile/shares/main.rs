//! Attacks by one client on the binary: how much memory they take, and how long others wait meanwhile.
//! `README.md` says how to add one.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the message")]

mod attack;
mod attacks;
#[expect(dead_code, reason = "other tests use more of it")]
#[path = "../client.rs"]
mod client;
mod server;

use std::sync::{Mutex, PoisonError};

use attack::{Attack, Control, Damage, measure};

/// One attack at a time: they are measured.
static TURN: Mutex<()> = Mutex::new(());

/// No client's call may be later than this many times what it takes in quiet, unless that is sooner than
/// `PATIENCE_MS`.
const MOST_TIMES: f64 = 200.0;
const PATIENCE_MS: f64 = 100.0;
/// The same where all connections are taken by calls: none of them gives way before a second.
const PATIENCE_FOR_PLACE_MS: f64 = 3000.0;
/// How often an attack may be tried until it is held: other work on the machine delays calls, too.
const TRIES: usize = 3;
/// The most that the process may grow, in MiB.
const MOST_GROWTH_MIB: f64 = 64.0;

impl Damage {
    /// A row of the table that `benches/run` writes.
    fn row(&self, name: &str, options: &str) -> String {
        let Self { growth_mib, quiet_ms, slowest_ms } = self;
        format!("| {name} | {options} | {growth_mib:.0} | {quiet_ms:.3} | {slowest_ms:.1} |")
    }

    fn is_bearable(&self, patience_ms: f64) -> bool {
        self.growth_mib < MOST_GROWTH_MIB
            && self.slowest_ms <= (MOST_TIMES * self.quiet_ms).max(patience_ms)
    }
}

fn holds(attack: &Attack) {
    holds_within(attack, PATIENCE_MS);
}

fn holds_within(attack: &Attack, patience_ms: f64) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut damage = measure(attack, &[]);
    for _ in 1..TRIES {
        if damage.is_bearable(patience_ms) {
            break;
        }
        eprintln!("tried again after {damage:?}");
        damage = measure(attack, &[]);
    }
    eprintln!("{}", damage.row(attack.name, ""));
    assert!(damage.is_bearable(patience_ms), "{}: {damage:?}", attack.name);
    if let Control::Options { options, grows_mib } = attack.control {
        let unbound = measure(attack, options);
        eprintln!("{}", unbound.row(attack.name, &options.join(" ")));
        assert!(
            unbound.growth_mib > damage.growth_mib + grows_mib,
            "the bound is what holds it: {damage:?}, without it {unbound:?}"
        );
    }
}

/// A test for each attack.
macro_rules! attacks {
    ($($name:ident: $attack:path,)*) => {
        $(
            #[test]
            fn $name() {
                holds(&$attack);
            }
        )*
    };
}

attacks! {
    patterns_that_are_slow_on_long_texts: attacks::patterns::SLOW,
    many_patterns: attacks::patterns::MANY,
    a_second_upload_of_many_rules: attacks::patterns::SECOND_UPLOAD,
    a_new_line_on_each_call: attacks::kept::LINES,
    long_groups: attacks::kept::GROUPS,
    users_with_long_names: attacks::kept::USERS,
    overrides_with_many_spaces: attacks::kept::OVERRIDES,
    many_tenants: attacks::kept::TENANTS,
    bodies_under_way: attacks::connections::BODIES,
    slow_bodies: attacks::connections::SLOW_BODIES,
    delayed_answers: attacks::connections::DELAYED,
    unread_headers: attacks::connections::HEADERS,
    unread_answers: attacks::connections::ANSWERS,
    unread_event_streams: attacks::connections::EVENTS,
    idle_connections: attacks::connections::IDLE,
    readers_of_all_events: attacks::readers::ALL_EVENTS,
    pages_that_find_nothing: attacks::readers::NOTHING_FOUND,
    readers_that_wait: attacks::readers::WAITING,
    verifications_of_many_calls: attacks::readers::VERIFICATIONS,
    long_pages_that_nobody_reads: attacks::readers::UNREAD,
}

#[test]
fn connections_that_hang() {
    holds_within(&attacks::connections::HANGS, PATIENCE_FOR_PLACE_MS);
}
