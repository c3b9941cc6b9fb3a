//! The log on stderr: plain lines for people, or JSON for machines.

mod line;
mod queue;

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::environment;
use super::instance::Instance;
use crate::text::did_you_mean;
use queue::{LogGuard, Queue};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// `TIME LEVEL message`
    Text,
    /// One JSON object a line
    Json,
}

/// Starts the log, which is written until the guard is dropped.
///
/// A separate thread writes, and lines are dropped when it cannot keep up, so that a log pipe that
/// is full, closed or unread never stops the server.
pub(super) fn start(
    filter: &str,
    format: LogFormat,
    instance: &Instance,
) -> anyhow::Result<LogGuard> {
    let filter = parse_filter(filter)?;
    let (queue, guard) = Queue::start(std::io::stderr()).context("cannot start the log")?;
    let layer = tracing_subscriber::fmt::layer().with_writer(queue).with_ansi(false);
    let layer = match format {
        LogFormat::Text => layer.event_format(line::Plain::default()).boxed(),
        LogFormat::Json => layer.event_format(line::Json::new(instance)).boxed(),
    };
    tracing_subscriber::registry().with(layer.with_filter(filter)).init();
    // the standard hook writes to stderr directly, and would wait for a pipe that nobody reads
    std::panic::set_hook(Box::new(|panic| tracing::error!("bug: {panic}")));
    Ok(guard)
}

/// Reads a level, or `TARGET=LEVEL` parts with commas between.
fn parse_filter(text: &str) -> anyhow::Result<Targets> {
    const LEVELS: [&str; 6] = ["error", "warn", "info", "debug", "trace", "off"];
    let origin = environment::origin("--log", "GNSB_LOG");
    for part in text.split(',').map(str::trim) {
        // the parser would take a bare word for a target and show everything of it
        if !part.contains('=') && !LEVELS.contains(&part.to_ascii_lowercase().as_str()) {
            let (hint, levels) = (did_you_mean(part, LEVELS), LEVELS.join(", "));
            bail!("{origin}: unknown level {part:?}{hint} (known: {levels}, TARGET=LEVEL)");
        }
    }
    text.parse().with_context(|| format!("{origin}: invalid filter {text:?}"))
}
