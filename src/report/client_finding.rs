//! What was found: a mistake of a client.

use serde::{Deserialize, Serialize};

use super::ignore::IgnoredRule;
use super::rule::{ClientRule, RuleSeverity};
use crate::described::described;

described! {
    /// A mistake of a client.
    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub(crate) struct ClientFinding {
        pub(crate) rule: ClientRule,
        pub(crate) severity: RuleSeverity,
        pub(crate) tenant: String,
        /// The calls that show it, by their number in the tenant.
        pub(crate) requests: Vec<u64>,
        /// What was seen.
        pub(crate) detail: String,
        /// What to change in the client.
        pub(crate) remedy: String,
        /// Why it does not count.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub(crate) ignored: Option<String>,
    }
}

impl ClientFinding {
    pub(super) fn new(
        rule: ClientRule,
        tenant: String,
        requests: Vec<u64>,
        detail: String,
        ignored: &[IgnoredRule],
    ) -> Self {
        let reason = ignored.iter().find(|ignored| ignored.covers(rule, &tenant));
        let ignored = reason.map(|ignored| ignored.reason.clone());
        let (severity, remedy) = (rule.severity(), rule.remedy().to_owned());
        Self { rule, severity, tenant, requests, detail, remedy, ignored }
    }

    /// Whether it has a severity and is not ignored.
    pub(super) fn counts_as(&self, severity: RuleSeverity) -> bool {
        self.severity == severity && self.ignored.is_none()
    }
}
