//! Runs the examples of a scenario, each in a new sandbox, without delays.

use std::collections::BTreeSet;

use http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::call::{Config, Sandbox};
use crate::clock::Clock;
use crate::config_file::FileProblem;
use crate::scenario::{self, Example, Scenario};

/// The token of all calls.
const TOKEN: &str = "gnsb_demo";

/// The results of a scenario's examples.
#[derive(Debug, Default)]
pub struct ExampleResults {
    /// The examples with a call that ended in another way than expected.
    pub failures: Vec<FileProblem>,
    /// The ids of the rules that acted.
    pub(crate) acted: BTreeSet<String>,
}

impl ExampleResults {
    /// Returns a warning for each enabled rule that no example exercises.
    pub fn unexercised(&self, scenario: &Scenario) -> Vec<FileProblem> {
        let rules = scenario.rules.iter();
        let rules = rules.filter(|rule| rule.enabled && !self.acted.contains(&rule.id));
        let warning = |id: &str| format!("rule {id:?} is not exercised by any example");
        rules.map(|rule| FileProblem::new(rule.at, warning(&rule.id))).collect()
    }
}

/// Runs the examples of a scenario.
pub fn run_examples(scenario: &Scenario) -> ExampleResults {
    let mut results = ExampleResults::default();
    for example in &scenario.examples {
        if let Err(message) = run_example(scenario, example, &mut results.acted) {
            results.failures.push(FileProblem::new(example.at, message));
        }
    }
    results
}

fn run_example(
    scenario: &Scenario,
    example: &Example,
    acted: &mut BTreeSet<String>,
) -> Result<(), String> {
    let scenarios =
        scenario::Source { parsed: vec![scenario.clone()], ..scenario::Source::default() };
    let config = Config {
        clock: Clock::Frozen(1_727_169_211_000),
        scenarios,
        scenario: Some(scenario.name.clone()),
        ..Config::default()
    };
    let sandbox = Sandbox::new(config).map_err(|error| error.to_string())?;
    let endpoint = example.endpoint.endpoint();
    let valid = &endpoint.valid_request;
    for (endpoint, body) in valid.preparation {
        let mut request = endpoint.request(&[], TOKEN, *body);
        request.headers.insert(scenario::HEADER, HeaderValue::from_static("ok"));
        sandbox.answer(&request);
    }
    let parameters: Vec<_> = valid
        .parameters
        .iter()
        .map(|(name, value)| (*name, encoded(example.path.get(name).unwrap_or(value))))
        .collect();
    let parameters: Vec<_> = parameters.iter().map(|(name, value)| (*name, &**value)).collect();
    for (index, expected) in example.expect.0.iter().enumerate() {
        let mut body = parse(&valid.body_of_call(index));
        merge(&mut body, &example.send.to_json());
        let request = endpoint.request(&parameters, TOKEN, body.to_string());
        let (_, record) = sandbox.answer_with_record(&request);
        let record = record.expect("BUG: the request is a call to the vendor");
        acted.extend(record.rule.map(String::from));
        if record.outcome != expected.name() {
            let (number, expected, found) = (index + 1, expected.name(), record.outcome);
            let findings = &record.findings;
            let why = if findings.is_empty() { String::new() } else { format!(" ({findings})") };
            return Err(format!(
                "expected outcome {expected} for call {number}, found {found}{why}"
            ));
        }
    }
    Ok(())
}

/// The value of a path's parameter as it is sent.
fn encoded(value: &str) -> String {
    const KEPT: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_');
    utf8_percent_encode(value, &KEPT).to_string()
}

fn parse(body: &str) -> Value {
    serde_json::from_str(body).expect("BUG: a valid request has a JSON body")
}

/// Merges as RFC 7396 says: objects key by key, null removes a key, anything else replaces.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        target.clone_from(patch);
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    let target = target.as_object_mut().expect("BUG: made an object just above");
    for (key, value) in patch {
        if value.is_null() {
            target.remove(key);
        } else {
            merge(target.entry(key).or_insert(Value::Null), value);
        }
    }
}
