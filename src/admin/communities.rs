//! `tenants/{tenant}/communities`: the communities of a tenant, and additions to them.

use serde::Serialize;
use uuid::Uuid;

use super::answer::Created;
use super::input::{Body, TenantParameter};
use super::listing::{self, Items, ListAnswer, Listing, SliceEnd};
use super::world::{add_to_world, read_world};
use crate::call::Sandbox;
use crate::described::described;
use crate::fixtures::CommunityEntry;
use crate::http::Problem;
use crate::world::{Community, TenantName, World};

described! {
    #[derive(Debug, Serialize)]
    pub(super) struct CommunityList {
        communities: Vec<CommunityReply>,
        categories: Vec<CategoryReply>,
        /// How many that calls created were forgotten.
        forgotten: u64,
    }
}

described! {
    #[derive(Debug, Serialize)]
    pub(super) struct CommunityReply {
        #[serde(flatten)]
        community: Community,
        members: Vec<MemberReply>,
    }
}

described! {
    #[derive(Debug, Serialize)]
    struct MemberReply as "CommunityMember" {
        user_id: Uuid,
        /// 1 leader, 2 member, 3 moderator.
        role: i64,
    }
}

described! {
    #[derive(Debug, Serialize)]
    struct CategoryReply {
        number: i64,
        name: Option<String>,
    }
}

#[derive(Debug, Clone)]
pub(super) struct Communities {
    tenant: TenantName,
    /// How many have been read.
    read: usize,
}

impl Listing for Communities {
    type Object = CommunityList;
    const KEY: &'static str = "communities";

    fn object(&mut self, sandbox: &Sandbox) -> CommunityList {
        read_world(sandbox, &self.tenant, |world| CommunityList {
            communities: Vec::new(),
            categories: world
                .categories()
                .map(|(number, name)| CategoryReply { number, name: name.map(str::to_owned) })
                .collect(),
            forgotten: world.forgotten().communities,
        })
    }

    fn write_slice(&mut self, sandbox: &Sandbox, items: &mut Items) -> SliceEnd {
        read_world(sandbox, &self.tenant, |world| {
            let reply = |community| CommunityReply::of(community, world);
            items.add_unread(world.communities(), &mut self.read, reply)
        })
    }
}

pub(super) fn list(
    sandbox: &Sandbox,
    TenantParameter(tenant): TenantParameter,
) -> ListAnswer<Communities> {
    listing::answer(sandbox, Communities { tenant, read: 0 })
}

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
