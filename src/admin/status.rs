//! `status` and `metrics`.

use std::fmt::Write as _;

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::answer::Json;
use crate::call::Sandbox;
use crate::clock::rfc3339_ms;
use crate::http::Reply;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Status {
    pub(crate) version: String,
    pub(crate) ready: bool,
    pub(crate) seed: u64,
    pub(crate) clock: ServerClock,
    pub(crate) uptime_s: u64,
    pub(crate) counts: Counts,
    /// Groups forgotten in all tenants.
    pub(crate) forgotten: u64,
    pub(crate) scenario: Option<String>,
    pub(crate) scenarios: LoadedScenarios,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ServerClock {
    pub(crate) mode: String,
    pub(crate) now: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Counts {
    pub(crate) tenants: usize,
    pub(crate) groups: usize,
    pub(crate) calls: u64,
    pub(crate) journal_entries: u64,
    pub(crate) journal_dropped: u64,
    pub(crate) journal_bytes: usize,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LoadedScenarios {
    pub(crate) names: Vec<String>,
    pub(crate) last_error: Option<String>,
}

pub(super) fn show(sandbox: &Sandbox, (): ()) -> Json<Status> {
    let stats = sandbox.tenants.stats();
    let journal = sandbox.journal.stats();
    let scenarios = sandbox.library.all();
    Json(Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ready: sandbox.is_ready(),
        seed: sandbox.seed,
        clock: ServerClock {
            mode: sandbox.clock.to_string(),
            now: rfc3339_ms(sandbox.clock.now_ms()),
        },
        uptime_s: sandbox.started.elapsed().as_secs(),
        counts: Counts {
            tenants: stats.tenants,
            groups: stats.groups,
            calls: sandbox.journal.last_id(),
            journal_entries: journal.records,
            journal_dropped: journal.evicted,
            journal_bytes: journal.bytes,
        },
        forgotten: stats.forgotten,
        scenario: sandbox.scenario().map(str::to_owned),
        scenarios: LoadedScenarios {
            names: scenarios.iter().map(|scenario| scenario.name.clone()).collect(),
            last_error: sandbox.library.last_error(),
        },
    })
}

/// Writes the counts for Prometheus. No tenant is named, so that the number of series is bounded.
pub(super) fn metrics(sandbox: &Sandbox, (): ()) -> Reply {
    let stats = sandbox.tenants.stats();
    let journal = sandbox.journal.stats();
    let uptime_s = sandbox.started.elapsed().as_secs();
    let calls: Vec<_> = sandbox
        .outcomes()
        .iter()
        .flat_map(|(endpoint, outcomes)| {
            outcomes.iter().map(move |(outcome, count)| {
                (format!("{{endpoint=\"{endpoint}\",outcome=\"{outcome}\"}}"), *count)
            })
        })
        .collect();
    let one = |value: u64| vec![(String::new(), value)];
    let mut body = String::new();
    for (name, kind, help, samples) in [
        ("calls_total", "counter", "Calls to the vendor's endpoints by outcome.", calls),
        ("tenants", "gauge", "Tenants in memory.", one(stats.tenants as u64)),
        ("groups", "gauge", "Groups in memory, of all tenants.", one(stats.groups as u64)),
        (
            "groups_forgotten_total",
            "counter",
            "Groups forgotten to keep memory bounded.",
            one(stats.forgotten),
        ),
        ("journal_entries", "gauge", "Journal entries in memory.", one(journal.records)),
        (
            "journal_dropped_total",
            "counter",
            "Journal entries dropped to keep memory bounded.",
            one(journal.evicted),
        ),
        ("journal_bytes", "gauge", "Memory of the journal in bytes.", one(journal.bytes as u64)),
        ("uptime_seconds", "gauge", "Seconds since the start.", one(uptime_s)),
    ] {
        let name = format!("genuin_sandbox_{name}");
        let mut write = |line| {
            writeln!(body, "{line}").expect("BUG: a string can always be written to");
        };
        write(format!("# HELP {name} {help}\n# TYPE {name} {kind}"));
        for (labels, value) in samples {
            write(format!("{name}{labels} {value}"));
        }
    }
    Reply::new(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", body)
}
