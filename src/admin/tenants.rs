//! `/tenants`: what there is, dropping, resetting.

use serde_json::{Value, json};

use super::{done, read};
use crate::call::Sandbox;
use crate::config_file::{Node, Problems, Read, choice, record};
use crate::http::Problem;
use crate::http::{Reply, Request};
use crate::tenant::Part;
use crate::world::TenantName;

/// Every tenant, in short.
pub fn list(sandbox: &Sandbox) -> Value {
    let tenants: Vec<_> = sandbox
        .tenants
        .all()
        .into_iter()
        .map(|(name, tenant)| {
            let idle_s = tenant.last_used().elapsed().as_secs();
            json!({"name": name.as_str(), "groups": tenant.lock().world.group_count(), "idle_s": idle_s})
        })
        .collect();
    json!({"tenants": tenants})
}

/// Drops a tenant with all it has.
pub fn remove(sandbox: &Sandbox, name: &TenantName) -> Result<Reply, Problem> {
    sandbox.journal.remove(name);
    if sandbox.tenants.remove(name) {
        return Ok(done());
    }
    let detail = format!("there is no tenant {name}; GET /_sandbox/v1/tenants lists them");
    Err(Problem::new(http::StatusCode::NOT_FOUND, detail))
}

record! {
    #[derive(Debug)]
    struct ResetBody {
        /// Which parts; all of them if left out.
        what: Vec<Part> => or(Part::ALL.to_vec()),
    }
}

/// Sets parts of a tenant back to how they began.
pub fn reset(sandbox: &Sandbox, name: &TenantName, request: &Request) -> Result<Value, Problem> {
    let body: ResetBody = read::body(request)?;
    let tenant = sandbox.tenant(name)?;
    let mut state = tenant.lock();
    for part in &body.what {
        state.reset(*part, sandbox.tenants.seed());
        if *part == Part::Journal {
            sandbox.journal.clear(name);
        }
    }
    let weight = state.world.weight();
    drop(state);
    sandbox.tenants.note_weight(&tenant, weight);
    Ok(
        json!({"tenant": name.as_str(), "reset": body.what.iter().map(|part| part.name()).collect::<Vec<_>>()}),
    )
}

impl Read for Part {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        choice(node, problems, "part", &Self::ALL.map(|part| (part.name(), part)))
    }

    fn schema() -> Value {
        json!({"enum": Self::ALL.map(Self::name)})
    }
}
