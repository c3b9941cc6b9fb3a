//! People in answers, and the check that a user is known.

use uuid::Uuid;

use super::links::{Link, Links};
use crate::vendor::assumptions::UnknownUser;
use crate::vendor::endpoint::Call;
use crate::vendor::finding::{Finding, Findings, PatchOp, Severity};
use crate::vendor::schema::{AnswerValue, Kind, Writer, answer};
use crate::world::ids::Purpose;
use crate::world::{self, Invitation, MemberStatus, Profile, Role, User, World};

answer! {
    /// A member of a group.
    pub(crate) struct MemberAnswer<'a> as "Member" {
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
    /// The owner of a video.
    pub(crate) struct OwnerAnswer<'a> as "VideoOwner" {
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
            Profile::Avatar(name) => [&**name, "", "", ""].map(Picture::Avatar),
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
            is_avatar: user.has_avatar(),
            is_brand_system_user: user.is_brand_system_user,
            status: member.status as i64,
            role: member.role as i64,
            profile_image: image,
            profile_image_s: small,
            profile_image_m: medium,
            profile_image_l: large,
        }
    }

    /// Somebody who was invited by phone number. Whoever is no user gets an id that follows from the number.
    pub(crate) fn invited(
        invitation: &'a Invitation,
        call: &Call,
        world: &'a World,
        links: &'a Links,
    ) -> Self {
        let number = &*invitation.phone_number;
        let (role, status) = (Role::Member, MemberStatus::Pending);
        if let Some(user) = world.user_by_phone(number) {
            let member = world::Member { user_id: user.user_id, role, status };
            return Self::of(user, &member, links);
        }
        Self {
            member_id: id_of_invited(number, call),
            name: invitation.name.as_deref(),
            username: "",
            is_avatar: false,
            is_brand_system_user: false,
            status: status as i64,
            role: role as i64,
            profile_image: Picture::Avatar(""),
            profile_image_s: Picture::Avatar(""),
            profile_image_m: Picture::Avatar(""),
            profile_image_l: Picture::Avatar(""),
        }
    }
}

/// The id of somebody who was invited by phone number and is no user.
fn id_of_invited(number: &str, call: &Call) -> Uuid {
    // no tenant has a slash in its name, so that this is no id of one of their users
    let owner = format!("{}/{number}", call.caller.tenant);
    call.config.ids.uuid(&owner, Purpose::User, 0)
}

/// The ids that stand for somebody who was invited by phone number: that of the user who has the number, if
/// there is one, and the one that answers list while there is none.
pub(crate) fn ids_of_invited(
    invitation: &Invitation,
    call: &Call,
    world: &World,
) -> impl Iterator<Item = Uuid> {
    let number = &*invitation.phone_number;
    let user = world.user_by_phone(number).map(|user| user.user_id);
    user.into_iter().chain([id_of_invited(number, call)])
}

/// Adds the finding for a user who does not exist, as the assumption reads it: an error whose patch
/// names the existing user `known`, or a warning.
pub(crate) fn add_unknown_user(
    findings: &mut Findings,
    pointer: impl FnOnce() -> String,
    clause: impl FnOnce() -> String,
    suggestion: &str,
    known: Uuid,
    reading: UnknownUser,
) {
    match reading {
        UnknownUser::Refuse => findings.add_with(Severity::Error, || {
            let pointer = pointer();
            Finding::error(&*pointer, clause(), "is not a known user")
                .suggest(suggestion)
                .with_patch(PatchOp::Replace { path: pointer, value: serde_json::json!(known) })
        }),
        UnknownUser::Ignore => findings.add_with(Severity::Warning, || {
            Finding::warning(pointer(), clause(), "is not a known user and was left out")
        }),
    }
}
