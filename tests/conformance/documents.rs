//! The ledger, CONTRACT.md and the `OpenAPI` document contain everything that endpoints declare.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::harness::endpoints;
use crate::call::document_examples;
use crate::vendor::assumptions::{ASSUMPTIONS, Reading, Scope};
use crate::vendor::documents::{Api, Dialect};
use crate::vendor::{
    Assumptions, ENDPOINTS, Endpoint, GENERAL_RULES, MadeExample, Outcome, Schema, documents,
};

fn paths(schema: &Schema) -> Vec<String> {
    schema.paths().into_iter().map(|(path, _)| path).collect()
}

#[test]
fn the_ledger_has_everything_that_endpoints_declare() {
    let ledger = json!(documents::ledger(Assumptions::default()));
    let listed = ledger["endpoints"].as_array().unwrap();
    assert_eq!(listed.len(), ENDPOINTS.len());
    for (listed, endpoint) in listed.iter().zip(endpoints()) {
        assert_eq!(listed["name"], endpoint.name);
        assert_eq!(listed["path"], endpoint.path);
        assert_eq!(listed["method"], endpoint.method.as_str());
        let outcomes: Vec<_> = endpoint.outcomes.iter().map(|outcome| outcome.name()).collect();
        assert_eq!(listed["outcomes"], json!(outcomes), "{}", endpoint.name);
        assert_eq!(listed["message"], endpoint.answer.message, "{}", endpoint.name);
        let provenance = json!(endpoint.answer.message_provenance);
        assert_eq!(listed["message_provenance"], provenance, "{}", endpoint.name);
        let length = |key: &str| listed[key].as_array().unwrap().len();
        assert_eq!(length("rules"), endpoint.rules.len(), "{}", endpoint.name);
        assert_eq!(length("deviations"), endpoint.deviations.len(), "{}", endpoint.name);
        for (key, schema) in [
            ("fields", endpoint.body),
            ("parameters", endpoint.parameters),
            ("answer", endpoint.answer.data),
        ] {
            let fields = listed[key].as_array().unwrap();
            assert_eq!(fields.len(), schema.paths().len(), "{} {key}", endpoint.name);
            for (listed, (path, field)) in fields.iter().zip(schema.paths()) {
                assert_eq!(listed["field"], path, "{} {key}", endpoint.name);
                assert_eq!(listed["required"], field.required, "{path}");
                assert_eq!(listed["provenance"], json!(field.provenance), "{path}");
                assert_eq!(listed["rule"], json!(field.rule.map(|(rule, _)| rule)), "{path}");
            }
        }
    }
}

#[test]
fn the_contract_page_has_every_field_and_outcome() {
    let page = documents::page(ENDPOINTS);
    for endpoint in endpoints() {
        let title = format!("## `{} {}`", endpoint.method, endpoint.path);
        let start = page.find(&title).unwrap_or_else(|| panic!("no section {title}"));
        let section = &page[start..];
        for path in [endpoint.body, endpoint.parameters, endpoint.answer.data].map(paths).concat() {
            assert!(section.contains(&format!("| `{path}` |")), "{}: {path}", endpoint.name);
        }
        for outcome in endpoint.outcomes {
            assert!(section.contains(&format!("`{outcome}`")), "{}: {outcome}", endpoint.name);
        }
        let (message, source) = (endpoint.answer.message, endpoint.answer.message_provenance);
        assert!(section.contains(&format!("`{message}` ({source})")), "{}", endpoint.name);
    }
}

#[test]
fn ledger_page_and_document_have_every_general_rule() {
    let ledger = json!(documents::ledger(Assumptions::default()));
    let page = documents::page(ENDPOINTS);
    let document = openapi(Dialect::V3_1, Assumptions::default());
    let listed = ledger["rules"].as_array().unwrap();
    assert_eq!(listed.len(), GENERAL_RULES.len());
    for (listed, general) in listed.iter().zip(GENERAL_RULES) {
        let rule = general.rule;
        assert_eq!(listed["rule"], rule);
        assert_eq!(listed["provenance"], json!(general.provenance), "{rule}");
        assert_eq!(listed["assumption"].as_str(), general.assumption, "{rule}");
        assert!(page.contains(&format!("\n- {rule} ({}", general.provenance)), "{rule}");
        let description = document["info"]["description"].as_str().unwrap();
        assert!(description.contains(&format!("\n- {rule} (")), "{rule}");
        let is_general = |entry: &&Value| entry["rule"] == rule;
        let entries = document["x-rules"].as_array().unwrap().iter();
        assert_eq!(entries.filter(is_general).count(), 1, "{rule}");
    }
}

/// The names of the assumptions that stand beside a rule or a field of the ledger.
fn assumptions_beside_rules(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            let is_rule = map.contains_key("rule") && map.contains_key("provenance");
            let name = map.get("assumption").and_then(Value::as_str).filter(|_| is_rule);
            found.extend(name.map(str::to_owned));
            map.values().for_each(|value| assumptions_beside_rules(value, found));
        }
        Value::Array(items) => items.iter().for_each(|it| assumptions_beside_rules(it, found)),
        _ => {}
    }
}

