//! Builds and sends calls to any endpoint from its declaration, each as a new tenant.

use std::sync::atomic::{AtomicUsize, Ordering};

use http::HeaderValue;
use serde_json::{Map, Value, json};

use crate::call::{Config, Sandbox};
use crate::clock::Clock;
use crate::http::{Reply, Request};
use crate::journal::CallRecord;
use crate::vendor::schema::{Kind, Schema, Tree};
use crate::vendor::{ENDPOINTS, Endpoint};

/// Creates a sandbox with a frozen clock.
pub(super) fn sandbox() -> Sandbox {
    let clock = Clock::Frozen(1_727_169_211_000);
    Sandbox::new(Config { clock, ..Config::default() }).unwrap()
}

/// Returns all endpoints, including those for tests.
pub(super) fn endpoints() -> impl Iterator<Item = &'static Endpoint> {
    assert!(ENDPOINTS.len() > 2, "the endpoints for tests are in the table");
    ENDPOINTS.iter().copied()
}

/// Counts the calls, so that none is like another.
static NUMBERS: AtomicUsize = AtomicUsize::new(0);

/// A call to an endpoint: its valid request, which a test can change.
#[derive(Clone)]
pub(super) struct TestCall {
    pub endpoint: &'static Endpoint,
    pub tenant: String,
    pub parameters: Vec<(&'static str, String)>,
    pub body: Value,
    pub headers: Vec<(&'static str, String)>,
}

impl TestCall {
    /// Creates the valid request of an endpoint, as a new tenant.
    pub(super) fn valid(endpoint: &'static Endpoint) -> Self {
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        let owned = |(name, value): &(&'static str, &str)| (*name, (*value).to_owned());
        Self {
            endpoint,
            tenant: format!("t{number}"),
            parameters: endpoint.valid_request.parameters.iter().map(owned).collect(),
            body: valid_body(endpoint, number),
            headers: Vec::new(),
        }
    }

    /// Makes another valid request of the same tenant: what must not be repeated has a new value.
    pub(super) fn renew(&mut self) {
        self.body = valid_body(self.endpoint, NUMBERS.fetch_add(1, Ordering::Relaxed));
    }

    /// Creates a valid request with every field that can be sent.
    pub(super) fn with_all_fields(endpoint: &'static Endpoint) -> Self {
        let mut call = Self::valid(endpoint);
        let valid = std::mem::take(&mut call.body);
        call.body = merge(complete(endpoint.body), valid);
        call
    }

    /// Returns the request to send.
    pub(super) fn request(&self) -> Request {
        let parameters: Vec<_> =
            self.parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let mut request = self.endpoint.request(&parameters, &self.token(), self.body.to_string());
        for (name, value) in &self.headers {
            let value = HeaderValue::from_str(value).unwrap();
            request.headers.append(*name, value);
        }
        request
    }

    fn token(&self) -> String {
        format!("gnsb_{}", self.tenant)
    }

    /// Makes the calls that must come first, then this one.
    pub(super) fn send(&self, sandbox: &Sandbox) -> (Reply, CallRecord<'static>) {
        self.prepare(sandbox);
        self.send_again(sandbox)
    }

    /// Makes the calls that must come first.
    pub(super) fn prepare(&self, sandbox: &Sandbox) {
        for (endpoint, body) in self.endpoint.valid_request.preparation {
            let reply = sandbox.answer(&endpoint.request(&[], &self.token(), *body));
            assert_eq!(reply.status, 200, "the preparation of {}", self.endpoint.name);
        }
    }

    /// Makes only this call.
    pub(super) fn send_again(&self, sandbox: &Sandbox) -> (Reply, CallRecord<'static>) {
        let request = self.request();
        let (reply, record) = sandbox.answer_with_record(&request);
        let record = record
            .unwrap_or_else(|| panic!("{} is not reached: {:?}", self.endpoint.name, reply.body));
        let stored = sandbox.journal.record(&record.tenant, record.seq);
        (reply, stored.expect("the call is in the journal"))
    }
}

fn valid_body(endpoint: &Endpoint, number: usize) -> Value {
    serde_json::from_str(&endpoint.valid_request.body_of_call(number)).unwrap()
}

/// Returns an object with every field of a schema, but only the last of alternative fields.
pub(super) fn complete(schema: &Schema) -> Value {
    let alternatives = schema.exactly_one_of;
    let is_sent = |name: &str| !alternatives.contains(&name) || alternatives.last() == Some(&name);
    let fields = schema.fields.iter().filter(|field| is_sent(field.name));
    Value::Object(
        fields
            .map(|field| {
                let example = field.example.map(|json| serde_json::from_str(json).unwrap());
                (field.name.to_owned(), example.unwrap_or_else(|| value_of(field.kind)))
            })
            .collect::<Map<_, _>>(),
    )
}

/// Returns a value of a kind, with all its fields.
pub(super) fn value_of(kind: Kind) -> Value {
    match kind {
        Kind::Integer | Kind::TextOrNumber => json!(1),
        Kind::OneOfIntegers(values) => json!(values[0]),
        Kind::Text | Kind::Secret => json!("text"),
        Kind::Formatted(format) => json!(format.example),
        Kind::Boolean => json!(true),
        Kind::Object(schema) => complete(schema),
        Kind::List(item) => json!([value_of(*item)]),
        Kind::AnyOf(_, kinds) => value_of(kinds[0]),
        Kind::Any => json!({"any": ["thing", null]}),
    }
}

/// Returns a value of each JSON type except null.
pub(super) fn one_of_each_type() -> [Value; 6] {
    [json!(true), json!(7), json!(1.5), json!("text"), json!([]), json!({})]
}

/// Whether a value has the JSON type of a kind.
pub(super) fn has_type_of(kind: Kind, value: &Value) -> bool {
    let text = value.to_string();
    let arena = crate::vendor::schema::Arena::default();
    let tree: Tree = crate::vendor::schema::parse(&text, &arena).unwrap();
    kind.has_type_of(&tree)
}

/// Merges two objects recursively; values of `over` replace those of `base`.
pub(super) fn merge(base: Value, over: Value) -> Value {
    match (base, over) {
        (Value::Object(mut base), Value::Object(over)) => {
            for (key, value) in over {
                let merged = match base.remove(&key) {
                    Some(below) => merge(below, value),
                    None => value,
                };
                base.insert(key, merged);
            }
            Value::Object(base)
        }
        (_, over) => over,
    }
}
