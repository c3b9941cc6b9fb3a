//! The rules of a scenario in answers: when each acts, and what its steps do.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::described::described;
use crate::scenario::{Delay, ForcedOutcome, HoldUntil, Rule, Scope, Step, Then, written_duration};

described! {
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct RuleReply {
        pub(crate) id: String,
        pub(crate) enabled: bool,
        pub(crate) priority: i64,
        /// The endpoints that it is for; `any` stands for all.
        #[serde(default)]
        pub(crate) endpoints: Vec<String>,
        /// What it asks of a call, as in its file.
        #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
        pub(crate) conditions: Option<Value>,
        /// Acts only on calls beyond it.
        #[serde(default)]
        pub(crate) rate: Option<String>,
        /// Acts at most this often in a tenant.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub(crate) limit: Option<u64>,
        /// The calls that share its counters, if not all of a tenant: `field:` and the name of a field.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub(crate) scope: Option<String>,
        #[serde(rename = "do")]
        pub(crate) steps: Vec<StepReply>,
        /// What follows the last step, if not the next rules: `repeat` or `hold-last`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub(crate) then: Option<String>,
        /// How often the rule has acted, by tenant.
        pub(crate) hits: IndexMap<String, u64>,
    }
}

described! {
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct StepReply {
        pub(crate) outcome: String,
        /// How many calls a `hold` holds before it releases them by itself.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub(crate) until_held: Option<u16>,
        pub(crate) times: Option<u64>,
        pub(crate) phase: String,
        pub(crate) chance: Option<f64>,
        /// The delay of the answer: a duration like `2s`, or how it is drawn, with `min` and `max` or with
        /// `median`, `sigma` and `max`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub(crate) delay: Option<Value>,
        /// Sends the body in pieces.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub(crate) drip: Option<DripReply>,
        /// Replaces the message of the vendor's error.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub(crate) message: Option<String>,
        /// Headers that are set in the answer.
        #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
        pub(crate) headers: IndexMap<String, String>,
        /// The header Retry-After, in seconds.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub(crate) retry_after: Option<u64>,
    }
}

described! {
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct DripReply {
        /// The number of pieces.
        pub(crate) chunks: u64,
        /// The time from the first piece to the last, like `2s`.
        pub(crate) over: String,
    }
}

impl RuleReply {
    /// Describes a rule; `hits` says how often it has acted in each tenant.
    pub(super) fn of(rule: &Rule, hits: IndexMap<String, u64>) -> Self {
        Self {
            id: rule.id.clone(),
            enabled: rule.enabled,
            priority: rule.priority,
            endpoints: rule.when.endpoint_names().into_iter().map(str::to_owned).collect(),
            // of a line there is no text
            conditions: serde_json::from_str(&rule.written_match).ok(),
            rate: rule.rate.map(|rate| rate.to_string()),
            limit: rule.limit,
            scope: (rule.scope != Scope::Tenant).then(|| rule.scope.to_string()),
            steps: rule.steps.iter().map(StepReply::of).collect(),
            then: (rule.then != Then::FallThrough).then(|| rule.then.name().to_owned()),
            hits,
        }
    }
}

impl StepReply {
    fn of(step: &Step) -> Self {
        let until_held = match step.forced {
            ForcedOutcome::Hold(HoldUntil::Held(count)) => Some(count.into()),
            _ => None,
        };
        let headers = step.headers.iter().map(|(name, value)| {
            (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        Self {
            outcome: step.forced.name().to_owned(),
            until_held,
            times: step.times,
            phase: step.phase.name().to_owned(),
            chance: step.chance,
            delay: step.delay.map(Delay::to_json),
            drip: step
                .drip
                .map(|drip| DripReply { chunks: drip.chunks, over: written_duration(drip.over) }),
            message: step.message.clone(),
            headers: headers.collect(),
            retry_after: step.retry_after_s,
        }
    }
}
