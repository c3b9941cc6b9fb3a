//! The steps of a rule: an outcome or fault, for how many calls, and how it is delivered.

use std::time::Duration;

use http::{HeaderName, HeaderValue};
use serde_json::json;

use super::delay::Delay;
use super::phase::Phase;
use crate::config_file::{
    Located, MapReader, Node, Problems, Read, Value, checked, choice, record, text_as_written,
};
use crate::http::Fault;
use crate::scenario::duration::{AnyDuration, DelayDuration, parse_duration};
use crate::scenario::forced_outcome::ForcedOutcome;

/// A step of a rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The outcome or fault.
    pub forced: ForcedOutcome,
    /// The number of calls it is for; `None` means forever.
    pub(crate) times: Option<u64>,
    /// The fraction of calls that it applies to.
    pub(crate) chance: Option<f64>,
    pub(crate) phase: Phase,
    pub(crate) delay: Option<Delay>,
    pub(crate) drip: Option<Drip>,
    /// Replaces the message of the vendor's error.
    pub(crate) message: Option<String>,
    /// Set in the answer.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) retry_after_s: Option<u64>,
}

impl Step {
    /// A step that forces an outcome and changes nothing else.
    pub(crate) fn new(forced: ForcedOutcome, times: Option<u64>) -> Self {
        Self {
            forced,
            times,
            chance: None,
            phase: Phase::AfterAuth,
            delay: None,
            drip: None,
            message: None,
            headers: Vec::new(),
            retry_after_s: None,
        }
    }

    /// The memory that it takes besides its own place, in bytes.
    pub(super) fn heap_bytes(&self) -> usize {
        let headers = self.headers.iter().map(|(name, value)| name.as_str().len() + value.len());
        self.message.as_ref().map_or(0, String::capacity)
            + self.headers.capacity() * size_of::<(HeaderName, HeaderValue)>()
            + headers.sum::<usize>()
    }
}

/// Sends a body in pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Drip {
    pub(crate) chunks: u64,
    /// The time from the first to the last.
    pub(crate) over: Duration,
}

/// The value of `do`: one step or a list.
#[derive(Debug)]
pub(crate) struct Steps {
    pub(crate) steps: Vec<Step>,
    /// Whether they were written as a list.
    pub(crate) listed: bool,
}

impl Read for Steps {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let Value::List(items) = &node.value else {
            let step = read_step(node, None, problems)?;
            return Some(Self { steps: vec![step], listed: false });
        };
        if items.is_empty() {
            problems.add(node.at, "do needs at least one step");
            return None;
        }
        let steps: Vec<_> =
            items.iter().filter_map(|item| read_step(item, Some(1), problems)).collect();
        (steps.len() == items.len()).then_some(Self { steps, listed: true })
    }

    fn schema() -> serde_json::Value {
        let step = StepEntry::schema();
        json!({"oneOf": [step, {"type": "array", "minItems": 1, "items": step}]})
    }
}

record! {
    struct StepEntry as "step"
    where needs_one_of(&[
        ("outcome", &["fault"]),
        ("fault", &["outcome", "message", "drip", "retry_after"]),
    ])
    {
        /// The outcome, by name or alias; see genuin-sandbox outcomes.
        outcome: Option<Located<ForcedOutcome>> => optional,
        /// The fault, instead of an outcome; it takes a delay, and neither drip, headers nor `retry_after`.
        fault: Option<FaultName> => optional,
        /// The number of calls. If left out, a single step is forever and a step of a list is once.
        times: Option<Times> => optional,
        /// The delay of the answer.
        delay: Option<Delay> => optional,
        /// Sends the body in pieces.
        drip: Option<Drip> => optional,
        /// Replaces the message of the vendor's error; for such an outcome only.
        message: Option<String> => optional,
        /// Headers to set in the answer, names and values together at most 16 KiB.
        headers: ReplyHeaders => or(ReplyHeaders(Vec::new())),
        /// The header Retry-After: seconds, or a duration like 2s.
        retry_after: Option<RetryAfter> => optional,
    }
}

/// The schema behind `#/$defs/step`.
pub(super) fn definition() -> serde_json::Value {
    StepEntry::definition()
}

fn read_step(node: &Node, default_times: Option<u64>, problems: &mut Problems) -> Option<Step> {
    if !matches!(node.value, Value::Map(_)) {
        problems.wrong_type(node, "a step like { outcome: server-error }");
        return None;
    }
    let entry = StepEntry::read(node, problems)?;
    let forced = match (entry.outcome, entry.fault) {
        (Some(outcome), None) => outcome.value,
        (None, Some(fault)) => ForcedOutcome::Fault(fault.0),
        (Some(outcome), Some(_)) => {
            problems.add(outcome.at, "a step takes an outcome or a fault, not both; remove one");
            return None;
        }
        (None, None) => {
            let message = "a step needs an outcome or a fault, for example outcome: server-error";
            problems.add(node.at, message);
            return None;
        }
    };
    let is_error = matches!(forced, ForcedOutcome::Contract(outcome) if outcome.error().is_some());
    if entry.message.is_some() && !is_error {
        let message =
            format!("message applies only to vendor errors, not {}; remove it", forced.name());
        problems.add(node.at, message);
        return None;
    }
    let headers = entry.headers.0;
    if matches!(forced, ForcedOutcome::Fault(_))
        && (entry.drip.is_some() || !headers.is_empty() || entry.retry_after.is_some())
    {
        problems.add(node.at, "a fault takes a delay, but no drip, headers or retry_after");
        return None;
    }
    Some(Step {
        delay: entry.delay,
        drip: entry.drip,
        message: entry.message,
        headers,
        retry_after_s: entry.retry_after.map(|seconds| seconds.0),
        ..Step::new(forced, entry.times.map_or(default_times, |times| times.0))
    })
}

