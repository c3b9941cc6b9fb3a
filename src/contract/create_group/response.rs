//! The success answer of Create Group: the documented keys in the documented order.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use uuid::Uuid;

use crate::contract::{Call, envelope};
use crate::exchange::Reply;
use crate::ids::Purpose;
use crate::state::{Community, Group, Profile, User, Video, World};

/// The documented message.
const MESSAGE: &str = "Group has been created successfully.";

/// `role` of a group member (`observed`).
const OWNER: u8 = 1;
const MEMBER: u8 = 2;
/// `status` of a member who is in (`observed`).
const ACTIVE: u8 = 1;

/// The whole answer for a group that is about to be remembered.
pub fn of(group: &Group, call: &Call, world: &World) -> Reply {
    let public_url = call.public_url();
    let links = Links(&public_url);
    let (tenant, ids) = (call.caller.tenant.as_str(), call.setting.ids);
    let (index, community) =
        world.community(&group.community_id).expect("BUG: the community was checked");
    let slug = |purpose| ids.slug(tenant, purpose, group.number);
    let known = |id| world.user(id).expect("BUG: members are checked");
    let creator = known(&group.creator);
    let members: Vec<_> = std::iter::once(member(creator, OWNER, links))
        .chain(group.members.iter().map(|id| member(known(id), MEMBER, links)))
        .collect();
    let created_at = group.created_at_ms.to_string();
    let message = group.video.as_ref().map(|video| {
        let share_url = links.at("video", &slug(Purpose::VideoSlug));
        message(video, creator, &created_at, share_url, links)
    });
    let [dp, dp_s, dp_m, dp_l] = links.picture(group.dp.as_deref());
    let data = Data {
        chat_id: group.chat_id,
        r#type: 4,
        settings: Settings { discoverable: group.discoverable },
        share_url: links.at("l", &slug(Purpose::GroupSlug)),
        is_welcome_loop: false,
        group: GroupData {
            group_id: group.group_id,
            group_name: group.name.as_deref(),
            group_description: group.description.as_deref(),
            color_code: &community.color_code,
            text_color_code: &community.text_color_code,
            dp,
            dp_s,
            dp_m,
            dp_l,
            no_of_members: members.len(),
            members,
        },
        latest_message_at: &created_at,
        unread_message_count: 0,
        latest_messages: message.into_iter().collect(),
        brand_id: community.brand_id,
        community: community_data(
            community,
            &ids.slug(tenant, Purpose::CommunitySlug, index as u64),
            links,
        ),
    };
    envelope::success(MESSAGE, &data)
}

fn member<'a>(user: &'a User, role: u8, links: Links) -> MemberData<'a> {
    let (is_avatar, profile_image, sizes) = match &user.profile {
        Profile::Avatar(name) => (true, name.clone(), [const { String::new() }; 3]),
        Profile::Image(file) => {
            let sized = |size| links.sized("uploads/profile_images", size, file);
            (false, sized(""), [sized("s/"), sized("m/"), sized("l/")])
        }
    };
    let [profile_image_s, profile_image_m, profile_image_l] = sizes;
    MemberData {
        member_id: user.user_id,
        name: user.name.as_deref(),
        username: &user.username,
        is_avatar,
        is_brand_system_user: user.is_brand_system_user,
        status: ACTIVE,
        role,
        profile_image,
        profile_image_s,
        profile_image_m,
        profile_image_l,
    }
}

fn message<'a>(
    video: &Video,
    owner: &'a User,
    message_at: &'a str,
    share_url: String,
    links: Links,
) -> MessageData<'a> {
    let folder = video.thumbnail_path.as_deref().unwrap_or("uploads/thumbnails");
    let thumbnail = |size| match &video.thumbnail_name {
        Some(file) => links.sized(folder, size, file),
        None => String::new(),
    };
    MessageData {
        owner: Owner { member_id: owner.user_id, username: &owner.username },
        media_url: links.sized(
            video.video_path.as_deref().unwrap_or("temp_video"),
            "",
            &video.video_name,
        ),
        thumbnail_url: thumbnail(""),
        thumbnail_url_s: thumbnail("s/"),
        thumbnail_url_l: thumbnail("l/"),
        media_url_m3u8: None,
        message_id: video.message_id,
        message_at,
        share_url,
    }
}

fn community_data<'a>(community: &'a Community, slug: &str, links: Links) -> CommunityData<'a> {
    let [dp, dp_s, dp_m, dp_l] = links.picture(community.dp.as_deref());
    CommunityData {
        community_id: community.community_id,
        handle: &community.handle,
        name: &community.name,
        description: &community.description,
        color_code: &community.color_code,
        text_color_code: &community.text_color_code,
        dp,
        dp_s,
        dp_m,
        dp_l,
        share_url: links.at("community", slug),
    }
}

/// Links below the public address (shapes `sibling` and `observed`).
#[derive(Clone, Copy)]
struct Links<'a>(&'a str);

/// What stays as it is in a file name; the rest is percent-encoded.
const FILE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// What stays as it is in a folder.
const FOLDER: &AsciiSet = &FILE.remove(b'/');

impl Links<'_> {
    fn at(self, folder: &str, slug: &str) -> String {
        format!("{}/{folder}/{slug}", self.0)
    }

    /// `size` is empty or a folder with its slash: `s/`.
    fn sized(self, folder: &str, size: &str, file: &str) -> String {
        let folder = utf8_percent_encode(folder, FOLDER);
        let file = utf8_percent_encode(file, FILE);
        format!("{}/{folder}/{size}{file}", self.0)
    }

    /// The picture of a group or a community: `dp`, `dp_s`, `dp_m`, `dp_l`.
    fn picture(self, file: Option<&str>) -> [String; 4] {
        ["", "s/", "m/", "l/"].map(|size| match file {
            Some(file) => self.sized("uploads/profile_images/rt", size, file),
            None => String::new(),
        })
    }
}

#[derive(Serialize)]
struct Data<'a> {
    chat_id: Uuid,
    r#type: u8,
    settings: Settings,
    share_url: String,
    is_welcome_loop: bool,
    group: GroupData<'a>,
    latest_message_at: &'a str,
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
    color_code: &'a str,
    text_color_code: &'a str,
    dp: String,
    dp_s: String,
    dp_m: String,
    dp_l: String,
    no_of_members: usize,
    members: Vec<MemberData<'a>>,
}

#[derive(Serialize)]
struct MemberData<'a> {
    member_id: Uuid,
    name: Option<&'a str>,
    username: &'a str,
    is_avatar: bool,
    is_brand_system_user: bool,
    status: u8,
    role: u8,
    profile_image: String,
    profile_image_s: String,
    profile_image_m: String,
    profile_image_l: String,
}

#[derive(Serialize)]
struct MessageData<'a> {
    owner: Owner<'a>,
    media_url: String,
    thumbnail_url: String,
    thumbnail_url_s: String,
    thumbnail_url_l: String,
    media_url_m3u8: Option<String>,
    message_id: Uuid,
    message_at: &'a str,
    share_url: String,
}

#[derive(Serialize)]
struct Owner<'a> {
    member_id: Uuid,
    username: &'a str,
}

#[derive(Serialize)]
struct CommunityData<'a> {
    community_id: Uuid,
    handle: &'a str,
    name: &'a str,
    description: &'a str,
    color_code: &'a str,
    text_color_code: &'a str,
    dp: String,
    dp_s: String,
    dp_m: String,
    dp_l: String,
    share_url: String,
}
