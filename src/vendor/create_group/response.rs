//! The success answer of Create Group: the documented keys in the documented order.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::http::Reply;
use crate::vendor::schema::{Writer, is_ready, key};
use crate::vendor::{Call, envelope};
use crate::world::ids::{Purpose, Slug};
use crate::world::{Community, Group, Profile, User, Video, World};

/// The documented message.
const MESSAGE: &str = "Group has been created successfully.";

/// `role` of a group member (`observed`).
const OWNER: i64 = 1;
const MEMBER: i64 = 2;
/// `status` of a member who is in (`observed`).
const ACTIVE: i64 = 1;

/// The whole answer for a group that is about to be remembered.
pub fn of(group: &Group, call: &Call, world: &World) -> Reply {
    let public_url = call.public_url();
    let links = Links::below(&public_url);
    let (tenant, ids) = (call.caller.tenant.as_str(), call.setting.ids);
    let (index, community) =
        world.community(&group.community_id).expect("BUG: the community was checked");
    let slug = |purpose| ids.slug(tenant, purpose, group.number);
    let known = |id| world.user(id).expect("BUG: members are checked");
    let creator = known(&group.creator);
    let created_at = group.created_at_ms;
    envelope::success(MESSAGE, |json| {
        key!(json, "chat_id").id(group.chat_id);
        key!(json, "type").number(4);
        key!(json, "settings")
            .object(|json| key!(json, "discoverable").boolean(group.discoverable));
        links.slug(key!(json, "share_url"), "l", slug(Purpose::GroupSlug));
        key!(json, "is_welcome_loop").boolean(false);
        key!(json, "group").object(|json| {
            key!(json, "group_id").id(group.group_id);
            key!(json, "group_name").string_or_null(group.name);
            key!(json, "group_description").string_or_null(group.description);
            key!(json, "color_code").string(&community.color_code);
            key!(json, "text_color_code").string(&community.text_color_code);
            links.dp(json, group.dp);
            let members = group.members.len() + 1;
            key!(json, "no_of_members").number(members.try_into().unwrap_or(i64::MAX));
            key!(json, "members").list(|json| {
                json.item().object(|json| member(json, creator, OWNER, &links));
                for id in &group.members {
                    json.item().object(|json| member(json, known(id), MEMBER, &links));
                }
            });
        });
        key!(json, "latest_message_at").quoted_number(created_at);
        key!(json, "unread_message_count").number(0);
        key!(json, "latest_messages").list(|json| {
            if let Some(video) = &group.video {
                let slug = slug(Purpose::VideoSlug);
                json.item().object(|json| message(json, video, creator, created_at, slug, &links));
            }
        });
        match community.brand_id {
            Some(id) => key!(json, "brand_id").number(id),
            None => key!(json, "brand_id").raw("null"),
        }
        let slug = ids.slug(tenant, Purpose::CommunitySlug, index as u64);
        key!(json, "community").object(|json| describe(json, community, slug, &links));
    })
}

fn member(json: &mut Writer, user: &User, role: i64, links: &Links) {
    let told = user.told.get_or_make(|| {
        Writer::entries(|json| {
            key!(json, "member_id").id(user.user_id);
            key!(json, "name").string_or_null(user.name.as_deref());
            key!(json, "username").string(&user.username);
            key!(json, "is_avatar").boolean(matches!(user.profile, Profile::Avatar(_)));
            key!(json, "is_brand_system_user").boolean(user.is_brand_system_user);
            key!(json, "status").number(ACTIVE);
        })
    });
    json.ready_entries(told);
    key!(json, "role").number(role);
    match &user.profile {
        Profile::Avatar(name) => {
            key!(json, "profile_image").string(name);
            key!(json, "profile_image_s").ready_string(&[]);
            key!(json, "profile_image_m").ready_string(&[]);
            key!(json, "profile_image_l").ready_string(&[]);
        }
        Profile::Image(file) => {
            let file = self::file(file);
            for (key, size) in [
                (key!("profile_image"), ""),
                (key!("profile_image_s"), "s/"),
                (key!("profile_image_m"), "m/"),
                (key!("profile_image_l"), "l/"),
            ] {
                links.file(json.entry(key), "uploads/profile_images", size, &file);
            }
        }
    }
}

