//! The schema of a body in the vendor's document and the endpoint's reader agree on what is accepted, also if
//! assumptions are turned.
//!
//! They cannot agree on what JSON Schema does not tell apart: `4.0` and `4`, repeated keys, depth, surrogates.

use std::sync::LazyLock;

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::harness::{TestCall, endpoints};
use crate::call::{Config, Sandbox};
use crate::clock::Clock;
use crate::property;
use crate::vendor::assumptions::{ASSUMPTIONS, Reading};
use crate::vendor::documents::{Api, Dialect, openapi};
use crate::vendor::finding::Severity;
use crate::vendor::schema::{Field, Kind, ReferenceKind, Schema};
use crate::vendor::{Assumptions, ENDPOINTS, Endpoint, Outcome};

/// A sandbox with its document.
struct World {
    assumptions: Assumptions,
    sandbox: Sandbox,
    /// The schemas of the bodies, in the order of the table.
    bodies: Vec<Validator>,
}

/// One world with the default assumptions, and one for each variant of each assumption.
static WORLDS: LazyLock<Vec<World>> = LazyLock::new(|| {
    let turned = ASSUMPTIONS.iter().flat_map(|assumption| {
        let variants = assumption.variants.iter().skip(1);
        variants.map(|variant| Reading::find(assumption.name, variant.name).unwrap())
    });
    let turned = turned.map(|reading| Assumptions::with(&[reading]).unwrap());
    [Assumptions::default()].into_iter().chain(turned).map(world).collect()
});

fn world(assumptions: Assumptions) -> World {
    let clock = Clock::Frozen(1_727_169_211_000);
    let sandbox = Sandbox::new(Config { clock, assumptions, ..Config::default() }).unwrap();
    let examples = &vec![Vec::new(); ENDPOINTS.len()];
    let (dialect, server) = (Dialect::V3_1, "http://127.0.0.1:4368");
    let document = openapi(&Api { dialect, assumptions, server, examples });
    let body = |endpoint: &&Endpoint| {
        let method = endpoint.method.as_str().to_ascii_lowercase();
        let operation = &document["paths"][endpoint.path][method];
        let mut schema = operation["requestBody"]["content"]["application/json"]["schema"].clone();
        schema["components"] = document["components"].clone();
        jsonschema::validator_for(&schema).unwrap()
    };
    World { assumptions, sandbox, bodies: ENDPOINTS.iter().map(body).collect() }
}

/// Bytes that decide; zeros make a small body that is accepted.
struct Choices(std::vec::IntoIter<u8>);

impl Choices {
    fn below(&mut self, count: usize) -> usize {
        usize::from(self.0.next().unwrap_or(0)) % count
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}

/// Returns a value that a field takes.
fn accepted(kind: Kind, field: Option<&Field>, choices: &mut Choices) -> Value {
    let known = field.and_then(|field| field.refers_to);
    match kind {
        Kind::Integer => json!(choices.one(&[1, 2, 20])),
        Kind::OneOfIntegers(values) => json!(choices.one(values)),
        Kind::Text | Kind::Secret => json!(choices.one(&["text", "ü\n\"", "true", "7"])),
        Kind::TextOrNumber => choices.one(&[json!("16:9"), json!(5), json!(1.5)]),
        Kind::Boolean => json!(choices.below(2) == 0),
        Kind::Formatted(_) if known == Some(ReferenceKind::User) => {
            json!("345e1234-5678-90ef-2345-678912341234")
        }
        Kind::Formatted(format) => match field.and_then(|field| field.example) {
            Some(example) => serde_json::from_str(example).unwrap(),
            None => json!(format.example),
        },
        Kind::Object(schema) => object(schema, choices),
        Kind::List(item) => {
            let count = 1 + choices.below(2);
            (0..count).map(|_| accepted(*item, field, choices)).collect()
        }
        Kind::AnyOf(_, kinds) => {
            let kind = choices.one(kinds);
            accepted(kind, field, choices)
        }
        Kind::Any => choices.one(&[json!(true), json!([null]), json!({"a": 1})]),
    }
}

fn object(schema: &Schema, choices: &mut Choices) -> Value {
    let mut object = Map::new();
    let alternatives = schema.exactly_one_of;
    let chosen = (!alternatives.is_empty()).then(|| choices.one(alternatives));
    for field in schema.fields {
        let is_excluded = alternatives.contains(&field.name) && chosen != Some(field.name);
        let is_needed = field.is_needed(&Assumptions::default()) || chosen == Some(field.name);
        let value = match (is_excluded, is_needed, choices.below(3)) {
            (true, ..) | (false, false, 2) => Value::Null,
            (false, false, 0) => continue,
            (false, ..) => accepted(field.kind, Some(field), choices),
        };
        if !(is_excluded && choices.below(2) == 0) {
            object.insert(field.name.to_owned(), value);
        }
    }
    Value::Object(object)
}

/// Changes one value of a body, removes it, or adds a key.
fn change(body: &mut Value, choices: &mut Choices) {
    let mut pointers = vec![String::new()];
    collect(body, "", &mut pointers);
    let pointer = choices.one(&pointers);
    let value = body.pointer_mut(&pointer).unwrap();
    match (value, choices.below(4)) {
        (Value::Object(map), 0) => {
            let names = ["unknown", "chatid", "user_id", "phone_number", "name"];
            map.insert(choices.one(&names).to_owned(), odd_value(choices));
        }
        (Value::Object(map), 1) if !map.is_empty() => {
            let keys: Vec<_> = map.keys().cloned().collect();
            map.remove(&choices.one(&keys));
        }
        (value, _) => *value = odd_value(choices),
    }
}

fn odd_value(choices: &mut Choices) -> Value {
    choices.one(&[
        json!(null),
        json!(""),
        json!([]),
        json!({}),
        json!(true),
        json!(7),
        json!(-3),
        json!(1.5),
        json!(9_223_372_036_854_775_808_u64),
        json!(i64::MIN),
        json!(i64::MAX),
        json!(-1e30),
        json!("4"),
        json!("007"),
        json!("-0"),
        json!("false"),
        json!("+919876543210"),
        json!(919_876_543_210_i64),
        json!(123_456),
        json!("ABCD1234-5678-90EF-1112-234567890111"),
        json!("abcd1234567890ef1112234567890111"),
        json!("abcd1234-5678-90ef-1112-234567890111\n"),
        json!("two words"),
        json!("x".repeat(65)),
        json!([null]),
        json!(["text"]),
        json!([1, 1.5]),
        json!([{"user_id": "345e1234-5678-90ef-2345-678912341234"}]),
        json!({"user_id": null, "phone_number": "919876543210"}),
        json!({"user_id": "345e1234-5678-90ef-2345-678912341234", "phone_number": "919876543210"}),
    ])
}

fn collect(value: &Value, pointer: &str, pointers: &mut Vec<String>) {
    let mut below = |key: String, value: &Value| {
        let pointer = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
        pointers.push(pointer.clone());
        collect(value, &pointer, pointers);
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| below(key.clone(), value)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| below(index.to_string(), item));
        }
        _ => {}
    }
}

