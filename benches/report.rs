//! The cost of a report on 30 000 calls, with a journal that has room for them (`--journal-mib 256`).
//!
//! `cargo bench --bench report`

use divan::Bencher;
use divan::counter::ItemsCount;
use genuin_sandbox::internals::admin::{BASE, respond};
use genuin_sandbox::internals::call::{Config, Sandbox};
use genuin_sandbox::internals::http::{DeliveryStatus, Request};
use genuin_sandbox::internals::scenario::HEADER;

fn main() {
    divan::main();
}

const CALLS: usize = 30_000;

/// All calls succeed at once; every second one is the retry of a failure; none succeeds.
#[divan::bench(args = ["successes", "retries", "failures"], sample_count = 10, sample_size = 1)]
fn judge_30_000_calls(bencher: Bencher, kind: &str) {
    let sandbox = sandbox(kind);
    let mut question = Request::json(http::Method::GET, &format!("{BASE}/report"), None, "");
    question.headers.insert("host", http::HeaderValue::from_static("localhost"));
    let ask = || respond(&sandbox, &question).finish(&sandbox);
    let report: serde_json::Value = serde_json::from_slice(&ask().body).expect("it is JSON");
    assert_eq!((&report["calls"], &report["unseen"]), (&CALLS.into(), &0.into()), "{report}");
    bencher.counter(ItemsCount::new(CALLS)).bench(ask);
}

/// A sandbox in which one tenant has made all calls.
fn sandbox(kind: &str) -> Sandbox {
    let config = Config { journal_mib: Some(256), ..Config::default() };
    let sandbox = Sandbox::new(config).expect("the settings are right");
    for number in 0..CALLS {
        let (scenario, id) = match kind {
            "successes" => ("ok", number),
            "retries" => (["503", "ok"][number % 2], number / 2),
            _ => ("500", number),
        };
        let reply = sandbox.answer(&create(scenario, id));
        let receipt = reply.delivery.receipt.expect("a call has a record");
        sandbox.journal.set_delivery(receipt, DeliveryStatus::Sent);
    }
    sandbox
}

/// The vendor's example request with an own id.
fn create(scenario: &'static str, id: usize) -> Request {
    let text = include_str!("../tests/integration/examples/create-group.request.json");
    let mut body: serde_json::Value = serde_json::from_str(text).expect("the example is JSON");
    body["chat_id"] = format!("00000000-0000-4000-8000-{id:012}").into();
    let path = "/api/thirdparty/group/create";
    let token = Some("gnsb_demo");
    let mut request = Request::json(http::Method::POST, path, token, body.to_string());
    request.headers.insert(HEADER, http::HeaderValue::from_static(scenario));
    request
}
