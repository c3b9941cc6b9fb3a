//! The success answer of Create Group: the documented keys in the documented order.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::contract::json::{Writer, is_ready};
use crate::contract::{Call, envelope};
use crate::exchange::Reply;
use crate::ids::{Purpose, Slug};
use crate::state::{Community, Group, Profile, User, Video, World};

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
    let created_at = group.created_at_ms.to_string();
    envelope::success(MESSAGE, |json| {
        json.key("chat_id").id(group.chat_id);
        json.key("type").number(4);
        json.key("settings").object(|json| json.key("discoverable").boolean(group.discoverable));
        links.slug(json.key("share_url"), "l", slug(Purpose::GroupSlug));
        json.key("is_welcome_loop").boolean(false);
        json.key("group").object(|json| {
            json.key("group_id").id(group.group_id);
            json.key("group_name").string_or_null(group.name.as_deref());
            json.key("group_description").string_or_null(group.description.as_deref());
            json.key("color_code").string(&community.color_code);
            json.key("text_color_code").string(&community.text_color_code);
            links.dp(json, group.dp.as_deref());
            let members = group.members.len() + 1;
            json.key("no_of_members").number(members.try_into().unwrap_or(i64::MAX));
            json.key("members").list(|json| {
                json.item().object(|json| member(json, creator, OWNER, &links));
                for id in &group.members {
                    json.item().object(|json| member(json, known(id), MEMBER, &links));
                }
            });
        });
        json.key("latest_message_at").ready_string(&[&created_at]);
        json.key("unread_message_count").number(0);
        json.key("latest_messages").list(|json| {
            if let Some(video) = &group.video {
                let slug = slug(Purpose::VideoSlug);
                json.item().object(|json| message(json, video, creator, &created_at, slug, &links));
            }
        });
        match community.brand_id {
            Some(id) => json.key("brand_id").number(id),
            None => json.key("brand_id").raw("null"),
        }
        let slug = ids.slug(tenant, Purpose::CommunitySlug, index as u64);
        json.key("community").object(|json| describe(json, community, slug, &links));
    })
}

fn member(json: &mut Writer, user: &User, role: i64, links: &Links) {
    json.key("member_id").id(user.user_id);
    json.key("name").string_or_null(user.name.as_deref());
    json.key("username").string(&user.username);
    json.key("is_avatar").boolean(matches!(user.profile, Profile::Avatar(_)));
    json.key("is_brand_system_user").boolean(user.is_brand_system_user);
    json.key("status").number(ACTIVE);
    json.key("role").number(role);
    match &user.profile {
        Profile::Avatar(name) => {
            json.key("profile_image").string(name);
            for key in ["profile_image_s", "profile_image_m", "profile_image_l"] {
                json.key(key).ready_string(&[]);
            }
        }
        Profile::Image(file) => {
            let file = encoded(file, FILE);
            for (key, size) in [
                ("profile_image", ""),
                ("profile_image_s", "s/"),
                ("profile_image_m", "m/"),
                ("profile_image_l", "l/"),
            ] {
                links.file(json.key(key), "uploads/profile_images", size, &file);
            }
        }
    }
}

fn message(
    json: &mut Writer,
    video: &Video,
    owner: &User,
    created_at: &str,
    slug: Slug,
    links: &Links,
) {
    json.key("owner").object(|json| {
        json.key("member_id").id(owner.user_id);
        json.key("username").string(&owner.username);
    });
    let folder = encoded(video.video_path.as_deref().unwrap_or("temp_video"), FOLDER);
    links.file(json.key("media_url"), &folder, "", &encoded(&video.video_name, FILE));
    let folder = video.thumbnail_path.as_deref().unwrap_or("uploads/thumbnails");
    let (folder, file) =
        (encoded(folder, FOLDER), video.thumbnail_name.as_deref().map(|file| encoded(file, FILE)));
    for (key, size) in [("thumbnail_url", ""), ("thumbnail_url_s", "s/"), ("thumbnail_url_l", "l/")]
    {
        links.file_if_there(json.key(key), &folder, size, file.as_deref());
    }
    json.key("media_url_m3u8").raw("null");
    json.key("message_id").id(video.message_id);
    json.key("message_at").ready_string(&[created_at]);
    links.slug(json.key("share_url"), "video", slug);
}

fn describe(json: &mut Writer, community: &Community, slug: Slug, links: &Links) {
    json.key("community_id").id(community.community_id);
    json.key("handle").string(&community.handle);
    json.key("name").string(&community.name);
    json.key("description").string(&community.description);
    json.key("color_code").string(&community.color_code);
    json.key("text_color_code").string(&community.text_color_code);
    links.dp(json, community.dp.as_deref());
    links.slug(json.key("share_url"), "community", slug);
}

/// Makes links below the public address.
struct Links<'a> {
    /// The address, as it stands in a JSON string.
    public_url: Cow<'a, str>,
}

/// What stays as it is in a file name; the rest is percent-encoded.
const FILE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// What stays as it is in a folder.
const FOLDER: &AsciiSet = &FILE.remove(b'/');

/// A name as it stands in a link, and so in a JSON string too.
fn encoded<'a>(name: &'a str, stays: &'static AsciiSet) -> Cow<'a, str> {
    utf8_percent_encode(name, stays).into()
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
        let file = file.map(|file| encoded(file, FILE));
        for (key, size) in [("dp", ""), ("dp_s", "s/"), ("dp_m", "m/"), ("dp_l", "l/")] {
            let folder = "uploads/profile_images/rt";
            self.file_if_there(json.key(key), folder, size, file.as_deref());
        }
    }
}
