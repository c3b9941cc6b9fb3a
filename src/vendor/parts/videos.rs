//! Videos in answers, and the check that a video is known (`assumed`).

use serde_json::json;
use uuid::Uuid;

use super::links::{Link, Links};
use super::people::OwnerAnswer;
use crate::vendor::assumptions::{Assumptions, EmptyVideoName};
use crate::vendor::endpoint::{MediaMode, VendorConfig};
use crate::vendor::finding::{Finding, PatchOp};
use crate::vendor::outcome::Outcome;
use crate::vendor::schema::{AnswerValue, Kind, MILLISECONDS, Writer, answer};
use crate::world::ids::Slug;
use crate::world::{User, Video, World};

/// Writes what was said of the video that a group is created with, besides what every video has, as
/// [`RecordedDetails::read`](crate::world::RecordedDetails::read) reads it; `None` if nothing was. No values are made in between, which would make a call a twentieth
/// longer.
pub(crate) fn recorded_details(
    link: Option<&str>,
    measures: [Option<impl FnOnce(&mut Writer)>; 4],
) -> Option<String> {
    if link.is_none() && measures.iter().all(Option::is_none) {
        return None;
    }
    let mut writer = Writer::with_capacity(128);
    writer.list(|list| {
        match link {
            Some(link) => list.item().string(link),
            None => list.item().raw("null"),
        }
        for measure in measures {
            match measure {
                Some(write) => write(list.item()),
                None => list.item().raw("null"),
            }
        }
    });
    Some(String::from_utf8(writer.into_bytes()).expect("BUG: it is made of text"))
}

answer! {
    /// A video in the list of a group's messages.
    pub(crate) struct MessageAnswer<'a> as "Video" {
        "owner" as owner: OwnerAnswer<'a>, Documented, rule "the creator" Assumed;
        "media_url" as media_url: Link<'a>, Documented;
        "thumbnail_url" as thumbnail_url: Link<'a>, Documented;
        "thumbnail_url_s" as thumbnail_url_s: Link<'a>, Documented;
        "thumbnail_url_l" as thumbnail_url_l: Link<'a>, Documented;
        "media_url_m3u8" as media_url_m3u8: Option<Link<'a>>, Documented,
            rule "null: nothing is transcoded" Assumed;
        "message_id" as message_id: Uuid, Documented;
        "message_at" as message_at: Milliseconds, Documented;
        "share_url" as share_url: Link<'a>, Documented;
    }
}

/// A time, written as a string of Unix milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Milliseconds(pub(crate) i64);

impl AnswerValue for Milliseconds {
    const KIND: Kind = MILLISECONDS;

    fn write(&self, json: &mut Writer) {
        json.quoted_number(self.0);
    }
}

impl<'a> MessageAnswer<'a> {
    pub(crate) fn of(
        video: &'a Video,
        owner: &'a User,
        at_ms: i64,
        slug: Slug,
        links: &'a Links,
    ) -> Self {
        let media_url = video_link(video, links);
        let [thumbnail_url, thumbnail_url_s, thumbnail_url_l] = thumbnail_links(video, links);
        Self {
            owner: OwnerAnswer { member_id: owner.user_id, username: &owner.username },
            media_url,
            thumbnail_url,
            thumbnail_url_s,
            thumbnail_url_l,
            media_url_m3u8: None,
            message_id: video.message_id,
            message_at: Milliseconds(at_ms),
            share_url: links.page("video", slug),
        }
    }
}

/// Returns the link to the file of a video.
pub(crate) fn video_link<'l>(video: &'l Video, links: &'l Links) -> Link<'l> {
    let folder = video.video_path.as_deref().unwrap_or("temp_video");
    let [link] = links.file(folder, Some(&video.video_name), [""]);
    link
}

/// Returns the links to the thumbnail of a video: as it is, small, large.
pub(crate) fn thumbnail_links<'l>(video: &'l Video, links: &'l Links) -> [Link<'l>; 3] {
    let folder = video.thumbnail_path.as_deref().unwrap_or("uploads/thumbnails");
    links.file(folder, video.thumbnail_name.as_deref(), ["", "s/", "l/"])
}

/// Whether a video without a name is a bad request, not one that is not found.
pub(crate) fn needs_video_name(assumptions: &Assumptions) -> bool {
    match assumptions.empty_video_name {
        EmptyVideoName::NotFound => false,
        EmptyVideoName::BadRequest => true,
    }
}

/// Whether a file name says that the video is not there; a folder before the name says nothing.
fn is_reserved(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    file.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("missing"))
}

/// Whether a video of this name counts as uploaded.
pub(super) fn is_uploaded(name: &str, media: MediaMode, world: &World) -> bool {
    let is_known = match media {
        MediaMode::Lenient => true,
        MediaMode::Strict => world.has_media(name),
    };
    is_known && !name.is_empty() && !is_reserved(name)
}

/// Returns a file that counts as uploaded in every media mode, if there is one.
pub(super) fn some_uploaded(world: &World) -> Option<&str> {
    world.media().filter(|name| !name.is_empty() && !is_reserved(name)).min()
}

/// Where a call names a video.
pub(crate) struct VideoPlace {
    /// The pointer to the file name.
    pub(crate) name: &'static str,
    /// The pointer to the object of the video, if that can be left out.
    pub(crate) optional_parent: Option<&'static str>,
}

/// Returns how a call ends whose video cannot be found, and why.
pub(crate) fn missing_video(
    name: Option<&str>,
    config: &VendorConfig,
    world: &World,
    place: &VideoPlace,
    clause: impl FnOnce() -> String,
) -> Option<(Outcome, Finding)> {
    let is_sent = name.is_some();
    let (name, media) = (name.unwrap_or(""), config.media);
    let is_reserved = is_reserved(name);
    let (message, suggestion) = if name.is_empty() {
        (
            if is_sent {
                "is empty, so there is no video to find"
            } else {
                "is missing, so there is no video to find"
            },
            match place.optional_parent {
                Some(_) => "name an uploaded file, or leave out the video",
                None => "name an uploaded file",
            },
        )
    } else if is_reserved {
        (
            "starts with \"missing\", so the video counts as not uploaded",
            "use another name, unless you want error 5026",
        )
    } else if !is_uploaded(name, media, world) {
        (
            "is not in the fixtures' media list, and the media mode is strict",
            "add it to the list, or run with --media lenient",
        )
    } else {
        return None;
    };
    let pointer = place.name;
    let uploaded = match media {
        MediaMode::Lenient => Some("video.mp4"),
        MediaMode::Strict => some_uploaded(world),
    };
    let patch = match (uploaded, place.optional_parent) {
        (Some(name), _) => Some(PatchOp::Add { path: pointer.into(), value: json!(name) }),
        (None, Some(parent)) => Some(PatchOp::Remove { path: parent.into() }),
        (None, None) => None,
    };
    let finding = Finding::error(pointer, clause(), message).suggest(suggestion);
    let finding = match patch {
        Some(patch) => finding.with_patch(patch),
        None => finding,
    };
    let outcome = if name.is_empty() && needs_video_name(&config.assumptions) {
        Outcome::BadRequest
    } else {
        Outcome::VideoNotFound
    };
    Some((outcome, finding))
}
