//! A group that was created, with everything its creator sent.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A group. Its texts are those of the request that creates it, or of where it is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group<'a> {
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
    #[serde(borrow)]
    pub name: Option<&'a str>,
    /// `group.description`.
    #[serde(borrow)]
    pub description: Option<&'a str>,
    /// `group.tags`, comma separated.
    #[serde(borrow)]
    pub tags: Option<&'a str>,
    /// `group.dp`, a file name.
    #[serde(borrow)]
    pub dp: Option<&'a str>,
    /// `group.topics`.
    pub topics: Vec<i64>,
    /// Active members besides the creator: role 2, status 1.
    pub members: Vec<Uuid>,
    /// People who were invited and have not come yet: role 2, status 2.
    #[serde(borrow)]
    pub invitations: Vec<Invitation<'a>>,
    /// Who may do what.
    pub actions: Cow<'a, [Action]>,
    /// Everyone may find it (true), or only those with the link (false).
    pub discoverable: bool,
    /// `template_id`.
    pub template_id: Option<i64>,
    /// `is_ai_generated`.
    pub is_ai_generated: Option<bool>,
    /// Its first video.
    #[serde(borrow)]
    pub video: Option<Video<'a>>,
    /// Unix milliseconds, a whole second.
    pub created_at_ms: i64,
}

/// Somebody invited by phone number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation<'a> {
    /// Digits with country code, no plus.
    #[serde(borrow)]
    pub phone_number: &'a str,
    /// The name the creator gave.
    #[serde(borrow)]
    pub name: Option<&'a str>,
}

/// Which access type an action of the group needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// 2 create groups, 3 see, 5 post (`observed`).
    pub action_id: i64,
    /// See the endpoint's enumerations.
    pub access_type_id: i64,
}

/// The first video of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Video<'a> {
    /// The caller's id of the message, or ours.
    pub message_id: Uuid,
    /// File name of the upload.
    #[serde(borrow)]
    pub video_name: &'a str,
    /// Its folder.
    #[serde(borrow)]
    pub video_path: Option<&'a str>,
    /// File name of the thumbnail.
    #[serde(borrow)]
    pub thumbnail_name: Option<&'a str>,
    /// Its folder.
    #[serde(borrow)]
    pub thumbnail_path: Option<&'a str>,
    /// `description_text`.
    #[serde(borrow)]
    pub description_text: Option<&'a str>,
}
