//! Compares the product with the baseline under load. They take turns, so that other work of the
//! machine affects both, and the ratios are computed for each pair of runs.

use std::net::SocketAddr;
use std::time::Duration;

use crate::cpu::Cpu;
use crate::numbers::{extremes, median};
use crate::options::Options;
use crate::report::{Part, Target, table};
use crate::server::{Program, Server};
use crate::wrk::Wrk;

/// How many connections send requests.
const CONNECTIONS: [u32; 3] = [1, 32, 256];
/// The number of connections that the targets are for.
const TARGET_CONNECTIONS: u32 = 32;

/// A number that is computed from a run.
type Figure = fn(&Run) -> f64;

/// The numbers that are reported, with their names.
const FIGURES: [(&str, Figure); 4] = [
    ("CPU per request, µs", |run| run.cpu_us),
    ("requests per second", |run| run.per_second),
    ("p50, µs", |run| run.p50_us),
    ("p99, µs", |run| run.p99_us),
];

/// Puts load on one server.
struct Run {
    cpu_us: f64,
    per_second: f64,
    p50_us: f64,
    p99_us: f64,
}

/// A run with each of the two servers, one after the other.
struct Pair {
    product: Run,
    baseline: Run,
}

/// Measures both servers for each number of connections.
pub fn measure(options: &Options) -> anyhow::Result<Part> {
    let wrk = Wrk::new()?;
    let product = Server::start(Program::ProductWithRules, Cpu::Server)?;
    let baseline = Server::start(Program::Baseline, Cpu::Server)?;
    let (mut rows, mut targets) = (Vec::new(), Vec::new());
    for connections in CONNECTIONS {
        for (_, address) in [&product, &baseline] {
            wrk.ask(*address, connections, options.warm_up())?;
        }
        let mut pairs = Vec::new();
        for number in 1..=options.pairs() {
            let run = |server| run(&wrk, server, connections, options.time());
            let pair = Pair { product: run(&product)?, baseline: run(&baseline)? };
            eprintln!(
                "{connections} connections, pair {number} of {}: {:.1} and {:.1} µs",
                options.pairs(),
                pair.product.cpu_us,
                pair.baseline.cpu_us
            );
            pairs.push(pair);
        }
        rows.extend(FIGURES.map(|(name, value)| row(connections, name, &pairs, value)));
        if connections == TARGET_CONNECTIONS {
            targets = targets_of(&pairs);
        }
    }
    Ok(Part {
        title: "Beside the baseline",
        about: format!(
            "The product with 50 rules active, none of which matches the call, beside a server of \
             hyper and serde that only reads the request and answers. Medians of {} runs of \
             {} s in turn; the ratio is the median of the ratios pair by pair.",
            options.pairs(),
            options.time().as_secs()
        ),
        table: table(
            &["connections", "figure", "product", "baseline", "ratio", "of the pairs"],
            &rows,
        ),
        targets,
    })
}

fn run(
    wrk: &Wrk,
    (server, address): &(Server, SocketAddr),
    connections: u32,
    time: Duration,
) -> anyhow::Result<Run> {
    let before = server.cpu_time()?;
    let seen = wrk.ask(*address, connections, time)?;
    let spent = server.cpu_time()?.saturating_sub(before);
    Ok(Run {
        cpu_us: spent.as_secs_f64() * 1e6 / f64::from(seen.requests),
        per_second: seen.per_second(),
        p50_us: f64::from(seen.p50_us),
        p99_us: f64::from(seen.p99_us),
    })
}

fn ratios(pairs: &[Pair], value: Figure) -> impl Iterator<Item = f64> {
    pairs.iter().map(move |pair| value(&pair.product) / value(&pair.baseline))
}

fn row(connections: u32, name: &str, pairs: &[Pair], value: Figure) -> Vec<String> {
    let product = median(pairs.iter().map(|pair| value(&pair.product)));
    let baseline = median(pairs.iter().map(|pair| value(&pair.baseline)));
    let (min, max) = extremes(ratios(pairs, value));
    vec![
        connections.to_string(),
        name.to_owned(),
        format!("{product:.1}"),
        format!("{baseline:.1}"),
        format!("{:.2}", median(ratios(pairs, value))),
        format!("{min:.2} to {max:.2}"),
    ]
}

fn targets_of(pairs: &[Pair]) -> Vec<Target> {
    let cpu = median(ratios(pairs, |run| run.cpu_us));
    let p99 = median(ratios(pairs, |run| run.p99_us));
    vec![
        Target::at_most("CPU ratio at 32 connections", cpu, 1.10, ""),
        Target::at_most("CPU ratio at 32 connections, stretch", cpu, 1.00, ""),
        Target::at_most("p99 ratio at 32 connections", p99, 1.25, ""),
    ]
}
