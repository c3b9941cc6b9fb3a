//! A group and what it holds.

use std::sync::Arc;

use serde::Serialize;
use smallvec::SmallVec;
use uuid::Uuid;

use super::video::{PostedVideo, PostedVideos};
use super::{JsonText, Text, Video};
use crate::described::described;

/// A group that was created, with everything its creator sent. Most groups are one piece of memory and
/// one of their texts, since what is kept and forgotten with every call costs more the more pieces it has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Group {
    /// The id that the caller chose, or a generated one.
    pub(crate) chat_id: Uuid,
    /// The generated id, never the same as `chat_id`.
    pub(crate) group_id: Uuid,
    /// `type`: 4 for an ordinary group.
    pub(crate) group_type: i64,
    /// How many groups this world had created before; orders the groups by age.
    pub(crate) number: u64,
    pub(crate) community_id: Uuid,
    pub(crate) creator: Uuid,
    pub(crate) name: Option<Text>,
    pub(crate) description: Option<Text>,
    /// `group.tags`, comma separated.
    pub(crate) tags: Option<Text>,
    /// `group.dp`, a file name.
    pub(crate) dp: Option<Text>,
    pub(crate) topics: SmallVec<[i64; 2]>,
    /// The members, the creator first.
    pub(crate) members: SmallVec<[Member; 2]>,
    /// People who were invited by phone number and are pending.
    pub(crate) invitations: SmallVec<[Invitation; 1]>,
    pub(crate) actions: SmallVec<[Action; 2]>,
    /// Everyone may find it (true), or only those with the link (false).
    pub(crate) discoverable: bool,
    pub(crate) template_id: Option<i64>,
    pub(crate) is_ai_generated: Option<bool>,
    pub(crate) recorded_video: Option<Video>,
    /// What else was said of that video, as [`RecordedDetails`](super::RecordedDetails) reads it; `None` if
    /// nothing was, or if it was forgotten.
    pub(crate) recorded_details: Option<JsonText>,
    /// The videos posted to it; `None` before the first.
    pub(crate) posted: Option<Box<PostedVideos>>,
    /// Unix milliseconds, a whole second.
    pub(crate) created_at_ms: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) user_id: Uuid,
    pub(crate) role: Role,
    pub(crate) status: MemberStatus,
}

/// The role of a person in a group, and its number in answers (`observed`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The creator.
    Owner = 1,
    /// Everybody else.
    Member = 2,
}

/// Whether a person has joined a group, and the number of that in answers (`observed`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MemberStatus {
    /// Has joined.
    Active = 1,
    /// Is invited.
    Pending = 2,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Invitation {
    /// Digits with country code, no plus.
    pub(crate) phone_number: Text,
    /// The name that the creator gave.
    pub(crate) name: Option<Text>,
}

described! {
    /// The access type that an action of the group needs.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
    pub(crate) struct Action {
        /// 2 create groups, 3 see, 5 post (`observed`).
        pub(crate) action_id: i64,
        /// See the endpoint's enumerations.
        pub(crate) access_type_id: i64,
    }
}

impl Group {
    /// How many videos it has had, those that were forgotten included.
    pub(crate) fn video_count(&self) -> u64 {
        match &self.posted {
            Some(posted) => posted.count(),
            None => self.recorded_video.iter().count() as u64,
        }
    }

    /// When its newest video came, or it was created. Unix milliseconds.
    pub(crate) fn latest_message_at_ms(&self) -> i64 {
        let posted = self.posted.as_ref().map(|posted| posted.latest_at_ms());
        self.created_at_ms.max(posted.unwrap_or(i64::MIN))
    }

    /// The videos posted to it that are kept, the oldest first.
    pub(crate) fn posted_videos(&self) -> impl Iterator<Item = &Arc<PostedVideo>> {
        self.posted.iter().flat_map(|posted| posted.iter())
    }

    pub(crate) fn has_message(&self, message_id: &Uuid) -> bool {
        self.recorded_video.as_ref().is_some_and(|video| video.message_id == *message_id)
            || self.posted.as_ref().is_some_and(|posted| posted.has_message(message_id))
    }

    /// Adds a posted video. If there are too many now, forgets the oldest; returns its number if it was
    /// a posted one.
    pub(super) fn post(&mut self, video: Arc<PostedVideo>) -> Option<u64> {
        let count = self.video_count();
        let posted = self.posted.get_or_insert_with(|| Box::new(PostedVideos::after(count)));
        posted.push(video);
        if !posted.is_over_full(self.recorded_video.iter().count()) {
            return None;
        }
        if self.recorded_video.take().is_some() {
            self.recorded_details = None;
            return None;
        }
        posted.forget_oldest().map(|video| video.number)
    }

