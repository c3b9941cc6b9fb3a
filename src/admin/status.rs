//! `/status` and `/metrics`.

use std::fmt::Write as _;

use http::StatusCode;
use serde_json::{Value, json};

use crate::call::Sandbox;
use crate::clock::rfc3339_ms;
use crate::http::Reply;

/// What the server is and how it does.
pub fn status(sandbox: &Sandbox) -> Value {
    let figures = sandbox.tenants.stats();
    let journal = sandbox.journal.stats();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "ready": sandbox.is_ready(),
        "seed": sandbox.seed,
        "clock": {"mode": sandbox.clock.to_string(), "now": rfc3339_ms(sandbox.clock.now_ms())},
        "uptime_s": sandbox.started.elapsed().as_secs(),
        "counts": {
            "tenants": figures.tenants,
            "groups": figures.groups,
            "calls": sandbox.journal.last_id(),
            "journal_entries": journal.entries,
            "journal_dropped": journal.dropped,
            "journal_bytes": journal.bytes,
        },
        "forgotten": figures.forgotten,
        "scenario": sandbox.scenario(),
        "scenarios": {
            "names": sandbox.library.all().iter().map(|scenario| scenario.name.clone()).collect::<Vec<_>>(),
            "last_error": sandbox.library.last_error(),
        },
    })
}

/// The same for Prometheus. No tenant is named, so that the number of series is bounded.
pub fn metrics(sandbox: &Sandbox) -> Reply {
    let figures = sandbox.tenants.stats();
    let journal = sandbox.journal.stats();
    let mut text = String::new();
    let mut say = |name: &str, kind: &str, help: &str, lines: &str| {
        write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{lines}")
            .expect("BUG: a string can always be written to");
    };
    let calls: Vec<_> = sandbox
        .outcomes()
        .into_iter()
        .map(|((endpoint, outcome), count)| {
            format!("genuin_sandbox_calls_total{{endpoint=\"{endpoint}\",outcome=\"{outcome}\"}} {count}\n")
        })
        .collect();
    say(
        "genuin_sandbox_calls_total",
        "counter",
        "Calls to the vendor's endpoints by outcome.",
        &calls.concat(),
    );
    for (name, kind, help, value) in [
        ("tenants", "gauge", "Tenants there are.", figures.tenants as u64),
        ("groups", "gauge", "Groups remembered in all tenants.", figures.groups as u64),
        (
            "groups_forgotten_total",
            "counter",
            "Groups forgotten to keep memory bounded.",
            figures.forgotten,
        ),
        ("journal_entries", "gauge", "Journal entries kept.", journal.entries),
        ("journal_dropped_total", "counter", "Journal entries that gave way.", journal.dropped),
        ("journal_bytes", "gauge", "Memory of the journal.", journal.bytes as u64),
        (
            "uptime_seconds",
            "gauge",
            "Seconds since the start.",
            sandbox.started.elapsed().as_secs(),
        ),
    ] {
        let name = format!("genuin_sandbox_{name}");
        say(&name, kind, help, &format!("{name} {value}\n"));
    }
    Reply::new(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", text)
}
