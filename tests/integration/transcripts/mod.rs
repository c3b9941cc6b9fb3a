//! Replays whole exchanges with the product and compares them with recorded files, byte for byte.
//!
//! Each transcript is a list of exchanges (a call, a command) with two files in `recorded/`:
//!
//! - `NAME.wire.txt` holds what machines read: request lines, statuses, headers, bodies, ids, JSON
//!   keys and values, exit codes. **It is a promise to users.** A change here breaks somebody's
//!   client, test suite or script, so it needs a reason that holds for them too.
//! - `NAME.texts.txt` holds the texts for people that the wire file shows as `<text>`: messages,
//!   details, descriptions, log lines, and what commands print for a reader. It may be reworded.
//!
//! The clock stands still and the seed is fixed. What still differs from run to run is recorded as
//! `0` (durations, sizes in memory), `PORT`, `DIR`, `<time>`, `<now>` or `<hex>`. A
//! `content-length` that is right for a body with texts in it is recorded as `<length>`.
//!
//! `UPDATE_TRANSCRIPTS=1 cargo test --test integration transcripts` rewrites both kinds of files;
//! read the difference before it is committed.

mod auth;
mod bad_requests;
mod commands;
mod communities;
mod create_group;
mod descriptions;
mod exchange;
mod forced;
mod own_api;
mod own_changes;
mod own_problems;
mod paths;
mod record;
mod recorded;
mod texts;

use genuin_sandbox::Clock;
use genuin_sandbox::internals::call::Config;
use genuin_sandbox::internals::{fixtures, start};

use crate::harness::{App, EXAMPLE_TIME};
use exchange::Exchange;
use record::Transcript;

const WORLD: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/integration/transcripts/world.yaml");

type Make = fn() -> Transcript;

/// Every transcript: the name of its files, and how it is made.
const TRANSCRIPTS: [(&str, Make); 12] = [
    ("create_group", || replay(&app(|_| {}), create_group::exchanges())),
    ("bad_requests", || replay(&app(|_| {}), bad_requests::exchanges())),
    ("communities", || replay(&app(|_| {}), communities::exchanges())),
    ("auth", || replay(&app(|_| {}), auth::exchanges())),
    ("forced", || replay(&app(|_| {}), forced::exchanges())),
    ("debug_headers", || {
        replay(&app(|config| config.debug_headers = true), forced::with_debug_headers())
    }),
    ("paths", || replay(&app(|_| {}), paths::exchanges())),
    ("own_api", || replay(&app(|_| {}), own_api::exchanges())),
    ("own_changes", || replay(&app(|_| {}), own_changes::exchanges())),
    ("own_problems", own_problems::transcript),
    ("descriptions", || replay(&app(|_| {}), descriptions::exchanges())),
    ("commands", commands::transcript),
];

#[test]
fn every_exchange_is_as_recorded() {
    let transcripts: Vec<_> = TRANSCRIPTS.map(|(name, make)| (name, make())).into();

    let differences = recorded::compare(&transcripts);

    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// A sandbox with a small world, a frozen clock and a fixed seed.
fn app(change: impl FnOnce(&mut Config)) -> App {
    let mut config = Config {
        seed: 42,
        clock: Clock::parse(EXAMPLE_TIME).unwrap(),
        public_url: Some("http://sandbox".into()),
        fixtures: fixtures::from_file(WORLD.as_ref()).unwrap(),
        ..Config::default()
    };
    change(&mut config);
    App { sandbox: start(config).unwrap() }
}

/// Makes the exchanges one after another with one sandbox.
fn replay(app: &App, exchanges: Vec<Exchange>) -> Transcript {
    exchanges.into_iter().map(|exchange| exchange.make(app)).collect()
}
