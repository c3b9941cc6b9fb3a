//! `tenants`: listing, removing and resetting them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::answer::{Json, NoContent};
use super::input::{Body, TenantParameter};
use crate::call::Sandbox;
use crate::config_file::{Node, Problems, Read, choice, record};
use crate::http::Problem;
use crate::tenant::ResetPart;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TenantList {
    tenants: Vec<TenantSummary>,
}

#[derive(Debug, Serialize, Deserialize)]
struct TenantSummary {
    name: String,
    groups: usize,
    idle_s: u64,
}

pub(super) fn list(sandbox: &Sandbox, (): ()) -> Json<TenantList> {
    let tenants = sandbox.tenants.all().into_iter().map(|(name, tenant)| {
        let idle_s = tenant.last_used().elapsed().as_secs();
        TenantSummary { name: name.to_string(), groups: tenant.lock().world.group_count(), idle_s }
    });
    Json(TenantList { tenants: tenants.collect() })
}

/// Removes a tenant with its data and its journal.
pub(super) fn remove(
    sandbox: &Sandbox,
    TenantParameter(name): TenantParameter,
) -> Result<NoContent, Problem> {
    sandbox.journal.remove(&name);
    if sandbox.tenants.remove(&name) {
        return Ok(NoContent);
    }
    Err(Problem::not_found(format!("no tenant {name}; GET /_sandbox/v1/tenants lists them")))
}

record! {
    #[derive(Debug)]
    pub(super) struct ResetBody {
        /// Which parts; all of them if left out.
        what: Vec<ResetPart> => or(ResetPart::ALL.to_vec()),
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ResetReply {
    pub(crate) tenant: String,
    /// The names of the parts.
    pub(crate) reset: Vec<String>,
}

/// Resets parts of a tenant.
pub(super) fn reset(
    sandbox: &Sandbox,
    (TenantParameter(name), Body(body)): (TenantParameter, Body<ResetBody>),
) -> Result<Json<ResetReply>, Problem> {
    let tenant = sandbox.get_or_create_tenant(&name)?;
    let mut state = tenant.lock();
    for part in &body.what {
        state.reset(*part, sandbox.tenants.seed());
        if *part == ResetPart::Journal {
            sandbox.journal.clear(&name);
        }
    }
    let weight = state.world.weight();
    drop(state);
    sandbox.tenants.note_weight(&tenant, weight);
    let reset = body.what.iter().map(|part| part.name().to_owned()).collect();
    Ok(Json(ResetReply { tenant: name.to_string(), reset }))
}

impl Read for ResetPart {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        choice(node, problems, "part", &Self::ALL.map(|part| (part.name(), part)))
    }

    fn schema() -> Value {
        json!({"enum": Self::ALL.map(Self::name)})
    }
}
