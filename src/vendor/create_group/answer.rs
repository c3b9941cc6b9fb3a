//! The success answer of Create Group: the documented keys in their documented order.

use uuid::Uuid;

use super::ENDPOINT;
use crate::http::Reply;
use crate::vendor::assumptions::ListedMembers;
use crate::vendor::endpoint::Call;
use crate::vendor::envelope;
use crate::vendor::parts::communities::CommunityAnswer;
use crate::vendor::parts::groups::{listed_members, member_count};
use crate::vendor::parts::links::{Link, Links};
use crate::vendor::parts::people::MemberAnswer;
use crate::vendor::parts::videos::{MessageAnswer, Milliseconds};
use crate::vendor::schema::answer;
use crate::world::ids::Purpose;
use crate::world::{Group, World};

answer! {
    /// What Create Group answers.
    pub(crate) struct CreatedGroup<'a> as "CreateGroupData" {
        "chat_id" as chat_id: Uuid, Documented, rule "the id sent, or a new one" Documented;
        "type" as group_type: i64, Documented;
        "settings" as settings: SettingsAnswer, Documented;
        "share_url" as share_url: Link<'a>, Documented;
        "is_welcome_loop" as is_welcome_loop: bool, Documented, rule "false" Assumed;
        "group" as group: GroupAnswer<'a>, Documented;
        "latest_message_at" as latest_message_at: Milliseconds, Documented,
            rule "the time of creation" Assumed;
        "unread_message_count" as unread_message_count: i64, Documented, rule "0" Assumed;
        "latest_messages" as latest_messages: Vec<MessageAnswer<'a>>, Documented,
            rule "the recorded video, if there is one" Assumed;
        "brand_id" as brand_id: Option<i64>, Documented, rule "the brand of the community" Assumed;
        "community" as community: CommunityAnswer<'a>, Documented;
    }
}

answer! {
    /// The settings of a group.
    pub(crate) struct SettingsAnswer as "Settings" {
        "discoverable" as discoverable: bool, Documented, rule "as sent" Assumed;
    }
}

answer! {
    /// A group that was created.
    pub(crate) struct GroupAnswer<'a> as "Group" {
        "group_id" as group_id: Uuid, Documented, rule "differs from chat_id" Documented;
        "group_name" as group_name: Option<&'a str>, Documented;
        "group_description" as group_description: Option<&'a str>, Documented;
        "color_code" as color_code: &'a str, Documented, rule "that of the community" Assumed;
        "text_color_code" as text_color_code: &'a str, Documented,
            rule "that of the community" Assumed;
        "dp" as dp: Link<'a>, Documented;
        "dp_s" as dp_s: Link<'a>, Documented;
        "dp_m" as dp_m: Link<'a>, Documented;
        "dp_l" as dp_l: Link<'a>, Documented;
        "no_of_members" as no_of_members: i64, Documented, rule "the length of members" Assumed;
        "members" as members: Vec<MemberAnswer<'a>>, Documented,
            rule "the creator, then each known user" Assumed;
    }
}

/// Returns the answer for a group in a community that is known.
pub(crate) fn reply(group: &Group, community_id: &Uuid, call: &Call, world: &World) -> Reply {
    let links = Links::of(call);
    let (tenant, ids) = (call.caller.tenant.as_str(), call.config.ids);
    let slug = |purpose| ids.slug(tenant, purpose, group.number);
    let (link_number, community) =
        world.community(community_id).expect("BUG: the community was checked");
    let creator = world.user(&group.creator).expect("BUG: creators are users of the fixtures");
    let listed = call.config.assumptions.listed_members;
    let mut members = Vec::with_capacity(member_count(group, listed));
    // users who were added by a call can be forgotten before the group
    let known = listed_members(group, listed)
        .filter_map(|member| Some((world.user(&member.user_id)?, member)));
    members.extend(known.map(|(user, member)| MemberAnswer::of(user, member, &links)));
    if listed == ListedMembers::All {
        let by_phone = group.invitations.iter();
        members.extend(by_phone.map(|one| MemberAnswer::invited(one, call, world, &links)));
    }
    let message = |video| {
        MessageAnswer::of(video, creator, group.created_at_ms, slug(Purpose::VideoSlug), &links)
    };
    let [dp, dp_s, dp_m, dp_l] = links.dp(group.dp.as_deref());
    let data = CreatedGroup {
        chat_id: group.chat_id,
        group_type: group.group_type,
        settings: SettingsAnswer { discoverable: group.discoverable },
        share_url: links.page("l", slug(Purpose::GroupSlug)),
        is_welcome_loop: false,
        group: GroupAnswer {
            group_id: group.group_id,
            group_name: group.name.as_deref(),
            group_description: group.description.as_deref(),
            color_code: &community.color_code,
            text_color_code: &community.text_color_code,
            dp,
            dp_s,
            dp_m,
            dp_l,
            no_of_members: i64::try_from(members.len()).unwrap_or(i64::MAX),
            members,
        },
        latest_message_at: Milliseconds(group.created_at_ms),
        unread_message_count: 0,
        latest_messages: group.recorded_video.iter().map(message).collect(),
        brand_id: community.brand_id,
        community: CommunityAnswer::of(
            community,
            ids.slug(tenant, Purpose::CommunitySlug, link_number),
            &links,
        ),
    };
    envelope::success(ENDPOINT.answer.message, &data)
}
