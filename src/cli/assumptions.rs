//! `assumptions`: the list of assumptions, what each variant means and where it is read.

use serde::Serialize;

use super::Failure;
use super::client::{print, to_json_pretty};
use crate::text::append;
use crate::vendor::assumptions::{ASSUMPTIONS, Scope};
use crate::vendor::documents::AssumptionEntry;

const HOW_TO_TURN: &str = "
The first variant of each is the default. To turn one, for example unknown-user:
  genuin-sandbox --assume unknown-user=ignore
  GNSB_ASSUME=unknown-user=ignore,token-life=15m";

/// An object, as what every command prints for programs.
#[derive(Serialize)]
struct AssumptionList {
    assumptions: Vec<AssumptionEntry>,
}

pub(super) fn run(json: bool) -> Result<(), Failure> {
    let as_json = || to_json_pretty(&AssumptionList { assumptions: entries().collect() });
    print(&if json { as_json() } else { as_text() })
}

fn entries() -> impl Iterator<Item = AssumptionEntry> {
    ASSUMPTIONS.iter().map(AssumptionEntry::of)
}

fn as_text() -> String {
    let mut text = String::new();
    for (assumption, entry) in ASSUMPTIONS.iter().zip(entries()) {
        let AssumptionEntry { name, rule, variants, endpoints, .. } = entry;
        let endpoints = match assumption.scope {
            Scope::Endpoints => endpoints.join(", "),
            Scope::EveryBody => "every endpoint".to_owned(),
        };
        let rule = rule.replace('`', "");
        append!(text, "{name}: {rule} ({endpoints})\n");
        for variant in variants {
            let meaning = variant.meaning.replace('`', "");
            append!(text, "  {:14}  {meaning}\n", variant.name);
        }
    }
    text + HOW_TO_TURN
}