/// Whether a call is refused for a rule about the fields of its body.
fn is_refused(endpoint: &'static Endpoint, body: &Value, world: &World) -> (bool, String) {
    const REASONS: [&str; 6] = [
        "must be ",
        "is missing",
        "is empty",
        "has none of",
        "has user_id",
        "is not a known field",
    ];
    let mut call = TestCall::valid(endpoint);
    call.body = body.clone();
    let (reply, record) = call.send(&world.sandbox);
    let is_about_fields = record.findings.iter().any(|finding| {
        finding.severity == Severity::Error
            && REASONS.iter().any(|reason| finding.message.contains(reason))
    });
    let is_refused = !reply.status.is_success()
        && record.outcome != Outcome::VideoNotFound.name()
        && (is_about_fields || !body.is_object());
    (is_refused, format!("{}: {}", record.outcome, record.findings))
}

fn check(endpoint_index: usize, world: &World, body: &Value) -> Result<(), TestCaseError> {
    let endpoint = ENDPOINTS[endpoint_index];
    let errors: Vec<_> = world.bodies[endpoint_index]
        .iter_errors(body)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect();
    let (is_refused, why) = is_refused(endpoint, body, world);
    let turned: Vec<_> = world.assumptions.turned().collect();
    prop_assert_eq!(
        is_refused,
        !errors.is_empty(),
        "{} with {:?}: {}\nthe endpoint: {}\nthe schema: {:?}",
        endpoint.name,
        turned,
        body,
        why,
        errors
    );
    Ok(())
}

proptest! {
    #![proptest_config(property::cases(1500))]

    #[test]
    fn the_schema_of_a_body_accepts_what_the_endpoint_accepts(
        world in 0..WORLDS.len(),
        endpoint in 0..ENDPOINTS.len(),
        changes in 0..3_usize,
        choices in prop::collection::vec(any::<u8>(), 0..120),
    ) {
        let mut choices = Choices(choices.into_iter());
        let mut body = object(ENDPOINTS[endpoint].body, &mut choices);
        for _ in 0..changes {
            change(&mut body, &mut choices);
        }
        check(endpoint, &WORLDS[world], &body)?;
    }
}

#[test]
fn the_schema_of_a_body_accepts_valid_requests_and_declared_examples_as_they_end() {
    let world = &WORLDS[0];
    for (index, endpoint) in endpoints().enumerate() {
        let declared = endpoint.examples.iter().map(|example| example.body.to_owned());
        for body in declared.chain([endpoint.valid_request.body_of_call(1)]) {
            check(index, world, &serde_json::from_str(&body).unwrap()).unwrap();
        }
        let without_fields = json!({});
        check(index, world, &without_fields).unwrap();
    }
}

#[test]
fn null_stands_for_an_absent_alternative() {
    let index = ENDPOINTS.iter().position(|endpoint| endpoint.name == "create_group").unwrap();
    let community = "f2a05adb-93ce-4a19-b003-3523fa745667";
    let member = |member: Value| json!({"type": 4, "community_id": community, "group": {"members": [member]}});
    let id = "345e1234-5678-90ef-2345-678912341234";
    for (sent, is_valid) in [
        (json!({"user_id": null, "phone_number": "919876543210"}), true),
        (json!({"user_id": id, "phone_number": null, "name": "Ada"}), true),
        (json!({"user_id": id, "phone_number": "919876543210"}), false),
        (json!({"user_id": null, "phone_number": null}), false),
        (json!({"user_id": 7, "phone_number": "919876543210"}), false),
    ] {
        let body = member(sent);
        assert_eq!(WORLDS[0].bodies[index].is_valid(&body), is_valid, "{body}");
        check(index, &WORLDS[0], &body).unwrap();
    }
}
