//! Measures the product under load, its start and its memory. Linux only.
//!
//! `cargo bench --bench load -- --help`; `benches/run` writes the results to `RESULTS.md`.

mod baseline;
mod call;
mod compare;
mod connection;
mod cpu;
mod idle;
mod memory;
mod numbers;
mod options;
mod report;
mod server;
mod start;
mod wrk;

use anyhow::Context as _;

use options::Options;
use report::Part;

/// Measures a part.
type Measure = fn(&Options) -> anyhow::Result<Part>;

/// Every part with its name.
const PARTS: [(&str, Measure); 4] = [
    ("compare", compare::measure),
    ("start", start::measure),
    ("memory", memory::measure),
    ("idle", idle::measure),
];

fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == baseline::ARGUMENT) {
        return baseline::run(arguments.get(1).map(String::as_str));
    }
    match Options::read() {
        Some(options) if options.bench => run(&options),
        // `cargo test --all-targets` runs this too
        _ => Ok(()),
    }
}

fn run(options: &Options) -> anyhow::Result<()> {
    let (mut parts, mut failed) = (Vec::new(), None);
    for (name, measure) in PARTS.into_iter().filter(|(name, _)| options.asks_for(name)) {
        eprintln!("measuring {name}");
        match measure(options) {
            Ok(part) => parts.push(part),
            // the other results took minutes and are kept
            Err(error) => failed = Some(error.context(format!("cannot measure {name}"))),
        }
    }
    if parts.is_empty() && failed.is_none() {
        return Ok(());
    }
    let report = report::whole(&parts);
    println!("{report}");
    if let Some(error) = failed {
        return Err(error);
    }
    if let Some(path) = &options.write {
        std::fs::write(path, report).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}
