//! The success answer of Update Conversation.

use uuid::Uuid;

use super::ENDPOINT;
use super::people::{PeopleChanges, added_member};
use crate::http::Reply;
use crate::vendor::assumptions::AddedMember;
use crate::vendor::endpoint::Call;
use crate::vendor::envelope;
use crate::vendor::parts::links::Links;
use crate::vendor::parts::people::Picture;
use crate::vendor::schema::answer;
use crate::world::{User, World};

answer! {
    /// What Update Conversation answers.
    pub(crate) struct UpdatedConversation<'a> as "UpdateConversationData" {
        "members_added" as members_added: Vec<AddedMemberAnswer<'a>>, Sibling,
            rule "those whom this call added" Assumed;
        "members_removed" as members_removed: Vec<Uuid>, Sibling,
            rule "the ids of those whom this call removed" Assumed;
        "subscribers_added" as subscribers_added: Vec<Uuid>, Sibling, rule "empty" Assumed;
        "subscribers_removed" as subscribers_removed: Vec<Uuid>, Sibling, rule "empty" Assumed;
        "requester_removed" as requester_removed: Vec<Uuid>, Sibling, rule "empty" Assumed;
        "name_updated" as name_updated: bool, Sibling, rule "sent and different" Assumed;
        "description_updated" as description_updated: bool, Sibling,
            rule "sent and different" Assumed;
        "dp_updated" as dp_updated: bool, Sibling, rule "sent and different" Assumed;
        "topics_updated" as topics_updated: bool, Sibling, rule "sent and different" Assumed;
        "settings_updated" as settings_updated: bool, Sibling, rule "sent and different" Assumed;
    }
}

answer! {
    /// A person who was added to a group.
    pub(crate) struct AddedMemberAnswer<'a> as "AddedMember" {
        "member_id" as member_id: Uuid, Sibling;
        "name" as name: Option<&'a str>, Sibling;
        "bio" as bio: Option<&'a str>, Sibling;
        "nickname" as nickname: Option<&'a str>, Sibling, rule "the user's handle" Assumed;
        "phone" as phone: Option<&'a str>, Sibling;
        "is_brand_system_user" as is_brand_system_user: bool, Sibling;
        "is_avatar" as is_avatar: bool, Sibling;
        "status" as status: i64, Sibling, rule "2, invited" Sibling;
        "role" as role: i64, Sibling, rule "2, member" Sibling;
        "profile_image" as profile_image: Picture<'a>, Sibling;
        "profile_image_s" as profile_image_s: Picture<'a>, Sibling;
        "profile_image_m" as profile_image_m: Picture<'a>, Sibling;
        "profile_image_l" as profile_image_l: Picture<'a>, Sibling;
    }
}

/// Which details of a group differ after a call.
#[expect(clippy::struct_excessive_bools, reason = "the answer has a flag for each")]
pub(crate) struct Updates {
    pub(crate) name: bool,
    pub(crate) description: bool,
    pub(crate) dp: bool,
    pub(crate) topics: bool,
    pub(crate) settings: bool,
}

/// Returns the answer for changes that were made.
pub(crate) fn reply(call: &Call, people: PeopleChanges, updates: &Updates, world: &World) -> Reply {
    let links = Links::of(call);
    let added = people.added.iter().map(|user_id| {
        let user = world.user(user_id).expect("BUG: users are checked");
        AddedMemberAnswer::of(user, call.config.assumptions.added_member, &links)
    });
    let data = UpdatedConversation {
        members_added: added.collect(),
        members_removed: people.removed,
        subscribers_added: Vec::new(),
        subscribers_removed: Vec::new(),
        requester_removed: Vec::new(),
        name_updated: updates.name,
        description_updated: updates.description,
        dp_updated: updates.dp,
        topics_updated: updates.topics,
        settings_updated: updates.settings,
    };
    envelope::success(ENDPOINT.answer.message, &data)
}

impl<'a> AddedMemberAnswer<'a> {
    fn of(user: &'a User, reading: AddedMember, links: &'a Links) -> Self {
        let member = added_member(user.user_id, reading);
        let [image, small, medium, large] = Picture::in_all_sizes(user, links);
        Self {
            member_id: member.user_id,
            name: user.name.as_deref(),
            bio: user.bio.as_deref(),
            nickname: user.nickname(),
            phone: user.phone_number.as_deref(),
            is_brand_system_user: user.is_brand_system_user,
            is_avatar: user.has_avatar(),
            status: member.status as i64,
            role: member.role as i64,
            profile_image: image,
            profile_image_s: small,
            profile_image_m: medium,
            profile_image_l: large,
        }
    }
}
