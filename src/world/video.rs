//! The videos of a group: the one that it was created with and those that were posted to it.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{JsonText, Text};
use crate::described::described;
use crate::memory::Shrink as _;

/// The most videos that a group keeps; past that it forgets its oldest.
pub(crate) const MAX_VIDEOS: usize = 1000;

described! {
    /// A video in a group.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    pub(crate) struct Video {
        /// The id of the message that the caller chose, or a generated one.
        pub(crate) message_id: Uuid,
        /// File name of the upload.
        pub(crate) video_name: Text,
        /// Its folder.
        pub(crate) video_path: Option<Text>,
        /// File name of the thumbnail.
        pub(crate) thumbnail_name: Option<Text>,
        /// Its folder.
        pub(crate) thumbnail_path: Option<Text>,
        pub(crate) description_text: Option<Text>,
    }
}

/// What the caller said of the video that a group was created with, besides what every video has. A group
/// keeps it as one text, a list in JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RecordedDetails {
    /// `link`, which may be empty.
    pub(crate) link: Option<String>,
    /// `duration`, a string or a number.
    pub(crate) duration: Option<JsonText>,
    /// `size`, a string or a number.
    pub(crate) size: Option<JsonText>,
    /// `aspect_ratio`, a string or a number.
    pub(crate) aspect_ratio: Option<JsonText>,
    /// `resolution`, a string or a number.
    pub(crate) resolution: Option<JsonText>,
}

impl RecordedDetails {
    /// Reads what a group keeps: a list of the five, with null for what was not sent.
    pub(crate) fn read(text: &JsonText) -> Self {
        let values: [Option<&RawValue>; 5] =
            serde_json::from_str(text.as_str()).expect("BUG: it was written as a list of five");
        let [link, duration, size, aspect_ratio, resolution] = values;
        let link =
            link.map(|link| serde_json::from_str(link.get()).expect("BUG: a link is a text"));
        let [duration, size, aspect_ratio, resolution] = [duration, size, aspect_ratio, resolution]
            .map(|value| value.map(|value| JsonText::new(value.get().into())));
        Self { link, duration, size, aspect_ratio, resolution }
    }
}

/// A video that was posted to a group, with everything that was sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PostedVideo {
    /// How many videos had been posted in this world before; orders the videos by age.
    pub(crate) number: u64,
    pub(crate) video: Video,
    pub(crate) owner: Uuid,
    /// Unix milliseconds, a whole second.
    pub(crate) posted_at_ms: i64,
    /// `link`, which may be empty.
    pub(crate) link: Text,
    /// `duration`, a string or a number.
    pub(crate) duration: JsonText,
    /// `size`, a string or a number.
    pub(crate) size: JsonText,
    /// `aspect_ratio`, a string or a number.
    pub(crate) aspect_ratio: JsonText,
    /// `resolution`, a string or a number.
    pub(crate) resolution: JsonText,
    /// `questions`, a list of strings.
    pub(crate) questions: Option<JsonText>,
}

/// The videos that were posted to a group. Most groups have none, and no memory for them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PostedVideos {
    /// The oldest first, each with the id of its message: ids are looked for with every new video.
    kept: VecDeque<(Uuid, Arc<PostedVideo>)>,
    /// The memory of `kept`, roughly, in bytes.
    size_bytes: usize,
    /// How many videos the group has had, the one that it was created with included.
    count: u64,
    /// When the newest was posted, also after it was forgotten. Unix milliseconds.
    latest_at_ms: i64,
}

impl PostedVideos {
    /// Starts without a video in a group that has had `count`.
    pub(super) fn after(count: u64) -> Self {
        Self { count, ..Self::default() }
    }

    /// The videos of a group that has had `count`, up to `latest_at_ms` at least; the oldest first.
    pub(crate) fn restored(count: u64, latest_at_ms: i64, videos: Vec<Arc<PostedVideo>>) -> Self {
        let mut posted = Self { latest_at_ms, ..Self::default() };
        for video in videos {
            posted.push(video);
        }
        Self { count, ..posted }
    }

    /// The videos that are kept, the oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<PostedVideo>> {
        self.kept.iter().map(|(_, video)| video)
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// When the newest was posted, also after it was forgotten. Unix milliseconds.
    pub(crate) fn latest_at_ms(&self) -> i64 {
        self.latest_at_ms
    }

    pub(super) fn size_bytes(&self) -> usize {
        size_of::<Self>() + self.size_bytes
    }

    pub(super) fn has_message(&self, message_id: &Uuid) -> bool {
        self.kept.iter().any(|(known, _)| known == message_id)
    }

    /// Adds a video, which must be the newest.
    pub(super) fn push(&mut self, video: Arc<PostedVideo>) {
        self.count += 1;
        // the clock may have been turned back meanwhile
        self.latest_at_ms = self.latest_at_ms.max(video.posted_at_ms);
        self.size_bytes += video.size_bytes();
        self.kept.push_back((video.video.message_id, video));
    }

    /// Whether there are more than a group keeps, `others` counted too.
    pub(super) fn is_over_full(&self, others: usize) -> bool {
        self.kept.len() + others > MAX_VIDEOS
    }

    pub(super) fn forget_oldest(&mut self) -> Option<Arc<PostedVideo>> {
        let (_, video) = self.kept.pop_front()?;
        self.size_bytes -= video.size_bytes();
        self.kept.shrink_if_sparse();
        Some(video)
    }
}

impl PostedVideo {
    /// The memory that it takes, roughly, in bytes.
    fn size_bytes(&self) -> usize {
        let Video {
            video_name, video_path, thumbnail_name, thumbnail_path, description_text, ..
        } = &self.video;
        let optional = [video_path, thumbnail_name, thumbnail_path, description_text];
        let json = [&self.duration, &self.size, &self.aspect_ratio, &self.resolution];
        let texts = optional.into_iter().flatten().chain([video_name, &self.link]);
        let json = json.into_iter().chain(&self.questions);
        // it stands in two lists, of its group and of all groups, and its texts are a piece of their own
        size_of::<Self>()
            + 112
            + texts.map(|text| text.len()).sum::<usize>()
            + json.map(|text| text.as_str().len()).sum::<usize>()
    }
}
