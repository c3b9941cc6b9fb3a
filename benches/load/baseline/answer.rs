//! The success answer by serde's derive: the documented keys, and as many bytes as the product's.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use uuid::{Uuid, uuid};

use super::ids;
use super::link::Link;
use super::request::{CreateGroup, Details, RecordedVideo, Text};

const CREATOR: Uuid = uuid!("abcd1234-5678-90ef-1112-234567890111");
const COMMUNITY: Uuid = uuid!("f2a05adb-93ce-4a19-b003-3523fa745667");
const PICTURES: &str = "uploads/profile_images/rt";

impl<'a> Answer<'a> {
    /// Builds the answer to a call for a host, with the current time.
    pub fn to(call: &'a CreateGroup, host: &'a str) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let discoverable = call.settings.as_ref().and_then(|settings| settings.discoverable);
        let data = Data {
            chat_id: ids::fresh(),
            r#type: 4,
            settings: Settings { discoverable: discoverable.unwrap_or(true) },
            share_url: slug(host, "l"),
            is_welcome_loop: false,
            group: GroupData::of(call.group.as_ref(), host),
            latest_message_at: Milliseconds(now.as_millis()),
            unread_message_count: 0,
            latest_messages: call
                .recorded_video
                .iter()
                .map(|video| MessageData::of(video, host, now.as_millis()))
                .collect(),
            brand_id: None,
            community: CommunityData::of(host),
        };
        Self { code: 200, message: "Group has been created successfully.", data }
    }
}

fn slug<'a>(host: &'a str, folder: &'a str) -> Link<'a> {
    Link::Slug { host, folder, slug: ids::slug() }
}

fn text<'a>(text: Option<&'a Text>) -> Option<&'a str> {
    text.map(|text| &*text.0)
}

/// A time that is formatted without an intermediate string.
struct Milliseconds(u128);

impl Serialize for Milliseconds {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

#[derive(Serialize)]
pub struct Answer<'a> {
    code: u16,
    message: &'static str,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    chat_id: Uuid,
    r#type: u8,
    settings: Settings,
    share_url: Link<'a>,
    is_welcome_loop: bool,
    group: GroupData<'a>,
    latest_message_at: Milliseconds,
    unread_message_count: u32,
    latest_messages: Vec<MessageData<'a>>,
    brand_id: Option<i64>,
    community: CommunityData<'a>,
}

#[derive(Serialize)]
struct Settings {
    discoverable: bool,
}

#[derive(Serialize)]
struct GroupData<'a> {
    group_id: Uuid,
    group_name: Option<&'a str>,
    group_description: Option<&'a str>,
    color_code: &'static str,
    text_color_code: &'static str,
    dp: Link<'a>,
    dp_s: Link<'a>,
    dp_m: Link<'a>,
    dp_l: Link<'a>,
    no_of_members: usize,
    members: [MemberData; 1],
}

impl<'a> GroupData<'a> {
    fn of(group: Option<&'a Details>, host: &'a str) -> Self {
        let file = group.and_then(|group| text(group.dp.as_ref()));
        let [dp, dp_s, dp_m, dp_l] = ["", "s/", "m/", "l/"].map(|size| match file {
            Some(file) => Link::File { host, folder: PICTURES, size, file },
            None => Link::None,
        });
        Self {
            group_id: ids::fresh(),
            group_name: group.and_then(|group| text(group.name.as_ref())),
            group_description: group.and_then(|group| text(group.description.as_ref())),
            color_code: "#FF5733",
            text_color_code: "#C70039",
            dp,
            dp_s,
            dp_m,
            dp_l,
            no_of_members: 1,
            members: [MemberData::creator()],
        }
    }
}

#[derive(Serialize)]
struct MemberData {
    member_id: Uuid,
    name: Option<&'static str>,
    username: &'static str,
    is_avatar: bool,
    is_brand_system_user: bool,
    status: u8,
    role: u8,
    profile_image: &'static str,
    profile_image_s: &'static str,
    profile_image_m: &'static str,
    profile_image_l: &'static str,
}

impl MemberData {
    fn creator() -> Self {
        Self {
            member_id: CREATOR,
            name: None,
            username: "tech_leader",
            is_avatar: true,
            is_brand_system_user: false,
            status: 1,
            role: 1,
            profile_image: "alien",
            profile_image_s: "",
            profile_image_m: "",
            profile_image_l: "",
        }
    }
}

#[derive(Serialize)]
struct MessageData<'a> {
    owner: Owner,
    media_url: Link<'a>,
    thumbnail_url: Link<'a>,
    thumbnail_url_s: Link<'a>,
    thumbnail_url_l: Link<'a>,
    media_url_m3u8: Option<&'static str>,
    message_id: Uuid,
    message_at: Milliseconds,
    share_url: Link<'a>,
}

impl<'a> MessageData<'a> {
    fn of(video: &'a RecordedVideo, host: &'a str, now_ms: u128) -> Self {
        let folder = text(video.thumbnail_path.as_ref()).unwrap_or_default();
        let [thumbnail_url, thumbnail_url_s, thumbnail_url_l] =
            ["", "s/", "l/"].map(|size| match text(video.thumbnail_name.as_ref()) {
                Some(file) => Link::File { host, folder, size, file },
                None => Link::None,
            });
        Self {
            owner: Owner { member_id: CREATOR, username: "tech_leader" },
            media_url: Link::File {
                host,
                folder: text(video.video_path.as_ref()).unwrap_or_default(),
                size: "",
                file: text(video.video_name.as_ref()).unwrap_or_default(),
            },
            thumbnail_url,
            thumbnail_url_s,
            thumbnail_url_l,
            media_url_m3u8: None,
            message_id: video.message_id.unwrap_or_else(ids::fresh),
            message_at: Milliseconds(now_ms),
            share_url: slug(host, "video"),
        }
    }
}

#[derive(Serialize)]
struct Owner {
    member_id: Uuid,
    username: &'static str,
}

#[derive(Serialize)]
struct CommunityData<'a> {
    community_id: Uuid,
    handle: &'static str,
    name: &'static str,
    description: &'static str,
    color_code: &'static str,
    text_color_code: &'static str,
    dp: &'static str,
    dp_s: &'static str,
    dp_m: &'static str,
    dp_l: &'static str,
    share_url: Link<'a>,
}

impl<'a> CommunityData<'a> {
    fn of(host: &'a str) -> Self {
        Self {
            community_id: COMMUNITY,
            handle: "tech_community",
            name: "Tech World",
            description: "A hub for all things technology. #TechWorld #TechCommunity",
            color_code: "#FF5733",
            text_color_code: "#C70039",
            dp: "",
            dp_s: "",
            dp_m: "",
            dp_l: "",
            share_url: slug(host, "community"),
        }
    }
}
