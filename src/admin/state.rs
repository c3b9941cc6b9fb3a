//! `tenants/{tenant}/state`: the counts and the groups of a tenant.

use serde::Serialize;

use super::groups::{GroupReply, GroupWalk};
use super::input::TenantParameter;
use super::listing::{self, Items, ListAnswer, Listing, SliceEnd};
use super::world::read_world;
use crate::call::Sandbox;
use crate::clock::rfc3339_ms;
use crate::described::described;

described! {
    #[derive(Debug, Serialize)]
    pub(super) struct StateReply {
        tenant: String,
        now: String,
        communities: usize,
        users: usize,
        groups_created: u64,
        forgotten: u64,
        communities_created: u64,
        communities_forgotten: u64,
        users_created: u64,
        users_forgotten: u64,
        videos_posted: u64,
        videos_forgotten: u64,
        groups: Vec<GroupReply>,
    }
}

#[derive(Debug, Clone)]
pub(super) struct State(GroupWalk);

impl Listing for State {
    type Object = StateReply;
    const KEY: &'static str = "groups";

    fn object(&mut self, sandbox: &Sandbox) -> StateReply {
        let name = self.0.tenant();
        let now_ms = match sandbox.tenants.find(name) {
            Some(tenant) => tenant.lock().clock.now_ms(sandbox.clock),
            None => sandbox.clock.now_ms(),
        };
        read_world(sandbox, name, |world| {
            let (created, forgotten) = (world.counters(), world.forgotten());
            StateReply {
                tenant: name.to_string(),
                now: rfc3339_ms(now_ms),
                communities: world.community_count(),
                users: world.user_count(),
                groups_created: created.groups,
                forgotten: forgotten.groups,
                communities_created: created.communities,
                communities_forgotten: forgotten.communities,
                users_created: created.users,
                users_forgotten: forgotten.users,
                videos_posted: created.videos,
                videos_forgotten: forgotten.videos,
                groups: Vec::new(),
            }
        })
    }

    fn write_slice(&mut self, sandbox: &Sandbox, items: &mut Items) -> SliceEnd {
        self.0.write_slice(sandbox, items)
    }
}

pub(super) fn show(sandbox: &Sandbox, TenantParameter(name): TenantParameter) -> ListAnswer<State> {
    listing::answer(sandbox, State(GroupWalk::new(sandbox, name)))
}
