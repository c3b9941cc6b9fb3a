//! A rule that is not about a single field, as a line of a description and as an entry of `x-rules`.

use serde_json::{Value, json};

use super::shapes::turned;
use crate::vendor::general_rules::GeneralRule;
use crate::vendor::{Assumptions, Provenance};

/// A rule with its source.
pub(super) struct Rule {
    pub(super) rule: &'static str,
    pub(super) provenance: Provenance,
    /// The assumption that can turn it.
    pub(super) assumption: Option<&'static str>,
}

impl From<&GeneralRule> for Rule {
    fn from(general: &GeneralRule) -> Self {
        let GeneralRule { rule, provenance, assumption } = *general;
        Self { rule, provenance, assumption }
    }
}

impl Rule {
    /// Returns the rule as an item of a list in Markdown.
    pub(super) fn line(&self, assumptions: &Assumptions) -> String {
        let Self { rule, provenance, .. } = self;
        let turned = self.turned(assumptions);
        let turned = turned.map_or_else(String::new, |turned| format!("; {turned}"));
        format!("- {rule}{turned} ({provenance})")
    }

    /// Returns the rule as data.
    pub(super) fn entry(&self, assumptions: &Assumptions) -> Value {
        let mut entry = json!({"rule": self.rule, "x-provenance": self.provenance});
        if let Some(name) = self.assumption {
            entry["x-assumption"] = json!(name);
        }
        if let Some(turned) = self.turned(assumptions) {
            entry["turned"] = json!(turned);
        }
        entry
    }

    fn turned(&self, assumptions: &Assumptions) -> Option<String> {
        turned(self.assumption?, assumptions)
    }
}
