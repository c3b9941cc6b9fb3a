//! The report: what was found in the calls of all tenants that were looked at.

use serde::{Deserialize, Serialize};

use super::client_finding::ClientFinding;
use super::expectation::ExpectationEntry;
use super::rule::RuleSeverity;
use crate::described::described;

described! {
    #[derive(Debug, Default, Serialize, Deserialize)]
    pub(crate) struct Report {
        pub(crate) calls: u64,
        pub(crate) operations: u64,
        /// How many findings have this severity and are not ignored.
        pub(crate) fix: u64,
        pub(crate) look: u64,
        pub(crate) findings: Vec<ClientFinding>,
        /// What the scenarios expect that were used.
        pub(crate) expectations: Vec<ExpectationEntry>,
        /// How many entries the journal has dropped, in which something may hide.
        pub(crate) unseen: u64,
        /// How many bodies are too long to be kept, and were compared with their own ids.
        pub(crate) cut_bodies: u64,
        /// Whose calls were looked at.
        pub(crate) tenants: Vec<TenantEntry>,
    }
}

described! {
    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub(crate) struct TenantEntry {
        pub(crate) tenant: String,
        pub(crate) calls: u64,
        /// How many of its entries the journal has dropped.
        pub(crate) unseen: u64,
    }
}

impl Report {
    pub(super) fn add(
        &mut self,
        tenant: TenantEntry,
        findings: Vec<ClientFinding>,
        expectations: Vec<ExpectationEntry>,
    ) {
        let count =
            |severity| findings.iter().filter(|finding| finding.counts_as(severity)).count() as u64;
        self.calls += tenant.calls;
        self.unseen += tenant.unseen;
        self.fix += count(RuleSeverity::Fix);
        self.look += count(RuleSeverity::Look);
        self.tenants.push(tenant);
        self.findings.extend(findings);
        self.expectations.extend(expectations);
    }

    /// Whether it has a finding of a severity or worse, or an expectation is not met; `None` never fails.
    pub(crate) fn fails(&self, least: Option<RuleSeverity>) -> bool {
        let found = match least {
            None => return false,
            Some(RuleSeverity::Fix) => self.fix,
            Some(RuleSeverity::Look) => self.fix + self.look,
        };
        found > 0 || self.expectations.iter().any(|expectation| !expectation.met)
    }
}
