//! The formats of log lines. They write into the log's buffer and allocate nothing of their own.

use std::fmt::{self, Write as _};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;

use crate::cli::instance::Instance;
use crate::text::EscapingWriter;

/// Writes times, and keeps the text of the last second: a busy server logs thousands of lines in it.
#[derive(Default)]
struct Times(Mutex<(i64, String)>);

impl Times {
    /// Writes the machine's time, such as `2024-09-24T09:13:31.000Z`.
    fn write_now(&self, writer: &mut Writer<'_>) -> fmt::Result {
        self.write(Timestamp::now(), writer)
    }

    fn write(&self, time: Timestamp, writer: &mut Writer<'_>) -> fmt::Result {
        let second = time.as_second();
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if last.1.is_empty() || last.0 != second {
            *last = (second, format!("{time:.0}"));
        }
        let before_zone = last.1.trim_end_matches('Z');
        write!(writer, "{before_zone}.{:03}Z", time.subsec_millisecond())
    }
}

/// Writes time, level and message on one line, whatever the message contains. The other fields, which
/// repeat the message in parts, are for JSON.
#[derive(Default)]
pub(super) struct Plain(Times);

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
        self.0.write_now(&mut writer)?;
        write!(writer, " {:5} ", event.metadata().level())?;
        let mut message = MessageWriter { writer: writer.by_ref(), result: Ok(()) };
        event.record(&mut message);
        message.result?;
        writer.write_char('\n')
    }
}

struct MessageWriter<'w> {
    writer: Writer<'w>,
    result: fmt::Result,
}

impl Visit for MessageWriter<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.result = write!(EscapingWriter(&mut self.writer), "{value:?}");
        }
    }
}

/// Writes an object with `timestamp`, `level`, `instance` and every field of the event; one without a
/// value is `null`.
pub(super) struct Json {
    /// What follows the level.
    instance: String,
    times: Times,
}

impl Json {
    pub(super) fn new(instance: &Instance) -> Self {
        // a name that no JSON string has to escape
        Self { instance: format!("\",\"instance\":\"{instance}\""), times: Times::default() }
    }
}

impl<S, N> FormatEvent<S, N> for Json
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
        writer.write_str("{\"timestamp\":\"")?;
        self.times.write_now(&mut writer)?;
        write!(writer, "\",\"level\":\"{}", event.metadata().level())?;
        writer.write_str(&self.instance)?;
        let mut fields = FieldsWriter { writer: writer.by_ref(), written: 0, result: Ok(()) };
        event.record(&mut fields);
        let FieldsWriter { written, result, .. } = fields;
        result?;
        for field in event.metadata().fields().iter().filter(|field| !is_in(written, field)) {
            write!(writer, ",\"{}\":null", field.name())?;
        }
        writer.write_str("}\n")
    }
}

/// Writes each field as `,"name":value`.
struct FieldsWriter<'w> {
    writer: Writer<'w>,
    /// The fields that have a value, one bit each by index; an event has at most 32.
    written: u32,
    result: fmt::Result,
}

fn is_in(written: u32, field: &Field) -> bool {
    written & (1 << field.index()) != 0
}

impl FieldsWriter<'_> {
    fn write(&mut self, field: &Field, value: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        if self.result.is_ok() {
            self.written |= 1 << field.index();
            self.result = write!(self.writer, ",\"{}\":", field.name())
                .and_then(|()| value(&mut self.writer));
        }
    }
}

impl Visit for FieldsWriter<'_> {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.write(field, |writer| write!(writer, "{value}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.write(field, |writer| write!(writer, "{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.write(field, |writer| write!(writer, "{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.write(field, |writer| write_quoted(writer, format_args!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.write(field, |writer| write_quoted(writer, format_args!("{value}")));
    }
}

/// Writes text as a JSON string.
fn write_quoted(writer: &mut Writer<'_>, text: fmt::Arguments<'_>) -> fmt::Result {
    writer.write_char('"')?;
    Escaping(writer.by_ref()).write_fmt(text)?;
    writer.write_char('"')
}

/// Escapes what a JSON string cannot hold as it is, while it is written.
struct Escaping<'w>(Writer<'w>);

impl fmt::Write for Escaping<'_> {
    fn write_str(&mut self, mut text: &str) -> fmt::Result {
        let is_special = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
        while let Some(at) = text.bytes().position(is_special) {
            self.0.write_str(&text[..at])?;
            match text.as_bytes()[at] {
                byte @ (b'"' | b'\\') => write!(self.0, "\\{}", char::from(byte))?,
                b'\n' => self.0.write_str("\\n")?,
                byte => write!(self.0, "\\u{byte:04x}")?,
            }
            text = &text[at + 1..];
        }
        self.0.write_str(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::CapturedLog;

    #[test]
    fn no_message_forges_a_line_or_controls_a_terminal() {
        let log = CapturedLog::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone());
        tracing::subscriber::with_default(
            subscriber.event_format(Plain::default()).finish(),
            || {
                let name = "a\r\nb\u{1b}[2J\u{9b}\u{202e}\u{200b} \"ü\"";
                tracing::info!("loaded {name}");
            },
        );
        let text = log.text();
        let message = text.split_once("INFO  ").unwrap().1;
        assert_eq!(message, "loaded a\\r\\nb\\u{1b}[2J\\u{9b}\\u{202e}\\u{200b} \"ü\"\n");
    }

    #[test]
    fn a_time_has_its_second_and_three_digits_more() {
        let times = Times::default();
        for expected in [
            "1970-01-01T00:00:00.000Z",
            "1970-01-01T00:00:00.999Z",
            "2024-02-29T23:59:59.070Z",
            "2024-03-01T00:00:00.007Z",
            "2024-02-29T23:59:59.070Z",
        ] {
            let mut text = String::new();
            times.write(expected.parse().unwrap(), &mut Writer::new(&mut text)).unwrap();
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn any_text_becomes_a_json_string() {
        for text in
            ["", "plain", "a \"b\" \\ c", "\u{0}\n\t\u{1f}\u{7f}", "é 😀 \u{2028}", "\"", "\\"]
        {
            let mut json = String::new();
            write_quoted(&mut Writer::new(&mut json), format_args!("{text}")).unwrap();
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text, "{json}");
        }
    }
}
