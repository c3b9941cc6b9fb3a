//! `tenants/{tenant}/communities`: the communities of a tenant, and additions to them.

use http::StatusCode;
use serde::Serialize;

use super::answer::{Created, Json};
use super::input::{Body, TenantParameter};
use super::world::read_world;
use crate::call::Sandbox;
use crate::fixtures::CommunityEntry;
use crate::http::Problem;
use crate::world::Community;

#[derive(Debug, Serialize)]
pub(super) struct CommunityList {
    communities: Vec<Community>,
}

pub(super) fn list(
    sandbox: &Sandbox,
    TenantParameter(name): TenantParameter,
) -> Json<CommunityList> {
    Json(read_world(sandbox, &name, |world| CommunityList {
        communities: world.communities().cloned().collect(),
    }))
}

/// Adds a community, described as in a fixture file.
pub(super) fn add(
    sandbox: &Sandbox,
    (TenantParameter(name), Body(entry)): (TenantParameter, Body<CommunityEntry>),
) -> Result<Created<Community>, Problem> {
    let community = Community::from(entry);
    let added = sandbox.get_or_create_tenant(&name)?.lock().world.add_community(community.clone());
    added
        .map(|()| Created(community))
        .map_err(|why| Problem::new(StatusCode::CONFLICT, format!("{why}; choose another")))
}
