//! A group that was created, with everything its creator sent.

use serde::Serialize;
use uuid::Uuid;

/// A group as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The caller's id of the group, or ours.
    pub chat_id: Uuid,
    /// Our id of it, never the same as `chat_id`.
    pub group_id: Uuid,
    /// How many groups this world had created before.
    pub number: u64,
    /// The community it is in.
    pub community_id: Uuid,
    /// The user who created it: role 1, status 1.
    pub creator: Uuid,
    /// `group.name`.
    pub name: Option<String>,
    /// `group.description`.
    pub description: Option<String>,
    /// `group.tags`, comma separated.
    pub tags: Option<String>,
    /// `group.dp`, a file name.
    pub dp: Option<String>,
    /// `group.topics`.
    pub topics: Vec<i64>,
    /// Active members besides the creator: role 2, status 1.
    pub members: Vec<Uuid>,
    /// People who were invited and have not come yet: role 2, status 2.
    pub invitations: Vec<Invitation>,
    /// Who may do what.
    pub actions: Vec<Action>,
    /// Everyone may find it (true), or only those with the link (false).
    pub discoverable: bool,
    /// `template_id`.
    pub template_id: Option<i64>,
    /// `is_ai_generated`.
    pub is_ai_generated: Option<bool>,
    /// Its first video.
    pub video: Option<Video>,
    /// Unix milliseconds, a whole second.
    pub created_at_ms: i64,
}

/// As much text as a group may hold before it counts as several, in bytes.
const WEIGHT_BYTES: usize = 8 * 1024;

impl Group {
    /// How many groups it counts as where memory is bounded: 1, and more if it holds much.
    pub fn weight(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let video = self.video.as_ref().map_or(0, |video| {
            let texts = [
                &video.video_path,
                &video.thumbnail_name,
                &video.thumbnail_path,
                &video.description_text,
            ];
            video.video_name.len() + texts.into_iter().map(text).sum::<usize>()
        });
        let invited =
            |one: &Invitation| one.phone_number.len() + text(&one.name) + size_of::<Invitation>();
        let bytes = text(&self.name)
            + text(&self.description)
            + text(&self.tags)
            + text(&self.dp)
            + video
            + self.invitations.iter().map(invited).sum::<usize>()
            + self.members.len() * size_of::<Uuid>()
            + self.topics.len() * size_of::<i64>()
            + self.actions.len() * size_of::<Action>();
        1 + bytes / WEIGHT_BYTES
    }
}

/// Somebody invited by phone number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Invitation {
    /// Digits with country code, no plus.
    pub phone_number: String,
    /// The name the creator gave.
    pub name: Option<String>,
}

/// Which access type an action of the group needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Action {
    /// 2 create groups, 3 see, 5 post (`observed`).
    pub action_id: i64,
    /// See the endpoint's enumerations.
    pub access_type_id: i64,
}

/// The first video of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Video {
    /// The caller's id of the message, or ours.
    pub message_id: Uuid,
    /// File name of the upload.
    pub video_name: String,
    /// Its folder.
    pub video_path: Option<String>,
    /// File name of the thumbnail.
    pub thumbnail_name: Option<String>,
    /// Its folder.
    pub thumbnail_path: Option<String>,
    /// `description_text`.
    pub description_text: Option<String>,
}
