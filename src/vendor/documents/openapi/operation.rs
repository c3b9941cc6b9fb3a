//! One endpoint as an operation: its parameters, body, answers, rules and examples.

use serde_json::{Map, Value, json};

use super::errors::{ENVELOPE, answer_to, any_error, capitalized, envelope};
use super::rule::Rule;
use super::shapes::{Part, Shapes};
use crate::vendor::endpoint::AnswerHeader;
use crate::vendor::{Endpoint, MadeExample, Outcome, Provenance};

/// The media type of bodies and answers.
const JSON: &str = "application/json";

/// Returns the operation of an endpoint.
pub(super) fn operation(
    endpoint: &'static Endpoint,
    examples: &[MadeExample],
    shapes: &mut Shapes,
) -> Value {
    let body = shapes.part(endpoint, Part::Body);
    let sent: Map<_, _> = examples
        .iter()
        .map(|example| {
            let entry = json!({"summary": example.summary, "value": example.body});
            (example.name.to_owned(), entry)
        })
        .collect();
    let mut operation = json!({
        "operationId": endpoint.name,
        "summary": endpoint.summary.trim_end_matches('.'),
        "description": description(endpoint, shapes),
        "tags": [endpoint.tag.name()],
        "security": if endpoint.is_login() { json!([]) } else { json!([{"token": []}]) },
    });
    if !endpoint.parameters.fields.is_empty() {
        operation["parameters"] = parameters(endpoint, examples, shapes);
    }
    operation["requestBody"] =
        json!({"required": true, "content": {JSON: {"schema": body, "examples": sent}}});
    operation["responses"] = responses(endpoint, examples, shapes);
    operation["x-rules"] = rules(endpoint, shapes);
    if !endpoint.deviations.is_empty() {
        operation["x-deviations"] = json!(endpoint.deviations);
    }
    operation
}

/// The summary and the rules that are not about a single field, as a list in Markdown.
fn description(endpoint: &Endpoint, shapes: &Shapes) -> String {
    let lines: Vec<_> = rules_of(endpoint).map(|rule| rule.line(shapes.assumptions())).collect();
    format!("{}\n\n{}", endpoint.summary, lines.join("\n"))
}

fn rules(endpoint: &Endpoint, shapes: &Shapes) -> Value {
    rules_of(endpoint).map(|rule| rule.entry(shapes.assumptions())).collect()
}

/// Iterates over the rules that are not about a single field.
fn rules_of(endpoint: &Endpoint) -> impl Iterator<Item = Rule> {
    endpoint.rules.iter().map(|(rule, provenance)| Rule {
        rule,
        provenance: *provenance,
        assumption: endpoint.assumption_at(rule),
    })
}

fn parameters(endpoint: &'static Endpoint, examples: &[MadeExample], shapes: &mut Shapes) -> Value {
    let mut parameters = Vec::new();
    for field in endpoint.parameters.fields {
        let values: Map<_, _> = examples
            .iter()
            .filter_map(|example| {
                let (_, value) = example.parameters.iter().find(|(name, _)| *name == field.name)?;
                Some((example.name.to_owned(), json!({"value": value})))
            })
            .collect();
        let mut parameter = json!({
            "name": field.name,
            "in": "path",
            "required": true,
            "description": shapes.rule_of_parameter(endpoint, field),
            "schema": shapes.parameter(endpoint, field),
            "examples": values,
            "x-provenance": field.provenance,
        });
        if let Some(name) = endpoint.assumption_at(&format!("path.{}", field.name)) {
            parameter["x-assumption"] = json!(name);
        }
        parameters.push(parameter);
    }
    Value::Array(parameters)
}

/// The answers by status, and that of what the contract does not name.
fn responses(endpoint: &'static Endpoint, examples: &[MadeExample], shapes: &mut Shapes) -> Value {
    let outcomes: Vec<_> = endpoint.outcomes_under(shapes.assumptions()).collect();
    let status_of = |outcome: Outcome| outcome.error().map_or(200, |error| error.status);
    let mut statuses: Vec<u16> = outcomes.iter().map(|(outcome, _)| status_of(*outcome)).collect();
    statuses.sort_by_key(|status| *status);
    statuses.dedup();
    let mut responses = Map::new();
    for status in statuses {
        let here: Vec<_> =
            outcomes.iter().filter(|(outcome, _)| status_of(*outcome) == status).copied().collect();
        let schema = if status == 200 {
            success(endpoint, shapes)
        } else {
            let errors: Vec<_> = here.iter().map(|(outcome, _)| *outcome).collect();
            answer_to(&errors, shapes)
        };
        responses.insert(status.to_string(), response(endpoint, status, &here, &schema, examples));
    }
    let any_error = any_error(shapes);
    responses.insert(
        "default".to_owned(),
        json!({
            "description": "an error that the contract does not name for this call",
            "content": {JSON: {"schema": any_error}},
            "x-provenance": Provenance::Assumed,
        }),
    );
    Value::Object(responses)
}

/// Returns a reference to the envelope of a success.
fn success(endpoint: &'static Endpoint, shapes: &mut Shapes) -> Value {
    let words = endpoint.name.split('_').map(capitalized);
    let name = format!("{}Answer", words.collect::<String>());
    let data = shapes.part(endpoint, Part::Answer);
    shapes.component(&name, |shapes| {
        let dialect = shapes.dialect();
        let code = dialect.constant("integer", &json!(200));
        let message = json!({"type": "string"});
        let message = dialect.with_example(message, json!(endpoint.answer.message));
        let description = format!("The answer to a successful call of `{}`.", endpoint.name);
        let source = endpoint.answer.message_provenance;
        let parts = [(code, ENVELOPE), (message, source), (data, ENVELOPE)];
        envelope(dialect, &description, parts)
    })
}

fn response(
    endpoint: &Endpoint,
    status: u16,
    outcomes: &[(Outcome, Provenance)],
    schema: &Value,
    examples: &[MadeExample],
) -> Value {
    let names: Vec<_> = outcomes
        .iter()
        .map(|(outcome, _)| {
            let message = outcome.error().map_or(endpoint.answer.message, |error| error.message);
            format!("`{outcome}`: {message}")
        })
        .collect();
    let here = || examples.iter().filter(|example| example.status == status);
    let received: Map<_, _> = here()
        .map(|example| {
            let entry = json!({"summary": example.summary, "value": example.answer});
            (example.name.to_owned(), entry)
        })
        .collect();
    let each: Vec<_> = outcomes
        .iter()
        .map(|(outcome, provenance)| {
            let message = endpoint.answer.message_provenance;
            let body = outcome.error().map_or(message, |error| error.body_provenance);
            json!({"outcome": outcome.name(), "x-provenance": provenance, "body": body})
        })
        .collect();
    let mut response = json!({"description": names.join("\n\n")});
    if status == 200 && !endpoint.answer.headers.is_empty() {
        let header = |header: &AnswerHeader| {
            let value = here().find_map(|example| {
                let found = example.headers.iter().find(|(name, _)| *name == header.name)?;
                Some(found.1.clone())
            });
            let entry = json!({
                "description": header.description,
                "required": true,
                "schema": {"type": "string"},
                "example": value,
                "x-provenance": header.provenance,
            });
            (header.name.to_owned(), entry)
        };
        response["headers"] = Value::Object(endpoint.answer.headers.iter().map(header).collect());
    }
    response["content"] = json!({JSON: {"schema": schema, "examples": received}});
    let provenance = outcomes.iter().map(|(_, provenance)| *provenance).min();
    response["x-provenance"] = json!(provenance);
    response["x-outcomes"] = json!(each);
    response
}
