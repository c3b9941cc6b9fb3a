//! `tenants/{tenant}/held` and `release`: the calls that wait because a scenario holds them.

use std::borrow::Cow;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::answer::Json;
use super::input::{Body, JournalParameter};
use crate::call::Sandbox;
use crate::clock::millis;
use crate::config_file::{Node, Problems, Read, checked, record};
use crate::described::described;
use crate::http::Problem;
use crate::scenario::{ForcedOutcome, HoldUntil};
use crate::tenant::HeldCall;
use crate::text::plural;
use crate::world::TenantName;

described! {
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct HeldList {
        pub(crate) tenant: String,
        /// The oldest first.
        pub(crate) held: Vec<HeldEntry>,
    }
}

described! {
    /// A call that waits.
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct HeldEntry {
        /// The address of its journal entry: `demo/17`.
        pub(crate) id: String,
        pub(crate) seq: u64,
        pub(crate) endpoint: String,
        pub(crate) path: String,
        pub(crate) selector: String,
        pub(crate) scenario: Option<String>,
        pub(crate) rule: Option<String>,
        pub(crate) phase: Option<String>,
        /// Whether its change is made already.
        pub(crate) committed: bool,
        /// How many calls its rule holds before it releases them by itself; `None` if it does not.
        pub(crate) until_held: Option<u16>,
        /// For how long it has waited.
        pub(crate) held_ms: u64,
        /// How long it waits at most from now on.
        pub(crate) left_ms: u64,
    }
}

pub(super) fn list(sandbox: &Sandbox, JournalParameter(name): JournalParameter) -> Json<HeldList> {
    let tenant = sandbox.tenants.find(&name);
    let held = tenant.map_or_else(Vec::new, |tenant| {
        tenant.lock().held_calls.waiting().map(|call| HeldEntry::of(call)).collect()
    });
    Json(HeldList { tenant: name.to_string(), held })
}

impl HeldEntry {
    fn of(call: &HeldCall) -> Self {
        let record = &call.record;
        let text = |text: &Option<Cow<str>>| text.as_ref().map(ToString::to_string);
        let now = Instant::now();
        Self {
            id: record.address(),
            seq: record.seq,
            endpoint: text(&record.endpoint).unwrap_or_default(),
            path: record.path.to_string(),
            selector: record.selector.to_string(),
            scenario: text(&record.scenario),
            rule: text(&record.rule),
            phase: text(&record.phase),
            committed: record.committed,
            until_held: match call.hold.step.forced {
                ForcedOutcome::Hold(HoldUntil::Held(count)) => Some(count.into()),
                _ => None,
            },
            held_ms: millis(now.duration_since(call.hold.since)),
            left_ms: millis(call.until.saturating_duration_since(now)),
        }
    }
}

record! {
    #[derive(Debug)]
    pub(super) struct ReleaseBody {
        /// How many, the oldest first; all of them if left out.
        count: Option<ReleaseCount> => optional,
        /// What they get, as the name of an outcome; what the contract answers if left out.
        outcome "as": Option<ReleasedAs> => optional,
    }
}

checked! {
    #[derive(Debug)]
    pub(super) ReleaseCount(u64): {"minimum": 1},
    |count| *count > 0,
    |_| "count must be at least 1".into()
}

#[derive(Debug)]
pub(super) struct ReleasedAs(ForcedOutcome);

impl Read for ReleasedAs {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let outcome = ForcedOutcome::read(node, problems)?;
        if outcome.is_hold() {
            problems
                .add(node.at, "a call that is released cannot be held again; name another outcome");
            return None;
        }
        Some(Self(outcome))
    }

    fn schema() -> Value {
        ForcedOutcome::schema_of_ends()
    }
}

described! {
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct ReleaseReply {
        pub(crate) tenant: String,
        /// In the order in which they were answered.
        pub(crate) released: Vec<ReleasedEntry>,
        /// How many are still held.
        pub(crate) held: usize,
    }
}

described! {
    /// A call that was released, and its outcome.
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct ReleasedEntry {
        /// The address of its journal entry: `demo/17`.
        pub(crate) id: String,
        pub(crate) seq: u64,
        pub(crate) outcome: String,
        /// `None` for a fault.
        pub(crate) status: Option<u16>,
    }
}

/// Releases calls of a tenant, which is made if need be, the oldest first.
pub(super) fn release(
    sandbox: &Sandbox,
    (JournalParameter(name), Body(body)): (JournalParameter, Body<ReleaseBody>),
) -> Result<Json<ReleaseReply>, Problem> {
    let count = body.count.and_then(|count| usize::try_from(count.0).ok());
    let forced = body.outcome.map_or(ForcedOutcome::REAL, |outcome| outcome.0);
    let tenant = sandbox.get_or_create_tenant(&name)?;
    let released = sandbox.release_held(&tenant, |_| true, count.unwrap_or(usize::MAX), forced);
    let entry = |call: &HeldCall| {
        let (outcome, status) = call.result()?;
        Some(ReleasedEntry { id: call.record.address(), seq: call.record.seq, outcome, status })
    };
    let released: Vec<_> = released.iter().filter_map(|call| entry(call)).collect();
    log_release(&name, &released);
    let held = sandbox.held_count(&name);
    Ok(Json(ReleaseReply { tenant: name.to_string(), released, held }))
}

fn log_release(name: &TenantName, released: &[ReleasedEntry]) {
    let calls = plural(released.len(), "held call");
    tracing::info!(tenant = name.as_str(), "released {calls} of {name}");
}
