//! The success answer of Add Moderators.

use uuid::Uuid;

use super::ENDPOINT;
use crate::http::Reply;
use crate::vendor::endpoint::Call;
use crate::vendor::envelope;
use crate::vendor::parts::links::Links;
use crate::vendor::parts::people::Picture;
use crate::vendor::schema::{Items, answer};
use crate::world::{CommunityRole, User, World};

answer! {
    /// What Add Moderators answers.
    pub(crate) struct AddedModerators<'a> as "AddModeratorsData" {
        "moderators_added" as moderators_added: Items<'a, AddedModerator<'a>>, Sibling,
            rule "those who became moderators, in the order sent" Assumed;
    }
}

answer! {
    /// A user who became a moderator.
    pub(crate) struct AddedModerator<'a> as "AddedModerator" {
        "name" as name: Option<&'a str>, Sibling;
        "bio" as bio: Option<&'a str>, Sibling;
        "nickname" as nickname: Option<&'a str>, Sibling,
            rule "the user's handle; null for somebody added by phone number" Assumed;
        "is_brand_system_user" as is_brand_system_user: bool, Sibling;
        "is_avatar" as is_avatar: bool, Sibling;
        "profile_image" as profile_image: Picture<'a>, Sibling;
        "profile_image_s" as profile_image_s: Picture<'a>, Sibling;
        "profile_image_m" as profile_image_m: Picture<'a>, Sibling;
        "profile_image_l" as profile_image_l: Picture<'a>, Sibling;
        "member_id" as member_id: Uuid, Sibling;
        "role" as role: i64, Sibling, rule "3, moderator" Sibling;
    }
}

impl<'a> AddedModerator<'a> {
    fn of(user: &'a User, links: &'a Links) -> Self {
        let [image, small, medium, large] = Picture::in_all_sizes(user, links);
        Self {
            name: user.name.as_deref(),
            bio: user.bio.as_deref(),
            nickname: user.nickname(),
            is_brand_system_user: user.is_brand_system_user,
            is_avatar: user.has_avatar(),
            profile_image: image,
            profile_image_s: small,
            profile_image_m: medium,
            profile_image_l: large,
            member_id: user.user_id,
            role: CommunityRole::Moderator as i64,
        }
    }
}

/// Returns the answer for users who have become moderators.
pub(crate) fn reply<'u>(
    added: impl Iterator<Item = &'u Uuid>,
    call: &Call,
    world: &World,
) -> Reply {
    let links = Links::of(call);
    let user = |id| world.user(id).expect("BUG: users are checked");
    let moderators_added = Items::of(added.map(|id| AddedModerator::of(user(id), &links)));
    envelope::success(ENDPOINT.answer.message, &AddedModerators { moderators_added })
}
