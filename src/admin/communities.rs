//! `tenants/{tenant}/communities`: the communities of a tenant, and additions to them.

use serde::Serialize;
use uuid::Uuid;

use super::answer::{Created, Json};
use super::input::{Body, TenantParameter};
use super::world::{add_to_world, read_world};
use crate::call::Sandbox;
use crate::fixtures::CommunityEntry;
use crate::http::Problem;
use crate::world::{Community, Made, World};

#[derive(Debug, Serialize)]
pub(super) struct CommunityList {
    communities: Vec<CommunityReply>,
    categories: Vec<CategoryReply>,
    /// How many that calls created were forgotten.
    forgotten: u64,
}

#[derive(Debug, Serialize)]
pub(super) struct CommunityReply {
    #[serde(flatten)]
    community: Community,
    members: Vec<MemberReply>,
}

#[derive(Debug, Serialize)]
struct MemberReply {
    user_id: Uuid,
    /// 1 leader, 2 member, 3 moderator.
    role: i64,
}

#[derive(Debug, Serialize)]
struct CategoryReply {
    number: i64,
    name: Option<String>,
}

pub(super) fn list(
    sandbox: &Sandbox,
    TenantParameter(name): TenantParameter,
) -> Json<CommunityList> {
    Json(read_world(sandbox, &name, |world| CommunityList {
        communities: world.communities().map(|one| CommunityReply::of(one, world)).collect(),
        categories: world
            .categories()
            .map(|(number, name)| CategoryReply { number, name: name.map(str::to_owned) })
            .collect(),
        forgotten: world.made_forgotten(Made::Communities),
    }))
}

/// Adds a community, described as in a fixture file.
pub(super) fn add(
    sandbox: &Sandbox,
    (TenantParameter(name), Body(entry)): (TenantParameter, Body<CommunityEntry>),
) -> Result<Created<CommunityReply>, Problem> {
    let community = Community::from(entry);
    let new = community.clone();
    add_to_world(sandbox, &name, "the community", |world, budget| {
        world.add_community(new, budget)
    })?;
    Ok(Created(CommunityReply { community, members: Vec::new() }))
}

impl CommunityReply {
    fn of(community: &Community, world: &World) -> Self {
        let members = world.community_members(&community.community_id);
        let members = members.map(|(user_id, role)| MemberReply { user_id, role: role as i64 });
        Self { community: community.clone(), members: members.collect() }
    }
}
