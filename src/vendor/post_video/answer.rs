//! The success answer of Post Video. The fields of a video up to `thumbnail_url` are on the vendor's
//! page; an app of the vendor's reads the others.

use uuid::Uuid;

use super::ENDPOINT;
use crate::http::Reply;
use crate::vendor::endpoint::Call;
use crate::vendor::envelope;
use crate::vendor::parts::groups::member_count;
use crate::vendor::parts::links::{Link, Links};
use crate::vendor::parts::people::Picture;
use crate::vendor::parts::videos::{Milliseconds, thumbnail_links, video_link};
use crate::vendor::schema::{AnswerValue, Kind, Writer, answer};
use crate::world::ids::{Purpose, Slug};
use crate::world::{COLOR_PAIRS, Group, JsonText, PostedVideo, User, World};

answer! {
    /// What Post Video answers.
    pub(crate) struct PostedReply<'a> as "PostVideoData" {
        "chat_id" as chat_id: Uuid, Sibling;
        "type" as group_type: i64, Sibling;
        "no_of_views" as no_of_views: i64, Sibling, rule "0" Assumed;
        "share_url" as share_url: Link<'a>, Sibling, rule "that of the group" Assumed;
        "is_offline" as is_offline: bool, Sibling, rule "false" Assumed;
        "settings" as settings: SettingsAnswer, Sibling;
        "group" as group: GroupAnswer<'a>, Sibling;
        "chats" as chats: Vec<ChatAnswer<'a>>, Sibling, rule "the new video alone" Sibling;
    }
}

answer! {
    /// The settings of the group.
    pub(crate) struct SettingsAnswer as "PostVideoSettings" {
        "discoverable" as discoverable: bool, Sibling, rule "that of the group" Assumed;
    }
}

answer! {
    /// The group that has the video.
    pub(crate) struct GroupAnswer<'a> as "PostVideoGroup" {
        "group_id" as group_id: Uuid, Sibling;
        "group_name" as group_name: Option<&'a str>, Sibling;
        "group_description" as group_description: Option<&'a str>, Sibling;
        "color_code" as color_code: &'a str, Sibling, rule "that of the community" Assumed;
        "text_color_code" as text_color_code: &'a str, Sibling,
            rule "that of the community" Assumed;
        "dp" as dp: Link<'a>, Sibling;
        "dp_s" as dp_s: Link<'a>, Sibling;
        "dp_m" as dp_m: Link<'a>, Sibling;
        "dp_l" as dp_l: Link<'a>, Sibling;
        "no_of_views" as no_of_views: i64, Sibling, rule "0" Assumed;
        "no_of_videos" as no_of_videos: i64, Sibling,
            rule "with the video of the creation and with this one" Assumed;
        "no_of_members" as no_of_members: i64, Sibling, rule "the active members" Assumed;
        "no_of_subscribers" as no_of_subscribers: i64, Sibling, rule "0" Assumed;
    }
}

answer! {
    /// The video that was posted.
    pub(crate) struct ChatAnswer<'a> as "PostedVideo" {
        "owner" as owner: ChatOwnerAnswer<'a>, Sibling, rule "the token's user" Assumed;
        "user_id" as user_id: Uuid, Sibling, rule "the token's user" Assumed;
        "thumbnail_url" as thumbnail_url: Link<'a>, Sibling;
        "thumbnail_url_s" as thumbnail_url_s: Link<'a>, Observed;
        "thumbnail_url_l" as thumbnail_url_l: Link<'a>, Observed;
        "video_url" as video_url: Link<'a>, Observed;
        "video_url_m3u8" as video_url_m3u8: Option<Link<'a>>, Observed,
            rule "null: nothing is transcoded" Assumed;
        "conversation_id" as conversation_id: Uuid, Observed,
            rule "the message_id sent, or a new one" Assumed;
        "conversation_at" as conversation_at: Milliseconds, Observed;
        "is_read" as is_read: bool, Observed, rule "true" Assumed;
        "is_reply" as is_reply: bool, Observed, rule "true" Assumed;
        "link" as link: &'a str, Observed, rule "as sent" Assumed;
        "share_url" as share_url: Link<'a>, Observed;
        "no_of_views" as no_of_views: i64, Observed, rule "0" Assumed;
        "no_of_comments" as no_of_comments: i64, Observed, rule "0" Assumed;
        "questions" as questions: Vec<&'a str>, Observed, rule "empty" Assumed;
        "meta_data" as meta_data: MetaDataAnswer<'a>, Observed;
    }
}

