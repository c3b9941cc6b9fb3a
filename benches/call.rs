//! The cost of a whole call without a socket.
//!
//! `cargo bench --bench call`

use std::path::PathBuf;

use divan::Bencher;
use genuin_sandbox::internals::call::{Config, Sandbox};
use genuin_sandbox::internals::http::Request;
use genuin_sandbox::internals::scenario::Source;

fn main() {
    divan::main();
}

/// The vendor's example request without its `chat_id`, so that it can be sent repeatedly.
fn example(token: &str) -> Request {
    let text = include_str!("../tests/integration/examples/create-group.request.json");
    let mut body: serde_json::Value = serde_json::from_str(text).expect("the example is JSON");
    body.as_object_mut().expect("it is an object").remove("chat_id");
    let path = "/api/thirdparty/group/create";
    let mut request = Request::json(http::Method::POST, path, Some(token), body.to_string());
    for (name, value) in [("host", "127.0.0.1:4368"), ("content-length", "1216")] {
        request.headers.insert(name, http::HeaderValue::from_static(value));
    }
    request
}

fn sandbox(scenario: Option<&str>) -> Sandbox {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/scenarios"));
    let scenarios = Source { directory: Some(folder), ..Source::default() };
    let scenario = scenario.map(str::to_owned);
    let config = Config { scenarios, scenario, ..Config::default() };
    Sandbox::new(config).expect("the scenarios are right")
}

/// A call that creates a group.
#[divan::bench(args = ["none", "fifty-rules", "fifty-body-rules", "slow"])]
fn create(bencher: Bencher, scenario: &str) {
    let sandbox = sandbox(Some(scenario).filter(|name| *name != "none"));
    let request = example("gnsb_demo");
    bencher.bench(|| sandbox.answer(&request));
}

/// A call that is forced before any check: the cost of tree, token, tenant, scenario and journal.
#[divan::bench]
fn force_before_auth(bencher: Bencher) {
    let sandbox = sandbox(Some("500/before-auth"));
    let request = example("gnsb_demo");
    bencher.bench(|| sandbox.answer(&request));
}

/// A call that is parsed and checked, but neither committed nor answered by the contract.
#[divan::bench]
fn force_after_validation(bencher: Bencher) {
    let sandbox = sandbox(Some("500/after-validation"));
    let request = example("gnsb_demo");
    bencher.bench(|| sandbox.answer(&request));
}

/// A call that is refused with every finding.
#[divan::bench]
fn refuse(bencher: Bencher) {
    let sandbox = sandbox(None);
    let mut request = example("gnsb_demo");
    request.body = r#"{"type":"4","communityId":"x"}"#.into();
    bencher.bench(|| sandbox.answer(&request));
}
