//! A step: what a rule makes of one call, or of several.

use http::{HeaderName, HeaderValue};
use serde_json::json;

use super::delay::{Delay, Span, parse_span};
use super::rule::Phase;
use crate::config_file::{
    Located, MapReader, Node, Problems, Read, Value, choice, record, text_or_number,
};
use crate::http::Fault;
use crate::scenario::forced::ForcedOutcome;
use crate::text::did_you_mean;

/// What a rule makes of one call, or of several.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The outcome or fault.
    pub forced: ForcedOutcome,
    /// For how many calls; `None` is for ever.
    pub times: Option<u64>,
    /// The part of the calls it is for.
    pub chance: Option<f64>,
    /// When it acts.
    pub phase: Phase,
    /// How long the answer waits.
    pub delay: Option<Delay>,
    /// Whether the body comes in drops.
    pub drip: Option<Drip>,
    /// Another text in the envelope.
    pub message: Option<String>,
    /// Headers the answer has in addition, or instead.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// `Retry-After`, in seconds.
    pub retry_after_s: Option<u64>,
}

/// A body that comes in pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drip {
    /// How many pieces.
    pub chunks: u64,
    /// From the first to the last.
    pub over: std::time::Duration,
}

/// The steps of a `do`.
#[derive(Debug)]
pub struct Steps {
    /// In order.
    pub steps: Vec<Step>,
    /// Whether they were written as a list.
    pub listed: bool,
}

impl Read for Steps {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let Value::List(items) = &node.value else {
            return read_step(node, None, problems)
                .map(|step| Self { steps: vec![step], listed: false });
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
        let step = json!({"$ref": "#/$defs/step"});
        json!({"oneOf": [step, {"type": "array", "minItems": 1, "items": step}]})
    }
}

record! {
    #[derive(Debug)]
    struct StepEntry {
        /// The outcome, by name or alias; see genuin-sandbox outcomes.
        outcome: Option<Located<ForcedOutcome>> => optional,
        /// The fault, instead of an outcome.
        fault: Option<FaultName> => optional,
        /// For how many calls. Without it, a single step is for ever and one of a list is once.
        times: Option<Times> => optional,
        /// How long the answer waits.
        delay: Option<Delay> => optional,
        /// Sends the body in pieces.
        drip: Option<Drip> => optional,
        /// Another text in the vendor's error envelope.
        message: Option<String> => optional,
        /// Headers of the answer.
        headers: Option<Headers> => optional,
        /// Seconds, or a time like 2s, in the header Retry-After.
        retry_after: Option<RetryAfter> => optional,
    }
}

/// What `#/$defs/step` stands for in the schema of a scenario file.
pub fn definition() -> serde_json::Value {
    StepEntry::schema()
}

fn read_step(node: &Node, default_times: Option<u64>, problems: &mut Problems) -> Option<Step> {
    let entry = StepEntry::read(node, problems)?;
    let forced = match (entry.outcome, entry.fault) {
        (Some(outcome), None) => outcome.value,
        (None, Some(fault)) => ForcedOutcome::Fault(fault.0),
        (Some(outcome), Some(_)) => {
            problems.add(outcome.at, "a step has an outcome or a fault, not both; take one away");
            return None;
        }
        (None, None) => {
            problems.add(
                node.at,
                "a step needs an outcome or a fault, for example outcome: server-error",
            );
            return None;
        }
    };
    let is_envelope =
        matches!(forced, ForcedOutcome::Contract(outcome) if outcome.error().is_some());
    if entry.message.is_some() && !is_envelope {
        let message =
            format!("message goes with an error of the vendor's, which {} is not", forced.name());
        problems.add(node.at, message);
        return None;
    }
    let is_fault = matches!(forced, ForcedOutcome::Fault(_));
    if is_fault && (entry.drip.is_some() || entry.headers.is_some() || entry.retry_after.is_some())
    {
        problems.add(node.at, "a fault takes a delay, but neither drip, headers nor retry_after");
        return None;
    }
    Some(Step {
        forced,
        times: entry.times.map_or(default_times, |times| times.0),
        chance: None,
        phase: Phase::AfterAuth,
        delay: entry.delay,
        drip: entry.drip,
        message: entry.message,
        headers: entry.headers.map_or_else(Vec::new, |headers| headers.0),
        retry_after_s: entry.retry_after.map(|seconds| seconds.0),
    })
}

