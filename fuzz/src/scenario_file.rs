//! Reads any text as a scenario file.
//!
//! Each problem has a place in the text and a message of one line. A valid file can be uploaded,
//! described, tested and run, and a call under it ends as `explain` predicts.

use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use genuin_sandbox::CallRecord;
use genuin_sandbox::internals::admin;
use genuin_sandbox::internals::call::Sandbox;
use genuin_sandbox::internals::call::run_examples;
use genuin_sandbox::internals::config_file::FileProblem;
use genuin_sandbox::internals::http::Reply;
use genuin_sandbox::internals::scenario::{self, ForcedOutcome, HEADER, Phase, Scenario};
use http::{HeaderValue, Method};
use serde_json::json;

use super::{Input, answer, call, fresh, log};

static SANDBOX: LazyLock<Sandbox> = LazyLock::new(fresh::sandbox);

/// A body with a field for most rules, without a `chat_id`, so that it is accepted repeatedly.
const BODY: &str = r#"{"type":4,"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667",
    "recorded_video":{"video_name":"new.mp4","duration":5,"meta_data":{"topic":null}},
    "actions":[{"action_id":3,"access_type_id":5},{"action_id":5,"access_type_id":9}],
    "group":{"name":"Retry \u0041","tags":"technology","topics":[1,2],"members":[
        {"phone_number":"919876543210"},{"user_id":"345e1234-5678-90ef-2345-678912341234"}]},
    "settings":{"discoverable":false},"template_id":2}"#;
/// The longest delay of a scenario.
const LONGEST: Duration = Duration::from_hours(1);
/// How many calls are made under a scenario: enough to use up its steps.
const CALLS: usize = 3;
/// The most examples that are run: each starts a sandbox.
const LIMIT_EXAMPLES: usize = 2;
/// The longest text whose examples are run, in bytes: it bounds their calls.
const LIMIT_EXAMPLE_TEXT: usize = 1000;

/// Checks one input.
pub fn check(bytes: &[u8]) -> Input {
    let Ok(text) = std::str::from_utf8(bytes) else { return Input::Unusable };
    match scenario::read(text, None) {
        Ok(scenario) => {
            let renamed = scenario::read(text, Some("another")).expect_err("the name is another");
            places_are_within(&renamed, text);
            places_are_within(&scenario::lint(&scenario), text);
            examples_can_be_run(&scenario, text);
            can_be_called(&scenario, text);
        }
        Err(problems) => {
            assert!(!problems.is_empty(), "it is refused for a reason");
            places_are_within(&problems, text);
        }
    }
    log::take();
    fresh::forget(&SANDBOX);
    Input::Used
}

/// Checks that every problem has a message of one line and a place in the text or at its end.
fn places_are_within(problems: &[FileProblem], text: &str) {
    // a line break of YAML is LF, CR LF or CR
    let unified = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<_> = unified.split('\n').collect();
    for problem in problems {
        let (line, column) = (problem.at.line, problem.at.column);
        assert!(!problem.message.is_empty());
        let one_line = problem.in_file("file.yaml");
        assert!(!one_line.chars().any(char::is_control), "{one_line:?}");
        assert!((1..=lines.len() + 1).contains(&line), "line {line} of {}", lines.len());
        let width = lines.get(line - 1).map_or(0, |line| line.chars().count());
        assert!((1..=width + 1).contains(&column), "column {column} of {width}: {problem:?}");
        assert!(problem.snippet(text).ends_with('^'));
    }
}

/// Checks that examples run to their end, whatever they expect.
fn examples_can_be_run(scenario: &Scenario, text: &str) {
    if scenario.examples.len() <= LIMIT_EXAMPLES && text.len() <= LIMIT_EXAMPLE_TEXT {
        let results = run_examples(scenario);
        places_are_within(&results.failures, text);
        places_are_within(&results.unexercised(scenario), text);
    }
}

/// Uploads a scenario and makes some calls under it; each ends as `explain` predicts.
fn can_be_called(scenario: &Scenario, text: &str) {
    upload(&scenario.name, text);
    let name = HeaderValue::from_str(&scenario.name).expect("a name is visible ASCII");
    let found = SANDBOX.library.resolve(&scenario.name).expect("it is uploaded");
    assert_eq!(*found, *scenario, "what is read twice is the same");
    let mut request = call::create(Bytes::from_static(BODY.as_bytes()));
    request.headers.insert(HEADER, name);
    for _ in 0..CALLS {
        let explained = SANDBOX.explain(&request).expect("it is a call to the vendor");
        let (reply, record) = SANDBOX.answer_with_record(&request);
        let record = record.expect("it is a call to the vendor");
        let end =
            |record: &CallRecord| (record.outcome.to_string(), record.status, record.committed);
        let act =
            |record: &CallRecord| (record.rule.as_ref().map(ToString::to_string), record.delay);
        assert_eq!((end(&explained), act(&explained)), (end(&record), act(&record)));
        let acting = explained.evaluations.iter().find(|rule| rule.verdict == "acts");
        assert!(
            record.rule.is_none()
                || acting.map(|rule| rule.rule.as_str()) == record.rule.as_deref()
        );
        ends_by_the_scenario(&reply, &record, scenario);
    }
}

fn ends_by_the_scenario(reply: &Reply, record: &CallRecord, scenario: &Scenario) {
    assert_eq!(record.scenario.as_deref(), Some(scenario.name.as_str()));
    assert!(record.delay <= LONGEST, "{:?}", record.delay);
    assert_eq!(reply.delivery.fault.is_some(), record.status.is_none());
    if let Some((chunks, over)) = reply.delivery.drip {
        assert!((1..=1000).contains(&chunks) && over <= LONGEST);
    }
    let Some(rule) = record.rule.as_deref() else {
        assert_eq!((&*record.outcome, reply.status.as_u16()), ("ok", 200), "{record:?}");
        return;
    };
    let rule = scenario.rules.iter().find(|known| known.id == rule).expect("it is a rule");
    assert!(rule.enabled && rule.steps.iter().any(|step| step.forced.name() == record.outcome));
    let forced = ForcedOutcome::parse(&record.outcome).expect("an outcome has a name");
    assert_eq!(record.status, forced.status());
    let committed = forced.is_real() || record.phase.as_deref() == Some(Phase::AfterCommit.name());
    assert_eq!(record.committed, committed);
}

/// Uploads a scenario file as a user does, and reads its description.
fn upload(name: &str, text: &str) {
    let path = format!("/_sandbox/v1/scenarios/{name}");
    let uri: http::Uri = path.parse().expect("a name is a part of a path");
    let body = Bytes::copy_from_slice(text.as_bytes());
    for method in [Method::PUT, Method::GET] {
        let request = call::request(method, uri.clone(), body.clone());
        let reply = admin::respond(&SANDBOX, &request).finish(&SANDBOX);
        assert_eq!(reply.status, 200, "{}", answer::text(&reply));
        assert_eq!(answer::json(&reply)["name"], json!(name));
    }
}
