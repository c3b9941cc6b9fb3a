//! `tenants`: listing, removing and resetting them.

use std::time::Instant;
use std::vec;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::answer::{Json, NoContent};
use super::input::{Body, TenantParameter};
use super::listing::{self, Items, ListAnswer, Listing, SliceEnd};
use super::overrides::ActiveOverride;
use crate::call::Sandbox;
use crate::config_file::{checked, read_by_name, record};
use crate::described::described;
use crate::http::Problem;
use crate::switches::{Switch, SwitchKind, SwitchTarget};
use crate::tenant::ResetPart;
use crate::world::TenantName;

described! {
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct TenantList {
        pub(crate) tenants: Vec<TenantSummary>,
    }
}

described! {
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct TenantSummary {
        pub(crate) name: String,
        groups: usize,
        idle_s: u64,
        /// The override that is active for it.
        #[serde(rename = "override")]
        pub(crate) active: Option<ActiveOverride>,
    }
}

/// The answer as it is read: the tenants that there were at the start.
#[derive(Debug, Clone, Default)]
pub(super) struct Tenants {
    /// Ordered; listed with the first slice.
    names: Option<vec::IntoIter<TenantName>>,
}

impl Listing for Tenants {
    type Object = TenantList;
    const KEY: &'static str = "tenants";

    fn object(&mut self, _: &Sandbox) -> TenantList {
        TenantList { tenants: Vec::new() }
    }

    fn write_slice(&mut self, sandbox: &Sandbox, items: &mut Items) -> SliceEnd {
        let names = self.names.get_or_insert_with(|| {
            let all = sandbox.tenants.all().into_iter().map(|(name, _)| name);
            all.collect::<Vec<_>>().into_iter()
        });
        for name in names {
            let Some(tenant) = sandbox.tenants.find(&name) else { continue };
            let idle_s = tenant.last_used().elapsed().as_secs();
            let mut state = tenant.lock();
            sandbox.end_override(&mut state.active_override, SwitchTarget::Tenant(&name));
            items.add(&TenantSummary {
                name: name.to_string(),
                groups: state.world.group_store().len(),
                idle_s,
                active: state.active_override.as_ref().map(ActiveOverride::of),
            });
            if items.is_full() {
                return SliceEnd::More;
            }
        }
        SliceEnd::Last
    }
}

pub(super) fn list(sandbox: &Sandbox, (): ()) -> ListAnswer<Tenants> {
    listing::answer(sandbox, Tenants::default())
}

/// Removes a tenant with its data and its journal; one that was never used is there too, and stays as it is.
pub(super) fn remove(sandbox: &Sandbox, TenantParameter(name): TenantParameter) -> NoContent {
    if let Some(tenant) = sandbox.tenants.find(&name) {
        // before its data goes, so that nothing of a call comes after the removal
        sandbox.close_held(&tenant);
        sandbox.forget(&name, &tenant, "was removed with its tenant");
    }
    if sandbox.tenants.remove(&name) {
        let detail = format!("removed tenant {name}");
        sandbox.log_switch(Switch::new(SwitchTarget::Tenant(&name), SwitchKind::Reset, detail));
    }
    NoContent
}

record! {
    #[derive(Debug)]
    pub(super) struct ResetBody {
        /// Which parts; all of them if left out.
        what: ResetParts => or(ResetParts(ResetPart::ALL.to_vec())),
    }
}

checked! {
    #[derive(Debug)]
    pub(super) ResetParts(Vec<ResetPart>): {"minItems": 1},
    |parts| !parts.is_empty(),
    |_| {
        let parts = ResetPart::ALL.map(ResetPart::name).join(", ");
        format!("what is empty; name at least one of {parts}, or leave it out to reset all of them")
    }
}

described! {
    #[derive(Debug, Serialize, Deserialize)]
    pub(crate) struct ResetReply {
        pub(crate) tenant: String,
        /// The names of the parts.
        pub(crate) reset: Vec<String>,
    }
}

pub(super) fn reset(
    sandbox: &Sandbox,
    (TenantParameter(name), Body(body)): (TenantParameter, Body<ResetBody>),
) -> Result<Json<ResetReply>, Problem> {
    let ResetParts(what) = body.what;
    let tenant = sandbox.get_or_create_tenant(&name)?;
    if what.iter().any(|part| [ResetPart::State, ResetPart::Scenarios].contains(part)) {
        // before, so that what they change is reset too
        sandbox.release_all_held(&tenant);
    }
    // dropped without the lock, for which calls wait
    let mut dropped = (Vec::new(), Vec::new());
    let target = SwitchTarget::Tenant(&name);
    let mut state = tenant.lock();
    sandbox.end_override(&mut state.active_override, target);
    for part in &what {
        if *part == ResetPart::Scenarios
            && let Some(active) = state.active_override.take()
        {
            sandbox.note_override_end(&active, target, "was cleared by a reset");
        }
        dropped.0.extend(state.reset(*part, sandbox.tenants.seed()));
        if *part == ResetPart::Journal {
            dropped.1.push(sandbox.journal.clear(&name));
        }
    }
    let reset: Vec<_> = what.iter().map(|part| part.name().to_owned()).collect();
    let detail = format!("reset {name}: {}", reset.join(", "));
    sandbox.log_switch(Switch::new(target, SwitchKind::Reset, detail));
    let data_use = state.data_use();
    drop(state);
    drop(dropped);
    sandbox.tenants.note_data_use(&tenant, data_use, Instant::now());
    Ok(Json(ResetReply { tenant: name.to_string(), reset }))
}

read_by_name!(ResetPart, "part");
