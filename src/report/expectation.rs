//! What a scenario expects of the clients that meet it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::client_finding::ClientFinding;
use super::rule::ClientRule;
use crate::described::described;
use crate::journal::{CallCount, CountResult};
use crate::text::plural;

/// Expectations by the name of their scenario.
pub(crate) type ClientExpectations = BTreeMap<String, Vec<ClientExpectation>>;

/// Something that must hold for every tenant that used a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ClientExpectation {
    /// The rule is not found.
    No(ClientRule),
    /// So many calls that chose the scenario end with an outcome.
    Outcome {
        outcome: &'static str,
        /// At least one if it was left out.
        count: Option<CallCount>,
    },
}

described! {
    /// An expectation and whether a tenant meets it.
    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub(crate) struct ExpectationEntry {
        pub(crate) scenario: String,
        pub(crate) tenant: String,
        /// As it is in the scenario's file.
        pub(crate) expect: Value,
        pub(crate) met: bool,
        /// What was found.
        pub(crate) detail: String,
    }
}

/// How often the calls of a tenant that chose a scenario had each outcome.
pub(super) type OutcomeCounts = BTreeMap<String, u64>;

impl ClientExpectation {
    /// Judges a tenant by its findings and by how its calls ended; `unseen` is how many calls the journal
    /// has dropped.
    pub(super) fn judge(
        &self,
        scenario: &str,
        tenant: &str,
        findings: &[ClientFinding],
        outcomes: &OutcomeCounts,
        unseen: u64,
    ) -> ExpectationEntry {
        let (met, detail) = match self {
            Self::No(rule) => judge_rule(*rule, findings, unseen),
            Self::Outcome { outcome, count } => {
                let found = outcomes.get(*outcome).copied().unwrap_or_default();
                let count = count.unwrap_or_default();
                let detail = format!("expected {count}, found {found}");
                match count.judge(found, unseen) {
                    CountResult::Met => (true, detail),
                    CountResult::Unmet => (false, detail),
                    CountResult::Unknown => (false, format!("{detail}; {}", hidden(unseen))),
                }
            }
        };
        let (scenario, tenant) = (scenario.to_owned(), tenant.to_owned());
        ExpectationEntry { scenario, tenant, expect: self.to_json(), met, detail }
    }

    /// As in a file.
    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::No(rule) => json!({"no": rule.name()}),
            Self::Outcome { outcome, count: Some(count) } => {
                json!({"outcome": outcome, "count": count})
            }
            Self::Outcome { outcome, count: None } => json!({"outcome": outcome}),
        }
    }
}

fn judge_rule(rule: ClientRule, findings: &[ClientFinding], unseen: u64) -> (bool, String) {
    let found: Vec<_> = findings.iter().filter(|finding| finding.rule == rule).collect();
    if let Some(counted) = found.iter().find(|finding| finding.ignored.is_none()) {
        let calls = counted.requests.iter().map(ToString::to_string).collect::<Vec<_>>();
        return (false, format!("found in calls {}", calls.join(", ")));
    }
    match found.iter().find_map(|finding| finding.ignored.as_ref()) {
        Some(reason) => (true, format!("ignored: {reason}")),
        None if unseen > 0 => (false, hidden(unseen)),
        None => (true, "not found".to_owned()),
    }
}

fn hidden(unseen: u64) -> String {
    format!(
        "the journal has dropped {}, in which more may hide: give it more room with --journal-mib",
        plural(unseen, "call")
    )
}

impl ExpectationEntry {
    pub(super) fn name(&self) -> String {
        expectation_name(&self.expect)
    }
}

/// What an expectation is about, in a few words.
pub(crate) fn expectation_name(expect: &Value) -> String {
    let text = |key: &str| expect.get(key).and_then(Value::as_str);
    match (text("no"), text("outcome")) {
        (Some(rule), _) => format!("no {rule}"),
        (None, Some(outcome)) => format!("outcome {outcome}"),
        (None, None) => "an expectation".to_owned(),
    }
}
