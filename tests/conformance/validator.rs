//! Answers are valid by the schemas that endpoints declare.

use serde_json::Value;

use super::harness::{TestCall, endpoints, has_type_of, sandbox};
use crate::vendor::schema::{Kind, Schema};

/// Collects the violations of a schema in a value.
fn violations(value: &Value, kind: Kind, path: &str, found: &mut Vec<String>) {
    if !has_type_of(kind, value) {
        found.push(format!("{path} is {value}, not {}", kind.describe()));
        return;
    }
    match (kind, value) {
        (Kind::Object(schema), Value::Object(_)) => object(value, schema, path, found),
        (Kind::List(item), Value::Array(items)) => {
            for (index, value) in items.iter().enumerate() {
                violations(value, *item, &format!("{path}[{index}]"), found);
            }
        }
        (Kind::Formatted(format), Value::String(text)) if !(format.accepts)(text) => {
            found.push(format!("{path} is {value}, not {}", format.description));
        }
        _ => {}
    }
}

fn object(value: &Value, schema: &Schema, path: &str, found: &mut Vec<String>) {
    let keys: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    let declared: Vec<_> = schema.fields.iter().map(|field| field.name).collect();
    if keys != declared {
        found.push(format!("{path} has the keys {keys:?}, declared are {declared:?}"));
    }
    for field in schema.fields {
        match &value[field.name] {
            Value::Null if field.nullable => {}
            inner => violations(inner, field.kind, &format!("{path}.{}", field.name), found),
        }
    }
}

#[test]
fn every_success_answer_is_valid_by_its_schema() {
    for endpoint in endpoints() {
        for call in [TestCall::valid(endpoint), TestCall::with_all_fields(endpoint)] {
            let (reply, _) = call.send(&sandbox());
            let answer: Value = serde_json::from_slice(&reply.body).unwrap();
            assert_eq!(answer["message"], endpoint.answer.message, "{}: {answer}", endpoint.name);
            let mut found = Vec::new();
            violations(&answer["data"], Kind::Object(endpoint.answer.data), "data", &mut found);
            assert!(found.is_empty(), "{}: {found:#?}", endpoint.name);
            for header in endpoint.answer.headers {
                let name = header.name;
                assert!(reply.headers.contains_key(name), "{}: no {name}", endpoint.name);
            }
        }
    }
}

#[test]
fn every_documented_example_is_valid_by_its_schema() {
    for endpoint in endpoints() {
        let Some(example) = endpoint.documented_example else { continue };
        let answer: Value = serde_json::from_str(example).unwrap();
        let mut found = Vec::new();
        violations(&answer["data"], Kind::Object(endpoint.answer.data), "data", &mut found);
        assert!(found.is_empty(), "{}: {found:#?}", endpoint.name);
    }
}
