//! Makes the calls that endpoints declare as examples, each in a world of its own, and keeps their answers for
//! documents.

use http::HeaderValue;
use serde_json::Value;

use crate::call::{Config, Sandbox};
use crate::clock::Clock;
use crate::http::Reply;
use crate::scenario;
use crate::vendor::{Assumptions, CallExample, ENDPOINTS, Endpoint, MadeExample, Outcome};
use crate::world::TenantName;

/// The time of the vendor's example answer.
const TIME: Clock = Clock::Frozen(1_727_169_211_000);

/// The tenant and its token.
const TENANT: &str = "demo";
const TOKEN: &str = "gnsb_demo";

/// Makes the examples of all endpoints, in the order of the table.
pub(crate) fn document_examples(
    assumptions: Assumptions,
    public_url: &str,
) -> Vec<Vec<MadeExample>> {
    let config = Config {
        clock: TIME,
        public_url: Some(public_url.to_owned()),
        assumptions,
        ..Config::default()
    };
    let sandbox = Sandbox::new(config).expect("BUG: the default settings are valid");
    // these are no calls of a client
    tracing::subscriber::with_default(tracing::subscriber::NoSubscriber::default(), || {
        ENDPOINTS.iter().map(|endpoint| examples_of(endpoint, &sandbox)).collect()
    })
}

fn examples_of(endpoint: &'static Endpoint, sandbox: &Sandbox) -> Vec<MadeExample> {
    let declared = endpoint.examples.iter().map(|example| make(endpoint, example, sandbox));
    let mut made: Vec<_> = declared.collect();
    for (outcome, name, summary) in [
        (Outcome::Unauthorized, "unauthorized", "the token is not accepted"),
        (Outcome::ServerError, "server-error", "the vendor fails, whatever is sent"),
    ] {
        if endpoint.outcomes.contains(&outcome) {
            made.push(forced_example(endpoint, outcome, (name, summary), sandbox));
        }
    }
    made
}

/// Makes the call of an example in a new world.
fn make(endpoint: &'static Endpoint, example: &CallExample, sandbox: &Sandbox) -> MadeExample {
    begin(endpoint, sandbox);
    let parameters = if example.parameters.is_empty() {
        endpoint.valid_request.parameters
    } else {
        example.parameters
    };
    let request = endpoint.request(parameters, TOKEN, example.body);
    if example.is_repeated {
        sandbox.answer(&request);
    }
    let reply = sandbox.answer(&request);
    made((example.name, example.summary), parameters, example.body, &reply)
}

/// Makes the call of the first example with an outcome that its header forces.
fn forced_example(
    endpoint: &'static Endpoint,
    outcome: Outcome,
    title: (&'static str, &'static str),
    sandbox: &Sandbox,
) -> MadeExample {
    begin(endpoint, sandbox);
    let body = endpoint.examples.first().map_or("{}", |example| example.body);
    let parameters = endpoint.valid_request.parameters;
    let mut request = endpoint.request(parameters, TOKEN, body);
    request.headers.insert(scenario::HEADER, HeaderValue::from_static(outcome.name()));
    made(title, parameters, body, &sandbox.answer(&request))
}

/// Starts a new world, in which the calls are made that have to come first.
fn begin(endpoint: &Endpoint, sandbox: &Sandbox) {
    let tenant = TenantName::parse(TENANT).expect("BUG: the name is well-formed");
    sandbox.journal.remove(&tenant);
    sandbox.tenants.remove(&tenant);
    for (endpoint, body) in endpoint.valid_request.preparation {
        sandbox.answer(&endpoint.request(&[], TOKEN, *body));
    }
}

fn made(
    (name, summary): (&'static str, &'static str),
    parameters: &'static [(&'static str, &'static str)],
    body: &str,
    reply: &Reply,
) -> MadeExample {
    let header = |(name, value): (&http::HeaderName, &HeaderValue)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    MadeExample {
        name,
        summary,
        parameters,
        body: serde_json::from_str(body).expect("BUG: an example is JSON"),
        status: reply.status.as_u16(),
        headers: reply.headers.iter().map(header).collect(),
        answer: serde_json::from_slice(&reply.body).unwrap_or(Value::Null),
    }
}
