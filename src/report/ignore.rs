//! Findings that are known and shall not count: `RULE[:TENANT]=REASON`.

use std::fmt;

use serde_json::{Value, json};

use super::rule::ClientRule;
use crate::world::TenantName;

/// A rule that is ignored, in all tenants or in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IgnoredRule {
    rule: ClientRule,
    tenant: Option<TenantName>,
    pub(super) reason: String,
}

/// The longest reason, in characters.
const MAX_REASON: usize = 500;

impl IgnoredRule {
    pub(crate) fn schema() -> Value {
        let rules = ClientRule::ALL.map(ClientRule::name).join("|");
        let tenant = TenantName::PATTERN.trim_matches(['^', '$']);
        let rest = MAX_REASON - 1;
        let pattern = format!(r"^({rules})(:{tenant})?=\s*\S.{{0,{rest}}}$");
        json!({"type": "string", "pattern": pattern})
    }

    /// Reads `RULE[:TENANT]=REASON`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let form = "write RULE=REASON or RULE:TENANT=REASON";
        let (what, reason) =
            text.split_once('=').ok_or_else(|| format!("the reason is missing; {form}"))?;
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(format!("the reason is empty; {form}"));
        }
        if reason.chars().count() > MAX_REASON {
            return Err(format!("the reason is longer than {MAX_REASON} characters"));
        }
        let (rule, tenant) = match what.split_once(':') {
            None => (what, None),
            Some((rule, tenant)) => (rule, Some(tenant.trim())),
        };
        let anonymous = TenantName::anonymous();
        let tenant = match tenant {
            Some(name) if name == anonymous.as_str() => Some(anonymous),
            Some(name) => Some(TenantName::parse(name)?),
            None => None,
        };
        Ok(Self { rule: ClientRule::find(rule.trim())?, tenant, reason: reason.to_owned() })
    }

    pub(super) fn covers(&self, rule: ClientRule, tenant: &str) -> bool {
        let is_meant = |meant: &TenantName| meant.as_str() == tenant;
        self.rule == rule && self.tenant.as_ref().is_none_or(is_meant)
    }
}

/// Writes it in the form that is read.
impl fmt::Display for IgnoredRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, tenant, reason } = self;
        match tenant {
            Some(tenant) => write!(f, "{}:{tenant}={reason}", rule.name()),
            None => write!(f, "{}={reason}", rule.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_ignored_everywhere_or_in_one_tenant_and_always_with_a_reason() {
        for (text, tenant, expected) in [
            ("retry-storm=load test", "a", true),
            (" retry-storm : a = x=y ", "a", true),
            ("retry-storm:a=x", "b", false),
            ("retry-storm:anonymous=x", "anonymous", true),
            ("no-backoff=x", "a", false),
        ] {
            let ignored = IgnoredRule::parse(text).unwrap();
            let covers = ignored.covers(ClientRule::RetryStorm, tenant);
            assert_eq!(covers, expected, "{text}");
            assert_eq!(IgnoredRule::parse(&ignored.to_string()), Ok(ignored), "{text}");
        }
        assert_eq!(IgnoredRule::parse(" retry-storm : a = x=y ").unwrap().reason, "x=y");
        for (text, why) in [
            ("retry-storm", "the reason is missing; write RULE=REASON or RULE:TENANT=REASON"),
            ("retry-storm= ", "the reason is empty; write RULE=REASON or RULE:TENANT=REASON"),
            ("retry-strom=x", "did you mean \"retry-storm\"?"),
            ("retry-storm:A b=x", "tenant"),
        ] {
            let error = IgnoredRule::parse(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
        assert!(IgnoredRule::parse(&format!("no-backoff={}", "x".repeat(501))).is_err());
    }
}
