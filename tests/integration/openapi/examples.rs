//! Every operation of the own API has examples: a request and its answer, under one name and valid by their schemas.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::received::own;

/// The operations that users need most, which show a refusal too.
const WITH_REFUSAL: [&str; 8] = [
    "put_tenant_scenario",
    "get_tenant_requests",
    "post_tenant_verify",
    "get_tenant_report",
    "post_explain",
    "get_tenant_normal",
    "post_tenant_reset",
    "post_tenant_release",
];

/// The operations by their id.
fn operations() -> Vec<(&'static str, &'static Value)> {
    let paths = own().json["paths"].as_object().unwrap().values();
    let operations = paths.flat_map(|methods| methods.as_object().unwrap().values());
    operations.map(|it| (it["operationId"].as_str().unwrap(), it)).collect()
}

/// The answers of an operation: status, media type and content.
fn answers(operation: &Value) -> Vec<(&str, &str, &Value)> {
    let responses = operation["responses"].as_object().unwrap().iter();
    let contents = responses.flat_map(|(status, response)| {
        let contents = response["content"].as_object().into_iter().flatten();
        contents.map(move |(media_type, content)| (&**status, &**media_type, content))
    });
    contents.collect()
}

fn examples(of: &Value) -> Map<String, Value> {
    of["examples"].as_object().cloned().unwrap_or_default()
}

/// The names of the examples that succeed; those of an operation without an answer all do.
fn accepted(operation: &Value) -> BTreeSet<String> {
    let all = answers(operation);
    let names = |class: char| -> BTreeSet<String> {
        let of_class = all.iter().filter(|(status, ..)| status.starts_with(class));
        of_class.flat_map(|(.., content)| examples(content).into_iter().map(|it| it.0)).collect()
    };
    let is_empty = operation["responses"]["204"].is_object();
    if is_empty { BTreeSet::from(["ok".to_owned()]) } else { &names('2') - &names('4') }
}

#[test]
fn every_operation_shows_a_request_and_its_answer_under_one_name() {
    for (id, operation) in operations() {
        let accepted = accepted(operation);
        assert!(accepted.contains("ok"), "{id}");
        let answers = answers(operation);
        let has_answer = |name: &String| {
            let mut with_name = answers.iter().filter(|(.., it)| examples(it).contains_key(name));
            with_name.next().is_some() && with_name.next().is_none()
        };
        let body = &operation["requestBody"]["content"]["application/json"];
        for name in examples(body).keys() {
            assert!(has_answer(name), "{id}: {name}");
        }
        if body.is_object() {
            assert!(
                accepted.is_subset(&examples(body).into_iter().map(|it| it.0).collect()),
                "{id}"
            );
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let names = examples(parameter);
            let is_missing = |name: &&String| !names.contains_key(*name);
            assert!(
                parameter["in"] != "path" || accepted.iter().find(is_missing).is_none(),
                "{id}"
            );
        }
        let is_refusal = |(status, ..): &&(&str, &str, &Value)| status.starts_with('4');
        let refusals = answers.iter().filter(is_refusal).map(|(.., it)| examples(it).len());
        assert!(refusals.sum::<usize>() > 0 || !WITH_REFUSAL.contains(&id), "{id}");
    }
}

#[test]
fn every_example_is_valid_by_its_schema() {
    let check = |what: String, content: &Value, is_meant: &dyn Fn(&String) -> bool| {
        for (name, example) in examples(content).iter().filter(|(name, _)| is_meant(name)) {
            let violation = own().violation(&content["schema"], &example["value"]);
            assert!(violation.is_none(), "{what} {name}: {}", violation.unwrap_or_default());
            assert!(!example["summary"].as_str().is_some_and(str::is_empty), "{what} {name}");
        }
    };
    let mut refused = 0;
    for (id, operation) in operations() {
        for (status, media_type, content) in answers(operation) {
            check(format!("{id} {status} {media_type}"), content, &|_| true);
        }
        let accepted = accepted(operation);
        let is_accepted = |name: &String| accepted.contains(name);
        let body = &operation["requestBody"]["content"]["application/json"];
        check(format!("{id} body"), body, &is_accepted);
        refused += examples(body).len() - accepted.len().min(examples(body).len());
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            check(format!("{id} {}", parameter["name"]), parameter, &is_accepted);
        }
    }
    assert!(refused > 0, "some bodies are there to be refused");
}
