//! `outcomes`: everything a rule can force.

use serde::Serialize;

use crate::described::described;
use crate::scenario::ForcedOutcome;
use crate::vendor::Provenance;

described! {
    #[derive(Debug, Serialize)]
    pub(crate) struct OutcomeList {
        outcomes: Vec<OutcomeEntry>,
    }
}

described! {
    #[derive(Debug, Serialize)]
    struct OutcomeEntry {
        name: &'static str,
        aliases: &'static [&'static str],
        /// `None` for a fault, and for `hold`, which lets the call wait.
        status: Option<u16>,
        body: &'static str,
        provenance: Provenance,
        /// How to force it.
        force: String,
    }
}

/// Every outcome, in the order of the catalogue.
pub(crate) fn all() -> OutcomeList {
    let entry = |forced: ForcedOutcome| {
        let name = forced.name();
        OutcomeEntry {
            name,
            aliases: forced.aliases(),
            status: forced.status(),
            body: forced.describe(),
            provenance: forced.provenance(),
            force: format!(
                "header X-Sandbox-Scenario: {name}, URL /~{name}/api/…, token gnsb_demo.{name}, word sandbox:{name}"
            ),
        }
    };
    OutcomeList { outcomes: ForcedOutcome::all().map(entry).collect() }
}
