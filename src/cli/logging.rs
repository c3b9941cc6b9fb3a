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

use crate::clock::Clock;
use crate::text::did_you_mean;

/// How many lines wait to be written; the room for them is taken at the start, and the library's own
/// limit would take 5 MB.
const LIMIT_LINES: usize = 8192;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// `TIME LEVEL message`
    Text,
    /// One JSON object a line
    Json,
}

/// Starts the log; lines are written as long as the guard lives.
///
/// A thread of its own writes, and lines are dropped when it cannot keep up: a log pipe that is
/// full, closed or unread never stops the server.
pub fn start(filter: &str, format: Format) -> anyhow::Result<WorkerGuard> {
    let filter = parse_filter(filter)?;
    let builder = NonBlockingBuilder::default().lossy(true).buffered_lines_limit(LIMIT_LINES);
    let (writer, guard) = builder.finish(std::io::stderr());
    let layer = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(false);
    let layer = match format {
        Format::Text => layer.event_format(Plain).boxed(),
        Format::Json => layer.json().flatten_event(true).with_target(false).boxed(),
    };
    tracing_subscriber::registry().with(layer.with_filter(filter)).init();
    // the standard hook writes to stderr itself, and would wait for a pipe that nobody reads
    std::panic::set_hook(Box::new(|panic| tracing::error!("bug: {panic}")));
    Ok(guard)
}

/// Reads a level, or `TARGET=LEVEL` parts with commas between.
fn parse_filter(text: &str) -> anyhow::Result<Targets> {
    const LEVELS: [&str; 6] = ["error", "warn", "info", "debug", "trace", "off"];
    for part in text.split(',').map(str::trim) {
        // a bare word would be taken for a target, of which everything is shown
        if !part.contains('=') && !LEVELS.contains(&part.to_ascii_lowercase().as_str()) {
            let (hint, levels) = (did_you_mean(part, LEVELS), LEVELS.join(", "));
            bail!(
                "--log (GNSB_LOG): {part:?} is not a level{hint} (one of {levels}, or TARGET=LEVEL)"
            );
        }
    }
    text.parse().with_context(|| format!("--log (GNSB_LOG): {text:?} is not a log filter"))
}

/// Time, level and message; the fields of an event say in JSON what the message says in words.
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
        let mut message = Message(String::new());
        event.record(&mut message);
        writeln!(writer, "{}", message.0)
    }
}

struct Message(String);

impl tracing::field::Visit for Message {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}
