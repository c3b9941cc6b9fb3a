//! `tenants/{tenant}/state`: the counts and the groups of a tenant.

use serde::Serialize;

use super::answer::Json;
use super::groups::GroupReply;
use super::input::TenantParameter;
use super::world::read_world;
use crate::call::Sandbox;
use crate::clock::rfc3339_ms;

#[derive(Debug, Serialize)]
pub(super) struct StateReply {
    tenant: String,
    now: String,
    communities: usize,
    users: usize,
    groups_created: u64,
    forgotten: u64,
    groups: Vec<GroupReply>,
}

pub(super) fn show(sandbox: &Sandbox, TenantParameter(name): TenantParameter) -> Json<StateReply> {
    let now_ms = match sandbox.tenants.find(&name) {
        Some(tenant) => tenant.lock().clock.now_ms(sandbox.clock),
        None => sandbox.clock.now_ms(),
    };
    Json(read_world(sandbox, &name, |world| StateReply {
        tenant: name.to_string(),
        now: rfc3339_ms(now_ms),
        communities: world.communities().count(),
        users: world.users().count(),
        groups_created: world.groups_created(),
        forgotten: world.forgotten(),
        groups: world.groups().map(GroupReply::of).collect(),
    }))
}
