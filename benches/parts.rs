//! The cost of the parts of a call, one by one; `call` measures the whole.
//!
//! `cargo bench --bench parts`

use std::sync::Arc;

use divan::{Bencher, black_box};
use genuin_sandbox::MediaMode;
use genuin_sandbox::internals::fixtures;
use genuin_sandbox::internals::http::{PathParameters, Request};
use genuin_sandbox::internals::scenario::{
    self, CallFacts, EndpointSet, FieldValues, Scenario, ScenarioState,
};
use genuin_sandbox::internals::tenant::TokenVerifier;
use genuin_sandbox::internals::vendor::create_group::ENDPOINT;
use genuin_sandbox::internals::vendor::{
    Arena, Assumptions, Call, LazyTree, VendorConfig, parse_by_library,
};
use genuin_sandbox::internals::world::{Ids, World};

fn main() {
    divan::main();
}

/// Parses the body into the tree that rules read.
#[divan::bench]
fn parse_a_tree(bencher: Bencher) {
    let request = create();
    bencher.bench(|| {
        let arena = Arena::for_body(request.body.len());
        LazyTree::of(black_box(&request.body), &arena).get().is_some()
    });
}

/// The same by the JSON library alone.
#[divan::bench]
fn parse_a_tree_by_the_library(bencher: Bencher) {
    let request = create();
    let text = std::str::from_utf8(&request.body).expect("the body is text");
    bencher.bench(|| {
        let arena = Arena::for_body(text.len());
        parse_by_library(black_box(text), &arena).is_ok()
    });
}

/// Reads the body into its types and runs all checks of the contract.
#[divan::bench]
fn read_and_check(bencher: Bencher) {
    let given = Given::new();
    let world = World::new(Arc::new(fixtures::built_in()));
    given.with_call(|call| {
        bencher.bench_local(|| {
            (ENDPOINT.check)(black_box(call), &world).map(|checked| checked.findings)
        });
    });
}

/// The same, then commits and builds the answer.
#[divan::bench]
fn read_check_and_commit(bencher: Bencher) {
    let given = Given::new();
    let mut world = World::new(Arc::new(fixtures::built_in()));
    given.with_call(|call| {
        bencher.bench_local(|| {
            let checked = (ENDPOINT.check)(black_box(call), &world).expect("nothing is wrong");
            checked.commit(&mut world)
        });
    });
}

/// Evaluates fifty rules that do not match a call whose body is parsed already.
#[divan::bench]
fn decide_among_50_rules(bencher: Bencher) {
    let request = create();
    let arena = Arena::default();
    let body = LazyTree::of(&request.body, &arena);
    body.get().expect("the example is JSON");
    let (scenario, progress) = (Arc::new(fifty_rules()), ScenarioState::default());
    let parameters = PathParameters::default();
    let facts = || CallFacts {
        values: FieldValues::default(),
        parameters: &parameters,
        called: EndpointSet::called(Some(&ENDPOINT)),
        tenant: "bench",
        headers: &request.headers,
        body: &body,
        now_ms: 0,
        nth: 1000,
    };
    bencher.bench_local(|| progress.select(black_box(&scenario), &facts(), Ids::new(42), None));
}

/// Everything that the checks of a call need.
struct Given {
    request: Request,
    gate: TokenVerifier,
    config: VendorConfig,
}

impl Given {
    fn new() -> Self {
        let ids = Ids::new(42);
        let gate = TokenVerifier::new(Arc::new(fixtures::built_in()), ids);
        let config = VendorConfig {
            ids,
            media: MediaMode::Lenient,
            public_url: None,
            assumptions: Assumptions::default(),
        };
        Self { request: create(), gate, config }
    }

    fn with_call(&self, measure: impl FnOnce(&Call)) {
        let (request, gate, config) = (&self.request, &self.gate, &self.config);
        let arena = Arena::default();
        let body = &LazyTree::of(&request.body, &arena);
        let caller = ENDPOINT.identify(request, body, gate, config.assumptions);
        measure(&Call {
            request,
            body,
            caller: &caller,
            config,
            parameters: &PathParameters::default(),
            verifier: gate,
            now_ms: 1_727_169_211_000,
        });
    }
}

fn fifty_rules() -> Scenario {
    let text = include_str!("scenarios/fifty-rules.yaml");
    scenario::read(text, Some("fifty-rules")).expect("the file is right")
}

/// The vendor's example without its `chat_id`, so that each call creates a group.
fn create() -> Request {
    let example = include_str!("../tests/integration/examples/create-group.request.json");
    let mut body: serde_json::Value = serde_json::from_str(example).expect("the example is JSON");
    body.as_object_mut().expect("it is an object").shift_remove("chat_id");
    let path = "/api/thirdparty/group/create";
    let token = Some("gnsb_bench");
    let mut request = Request::json(http::Method::POST, path, token, body.to_string());
    request.headers.insert("host", http::HeaderValue::from_static("127.0.0.1:4368"));
    request
}