struct FaultName(Fault);

impl Read for FaultName {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        choice(node, problems, "fault", &ForcedOutcome::faults()).map(Self)
    }

    fn schema() -> serde_json::Value {
        let names: Vec<_> = ForcedOutcome::faults().into_iter().map(|(name, _)| name).collect();
        json!({"enum": names})
    }
}

struct Times(Option<u64>);

impl Read for Times {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        if matches!(&node.value, Value::Text(text) if text == "forever") {
            return Some(Self(None));
        }
        let times = node.value.whole().and_then(|times| u64::try_from(times).ok());
        let times = times.filter(|times| *times > 0);
        if times.is_none() {
            problems.wrong_type(node, "a number from 1, or forever");
        }
        times.map(|times| Self(Some(times)))
    }

    fn schema() -> serde_json::Value {
        json!({"oneOf": [{"type": "integer", "minimum": 1, "maximum": i64::MAX}, {"const": "forever"}]})
    }
}

record! {
    struct DripEntry {
        /// The number of pieces, from 1 to 1000.
        chunks: Chunks => required,
        /// The time from the first piece to the last.
        over: DelayDuration => required,
    }
}

checked! {
    Chunks(u64): {"minimum": 1, "maximum": 1000},
    |chunks| (1..=1000).contains(chunks),
    |chunks| format!("chunks must be from 1 to 1000, not {chunks}")
}

impl Read for Drip {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let entry = DripEntry::read(node, problems)?;
        Some(Self { chunks: entry.chunks.0, over: entry.over.0 })
    }

    fn schema() -> serde_json::Value {
        DripEntry::schema()
    }
}

/// Seconds; a part of a second counts as a whole one.
struct RetryAfter(u64);

/// The longest time that a client is told to wait: 30 days, as an override lasts at most.
const MAX_RETRY_AFTER_S: u64 = 30 * 24 * 60 * 60;

impl Read for RetryAfter {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let seconds = if let Value::Text(text) = &node.value {
            let duration = problems.accept(node.at, parse_duration(text))?;
            duration.as_secs().saturating_add(u64::from(duration.subsec_nanos() > 0))
        } else {
            u64::read(node, problems)?
        };
        if seconds > MAX_RETRY_AFTER_S {
            problems.add(node.at, "retry_after is too long; the longest is 30d");
            return None;
        }
        Some(Self(seconds))
    }

    fn schema() -> serde_json::Value {
        let seconds = json!({"type": "integer", "minimum": 0, "maximum": MAX_RETRY_AFTER_S});
        json!({"oneOf": [seconds, AnyDuration::schema()]})
    }
}

/// Headers that frame a message or concern a single hop.
const RESERVED_HEADERS: &str = "connection content-length date http2-settings keep-alive \
    proxy-authenticate proxy-connection te trailer transfer-encoding upgrade";

/// How long the headers of a step may be together, in bytes: as long as the head of a request.
const MAX_HEADER_BYTES: usize = 16 * 1024;

struct ReplyHeaders(Vec<(HeaderName, HeaderValue)>);

impl Read for ReplyHeaders {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let entries = MapReader::entries_of(node, problems)?;
        let is_reserved =
            |name: &HeaderName| RESERVED_HEADERS.split(' ').any(|reserved| name == reserved);
        let mut headers = Vec::new();
        for entry in entries {
            let value = text_as_written(&entry.node, problems)?;
            let name = HeaderName::from_bytes(entry.key.as_bytes()).ok();
            match (name, HeaderValue::from_str(&value).ok()) {
                (Some(name), _) if is_reserved(&name) => {
                    let message =
                        format!("{name} is set by the server; to break the framing use a fault");
                    problems.add(entry.at, message);
                }
                (Some(name), Some(value)) => headers.push((name, value)),
                (None, _) => problems.add(entry.at, format!("invalid header name {:?}", entry.key)),
                (_, None) => {
                    let message = "invalid header value: use visible characters, no line breaks";
                    problems.add(entry.node.at, message);
                }
            }
        }
        let bytes: usize =
            headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        if bytes > MAX_HEADER_BYTES {
            let message = format!(
                "the headers have {bytes} bytes together, names and values, and a step can have \
                 {MAX_HEADER_BYTES}; shorten them"
            );
            problems.add(node.at, message);
            return None;
        }
        (headers.len() == entries.len()).then_some(Self(headers))
    }

    fn schema() -> serde_json::Value {
        // how long all may be together cannot be said
        json!({
            "type": "object",
            "propertyNames": {"maxLength": MAX_HEADER_BYTES},
            "additionalProperties": {
                "type": ["string", "number", "boolean"],
                "maxLength": MAX_HEADER_BYTES
            }
        })
    }
}