answer! {
    /// The owner of the video.
    pub(crate) struct ChatOwnerAnswer<'a> as "PostedVideoOwner" {
        "member_id" as member_id: Uuid, Sibling;
        "name" as name: Option<&'a str>, Sibling;
        "nickname" as nickname: Option<&'a str>, Sibling, rule "the user's handle" Assumed;
        "bio" as bio: Option<&'a str>, Sibling;
        "is_avatar" as is_avatar: bool, Sibling;
        "profile_image" as profile_image: Picture<'a>, Sibling;
    }
}

answer! {
    /// What is known of the video's file.
    pub(crate) struct MetaDataAnswer<'a> as "PostedVideoMetaData" {
        "topic" as topic: Option<&'a str>, Observed, rule "null" Assumed;
        "duration" as duration: AsSent<'a>, Observed, rule "as sent" Assumed;
        "resolution" as resolution: AsSent<'a>, Observed, rule "as sent" Assumed;
        "size" as size: AsSent<'a>, Observed, rule "as sent" Assumed;
        "aspect_ratio" as aspect_ratio: AsSent<'a>, Observed, rule "as sent" Assumed;
    }
}

/// A string or a number as the caller wrote it.
pub(crate) struct AsSent<'a>(&'a JsonText);

impl AnswerValue for AsSent<'_> {
    const KIND: Kind = Kind::TextOrNumber;

    fn write(&self, json: &mut Writer) {
        json.raw(self.0.as_str());
    }
}

/// Returns the answer for a video that was stored.
pub(crate) fn reply(call: &Call, chat_id: &Uuid, video: &PostedVideo, world: &World) -> Reply {
    let group = world.group(chat_id).expect("BUG: the group was checked");
    let links = Links::of(call);
    let (tenant, ids) = (call.caller.tenant.as_str(), call.config.ids);
    let owner = world.user(&video.owner).expect("BUG: the token's user is known");
    let slug = ids.slug(tenant, Purpose::PostedVideoSlug, video.number);
    let data = PostedReply {
        chat_id: group.chat_id,
        group_type: group.group_type,
        no_of_views: 0,
        share_url: links.page("l", ids.slug(tenant, Purpose::GroupSlug, group.number)),
        is_offline: false,
        settings: SettingsAnswer { discoverable: group.discoverable },
        group: GroupAnswer::of(group, call, world, &links),
        chats: vec![ChatAnswer::of(video, owner, slug, &links)],
    };
    envelope::success(ENDPOINT.answer.message, &data)
}

impl<'a> GroupAnswer<'a> {
    fn of(group: &'a Group, call: &Call, world: &'a World, links: &'a Links) -> Self {
        // a community can be forgotten before its groups
        let (color_code, text_color_code) = match world.community(&group.community_id) {
            Some((_, community)) => (&*community.color_code, &*community.text_color_code),
            None => COLOR_PAIRS[0],
        };
        let [dp, dp_s, dp_m, dp_l] = links.dp(group.dp.as_deref());
        let members = member_count(group, call.config.assumptions.listed_members);
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        Self {
            group_id: group.group_id,
            group_name: group.name.as_deref(),
            group_description: group.description.as_deref(),
            color_code,
            text_color_code,
            dp,
            dp_s,
            dp_m,
            dp_l,
            no_of_views: 0,
            no_of_videos: number(group.video_count()),
            no_of_members: number(members as u64),
            no_of_subscribers: 0,
        }
    }
}

impl<'a> ChatAnswer<'a> {
    fn of(posted: &'a PostedVideo, owner: &'a User, slug: Slug, links: &'a Links) -> Self {
        let [thumbnail_url, thumbnail_url_s, thumbnail_url_l] =
            thumbnail_links(&posted.video, links);
        let [profile_image, ..] = Picture::in_all_sizes(owner, links);
        Self {
            owner: ChatOwnerAnswer {
                member_id: owner.user_id,
                name: owner.name.as_deref(),
                nickname: owner.nickname(),
                bio: owner.bio.as_deref(),
                is_avatar: owner.has_avatar(),
                profile_image,
            },
            user_id: owner.user_id,
            thumbnail_url,
            thumbnail_url_s,
            thumbnail_url_l,
            video_url: video_link(&posted.video, links),
            video_url_m3u8: None,
            conversation_id: posted.video.message_id,
            conversation_at: Milliseconds(posted.posted_at_ms),
            is_read: true,
            is_reply: true,
            link: &posted.link,
            share_url: links.page("video", slug),
            no_of_views: 0,
            no_of_comments: 0,
            questions: Vec::new(),
            meta_data: MetaDataAnswer {
                topic: None,
                duration: AsSent(&posted.duration),
                resolution: AsSent(&posted.resolution),
                size: AsSent(&posted.size),
                aspect_ratio: AsSent(&posted.aspect_ratio),
            },
        }
    }
}
