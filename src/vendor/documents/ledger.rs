//! The contract as data: every field, status and message with its provenance, and the known
//! deviations, and the assumptions that can be turned.

use serde::Serialize;
use serde_json::{Value, json};

use crate::described::described;
use crate::vendor::assumptions::{ASSUMPTIONS, Assumption, Scope, Variant};
use crate::vendor::{Assumptions, ENDPOINTS, Endpoint, Outcome, Provenance, Schema};

/// Returns the ledger, as `/_sandbox/v1/contract` shows it for the assumptions in force.
pub(crate) fn ledger(in_force: Assumptions) -> Value {
    let endpoints: Vec<_> = ENDPOINTS.iter().map(|endpoint| describe(endpoint, in_force)).collect();
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
    let assumptions: Vec<_> = ASSUMPTIONS
        .iter()
        .map(|assumption| AssumptionEntry {
            active: Some(in_force.variant_of(assumption)),
            ..AssumptionEntry::of(assumption)
        })
        .collect();
    json!({"endpoints": endpoints, "outcomes": outcomes, "assumptions": assumptions})
}

described! {
    /// An assumption with the places in the contract where it is read.
    #[derive(Debug, Serialize)]
    pub(crate) struct AssumptionEntry {
        pub(crate) name: &'static str,
        pub(crate) rule: &'static str,
        /// The variant in force, where a server answers.
        #[serde(skip_serializing_if = "Option::is_none")]
        active: Option<&'static str>,
        /// The default first.
        pub(crate) variants: &'static [Variant],
        /// The endpoints whose rules it belongs to.
        pub(crate) endpoints: Vec<&'static str>,
    }
}

impl AssumptionEntry {
    pub(crate) fn of(assumption: &'static Assumption) -> Self {
        let reads = |endpoint: &&&Endpoint| match assumption.scope {
            Scope::EveryBody => true,
            Scope::Endpoints => {
                endpoint.assumptions.iter().any(|(_, name)| *name == assumption.name)
            }
        };
        let endpoints = ENDPOINTS.iter().filter(reads).map(|endpoint| endpoint.name).collect();
        let Assumption { name, rule, variants, .. } = *assumption;
        Self { name, rule, active: None, variants, endpoints }
    }
}

fn describe(endpoint: &Endpoint, in_force: Assumptions) -> Value {
    let rules: Vec<_> = endpoint
        .rules
        .iter()
        .map(|(rule, provenance)| {
            with_assumption(json!({"rule": rule, "provenance": provenance}), endpoint, rule)
        })
        .collect();
    let outcomes: Vec<_> =
        endpoint.outcomes_under(&in_force).map(|(outcome, _)| outcome.name()).collect();
    json!({
        "name": endpoint.name,
        "method": endpoint.method.as_str(),
        "path": endpoint.path,
        "outcomes": outcomes,
        "fields": fields(endpoint, "", endpoint.body),
        "parameters": fields(endpoint, "path.", endpoint.parameters),
        "answer": fields(endpoint, "data.", endpoint.answer.data),
        "rules": rules,
        "deviations": endpoint.deviations,
    })
}

/// Adds the name of the assumption that is read at a place, if there is one.
fn with_assumption(mut entry: Value, endpoint: &Endpoint, place: &str) -> Value {
    if let Some(name) = endpoint.assumption_at(place) {
        entry["assumption"] = json!(name);
    }
    entry
}

fn fields(endpoint: &Endpoint, prefix: &str, schema: &Schema) -> Vec<Value> {
    let describe = |(path, field): (String, &crate::vendor::Field)| {
        let place = format!("{prefix}{path}");
        let entry = json!({
            "field": path,
            "type": field.kind.describe(),
            "required": field.required,
            "provenance": field.provenance,
            "rule": field.rule.map(|(rule, _)| rule),
            "rule_provenance": field.rule.map(|(_, provenance)| provenance),
        });
        with_assumption(entry, endpoint, &place)
    };
    schema.paths().into_iter().map(describe).collect()
}
