//! The contract as data: every field, rule, status and message with its provenance, the known
//! deviations, and the assumptions that can be turned.

use serde::Serialize;
use serde_json::{Value, json};

use crate::described::{Components, Described, described};
use crate::vendor::assumptions::{ASSUMPTIONS, Assumption, Scope, Variant};
use crate::vendor::endpoint::Deviation;
use crate::vendor::general_rules::GeneralRule;
use crate::vendor::{
    Assumptions, ENDPOINTS, Endpoint, Field, GENERAL_RULES, Outcome, Provenance, Schema,
};

described! {
    /// The contract, as it is read under the assumptions in force.
    #[derive(Debug, Serialize)]
    pub(crate) struct Ledger as "Contract" {
        pub(crate) endpoints: Vec<EndpointEntry>,
        /// Every outcome that the vendor has, whatever the endpoint.
        outcomes: Vec<OutcomeEntry>,
        assumptions: Vec<AssumptionEntry>,
        /// Those of every call, whatever the endpoint.
        rules: Vec<RuleEntry>,
    }
}

described! {
    #[derive(Debug, Serialize)]
    pub(crate) struct EndpointEntry as "ContractEndpoint" {
        pub(crate) name: &'static str,
        pub(crate) method: String,
        pub(crate) path: &'static str,
        /// By name.
        pub(crate) outcomes: Vec<&'static str>,
        /// Of the request's body.
        pub(crate) fields: Vec<FieldEntry>,
        /// Of the path.
        pub(crate) parameters: Vec<FieldEntry>,
        /// The fields of the answer's `data`.
        pub(crate) answer: Vec<FieldEntry>,
        pub(crate) rules: Vec<RuleEntry>,
        /// Where the sandbox differs from the vendor's example.
        pub(crate) deviations: &'static [Deviation],
        /// The message of a success.
        message: &'static str,
        message_provenance: Provenance,
    }
}

described! {
    #[derive(Debug, Serialize)]
    pub(crate) struct FieldEntry as "ContractField" {
        /// Its path: `group.members[].user_id`.
        pub(crate) field: String,
        /// In words.
        #[serde(rename = "type")]
        kind: String,
        pub(crate) required: bool,
        pub(crate) provenance: Provenance,
        pub(crate) rule: Option<&'static str>,
        rule_provenance: Option<Provenance>,
        /// The assumption that can turn it.
        #[serde(skip_serializing_if = "Option::is_none")]
        assumption: Option<&'static str>,
        /// Whether `sandbox:OUTCOME` in it forces that outcome.
        magic_word: bool,
    }
}

described! {
    #[derive(Debug, Serialize)]
    pub(crate) struct RuleEntry as "ContractRule" {
        rule: &'static str,
        provenance: Provenance,
        /// The assumption that can turn it.
        #[serde(skip_serializing_if = "Option::is_none")]
        assumption: Option<&'static str>,
    }
}

described! {
    #[derive(Debug, Serialize)]
    struct OutcomeEntry as "ContractOutcome" {
        name: &'static str,
        status: u16,
        code: Code,
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<&'static str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        status_provenance: Option<Provenance>,
        /// The source of code and message; of a success, whose message is the endpoint's, of status and code.
        provenance: Provenance,
    }
}

/// The `code` of an answer.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Code {
    Success(u16),
    Error(&'static str),
}

impl Described for Code {
    fn schema(_: &mut Components) -> Value {
        json!({
            "type": ["integer", "string"],
            "description": "The number 200 of a success, the four digits of an error.",
        })
    }
}

/// Returns the ledger, as `/_sandbox/v1/contract` shows it for the assumptions in force.
pub(crate) fn ledger(in_force: Assumptions) -> Ledger {
    let assumptions = ASSUMPTIONS.iter().map(|assumption| AssumptionEntry {
        active: Some(in_force.variant_of(assumption)),
        ..AssumptionEntry::of(assumption)
    });
    Ledger {
        endpoints: ENDPOINTS.iter().map(|it| EndpointEntry::of(it, in_force)).collect(),
        outcomes: Outcome::ALL.iter().map(|outcome| OutcomeEntry::of(*outcome)).collect(),
        assumptions: assumptions.collect(),
        rules: general_rules(),
    }
}

fn general_rules() -> Vec<RuleEntry> {
    let entry = |general: &GeneralRule| RuleEntry {
        rule: general.rule,
        provenance: general.provenance,
        assumption: general.assumption,
    };
    GENERAL_RULES.iter().map(entry).collect()
}

impl OutcomeEntry {
    fn of(outcome: Outcome) -> Self {
        let name = outcome.name();
        match outcome.error() {
            None => Self {
                name,
                status: 200,
                code: Code::Success(200),
                message: None,
                status_provenance: None,
                provenance: Provenance::Documented,
            },
            Some(error) => Self {
                name,
                status: error.status,
                code: Code::Error(error.code),
                message: Some(error.message),
                status_provenance: Some(error.status_provenance),
                provenance: error.body_provenance,
            },
        }
    }
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

impl EndpointEntry {
    fn of(endpoint: &'static Endpoint, in_force: Assumptions) -> Self {
        let rules = endpoint.rules.iter().map(|(rule, provenance)| RuleEntry {
            rule,
            provenance: *provenance,
            assumption: endpoint.assumption_at(rule),
        });
        let outcomes = endpoint.outcomes_under(&in_force).map(|(outcome, _)| outcome.name());
        Self {
            name: endpoint.name,
            method: endpoint.method.to_string(),
            path: endpoint.path,
            outcomes: outcomes.collect(),
            fields: fields(endpoint, "", endpoint.body),
            parameters: fields(endpoint, "path.", endpoint.parameters),
            answer: fields(endpoint, "data.", endpoint.answer.data),
            rules: rules.collect(),
            deviations: endpoint.deviations,
            message: endpoint.answer.message,
            message_provenance: endpoint.answer.message_provenance,
        }
    }
}

fn fields(endpoint: &Endpoint, prefix: &str, schema: &Schema) -> Vec<FieldEntry> {
    let describe = |(path, field): (String, &Field)| FieldEntry {
        assumption: endpoint.assumption_at(&format!("{prefix}{path}")),
        magic_word: prefix.is_empty() && endpoint.magic_word_fields.contains(&&*path),
        field: path,
        kind: field.kind.describe(),
        required: field.required,
        provenance: field.provenance,
        rule: field.rule.map(|(rule, _)| rule),
        rule_provenance: field.rule.map(|(_, provenance)| provenance),
    };
    schema.paths().into_iter().map(describe).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendor::documents::page;

    #[test]
    fn a_field_says_whether_a_magic_word_may_stand_in_it() {
        let mut count = 0;
        for (endpoint, entry) in ENDPOINTS.iter().zip(ledger(Assumptions::default()).endpoints) {
            let marked = |fields: &[FieldEntry]| {
                let marked = fields.iter().filter(|field| field.magic_word);
                marked.map(|field| field.field.clone()).collect::<Vec<_>>()
            };
            let mut declared = endpoint.magic_word_fields.to_vec();
            declared.sort_unstable();
            let mut fields = marked(&entry.fields);
            fields.sort_unstable();
            assert_eq!(fields, declared, "{}", endpoint.name);
            assert_eq!([marked(&entry.parameters), marked(&entry.answer)], [[""; 0]; 2]);
            count += declared.len();
        }
        let rows = page(ENDPOINTS).lines().filter(|line| line.ends_with(", magic word |")).count();
        assert_eq!(rows, count, "the page says the same");
    }
}
