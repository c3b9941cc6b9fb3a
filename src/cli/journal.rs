//! `reset` and `verify`: clears and checks the journal of a tenant.

use anyhow::{Context as _, anyhow, ensure};
use clap::Args;
use serde_json::json;

use super::client::SandboxTarget;
use super::{Failure, UNMET, USAGE, input, numbers, unaccepted};
use crate::admin::tenants::ResetReply;
use crate::admin::verify::{ExpectedCounts, Verdict};
use crate::config_file::{self, Node};
use crate::journal::CallCount;
use crate::scenario;

#[derive(Debug, Args)]
#[group(skip)]
pub(super) struct ResetOptions {
    /// Only these parts: state, journal, scenarios, clock
    #[arg(long, value_name = "PART", value_delimiter = ',')]
    what: Option<Vec<String>>,
    #[command(flatten)]
    target: SandboxTarget,
}

pub(super) fn reset(ResetOptions { what, target }: &ResetOptions) -> Result<(), Failure> {
    let path = target.tenant_path("reset");
    let reply: ResetReply = target.send("POST", &path, &json!({"what": what}))?;
    target.show(&reply, |reply| format!("reset {}: {}", reply.tenant, reply.reset.join(", ")))
}

#[derive(Debug, Args)]
#[group(skip)]
pub(super) struct VerifyOptions {
    /// What a call must match, as in a rule, for example '{outcome: ok, body: {group.name: x}}'; or @FILE,
    /// or - for the standard input
    #[arg(long = "match", value_name = "YAML", default_value = "{}")]
    matcher: String,
    #[command(flatten)]
    count: CountOptions,
    /// Exactly this many calls are held, after the whole wait; without --min, --max and --exactly, this alone counts
    #[arg(long, value_name = "N", value_parser = numbers::calls)]
    held: Option<u64>,
    /// At least this many calls are held, which ends the wait; instead of --held
    #[arg(long, value_name = "N", value_parser = numbers::calls, conflicts_with = "held")]
    min_held: Option<u64>,
    /// How long to wait for the calls, in milliseconds
    #[arg(long, value_name = "MS", value_parser = numbers::milliseconds, default_value_t = 0)]
    wait_ms: u64,
    #[command(flatten)]
    target: SandboxTarget,
}

#[derive(Debug, Args)]
#[group(skip)]
struct CountOptions {
    /// At least this many matching calls; 1 without --max and --exactly
    #[arg(long, value_name = "N", value_parser = numbers::calls)]
    min: Option<u64>,
    /// At most this many matching calls
    #[arg(long, value_name = "N", value_parser = numbers::calls)]
    max: Option<u64>,
    /// Exactly this many matching calls
    #[arg(long, value_name = "N", value_parser = numbers::calls)]
    exactly: Option<u64>,
}

/// Ends with code 1 if the expectation is not met.
pub(super) fn verify(options: &VerifyOptions) -> Result<(), Failure> {
    let matcher = matcher(&options.matcher).map_err(|why| Failure::new(USAGE, why))?;
    let range = |key, min: Option<u64>, max: Option<u64>, exactly: Option<u64>| {
        let range = min.or(max).or(exactly).map(|_| CallCount::of(key, min, max, exactly));
        range.transpose().map_err(|why| Failure::new(USAGE, anyhow!(why)))
    };
    let CountOptions { min, max, exactly } = options.count;
    let count = range("count", min, max, exactly)?;
    let held = range("held", options.min_held, None, options.held)?;
    let matcher = scenario::match_with_text(&matcher).value.to_json();
    let wait_ms = options.wait_ms;
    let request = json!({"match": matcher, "wait_ms": wait_ms, "count": count, "held": held});
    let path = options.target.tenant_path("verify");
    let verdict: Verdict = options.target.send("POST", &path, &request)?;
    let counts = ExpectedCounts::of(count, held);
    options.target.show(&verdict, |verdict| verdict.describe(counts))?;
    if verdict.pass {
        return Ok(());
    }
    if verdict.matched == 0 {
        unaccepted::note(&options.target, None);
    }
    Err(Failure::reported(UNMET))
}

/// Reads the conditions from where the option says.
fn matcher(option: &str) -> anyhow::Result<Node> {
    let input::Input { text, file } = input::read(option, "the conditions").context("--match")?;
    let of_file = file.as_ref().map_or_else(String::new, |file| format!(": {file}"));
    ensure!(
        !text.trim().is_empty(),
        "--match{of_file} is empty; write conditions like '{{outcome: ok}}', or leave it out"
    );
    config_file::parse(&text).map_err(|problem| match file {
        Some(file) => anyhow!("--match: {}", problem.in_file(&file)),
        None => anyhow!("--match: {}", problem.message),
    })
}
