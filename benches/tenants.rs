//! The cost of tenants: creating one, resetting one, and a whole call.
//!
//! `cargo bench --bench tenants`

use std::sync::Arc;

use divan::Bencher;
use divan::counter::ItemsCount;
use genuin_sandbox::internals::call::{Config, Sandbox};
use genuin_sandbox::internals::http::Request;
use genuin_sandbox::internals::tenant::TenantName;
use genuin_sandbox::internals::tenant::{ResetPart, TenantState};

fn main() {
    divan::main();
}

/// The most tenants of a server.
const TENANTS: usize = 10_000;

#[divan::bench]
fn make_one(bencher: Bencher) {
    let seed = Arc::new(genuin_sandbox::internals::fixtures::built_in());
    bencher.bench(|| TenantState::new(Arc::clone(&seed)));
}

/// Each tenant has a group, so that a reset has something to remove.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn reset_10_000_one_after_another(bencher: Bencher) {
    bencher
        .counter(ItemsCount::new(TENANTS))
        .with_inputs(|| {
            let sandbox = sandbox();
            let names: Vec<_> = (0..TENANTS).map(|number| format!("t{number}")).collect();
            for name in &names {
                sandbox.answer(&create(&format!("gnsb_{name}")));
            }
            let names: Vec<_> = names.iter().map(|name| TenantName::parse(name)).collect();
            (sandbox, names)
        })
        .bench_refs(|(sandbox, names)| {
            for name in names.iter().flatten() {
                let tenant = sandbox.tenants.find(name).expect("it was just used");
                let mut state = tenant.lock();
                for part in ResetPart::ALL {
                    state.reset(part, sandbox.tenants.seed());
                }
                sandbox.journal.clear(name);
            }
        });
}

#[divan::bench]
fn create_a_group(bencher: Bencher) {
    let sandbox = sandbox();
    let request = create("gnsb_demo");
    bencher.bench(|| sandbox.answer(&request));
}

fn sandbox() -> Sandbox {
    Sandbox::new(Config::default()).expect("the defaults are right")
}

fn create(token: &str) -> Request {
    let body =
        r#"{"type":4,"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667","group":{"name":"x"}}"#;
    Request::json(http::Method::POST, "/api/thirdparty/group/create", Some(token), body)
}
