//! The success answer of Add Users.

use uuid::Uuid;

use super::ENDPOINT;
use crate::http::Reply;
use crate::vendor::endpoint::Call;
use crate::vendor::envelope;
use crate::vendor::parts::links::Links;
use crate::vendor::parts::people::Picture;
use crate::vendor::schema::{Items, answer};
use crate::world::{User, World};

answer! {
    /// What Add Users answers.
    pub(crate) struct AddedUsers<'a> as "AddUsersData" {
        "members_added" as members_added: Items<'a, AddedUser<'a>>, Sibling,
            rule "those who joined at least one of the communities, in the order sent" Assumed;
    }
}

answer! {
    /// A user who joined a community.
    pub(crate) struct AddedUser<'a> as "AddedUser" {
        "member_id" as member_id: Uuid, Sibling;
        "name" as name: Option<&'a str>, Sibling;
        "bio" as bio: Option<&'a str>, Sibling;
        "nickname" as nickname: Option<&'a str>, Sibling,
            rule "the user's handle; null for somebody added by phone number" Assumed;
        "phone" as phone: Option<&'a str>, Sibling;
        "is_brand_system_user" as is_brand_system_user: bool, Sibling;
        "is_avatar" as is_avatar: bool, Sibling;
        "profile_image" as profile_image: Picture<'a>, Sibling;
        "profile_image_s" as profile_image_s: Picture<'a>, Sibling;
        "profile_image_m" as profile_image_m: Picture<'a>, Sibling;
        "profile_image_l" as profile_image_l: Picture<'a>, Sibling;
    }
}

impl<'a> AddedUser<'a> {
    fn of(user: &'a User, links: &'a Links) -> Self {
        let [image, small, medium, large] = Picture::in_all_sizes(user, links);
        Self {
            member_id: user.user_id,
            name: user.name.as_deref(),
            bio: user.bio.as_deref(),
            nickname: user.nickname(),
            phone: user.phone_number.as_deref(),
            is_brand_system_user: user.is_brand_system_user,
            is_avatar: user.has_avatar(),
            profile_image: image,
            profile_image_s: small,
            profile_image_m: medium,
            profile_image_l: large,
        }
    }
}

/// Returns the answer for users who have joined.
pub(crate) fn reply(added: impl Iterator<Item = Uuid>, call: &Call, world: &World) -> Reply {
    let links = Links::of(call);
    let user = |id| world.user(&id).expect("BUG: users are checked or were just created");
    let members_added = Items::of(added.map(|id| AddedUser::of(user(id), &links)));
    envelope::success(ENDPOINT.answer.message, &AddedUsers { members_added })
}
