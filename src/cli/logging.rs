//! The log on stderr: plain lines for people, or JSON for machines.

use std::fmt;

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use tracing::{Event, Subscriber};
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::environment;
use crate::clock::Clock;
use crate::text::did_you_mean;

/// How many lines can wait to be written. Memory for them is allocated at the start; the library's
/// own limit would take 5 MB.
const MAX_WAITING_LINES: usize = 8192;

/// The format of log lines.
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
pub(super) fn start(filter: &str, format: LogFormat) -> anyhow::Result<WorkerGuard> {
    let filter = parse_filter(filter)?;
    let builder = NonBlockingBuilder::default().lossy(true).buffered_lines_limit(MAX_WAITING_LINES);
    let (writer, guard) = builder.finish(std::io::stderr());
    let layer = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(false);
    let layer = match format {
        LogFormat::Text => layer.event_format(Plain).boxed(),
        LogFormat::Json => layer.json().flatten_event(true).with_target(false).boxed(),
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

/// Writes time, level and message. The other fields, which repeat the message in parts, are for JSON.
struct Plain;

impl<S, N> FormatEvent<S, N> for Plain
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let now = crate::clock::rfc3339_ms(Clock::Real.now_ms());
        write!(writer, "{now} {:5} ", event.metadata().level())?;
        let mut message = MessageVisitor(String::new());
        event.record(&mut message);
        writeln!(writer, "{}", message.0)
    }
}

struct MessageVisitor(String);

impl tracing::field::Visit for MessageVisitor {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}
