//! `tenants/{tenant}/scenario`: the override of one tenant, or with `*` of all tenants.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::answer::{Json, NoContent};
use super::input::{self, Body, Input};
use crate::call::Sandbox;
use crate::config_file::{Located, Node, Problems, Read, record, text_or_number};
use crate::http::{PathParameters, Problem, Request};
use crate::scenario::{Override, Selector, end_override, parse_duration};
use crate::world::TenantName;

record! {
    #[derive(Debug)]
    pub(super) struct OverrideBody {
        /// A scenario, an outcome or a line.
        scenario: ScenarioText => required,
        /// Ends after this many calls in which a rule acted.
        hits: Option<Located<u64>> => optional,
        /// Ends after this time of the machine's clock; 30 minutes without hits and ttl.
        ttl: Option<Ttl> => optional,
        /// Who sets it.
        owner: Option<String> => optional,
        /// Why it is set.
        reason: Option<String> => optional,
    }
}

/// The name of a scenario or an outcome, which may be a bare number, or a line.
#[derive(Debug)]
pub(super) struct ScenarioText(String);

impl Read for ScenarioText {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        text_or_number(node, problems).map(Self)
    }

    fn schema() -> Value {
        json!({"type": ["string", "integer"]})
    }
}

#[derive(Debug)]
pub(super) struct Ttl(Duration);

impl Read for Ttl {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        const MAX_TTL: Duration = Duration::from_hours(30 * 24);
        let text = String::read(node, problems)?;
        match parse_duration(&text) {
            Ok(ttl) if !ttl.is_zero() && ttl <= MAX_TTL => return Some(Self(ttl)),
            Ok(_) => problems.add(node.at, "ttl must be more than 0s and at most 30d"),
            Err(why) => problems.add(node.at, why),
        }
        None
    }

    fn schema() -> Value {
        json!({"type": "string"})
    }
}

/// The parameter `{tenant_or_all}`: whose override.
#[derive(Debug)]
pub(super) enum OverrideTarget {
    Tenant(TenantName),
    AllTenants,
}

const ALL_TENANTS: &str = "all tenants";

impl Input for OverrideTarget {
    fn from_request(path: &PathParameters, _: &Request) -> Result<Self, Problem> {
        match path.get("tenant_or_all") {
            "*" => Ok(Self::AllTenants),
            name => input::tenant(name).map(Self::Tenant),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct OverrideReply {
    pub(crate) tenant: String,
    #[serde(rename = "override")]
    pub(crate) active: Option<ActiveOverride>,
    /// What the next call gets that names no scenario; unknown for all tenants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<NextScenario>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ActiveOverride {
    pub(crate) scenario: String,
    pub(crate) hits: Option<u64>,
    pub(crate) hits_left: Option<u64>,
    pub(crate) acted: u64,
    pub(crate) ttl_left_s: Option<u64>,
    pub(crate) owner: Option<String>,
    pub(crate) reason: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NextScenario {
    pub(crate) selector: String,
    pub(crate) scenario: Option<String>,
}

/// Sets the override, which replaces the one before.
pub(super) fn set(
    sandbox: &Sandbox,
    (target, Body(body)): (OverrideTarget, Body<OverrideBody>),
) -> Result<Json<OverrideReply>, Problem> {
    let new = Some(checked(sandbox, body)?);
    match &target {
        OverrideTarget::Tenant(name) => {
            sandbox.get_or_create_tenant(name)?.lock().active_override = new;
        }
        OverrideTarget::AllTenants => *sandbox.global_override() = new,
    }
    Ok(show(sandbox, target))
}

fn checked(sandbox: &Sandbox, body: OverrideBody) -> Result<Override, Problem> {
    sandbox
        .library
        .resolve(&body.scenario.0)
        .map_err(|error| Problem::bad_request(error.0).at("/scenario"))?;
    if body.hits.as_ref().is_some_and(|hits| hits.value == 0) {
        return Err(Problem::bad_request("hits must be at least 1").at("/hits"));
    }
    for (text, pointer) in [(&body.owner, "/owner"), (&body.reason, "/reason")] {
        if text.as_ref().is_some_and(|text| text.len() > 256) {
            return Err(
                Problem::bad_request("owner and reason must be at most 256 bytes").at(pointer)
            );
        }
    }
    let hits = body.hits.map(|hits| hits.value);
    let ttl = body.ttl.map(|ttl| ttl.0);
    let base = Override::new(body.scenario.0, hits, ttl);
    Ok(Override { owner: body.owner, reason: body.reason, ..base })
}

/// Shows the override, and for one tenant what a call gets that names no scenario.
pub(super) fn show(sandbox: &Sandbox, target: OverrideTarget) -> Json<OverrideReply> {
    let OverrideTarget::Tenant(name) = target else {
        let mut global = sandbox.global_override();
        end_override(&mut global, ALL_TENANTS);
        let active = global.as_ref().map(ActiveOverride::of);
        return Json(OverrideReply { tenant: "*".to_owned(), active, next: None });
    };
    let own = sandbox.tenants.find(&name).and_then(|tenant| {
        let mut state = tenant.lock();
        end_override(&mut state.active_override, name.as_str());
        state.active_override.clone()
    });
    let mut global = sandbox.global_override();
    end_override(&mut global, ALL_TENANTS);
    let (selector, scenario) = match (&own, &*global, sandbox.scenario()) {
        (Some(own), _, _) => (Selector::TenantOverride, Some(own.scenario.as_str())),
        (None, Some(global), _) => (Selector::GlobalOverride, Some(global.scenario.as_str())),
        (None, None, Some(server)) => (Selector::Server, Some(server)),
        (None, None, None) => (Selector::Contract, None),
    };
    let (selector, scenario) = (selector.name().to_owned(), scenario.map(str::to_owned));
    Json(OverrideReply {
        tenant: name.to_string(),
        active: own.as_ref().map(ActiveOverride::of),
        next: Some(NextScenario { selector, scenario }),
    })
}

impl ActiveOverride {
    fn of(active: &Override) -> Self {
        let left = active.until.map(|until| until.saturating_duration_since(Instant::now()));
        Self {
            scenario: active.scenario.clone(),
            hits: active.hits,
            hits_left: active.hits_left(),
            acted: active.acted,
            ttl_left_s: left.map(|left| left.as_secs()),
            owner: active.owner.clone(),
            reason: active.reason.clone(),
        }
    }
}

/// Clears the override; it is fine if there is none.
pub(super) fn clear(sandbox: &Sandbox, target: OverrideTarget) -> NoContent {
    let (cleared, whose) = match target {
        OverrideTarget::Tenant(name) => {
            let tenant = sandbox.tenants.find(&name);
            (tenant.and_then(|tenant| tenant.lock().active_override.take()), name.to_string())
        }
        OverrideTarget::AllTenants => (sandbox.global_override().take(), ALL_TENANTS.to_owned()),
    };
    if let Some(Override { scenario, acted, .. }) = cleared {
        let hits = if acted == 1 { "hit" } else { "hits" };
        tracing::info!(
            "{scenario} for {whose} was cleared after {acted} {hits}, back to the contract"
        );
    }
    NoContent
}
