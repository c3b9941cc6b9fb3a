//! The ledger, CONTRACT.md and the `OpenAPI` document contain everything that endpoints declare.

use serde_json::{Value, json};

use super::harness::endpoints;
use crate::vendor::assumptions::{ASSUMPTIONS, Scope};
use crate::vendor::{Assumptions, ENDPOINTS, Endpoint, Schema, documents};

fn paths(schema: &Schema) -> Vec<String> {
    schema.paths().into_iter().map(|(path, _)| path).collect()
}

#[test]
fn the_ledger_has_everything_that_endpoints_declare() {
    let ledger = documents::ledger(Assumptions::default());
    let listed = ledger["endpoints"].as_array().unwrap();
    assert_eq!(listed.len(), ENDPOINTS.len());
    for (listed, endpoint) in listed.iter().zip(endpoints()) {
        assert_eq!(listed["name"], endpoint.name);
        assert_eq!(listed["path"], endpoint.path);
        assert_eq!(listed["method"], endpoint.method.as_str());
        let outcomes: Vec<_> =
            endpoint.outcomes.iter().map(|(outcome, _)| outcome.name()).collect();
        assert_eq!(listed["outcomes"], json!(outcomes), "{}", endpoint.name);
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
        for (outcome, _) in endpoint.outcomes {
            assert!(section.contains(&format!("`{outcome}`")), "{}: {outcome}", endpoint.name);
        }
    }
}

fn operation<'d>(document: &'d Value, endpoint: &Endpoint) -> &'d Value {
    let method = endpoint.method.as_str().to_ascii_lowercase();
    &document["paths"][endpoint.path][&method]
}

#[test]
fn the_openapi_document_has_parameters_body_and_answers_of_every_endpoint() {
    let document = documents::openapi();
    for endpoint in endpoints() {
        let operation = operation(&document, endpoint);
        assert_eq!(operation["operationId"], endpoint.name);
        let keys = |schema: &Value| -> Vec<String> {
            schema["properties"].as_object().unwrap().keys().cloned().collect()
        };
        let names = |schema: &Schema| -> Vec<String> {
            schema.fields.iter().map(|field| field.name.to_owned()).collect()
        };
        let body = &operation["requestBody"]["content"]["application/json"]["schema"];
        assert_eq!(keys(body), names(endpoint.body), "{}", endpoint.name);
        let answer = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        let data = &answer["properties"]["data"];
        assert_eq!(keys(data), names(endpoint.answer.data), "{}", endpoint.name);
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let listed: Vec<_> =
            parameters.iter().map(|parameter| parameter["name"].as_str().unwrap()).collect();
        assert_eq!(listed, names(endpoint.parameters), "{}", endpoint.name);
        let needs_token = !operation["security"].as_array().unwrap().is_empty();
        assert_eq!(needs_token, !endpoint.is_login(), "{}", endpoint.name);
        for (outcome, _) in endpoint.outcomes {
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
