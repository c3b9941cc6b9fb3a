//! What calls name and is not there: fields, endpoints and scenarios, each found once for a tenant.

use std::collections::BTreeMap;

use super::rule::ClientRule;
use super::rules::Mistake;
use crate::journal::CallRecord;
use crate::text::{plural, quoted};

/// The most names that a finding shows.
const SHOWN_NAMES: usize = 5;

/// What a call has missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MissedTarget {
    /// No endpoint has its path and method.
    Endpoint,
    /// There is no scenario that it names.
    Scenario,
}

pub(crate) type FindMissed = fn(&CallRecord) -> Option<MissedTarget>;

/// The calls of a tenant that name something unknown.
#[derive(Debug, Default)]
pub(super) struct UnknownNames {
    unknown_fields: NamedCalls,
    unknown_endpoints: NamedCalls,
    unknown_scenarios: Vec<u64>,
    /// Why the first of those was refused.
    first_unknown_scenario: String,
}

/// Calls by what they name.
#[derive(Debug, Default)]
struct NamedCalls {
    requests: Vec<u64>,
    /// How many calls had a name; of the first few.
    names: BTreeMap<String, u64>,
    /// Whether calls have more names than that.
    has_others: bool,
}

impl UnknownNames {
    /// Looks at a call that missed nothing.
    pub(super) fn look_at(&mut self, record: &CallRecord) {
        let unknown = record.findings.iter().filter(|finding| finding.is_unknown_field());
        for finding in unknown {
            self.unknown_fields.add(record.seq, &finding.pointer);
        }
    }

    /// Adds a call that missed something.
    pub(super) fn add_missed(&mut self, record: &CallRecord, missed: MissedTarget) {
        match missed {
            MissedTarget::Endpoint => {
                let name = format!("{} {}", record.method, record.path);
                self.unknown_endpoints.add(record.seq, &name);
            }
            MissedTarget::Scenario => {
                if self.unknown_scenarios.is_empty() {
                    let why = record.findings.iter().next().map(|finding| finding.message.clone());
                    self.first_unknown_scenario = why.unwrap_or_default();
                }
                self.unknown_scenarios.push(record.seq);
            }
        }
    }

    pub(super) fn mistakes(self) -> impl Iterator<Item = Mistake> {
        let Self { unknown_fields, unknown_endpoints, unknown_scenarios, first_unknown_scenario } =
            self;
        let calls = plural(unknown_endpoints.requests.len(), "call");
        let endpoints = format!("{calls} reached no endpoint: {}", unknown_endpoints.listed());
        let calls = plural(unknown_scenarios.len(), "call");
        let scenarios = format!("{calls} got 501, the first for this: {first_unknown_scenario}");
        let fields = unknown_fields.listed();
        let mistakes = [
            (ClientRule::UnknownFields, unknown_fields.requests, fields),
            (ClientRule::UnknownEndpoints, unknown_endpoints.requests, endpoints),
            (ClientRule::UnknownScenarios, unknown_scenarios, scenarios),
        ];
        let found = mistakes.into_iter().filter(|(_, requests, _)| !requests.is_empty());
        found.map(|(rule, requests, detail)| Mistake { rule, requests, detail })
    }
}

impl NamedCalls {
    fn add(&mut self, seq: u64, name: &str) {
        if self.requests.last() != Some(&seq) {
            self.requests.push(seq);
        }
        if let Some(calls) = self.names.get_mut(name) {
            *calls += 1;
        } else if self.names.len() < SHOWN_NAMES {
            self.names.insert(name.to_owned(), 1);
        } else {
            self.has_others = true;
        }
    }

    /// The names, each with its number of calls.
    fn listed(&self) -> String {
        let names = self.names.iter();
        let names =
            names.map(|(name, calls)| format!("{} in {}", quoted(name), plural(*calls, "call")));
        let others = self.has_others.then(|| "and others".to_owned());
        names.chain(others).collect::<Vec<_>>().join(", ")
    }
}