#[test]
fn every_assumption_is_beside_a_rule_in_the_ledger() {
    let mut found = BTreeSet::new();
    let ledger = json!(documents::ledger(Assumptions::default()));
    assumptions_beside_rules(&ledger, &mut found);
    let all: BTreeSet<_> = ASSUMPTIONS.iter().map(|one| one.name.to_owned()).collect();
    assert_eq!(found, all);
}

#[test]
fn every_property_of_every_schema_has_a_source() {
    for dialect in [Dialect::V3_1, Dialect::V3_0] {
        let document = openapi(dialect, Assumptions::default());
        let mut seen = 0;
        for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
            for (key, property) in schema["properties"].as_object().into_iter().flatten() {
                seen += 1;
                assert!(property["x-provenance"].is_string(), "{dialect:?} {name}.{key}");
            }
        }
        assert!(seen > 200, "{seen} properties");
    }
}

#[test]
fn an_answer_has_the_source_that_the_table_of_outcomes_has() {
    let document = openapi(Dialect::V3_1, Assumptions::default());
    for endpoint in endpoints() {
        let responses = operation(&document, endpoint)["responses"].as_object().unwrap();
        for outcome in endpoint.outcomes {
            let status = outcome.error().map_or(200, |error| error.status).to_string();
            let response = &responses[&status];
            let provenance = json!(outcome.status_provenance());
            let what = format!("{} {outcome}", endpoint.name);
            let listed = response["x-outcomes"].as_array().unwrap().iter();
            let listed: Vec<_> =
                listed.filter(|entry| entry["outcome"] == outcome.name()).collect();
            assert_eq!(listed.len(), 1, "{what}");
            assert_eq!(listed[0]["x-provenance"], provenance, "{what}");
            assert_eq!(response["x-provenance"], provenance, "{what}");
        }
    }
}

/// The document of the vendor's API with the examples that were made.
fn openapi(dialect: Dialect, assumptions: Assumptions) -> Value {
    let server = "http://127.0.0.1:4368";
    let examples = document_examples(assumptions, server);
    documents::openapi(&Api { dialect, assumptions, server, examples: &examples })
}

fn operation<'d>(document: &'d Value, endpoint: &Endpoint) -> &'d Value {
    let method = endpoint.method.as_str().to_ascii_lowercase();
    &document["paths"][endpoint.path][&method]
}

/// What a schema refers to, or the schema itself.
fn resolved<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}

#[test]
fn the_openapi_document_has_parameters_body_and_answers_of_every_endpoint() {
    let document = openapi(Dialect::V3_1, Assumptions::default());
    for endpoint in endpoints() {
        let operation = operation(&document, endpoint);
        assert_eq!(operation["operationId"], endpoint.name);
        let keys = |schema: &Value| -> Vec<String> {
            let properties = resolved(&document, schema)["properties"].as_object().unwrap();
            properties.keys().cloned().collect()
        };
        let names = |schema: &Schema| -> Vec<String> {
            schema.fields.iter().map(|field| field.name.to_owned()).collect()
        };
        let body = &operation["requestBody"]["content"]["application/json"]["schema"];
        assert_eq!(keys(body), names(endpoint.body), "{}", endpoint.name);
        let answer = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        let data = &resolved(&document, answer)["properties"]["data"];
        assert_eq!(keys(data), names(endpoint.answer.data), "{}", endpoint.name);
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let listed: Vec<_> =
            parameters.iter().map(|parameter| parameter["name"].as_str().unwrap()).collect();
        assert_eq!(listed, names(endpoint.parameters), "{}", endpoint.name);
        let needs_token = !operation["security"].as_array().unwrap().is_empty();
        assert_eq!(needs_token, !endpoint.is_login(), "{}", endpoint.name);
        for header in endpoint.answer.headers {
            let described = &operation["responses"]["200"]["headers"][header.name];
            assert_eq!(described["required"], true, "{} {}", endpoint.name, header.name);
        }
        for outcome in endpoint.outcomes {
            let status = outcome.error().map_or(200, |error| error.status).to_string();
            let response = &operation["responses"][&status];
            assert!(
                response["description"].as_str().unwrap().contains(outcome.name()),
                "{}: {outcome}",
                endpoint.name
            );
        }
    }
}

#[test]
fn no_schema_has_the_name_of_a_function_in_generated_go() {
    for dialect in [Dialect::V3_1, Dialect::V3_0] {
        let document = openapi(dialect, Assumptions::default());
        for name in document["components"]["schemas"].as_object().unwrap().keys() {
            // which makes a Thing with NewThing
            assert!(!name.starts_with("New"), "{name}");
        }
    }
}

#[test]
fn the_alternatives_in_the_copy_for_generators_have_different_fields() {
    let document = openapi(Dialect::V3_0, Assumptions::default());
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let alternatives = schema["oneOf"].as_array().into_iter().flatten();
        let fields: Vec<Vec<_>> = alternatives
            .filter_map(|it| resolved(&document, it)["properties"].as_object())
            .map(|properties| properties.keys().collect())
            .collect();
        let different: BTreeSet<_> = fields.iter().collect();
        // generated Go tells them apart by nothing else
        assert_eq!(different.len(), fields.len(), "{name}");
    }
}

