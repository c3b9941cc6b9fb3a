//! A group and what it holds.

use serde::Serialize;
use smallvec::SmallVec;
use uuid::Uuid;

use super::Text;

/// A group that was created, with everything its creator sent. Most groups are one piece of memory and
/// one of their texts, since what is kept and forgotten with every call costs more the more pieces it has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// The id that the caller chose, or a generated one.
    pub chat_id: Uuid,
    /// The generated id, never the same as `chat_id`.
    pub group_id: Uuid,
    /// How many groups this world had created before; orders the groups by age.
    pub number: u64,
    /// The community it is in.
    pub community_id: Uuid,
    /// The user who created it.
    pub creator: Uuid,
    /// `group.name`.
    pub name: Option<Text>,
    /// `group.description`.
    pub description: Option<Text>,
    /// `group.tags`, comma separated.
    pub tags: Option<Text>,
    /// `group.dp`, a file name.
    pub dp: Option<Text>,
    /// `group.topics`.
    pub topics: SmallVec<[i64; 2]>,
    /// The members, the creator first.
    pub members: SmallVec<[Member; 2]>,
    /// People who were invited by phone number and are pending.
    pub invitations: SmallVec<[Invitation; 1]>,
    /// The access type of each action.
    pub actions: SmallVec<[Action; 2]>,
    /// Everyone may find it (true), or only those with the link (false).
    pub discoverable: bool,
    /// `template_id`.
    pub template_id: Option<i64>,
    /// `is_ai_generated`.
    pub is_ai_generated: Option<bool>,
    /// The videos posted to it, the oldest first.
    pub videos: SmallVec<[Video; 1]>,
    /// Unix milliseconds, a whole second.
    pub created_at_ms: i64,
}

/// A user who belongs to a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    pub user_id: Uuid,
    /// What they may do.
    pub role: Role,
    /// Whether they have joined.
    pub status: MemberStatus,
}

/// The role of a person in a group, and its number in answers (`observed`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The creator.
    Owner = 1,
    /// Everybody else.
    Member = 2,
}

/// Whether a person has joined a group, and the number of that in answers (`observed`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberStatus {
    /// Has joined.
    Active = 1,
    /// Is invited.
    Pending = 2,
}

/// A person invited by phone number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Digits with country code, no plus.
    pub phone_number: Text,
    /// The name that the creator gave.
    pub name: Option<Text>,
}

/// The access type that an action of the group needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Action {
    /// 2 create groups, 3 see, 5 post (`observed`).
    pub action_id: i64,
    /// See the endpoint's enumerations.
    pub access_type_id: i64,
}

/// A video in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Video {
    /// The id of the message that the caller chose, or a generated one.
    pub message_id: Uuid,
    /// File name of the upload.
    pub video_name: Text,
    /// Its folder.
    pub video_path: Option<Text>,
    /// File name of the thumbnail.
    pub thumbnail_name: Option<Text>,
    /// Its folder.
    pub thumbnail_path: Option<Text>,
    /// `description_text`.
    pub description_text: Option<Text>,
}

impl Group {
    /// The memory that it takes with its texts and lists, roughly, in bytes.
    pub(super) fn size_bytes(&self) -> usize {
        /// What the pieces that hold texts take besides.
        const PIECE_BYTES: usize = 32;
        let texts = [&self.name, &self.description, &self.tags, &self.dp].into_iter().flatten();
        let invitations =
            self.invitations.iter().flat_map(|one| one.name.iter().chain([&one.phone_number]));
        let videos = self.videos.iter().flat_map(|video| {
            [
                &video.video_path,
                &video.thumbnail_name,
                &video.thumbnail_path,
                &video.description_text,
            ]
            .into_iter()
            .flatten()
            .chain([&video.video_name])
        });
        let pieces = 1 + 2 * self.invitations.len() + self.videos.len();
        size_of::<Self>()
            + pieces * PIECE_BYTES
            + texts.chain(invitations).chain(videos).map(|text| text.len()).sum::<usize>()
            + spilled_bytes(&self.topics)
            + spilled_bytes(&self.members)
            + spilled_bytes(&self.invitations)
            + spilled_bytes(&self.actions)
            + spilled_bytes(&self.videos)
    }
}

/// The memory that a list takes which does not fit into its place.
fn spilled_bytes<A: smallvec::Array>(list: &SmallVec<A>) -> usize {
    if list.spilled() { list.capacity() * size_of::<A::Item>() } else { 0 }
}