    pub(super) fn forget_oldest_posted(&mut self) -> Option<Arc<PostedVideo>> {
        self.posted.as_mut()?.forget_oldest()
    }

    /// The texts that are stored together.
    fn texts(&self) -> [Option<&Text>; 10] {
        let video = self.recorded_video.as_ref();
        [
            self.name.as_ref(),
            self.description.as_ref(),
            self.tags.as_ref(),
            self.dp.as_ref(),
            video.map(|video| &video.video_name),
            video.and_then(|video| video.video_path.as_ref()),
            video.and_then(|video| video.thumbnail_name.as_ref()),
            video.and_then(|video| video.thumbnail_path.as_ref()),
            video.and_then(|video| video.description_text.as_ref()),
            self.recorded_details.as_ref().map(JsonText::text),
        ]
    }

    /// Stores all texts in one piece of memory, and gives back what lists do not need: this frees the memory
    /// of texts that were replaced, since those that are stored together keep each other, and of people who left.
    pub(crate) fn compact(&mut self) {
        self.topics.shrink_to_fit();
        self.members.shrink_to_fit();
        self.invitations.shrink_to_fit();
        let texts = self.texts();
        if Text::are_together(texts) {
            return;
        }
        let [
            name,
            description,
            tags,
            dp,
            video_name,
            video_path,
            thumbnail_name,
            thumbnail_path,
            description_text,
            recorded_details,
        ] = Text::together(texts.map(|text| text.map(|text| &**text)));
        self.recorded_video =
            self.recorded_video.take().zip(video_name).map(|(video, video_name)| Video {
                video_name,
                video_path,
                thumbnail_name,
                thumbnail_path,
                description_text,
                ..video
            });
        (self.name, self.description, self.tags, self.dp) = (name, description, tags, dp);
        self.recorded_details = recorded_details.map(JsonText::new);
    }

    pub(super) fn posted_bytes(&self) -> usize {
        self.posted.as_ref().map_or(0, |posted| posted.size_bytes())
    }

    /// The memory that it takes with its texts and lists, but for its posted videos, roughly, in bytes.
    pub(super) fn size_bytes(&self) -> usize {
        /// What the pieces that hold texts take besides.
        const PIECE_BYTES: usize = 32;
        let invitations =
            self.invitations.iter().flat_map(|one| one.name.iter().chain([&one.phone_number]));
        let texts = self.texts().into_iter().flatten().chain(invitations);
        // all texts but those of invitations are together
        let names = self.invitations.iter().filter_map(|one| one.name.as_ref()).count();
        let pieces = 1 + self.invitations.len() + names;
        size_of::<Self>()
            + pieces * PIECE_BYTES
            + texts.map(|text| text.len()).sum::<usize>()
            + spilled_bytes(&self.topics)
            + spilled_bytes(&self.members)
            + spilled_bytes(&self.invitations)
            + spilled_bytes(&self.actions)
    }
}

/// The memory that a list takes which does not fit into its place.
fn spilled_bytes<A: smallvec::Array>(list: &SmallVec<A>) -> usize {
    if list.spilled() { list.capacity() * size_of::<A::Item>() } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_replaced_or_left_does_not_stay_in_memory() {
        let long = "x".repeat(100_000);
        let [name, description, dp, video_name, thumbnail_name] =
            Text::together([Some("n"), Some(&long), Some("p"), Some("v"), Some("t")]);
        let video = Video {
            message_id: Uuid::nil(),
            video_name: video_name.unwrap(),
            video_path: None,
            thumbnail_name,
            thumbnail_path: None,
            description_text: None,
        };
        let member =
            Member { user_id: Uuid::nil(), role: Role::Member, status: MemberStatus::Active };
        let members = std::iter::repeat_n(member, 1000).collect();
        let recorded_video = Some(video.clone());
        let mut group =
            Group { name, description, dp, members, recorded_video, ..Group::default() };
        group.description = Some("y".into());
        group.members.truncate(1);
        group.compact();

        let kept = group.recorded_video.as_ref().unwrap();
        assert_eq!(*kept, video);
        assert_eq!(
            [&group.name, &group.description, &group.dp].map(|text| text.as_deref()),
            [Some("n"), Some("y"), Some("p")]
        );
        let texts = [
            group.name.as_ref(),
            group.description.as_ref(),
            group.dp.as_ref(),
            Some(&kept.video_name),
            kept.thumbnail_name.as_ref(),
        ];
        assert!(Text::are_together(texts), "the long description is gone");
        assert!(!group.members.spilled(), "so is the room of those who left");
    }
}
