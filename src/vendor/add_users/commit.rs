//! Adds the users of a checked request to communities.

use std::collections::HashSet;

use uuid::Uuid;

use super::answer;
use crate::http::Reply;
use crate::vendor::endpoint::Call;
use crate::vendor::parts::new_id;
use crate::world::ids::Purpose;
use crate::world::{AVATARS, CommunityRole, Profile, User, World};

/// Somebody to add.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Person<'a> {
    /// A user.
    Known(Uuid),
    /// Somebody whose phone number no user has.
    New(&'a str),
}

/// Adds people to communities, makes users of those who are none, and returns the answer.
pub(crate) fn add(
    call: &Call,
    communities: &[Uuid],
    people: &[Person],
    world: &mut World,
) -> Reply {
    let users: Vec<Uuid> = people
        .iter()
        .map(|person| match person {
            Person::Known(id) => *id,
            Person::New(phone_number) => create_user(call, phone_number, world),
        })
        .collect();
    let mut added = HashSet::with_capacity(users.len());
    for community in communities {
        let is_new = |user: &&Uuid| world.community_role(community, user).is_none();
        let new: Vec<Uuid> = users.iter().filter(is_new).copied().collect();
        added.extend(new.iter().copied());
        world.set_community_role(*community, new, CommunityRole::Member);
    }
    answer::reply(users.into_iter().filter(|user| added.contains(user)), call, world)
}

fn create_user(call: &Call, phone_number: &str, world: &mut World) -> Uuid {
    let number = world.counters().users;
    let user_id = new_id(call, Purpose::User, number, |id| world.user(id).is_none());
    let count = AVATARS.len() as u64;
    let avatar = AVATARS[usize::try_from(number % count).expect("BUG: a small number")];
    world.create_user(User {
        user_id,
        username: String::new(),
        name: None,
        bio: None,
        phone_number: Some(phone_number.to_owned()),
        profile: Profile::Avatar(avatar.into()),
        is_brand_system_user: false,
        brand: None,
    });
    user_id
}