impl Read for ForcedOutcome {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let text = text_or_number(node, problems)?;
        let forced = Self::parse(&text);
        if forced.is_none() {
            let hint = did_you_mean(&text, Self::known_names());
            problems.add(
                node.at,
                format!("unknown outcome {text:?}{hint} (see genuin-sandbox outcomes)"),
            );
        }
        forced
    }

    fn schema() -> serde_json::Value {
        let names: Vec<_> = Self::known_names().collect();
        let numbers: Vec<u32> = names.iter().filter_map(|name| name.parse().ok()).collect();
        json!({"oneOf": [{"enum": names}, {"enum": numbers}]})
    }
}

#[derive(Debug)]
struct FaultName(Fault);

impl Read for FaultName {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let faults = Fault::ALL.map(|fault| (fault.name(), fault));
        choice(node, problems, "fault", &faults).map(Self)
    }

    fn schema() -> serde_json::Value {
        json!({"enum": Fault::ALL.map(Fault::name)})
    }
}

#[derive(Debug)]
struct Times(Option<u64>);

impl Read for Times {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        match &node.value {
            Value::Text(text) if text == "forever" => Some(Self(None)),
            Value::Integer(times) if *times > 0 => Some(Self(u64::try_from(*times).ok())),
            _ => {
                problems.wrong_type(node, "a number from 1, or forever");
                None
            }
        }
    }

    fn schema() -> serde_json::Value {
        json!({"oneOf": [{"type": "integer", "minimum": 1}, {"const": "forever"}]})
    }
}

record! {
    #[derive(Debug)]
    struct DripEntry {
        /// How many pieces, 1 to 1000.
        chunks: u64 => required,
        /// From the first piece to the last.
        over: Span => required,
    }
}

impl Read for Drip {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let entry = DripEntry::read(node, problems)?;
        if !(1..=1000).contains(&entry.chunks) {
            problems
                .add(node.at, format!("a body comes in 1 to 1000 chunks, not {}", entry.chunks));
            return None;
        }
        Some(Self { chunks: entry.chunks, over: entry.over.0 })
    }

    fn schema() -> serde_json::Value {
        DripEntry::schema()
    }
}

#[derive(Debug)]
struct RetryAfter(u64);

impl Read for RetryAfter {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        match &node.value {
            Value::Text(text) => match parse_span(text) {
                Ok(span) => Some(Self(span.as_secs() + u64::from(span.subsec_nanos() > 0))),
                Err(why) => {
                    problems.add(node.at, why);
                    None
                }
            },
            _ => u64::read(node, problems).map(Self),
        }
    }

    fn schema() -> serde_json::Value {
        json!({"oneOf": [u64::schema(), Span::schema()]})
    }
}

/// Headers that say how a message is framed, or that only concern one hop.
const NOT_YOURS: [&str; 11] = [
    "connection",
    "content-length",
    "date",
    "keep-alive",
    "proxy-authenticate",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
];

#[derive(Debug)]
struct Headers(Vec<(HeaderName, HeaderValue)>);

impl Read for Headers {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let entries = MapReader::entries_of(node, problems)?;
        let mut headers = Vec::new();
        for entry in entries {
            let value = String::read(&entry.node, problems)?;
            let name = HeaderName::from_bytes(entry.key.as_bytes()).ok();
            let value = HeaderValue::from_str(&value).ok();
            match (name, value) {
                (Some(name), _) if NOT_YOURS.contains(&name.as_str()) => {
                    let message = format!(
                        "{name} is set by the server itself; to break the framing use a fault"
                    );
                    problems.add(entry.at, message);
                }
                (Some(name), Some(value)) => headers.push((name, value)),
                (None, _) => {
                    problems.add(entry.at, format!("{:?} is not the name of a header", entry.key));
                }
                (_, None) => problems
                    .add(entry.node.at, "a header's value is visible text without line breaks"),
            }
        }
        (headers.len() == entries.len()).then_some(Self(headers))
    }

    fn schema() -> serde_json::Value {
        json!({"type": "object", "additionalProperties": {"type": "string"}})
    }
}
