//! `tenants/{tenant}/users`: the users of a tenant, and additions to them.

use serde::Serialize;
use uuid::Uuid;

use super::answer::Created;
use super::input::{Body, TenantParameter};
use super::listing::{self, Items, ListAnswer, Listing, SliceEnd};
use super::world::{add_to_world, read_world};
use crate::call::Sandbox;
use crate::described::described;
use crate::fixtures::UserEntry;
use crate::http::Problem;
use crate::world::{Brand, TenantName, User};

described! {
    #[derive(Debug, Serialize)]
    pub(super) struct UserList {
        users: Vec<UserReply>,
        /// How many that calls created were forgotten.
        forgotten: u64,
    }
}

described! {
    #[derive(Debug, Serialize)]
    pub(super) struct UserReply {
        user_id: Uuid,
        /// `None` for somebody who was added by phone number and has chosen none yet.
        username: Option<String>,
        name: Option<String>,
        bio: Option<String>,
        phone_number: Option<String>,
        avatar: Option<String>,
        profile_image: Option<String>,
        is_brand_system_user: bool,
        brand: Option<Brand>,
    }
}

#[derive(Debug, Clone)]
pub(super) struct Users {
    tenant: TenantName,
    /// How many have been read.
    read: usize,
}

impl Listing for Users {
    type Object = UserList;
    const KEY: &'static str = "users";

    fn object(&mut self, sandbox: &Sandbox) -> UserList {
        let forgotten = read_world(sandbox, &self.tenant, |world| world.forgotten().users);
        UserList { users: Vec::new(), forgotten }
    }

    fn write_slice(&mut self, sandbox: &Sandbox, items: &mut Items) -> SliceEnd {
        read_world(sandbox, &self.tenant, |world| {
            items.add_unread(world.users(), &mut self.read, UserReply::of)
        })
    }
}

pub(super) fn list(
    sandbox: &Sandbox,
    TenantParameter(tenant): TenantParameter,
) -> ListAnswer<Users> {
    listing::answer(sandbox, Users { tenant, read: 0 })
}

pub(super) fn add(
    sandbox: &Sandbox,
    (TenantParameter(name), Body(entry)): (TenantParameter, Body<UserEntry>),
) -> Result<Created<UserReply>, Problem> {
    let user = User::try_from(entry).map_err(|(_, why)| Problem::bad_request(why))?;
    let reply = UserReply::of(&user);
    add_to_world(sandbox, &name, "the user", |world, budget| world.add_user(user, budget))?;
    Ok(Created(reply))
}

impl UserReply {
    fn of(user: &User) -> Self {
        let (avatar, profile_image) = user.avatar_or_image();
        Self {
            user_id: user.user_id,
            username: user.nickname().map(str::to_owned),
            name: user.name.clone(),
            bio: user.bio.clone(),
            phone_number: user.phone_number.clone(),
            avatar: avatar.map(str::to_owned),
            profile_image: profile_image.map(str::to_owned),
            is_brand_system_user: user.is_brand_system_user,
            brand: user.brand.clone(),
        }
    }
}