#[test]
fn every_example_ends_as_its_endpoint_declares() {
    let all = document_examples(Assumptions::default(), "http://127.0.0.1:4368");
    for (endpoint, made) in endpoints().zip(all) {
        assert_eq!(endpoint.examples[0].outcome, Outcome::Ok, "{}", endpoint.name);
        for (declared, made) in endpoint.examples.iter().zip(&made) {
            let what = format!("{} {}", endpoint.name, declared.name);
            assert_eq!(declared.name, made.name);
            let status = declared.outcome.error().map_or(200, |error| error.status);
            assert_eq!(made.status, status, "{what}: {}", made.answer);
            let code = declared.outcome.error().map_or(json!(200), |error| json!(error.code));
            assert_eq!(made.answer["code"], code, "{what}");
        }
        for outcome in endpoint.outcomes {
            let status = outcome.error().map_or(200, |error| error.status);
            let code = outcome.error().map_or(json!(200), |error| json!(error.code));
            let has_example =
                |made: &MadeExample| made.status == status && made.answer["code"] == code;
            assert!(made.iter().any(has_example), "{}: no example of {outcome}", endpoint.name);
        }
        let mut names: Vec<_> = made.iter().map(|example| example.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), made.len(), "the examples of {} differ in name", endpoint.name);
    }
}

#[test]
fn every_assumption_is_beside_a_rule() {
    let page = documents::page(ENDPOINTS);
    for assumption in ASSUMPTIONS {
        assert!(page.contains(&format!("\n| `{}` | ", assumption.name)), "{}", assumption.name);
        let is_read = |endpoint: &Endpoint| {
            endpoint.assumptions.iter().any(|(_, name)| *name == assumption.name)
        };
        let is_of_endpoints = assumption.scope == Scope::Endpoints;
        assert_eq!(endpoints().any(is_read), is_of_endpoints, "{}", assumption.name);
    }
    for endpoint in endpoints() {
        let fields = |prefix: &str, schema: &Schema| -> Vec<String> {
            paths(schema).iter().map(|path| format!("{prefix}{path}")).collect()
        };
        let mut places = fields("", endpoint.body);
        places.extend(fields("path.", endpoint.parameters));
        places.extend(fields("data.", endpoint.answer.data));
        places.extend(endpoint.rules.iter().map(|(rule, _)| (*rule).to_owned()));
        for (place, name) in endpoint.assumptions {
            assert!(ASSUMPTIONS.iter().any(|known| known.name == *name), "{name}");
            let is_here = |known: &&String| {
                *known == place || (place.contains(' ') && known.starts_with(place))
            };
            let found: Vec<_> = places.iter().filter(is_here).collect();
            assert_eq!(found.len(), 1, "{}: {place} is one place", endpoint.name);
            assert_eq!(endpoint.assumption_at(found[0]), Some(*name));
        }
    }
}

/// The assumptions with one that is turned.
fn with(name: &str, variant: &str) -> Assumptions {
    Assumptions::with(&[Reading::find(name, variant).unwrap()]).unwrap()
}

#[test]
fn every_turned_assumption_shows_in_the_document() {
    let plain = openapi(Dialect::V3_1, Assumptions::default()).to_string();
    for assumption in ASSUMPTIONS {
        for variant in assumption.variants.iter().skip(1) {
            let what = format!("{}={}", assumption.name, variant.name);
            let document = openapi(Dialect::V3_1, with(assumption.name, variant.name));
            assert_eq!(document["x-assumptions"][assumption.name], variant.name);
            let changed = document["paths"].to_string() + &document["components"].to_string();
            // at the rule, or in the schema of every body
            let is_told =
                changed.contains(&format!("`{}` is read as `{}`", assumption.name, variant.name));
            assert!(is_told || assumption.scope == Scope::EveryBody, "{what}");
            assert_ne!(document.to_string(), plain, "{what}");
        }
    }
}

#[test]
fn an_outcome_that_an_assumption_adds_is_in_document_and_ledger() {
    for endpoint in endpoints() {
        for turned in endpoint.turned_outcomes {
            let assumptions = with(turned.assumption, turned.variant);
            let status = turned.outcome.error().unwrap().status.to_string();
            let names = |assumptions| {
                let document = openapi(Dialect::V3_1, assumptions);
                let response = &operation(&document, endpoint)["responses"][&status];
                let described = response["description"].as_str().unwrap_or_default().to_owned();
                let ledger = json!(documents::ledger(assumptions));
                let listed = ledger["endpoints"].as_array().unwrap();
                let entry = listed.iter().find(|entry| entry["name"] == endpoint.name).unwrap();
                let outcome = turned.outcome.name();
                let is_listed = entry["outcomes"].as_array().unwrap().contains(&json!(outcome));
                (described.contains(outcome), is_listed)
            };
            assert_eq!(names(Assumptions::default()), (false, false), "{}", endpoint.name);
            assert_eq!(names(assumptions), (true, true), "{}", endpoint.name);
        }
    }
}
