//! `expect`: what a scenario expects of the clients that meet it.

use serde_json::Value as Json;

use crate::config_file::{Located, Node, Problems, Read, read_by_name, record};
use crate::journal::CallCount;
use crate::report::{ClientExpectation, ClientRule};
use crate::scenario::forced_outcome::ForcedOutcome;

record! {
    struct ExpectationKeys where needs_one_of(&[("no", &["outcome", "count"]), ("outcome", &["no"])]) {
        /// A rule of genuin-sandbox report that must not be found, such as duplicate-after-unknown.
        no: Option<ClientRule> => optional,
        /// An outcome, by name or alias, of calls that chose this scenario.
        outcome: Option<ForcedOutcome> => optional,
        /// How many calls must have the outcome; at least one if left out.
        count: Option<Located<CallCount>> => optional,
    }
}

read_by_name!(ClientRule, "rule");

impl Read for ClientExpectation {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let ExpectationKeys { no, outcome, count } = ExpectationKeys::read(node, problems)?;
        match (no, outcome, count) {
            (Some(rule), None, None) => Some(Self::No(rule)),
            (None, Some(outcome), count) => {
                let count = count.map(|count| count.value);
                Some(Self::Outcome { outcome: outcome.name(), count })
            }
            (Some(_), None, Some(count)) => {
                problems.add(count.at, "count belongs to outcome; no means that there is none");
                None
            }
            (Some(_), Some(_), _) => {
                problems
                    .add(node.at, "no and outcome are two expectations; write one item for each");
                None
            }
            (None, None, _) => {
                problems.add(node.at, "an expectation needs no or outcome");
                None
            }
        }
    }

    fn schema() -> Json {
        ExpectationKeys::definition()
    }
}
