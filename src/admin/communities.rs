//! `tenants/{tenant}/communities`: the communities of a tenant, and additions to them.

use serde::Serialize;

use super::answer::{Created, Json};
use super::input::{Body, TenantParameter};
use super::world::{add_to_world, read_world};
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
    let new = community.clone();
    add_to_world(sandbox, &name, "the community", |world, budget| {
        world.add_community(new, budget)
    })?;
    Ok(Created(community))
}