fn message(
    json: &mut Writer,
    video: &Video,
    owner: &User,
    created_at: i64,
    slug: Slug,
    links: &Links,
) {
    key!(json, "owner").object(|json| {
        key!(json, "member_id").id(owner.user_id);
        key!(json, "username").string(&owner.username);
    });
    let folder = self::folder(video.video_path.unwrap_or("temp_video"));
    links.file(key!(json, "media_url"), &folder, "", &file(video.video_name));
    let folder = video.thumbnail_path.unwrap_or("uploads/thumbnails");
    let (folder, file) = (self::folder(folder), video.thumbnail_name.map(file));
    for (key, size) in [
        (key!("thumbnail_url"), ""),
        (key!("thumbnail_url_s"), "s/"),
        (key!("thumbnail_url_l"), "l/"),
    ] {
        links.file_if_there(json.entry(key), &folder, size, file.as_deref());
    }
    key!(json, "media_url_m3u8").raw("null");
    key!(json, "message_id").id(video.message_id);
    key!(json, "message_at").quoted_number(created_at);
    links.slug(key!(json, "share_url"), "video", slug);
}

fn describe(json: &mut Writer, community: &Community, slug: Slug, links: &Links) {
    let told = community.told.get_or_make(|| {
        Writer::entries(|json| {
            key!(json, "community_id").id(community.community_id);
            key!(json, "handle").string(&community.handle);
            key!(json, "name").string(&community.name);
            key!(json, "description").string(&community.description);
            key!(json, "color_code").string(&community.color_code);
            key!(json, "text_color_code").string(&community.text_color_code);
        })
    });
    json.ready_entries(told);
    links.dp(json, community.dp.as_deref());
    links.slug(key!(json, "share_url"), "community", slug);
}

/// Makes links below the public address.
struct Links<'a> {
    /// The address, as it stands in a JSON string.
    public_url: Cow<'a, str>,
}

/// A folder in a link, whose slashes stay as they are.
fn folder(name: &str) -> Cow<'_, str> {
    const STAY: &AsciiSet = &FILE.remove(b'/');
    encoded(name, STAY, |byte| stays(byte) || byte == b'/')
}

/// A file name in a link.
fn file(name: &str) -> Cow<'_, str> {
    encoded(name, FILE, stays)
}

/// What is percent-encoded in a file name: all but what `stays`.
const FILE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn stays(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// A name as it stands in a link, and so in a JSON string too. Most have nothing to encode.
fn encoded<'a>(name: &'a str, set: &'static AsciiSet, stays: impl Fn(u8) -> bool) -> Cow<'a, str> {
    // not `all`, which stops at the first and cannot look at several bytes at once
    if name.bytes().fold(true, |all, byte| all & stays(byte)) {
        return Cow::Borrowed(name);
    }
    utf8_percent_encode(name, set).into()
}

impl<'a> Links<'a> {
    fn below(public_url: &'a str) -> Self {
        if is_ready(public_url) {
            return Self { public_url: Cow::Borrowed(public_url) };
        }
        let quoted = serde_json::Value::from(public_url).to_string();
        Self { public_url: Cow::Owned(quoted[1..quoted.len() - 1].to_owned()) }
    }

    fn slug(&self, json: &mut Writer, folder: &str, slug: Slug) {
        json.ready_string(&[&self.public_url, "/", folder, "/", slug.as_str()]);
    }

    /// `size` is empty or a folder with its slash: `s/`.
    fn file(&self, json: &mut Writer, folder: &str, size: &str, file: &str) {
        json.ready_string(&[&self.public_url, "/", folder, "/", size, file]);
    }

    fn file_if_there(&self, json: &mut Writer, folder: &str, size: &str, file: Option<&str>) {
        match file {
            Some(file) => self.file(json, folder, size, file),
            None => json.ready_string(&[]),
        }
    }

    /// The picture of a group or a community: `dp`, `dp_s`, `dp_m`, `dp_l`.
    fn dp(&self, json: &mut Writer, file: Option<&str>) {
        let file = file.map(self::file);
        for (key, size) in
            [(key!("dp"), ""), (key!("dp_s"), "s/"), (key!("dp_m"), "m/"), (key!("dp_l"), "l/")]
        {
            let folder = "uploads/profile_images/rt";
            self.file_if_there(json.entry(key), folder, size, file.as_deref());
        }
    }
}
