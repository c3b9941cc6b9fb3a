//! What a test expects, as it is read from the body of a request.

use std::time::Duration;

use serde_json::{Value, json};

use super::counts::ExpectedCounts;
use crate::admin::entry::{outcome_name, outcome_name_schema};
use crate::config_file::{
    MapEntry, MapReader, Node, Problems, Read, TextOrNumber, Value as Yaml, checked, record,
    unknown_key,
};
use crate::http::Problem;
use crate::journal::keeps_header;
use crate::scenario::{CallMatcher, CountBody};
use crate::text::secrets::is_secret_key;

/// The longest wait, in milliseconds.
const MAX_WAIT_MS: u64 = 60_000;

#[derive(Debug)]
pub(super) struct Expectation {
    pub(super) call: ExpectedCall,
    pub(super) counts: ExpectedCounts,
    pub(super) wait: Duration,
}

record! {
    #[derive(Debug)]
    pub(in crate::admin) struct VerifyBody {
        /// As in a rule, and outcome, status, committed, since.
        call "match": ExpectedCall => or(ExpectedCall::default()),
        /// How many calls must match; at least one if left out.
        count: Option<CountBody> => optional,
        /// How many calls of the tenant must be held at the moment; without count, this alone decides.
        held: Option<CountBody> => optional,
        /// How long to wait until the count is met.
        wait_ms: Option<WaitMs> => optional,
    }
}

#[derive(Debug, Default)]
pub(in crate::admin) struct ExpectedCall {
    pub(super) matcher: CallMatcher,
    pub(super) outcome: Option<String>,
    pub(super) status: Option<u64>,
    pub(super) committed: Option<bool>,
    /// Only calls after this cursor.
    pub(super) since: Option<String>,
}

record! {
    /// The keys that a rule's match does not have.
    #[derive(Debug)]
    struct ResultKeys {
        /// The outcome, by name or alias.
        outcome: Option<OutcomeName> => optional,
        /// The HTTP status of the answer.
        status: Option<Status> => optional,
        /// Whether the call has made its change.
        committed: Option<bool> => optional,
        /// Only calls behind this cursor, which YAML may take for a number.
        since: Option<TextOrNumber> => optional,
    }
}

checked! {
    #[derive(Debug)]
    Status(u64): {"minimum": 100, "maximum": 599},
    |status| (100..=599).contains(status),
    |status| format!("status must be from 100 to 599, not {status}")
}

checked! {
    #[derive(Debug)]
    pub(in crate::admin) WaitMs(u64): {"minimum": 0, "maximum": MAX_WAIT_MS},
    |wait| *wait <= MAX_WAIT_MS,
    |wait| format!("wait_ms must be at most {MAX_WAIT_MS}, not {wait}")
}

impl Expectation {
    /// Checks a body; an expectation that can never be met is refused.
    pub(super) fn check(body: VerifyBody) -> Result<Self, Problem> {
        let count = |body: Option<CountBody>, key| {
            let count = body.map(|body| body.count(key));
            count.transpose().map_err(|why| Problem::bad_request(why).at(format!("/{key}")))
        };
        let counts = ExpectedCounts::of(count(body.count, "count")?, count(body.held, "held")?);
        let wait_ms = body.wait_ms.map_or(0, |wait| wait.0);
        Ok(Self { call: body.call, counts, wait: Duration::from_millis(wait_ms) })
    }
}

impl ExpectedCall {
    /// The memory that it takes besides its own place, in bytes.
    pub(super) fn heap_bytes(&self) -> usize {
        let texts = [&self.outcome, &self.since].into_iter().flatten().map(String::capacity);
        self.matcher.heap_bytes() + texts.sum::<usize>()
    }
}

impl Read for ExpectedCall {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let entries = MapReader::entries_of(node, problems)?;
        let (result_keys, matcher_keys) =
            (keys(&ResultKeys::schema()), keys(&CallMatcher::definition()));
        let known: Vec<_> = matcher_keys.iter().chain(&result_keys).map(String::as_str).collect();
        if let Some(entry) = entries.iter().find(|entry| !known.contains(&entry.key.as_str())) {
            unknown_key(entry, &known, problems);
            return None;
        }
        let (result, matcher) =
            entries.iter().cloned().partition(|entry| result_keys.contains(&entry.key));
        let part = |entries| Node { at: node.at, value: Yaml::Map(entries) };
        let result = ResultKeys::read(&part(result), problems);
        let matcher = CallMatcher::read(&part(matcher), problems);
        let (result, matcher) = (result?, matcher?);
        refuse_redacted(entries, problems);
        Some(Self {
            matcher,
            outcome: result.outcome.map(|name| name.0),
            status: result.status.map(|status| status.0),
            committed: result.committed,
            since: result.since.map(|cursor| cursor.0),
        })
    }

    fn schema() -> Value {
        let mut schema = CallMatcher::definition();
        if let Value::Object(own) = ResultKeys::definition()["properties"].take() {
            own.into_iter().for_each(|(key, value)| schema["properties"][key] = value);
        }
        schema
    }
}

/// The keys of an object, from its schema.
fn keys(schema: &Value) -> Vec<String> {
    let properties = schema["properties"].as_object();
    properties.into_iter().flat_map(|properties| properties.keys().cloned()).collect()
}

/// Refuses conditions on what the journal does not keep, inside `any` and `not` too.
fn refuse_redacted(entries: &[MapEntry], problems: &mut Problems) {
    for entry in entries {
        match (entry.key.as_str(), &entry.node.value) {
            ("header", Yaml::Map(headers)) => {
                for header in headers {
                    if !keeps_header(&header.key.to_ascii_lowercase()) {
                        let name = &header.key;
                        let message = format!(
                            "the journal does not keep the value of {name}, so it cannot be matched"
                        );
                        problems.add(header.at, message);
                    }
                }
            }
            ("body", Yaml::Map(fields)) => {
                for field in fields.iter().filter(|field| is_secret_key(&field.key)) {
                    let message =
                        "the journal does not keep keys and secrets, so they cannot be matched";
                    problems.add(field.at, message);
                }
            }
            ("any", Yaml::List(items)) => {
                for item in items {
                    if let Yaml::Map(inner) = &item.value {
                        refuse_redacted(inner, problems);
                    }
                }
            }
            ("not", Yaml::Map(inner)) => refuse_redacted(inner, problems),
            _ => {}
        }
    }
}

/// The name of an outcome; an alias may be a bare number.
#[derive(Debug)]
struct OutcomeName(String);

impl Read for OutcomeName {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let TextOrNumber(text) = TextOrNumber::read(node, problems)?;
        match outcome_name(&text) {
            Ok(name) => Some(Self(name)),
            Err(problem) => {
                problems.add(node.at, problem.detail());
                None
            }
        }
    }

    fn schema() -> Value {
        let names = outcome_name_schema();
        json!({"anyOf": [names, {"type": "integer"}]})
    }
}
