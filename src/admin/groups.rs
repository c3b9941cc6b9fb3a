//! `tenants/{tenant}/groups`: the groups that were created, with pending invitations and
//! videos.

use serde::Serialize;
use uuid::Uuid;

use super::answer::Json;
use super::input::{Input, ParsedRequest, TenantParameter};
use super::listing::{self, Items, ListAnswer, Listing, SliceEnd};
use super::parameter::{Parameter, ParameterKind};
use super::videos::{self, VideoEntry};
use super::world::read_world;
use crate::call::Sandbox;
use crate::described::described;
use crate::http::Problem;
use crate::text::{plural_with, quoted};
use crate::world::ids::parse_id;
use crate::world::{
    Action, Group, Invitation, Member, MemberStatus, Role, TenantName, Text, Video,
};

described! {
    #[derive(Debug, Serialize)]
    pub(super) struct GroupList {
        /// The oldest first.
        groups: Vec<GroupReply>,
        forgotten: u64,
        videos_forgotten: u64,
    }
}

described! {
    #[derive(Debug, Serialize)]
    pub(super) struct GroupReply {
        chat_id: Uuid,
        group_id: Uuid,
        /// `type`, if it is not 4, which an assumption allows.
        #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
        group_type: Option<i64>,
        community_id: Uuid,
        name: Option<Text>,
        description: Option<Text>,
        tags: Option<Text>,
        dp: Option<Text>,
        topics: Vec<i64>,
        discoverable: bool,
        actions: Vec<Action>,
        template_id: Option<i64>,
        is_ai_generated: Option<bool>,
        members: Vec<MemberReply>,
        pending: Vec<PendingReply>,
        /// The video that it was created with.
        video: Option<Video>,
        /// How many it has had, those that were forgotten included.
        no_of_videos: u64,
        /// The videos that are kept, the oldest first.
        videos: Vec<VideoEntry>,
        /// Unix milliseconds.
        latest_message_at: String,
        /// Unix milliseconds.
        created_at: String,
    }
}

described! {
    #[derive(Debug, Serialize)]
    struct MemberReply as "GroupMember" {
        member_id: Uuid,
        role: i64,
        status: i64,
    }
}

described! {
    #[derive(Debug, Serialize)]
    struct PendingReply {
        phone_number: Text,
        name: Option<Text>,
        role: i64,
        status: i64,
    }
}

#[derive(Debug)]
pub(super) struct ChatId(Uuid);

impl Input for ChatId {
    const PARAMETERS: &'static [Parameter] =
        &[Parameter::path("chat_id", "The `chat_id` of a group.", ParameterKind::Text)];

    fn read(parsed: &ParsedRequest) -> Result<Self, Problem> {
        let text = parsed.path.get("chat_id");
        parse_id(text).map(Self).ok_or_else(|| {
            let text = quoted(text);
            Problem::not_found(format!("{text} is not a chat_id, which is 8-4-4-4-12 hex digits"))
        })
    }
}

/// A tenant's groups as they are read: those that there were at the start.
#[derive(Debug, Clone)]
pub(super) struct GroupWalk {
    tenant: TenantName,
    /// The number of the next group.
    next: u64,
    /// The number after the last one.
    end: u64,
}

impl GroupWalk {
    pub(super) fn new(sandbox: &Sandbox, tenant: TenantName) -> Self {
        let end = read_world(sandbox, &tenant, |world| world.counters().groups);
        Self { tenant, next: 0, end }
    }

    pub(super) fn tenant(&self) -> &TenantName {
        &self.tenant
    }

    pub(super) fn write_slice(&mut self, sandbox: &Sandbox, items: &mut Items) -> SliceEnd {
        read_world(sandbox, &self.tenant, |world| {
            if world.counters().groups < self.end {
                // it was reset; what it holds now are other groups
                return SliceEnd::Last;
            }
            for group in world.group_store().iter_from(self.next) {
                if group.number >= self.end {
                    break;
                }
                if items.is_full() {
                    return SliceEnd::More;
                }
                items.add(&GroupReply::of(group));
                self.next = group.number + 1;
            }
            SliceEnd::Last
        })
    }
}

#[derive(Debug, Clone)]
pub(super) struct Groups(GroupWalk);

impl Listing for Groups {
    type Object = GroupList;
    const KEY: &'static str = "groups";

    fn object(&mut self, sandbox: &Sandbox) -> GroupList {
        read_world(sandbox, self.0.tenant(), |world| GroupList {
            groups: Vec::new(),
            forgotten: world.forgotten().groups,
            videos_forgotten: world.forgotten().videos,
        })
    }

    fn write_slice(&mut self, sandbox: &Sandbox, items: &mut Items) -> SliceEnd {
        self.0.write_slice(sandbox, items)
    }
}

pub(super) fn list(
    sandbox: &Sandbox,
    TenantParameter(name): TenantParameter,
) -> ListAnswer<Groups> {
    listing::answer(sandbox, Groups(GroupWalk::new(sandbox, name)))
}

pub(super) fn show(
    sandbox: &Sandbox,
    (TenantParameter(name), ChatId(id)): (TenantParameter, ChatId),
) -> Result<Json<GroupReply>, Problem> {
    read_world(sandbox, &name, |world| {
        world.group(&id).map(|group| Json(GroupReply::of(group))).ok_or_else(|| {
            let missing = format!("tenant {name} has no group {id}");
            let groups = match world.forgotten().groups {
                0 => return Problem::not_found(missing),
                count => plural_with(count, "group", ["was", "were"]),
            };
            Problem::not_found(format!(
                "{missing}; {groups} forgotten to keep memory bounded (--max-groups), maybe this one too"
            ))
        })
    })
}

impl GroupReply {
    fn of(group: &Group) -> Self {
        Self {
            chat_id: group.chat_id,
            group_id: group.group_id,
            group_type: Some(group.group_type).filter(|number| *number != 4),
            community_id: group.community_id,
            name: group.name.clone(),
            description: group.description.clone(),
            tags: group.tags.clone(),
            dp: group.dp.clone(),
            topics: group.topics.to_vec(),
            discoverable: group.discoverable,
            actions: group.actions.to_vec(),
            template_id: group.template_id,
            is_ai_generated: group.is_ai_generated,
            members: group.members.iter().map(MemberReply::of).collect(),
            pending: group.invitations.iter().map(PendingReply::of).collect(),
            video: group.recorded_video.clone(),
            no_of_videos: group.video_count(),
            videos: videos::of_group(group),
            latest_message_at: group.latest_message_at_ms().to_string(),
            created_at: group.created_at_ms.to_string(),
        }
    }
}

impl MemberReply {
    fn of(member: &Member) -> Self {
        let (role, status) = (member.role as i64, member.status as i64);
        Self { member_id: member.user_id, role, status }
    }
}

impl PendingReply {
    fn of(invitation: &Invitation) -> Self {
        Self {
            phone_number: invitation.phone_number.clone(),
            name: invitation.name.clone(),
            role: Role::Member as i64,
            status: MemberStatus::Pending as i64,
        }
    }
}
