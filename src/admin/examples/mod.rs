//! Examples for the document of this API. They are the answers of a sandbox of their own to the requests of a script,
//! which is run again for each document, so that the binary need not contain them.

mod script;
mod shown;

use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use self::script::{ExampleRequest, SCRIPT, Step};
use self::shown::{emptied_below, shown, shown_text};
use super::parameter::Place;
use super::router::{AdminRoute, AdminRouter, BASE};
use crate::call::{CallAnswer, Config, HoldTicket, Sandbox};
use crate::clock::Clock;
use crate::config_file::{self, FileLimits, Format};
use crate::http::{Arrival, DeliveryStatus, Reply, Request};
use crate::vendor::{Assumptions, ENDPOINTS};

/// The time of the vendor's example answer.
const TIME: Clock = Clock::Frozen(1_727_169_211_000);

/// The tenant whose calls are made, and its token.
const TENANT: &str = "demo";
const TOKEN: HeaderValue = HeaderValue::from_static("Bearer gnsb_demo");

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const LOCALHOST: (HeaderName, HeaderValue) = (HOST, HeaderValue::from_static("localhost"));

/// A request with its answer, as a document shows them.
#[derive(Debug)]
pub(super) struct AdminExample {
    /// The same for the request and the answer.
    pub(super) name: &'static str,
    pub(super) summary: &'static str,
    pub(super) method: &'static Method,
    /// The path below the API's, with parameters in braces.
    pub(super) pattern: &'static str,
    /// By name, wherever they are.
    pub(super) parameters: &'static [(&'static str, &'static str)],
    pub(super) body: Option<Value>,
    pub(super) status: StatusCode,
    /// The media type and the body of the answer, if it has one.
    pub(super) answer: Option<(String, Value)>,
}

/// Makes all examples, in the order of the script.
pub(super) fn made_examples(
    router: &AdminRouter,
    assumptions: Assumptions,
    public_url: &str,
) -> Vec<AdminExample> {
    let config = Config {
        instance: "sandbox-1".to_owned(),
        clock: TIME,
        public_url: Some(public_url.to_owned()),
        assumptions,
        ..Config::default()
    };
    let sandbox = Sandbox::new(config).expect("BUG: the default settings are valid");
    let mut runner = ExampleRunner { router, sandbox, held: Vec::new() };
    // these are no requests of a client
    tracing::subscriber::with_default(tracing::subscriber::NoSubscriber::default(), || {
        SCRIPT.iter().filter_map(|step| runner.run_step(step)).collect()
    })
}

pub(super) fn start_of_document(document: Value) -> Value {
    emptied_below(Some(script::DOCUMENT_DEPTH), shown(document))
}

struct ExampleRunner<'r> {
    router: &'r AdminRouter,
    sandbox: Sandbox,
    /// The calls that wait; dropped, their clients would have left.
    held: Vec<HoldTicket>,
}

impl ExampleRunner<'_> {
    fn run_step(&mut self, step: &'static Step) -> Option<AdminExample> {
        match step {
            Step::Call(name) => {
                self.call(name);
                None
            }
            Step::Between(request) => {
                self.send(request);
                None
            }
            Step::Example(request) => Some(self.example(request)),
        }
    }

    /// Makes a call to the vendor's first endpoint, whose answer is sent.
    fn call(&mut self, name: &str) {
        let endpoint = ENDPOINTS[0];
        let example = endpoint.examples.iter().find(|example| example.name == name);
        let body = example.expect("BUG: the endpoint has an example of this name").body;
        let method = endpoint.method.clone();
        let headers =
            HeaderMap::from_iter([(AUTHORIZATION, TOKEN), (CONTENT_TYPE, JSON), LOCALHOST]);
        let request = Request { headers, ..Request::json(method, endpoint.path, None, body) };
        match self.sandbox.answer_or_hold(&request, Arrival::now(1)).0 {
            CallAnswer::Held(ticket) => self.held.push(ticket),
            CallAnswer::Reply(reply) => {
                if let Some(receipt) = reply.delivery.receipt {
                    self.sandbox.journal.set_delivery(receipt, DeliveryStatus::Sent);
                }
            }
        }
    }

    fn send(&self, request: &ExampleRequest) -> Reply {
        let mut path = format!("{}/{}", BASE, request.pattern);
        let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, JSON), LOCALHOST]);
        let mut query = Vec::new();
        for (name, value) in request.parameters {
            let encoded = utf8_percent_encode(value, NON_ALPHANUMERIC);
            let segment = format!("{{{name}}}");
            if path.contains(&segment) {
                path = path.replace(&segment, value);
            } else if let Some(name) = self.header_of(request, name) {
                headers.insert(name, HeaderValue::from_static(value));
            } else {
                query.push(format!("{name}={encoded}"));
            }
        }
        if !query.is_empty() {
            path = format!("{path}?{}", query.join("&"));
        }
        let request =
            Request { headers, ..Request::json(request.method.clone(), &path, None, request.body) };
        let answer = self.router.handle(&self.sandbox, &request);
        answer.map_or_else(|problem| problem.reply(), |answer| answer.finish(&self.sandbox))
    }

    /// The header of a parameter that is one.
    fn header_of(&self, request: &ExampleRequest, parameter: &str) -> Option<HeaderName> {
        let is_of = |route: &&AdminRoute| {
            route.method == request.method && route.pattern == request.pattern
        };
        let route = self.router.routes().find(is_of)?;
        let mut declared = (route.parameters)().into_iter();
        declared.find(|it| it.name == parameter && it.place == Place::Header)?;
        HeaderName::from_bytes(parameter.as_bytes()).ok()
    }

    fn example(&self, request: &'static ExampleRequest) -> AdminExample {
        let reply = self.send(request);
        let media_type = reply.headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
        let answer = media_type.map(|media_type| {
            let media_type = media_type.split(';').next().unwrap_or_default().to_owned();
            let text = String::from_utf8_lossy(&reply.body);
            let value = match &*media_type {
                "application/yaml" => {
                    config_file::parse_within(FileLimits::LARGE, Format::Yaml, &text)
                        .ok()
                        .map(|node| node.value.to_json())
                }
                _ => serde_json::from_str(&text).ok(),
            };
            let value = value.map(|value| emptied_below(request.depth, shown(value)));
            (media_type, value.unwrap_or_else(|| shown_text(&text)))
        });
        AdminExample {
            name: request.name,
            summary: request.summary,
            method: &request.method,
            pattern: request.pattern,
            parameters: request.parameters,
            body: serde_json::from_str(request.body).ok(),
            status: reply.status,
            answer,
        }
    }
}
