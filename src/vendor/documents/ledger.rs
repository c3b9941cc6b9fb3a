//! The contract as data: every field, status and message with its provenance, and the known
//! deviations.

use serde_json::{Value, json};

use crate::vendor::{ENDPOINTS, Endpoint, Outcome, Provenance, Schema};

/// Returns the ledger, as `/_sandbox/v1/contract` shows it.
pub(crate) fn ledger() -> Value {
    let endpoints: Vec<_> = ENDPOINTS.iter().map(|endpoint| describe(endpoint)).collect();
    let outcomes: Vec<_> = Outcome::ALL
        .iter()
        .map(|outcome| match outcome.error() {
            None => json!({"name": outcome.name(), "status": 200, "code": 200, "provenance": Provenance::Documented}),
            Some(error) => json!({
                "name": outcome.name(),
                "status": error.status,
                "code": error.code,
                "message": error.message,
                "status_provenance": error.status_provenance,
                "provenance": error.body_provenance,
            }),
        })
        .collect();
    json!({"endpoints": endpoints, "outcomes": outcomes})
}

fn describe(endpoint: &Endpoint) -> Value {
    let rules: Vec<_> = endpoint
        .rules
        .iter()
        .map(|(rule, provenance)| json!({"rule": rule, "provenance": provenance}))
        .collect();
    let outcomes: Vec<_> = endpoint.outcomes.iter().map(|(outcome, _)| outcome.name()).collect();
    json!({
        "name": endpoint.name,
        "method": endpoint.method.as_str(),
        "path": endpoint.path,
        "outcomes": outcomes,
        "fields": fields(endpoint.body),
        "parameters": fields(endpoint.parameters),
        "answer": fields(endpoint.answer.data),
        "rules": rules,
        "deviations": endpoint.deviations,
    })
}

fn fields(schema: &Schema) -> Vec<Value> {
    let describe = |(path, field): (String, &crate::vendor::Field)| {
        json!({
            "field": path,
            "type": field.kind.describe(),
            "required": field.required,
            "provenance": field.provenance,
            "rule": field.rule.map(|(rule, _)| rule),
            "rule_provenance": field.rule.map(|(_, provenance)| provenance),
        })
    };
    schema.paths().into_iter().map(describe).collect()
}
