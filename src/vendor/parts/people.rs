//! People in answers, and the check that a user is known.

use uuid::Uuid;

use super::links::{Link, Links};
use crate::vendor::finding::{Finding, PatchOp};
use crate::vendor::schema::{AnswerValue, Kind, Writer, answer};
use crate::world::{self, Profile, User, World};

answer! {
    /// A member of a group in an answer.
    pub(crate) struct MemberAnswer<'a> {
        "member_id" as member_id: Uuid, Documented;
        "name" as name: Option<&'a str>, Documented;
        "username" as username: &'a str, Documented;
        "is_avatar" as is_avatar: bool, Documented;
        "is_brand_system_user" as is_brand_system_user: bool, Documented;
        "status" as status: i64, Documented, rule "1 active, 2 invited" Observed;
        "role" as role: i64, Documented, rule "1 owner, 2 member" Observed;
        "profile_image" as profile_image: Picture<'a>, Documented,
            rule "the bare name of an avatar, or a link" Sibling;
        "profile_image_s" as profile_image_s: Picture<'a>, Documented;
        "profile_image_m" as profile_image_m: Picture<'a>, Documented;
        "profile_image_l" as profile_image_l: Picture<'a>, Documented;
    }
}

answer! {
    /// The owner of a video in an answer.
    pub(crate) struct OwnerAnswer<'a> {
        "member_id" as member_id: Uuid, Documented;
        "username" as username: &'a str, Documented;
    }
}

/// A user's picture: the name of an avatar, or a link.
pub(crate) enum Picture<'a> {
    /// One of the platform's avatars; it has only one size.
    Avatar(&'a str),
    /// An uploaded file.
    Link(Link<'a>),
}

impl AnswerValue for Picture<'_> {
    const KIND: Kind = Kind::Text;

    fn write(&self, json: &mut Writer) {
        match self {
            Self::Avatar(name) => json.string(name),
            Self::Link(link) => link.write(json),
        }
    }
}

impl<'a> Picture<'a> {
    /// Returns a user's picture as it is, small, medium and large.
    pub(crate) fn in_all_sizes(user: &'a User, links: &'a Links) -> [Self; 4] {
        match &user.profile {
            Profile::Avatar(name) => [name.as_str(), "", "", ""].map(Picture::Avatar),
            Profile::Image(file) => links
                .file("uploads/profile_images", Some(file), ["", "s/", "m/", "l/"])
                .map(Picture::Link),
        }
    }
}

impl<'a> MemberAnswer<'a> {
    pub(crate) fn of(user: &'a User, member: &world::Member, links: &'a Links) -> Self {
        let [image, small, medium, large] = Picture::in_all_sizes(user, links);
        Self {
            member_id: user.user_id,
            name: user.name.as_deref(),
            username: &user.username,
            is_avatar: matches!(user.profile, Profile::Avatar(_)),
            is_brand_system_user: user.is_brand_system_user,
            status: member.status as i64,
            role: member.role as i64,
            profile_image: image,
            profile_image_s: small,
            profile_image_m: medium,
            profile_image_l: large,
        }
    }
}

/// Finds a user, or returns an error that suggests the existing user `known`.
pub(crate) fn find_user<'w>(
    world: &'w World,
    user_id: &Uuid,
    known: Uuid,
    pointer: String,
    clause: String,
) -> Result<&'w User, Finding> {
    world.user(user_id).ok_or_else(|| {
        let patch = PatchOp::Replace { path: pointer.clone(), value: serde_json::json!(known) };
        Finding::error(pointer, clause, "is not a known user")
            .suggest("use a user_id of the fixtures, or invite somebody by phone_number")
            .with_patch(patch)
    })
}
