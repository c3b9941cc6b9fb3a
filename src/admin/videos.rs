//! The videos of a group as this API shows them.

use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::Value;
use uuid::Uuid;

use crate::described::{Components, Described, described};
use crate::world::{Group, JsonText, PostedVideo, RecordedDetails, Video};

#[derive(Debug)]
pub(super) enum VideoEntry {
    /// The one that the group was created with, what else was said of it, its owner, and when.
    Recorded(Video, Box<RecordedDetails>, Uuid, i64),
    /// One that was posted. It is shared with the world: a group may have a thousand.
    Posted(Arc<PostedVideo>),
}

described! {
    /// What is written of a video.
    #[derive(Serialize)]
    struct VideoReply<'v> as "GroupVideo" {
        #[serde(flatten)]
        video: &'v Video,
        owner: Uuid,
        /// Unix milliseconds.
        posted_at: String,
        link: Option<&'v str>,
        duration: Option<&'v JsonText>,
        size: Option<&'v JsonText>,
        aspect_ratio: Option<&'v JsonText>,
        resolution: Option<&'v JsonText>,
        questions: Option<&'v JsonText>,
    }
}

/// Returns the videos of a group that are kept, the oldest first.
pub(super) fn of_group(group: &Group) -> Vec<VideoEntry> {
    let recorded = group.recorded_video.iter().map(|video| {
        let details = group.recorded_details.as_ref().map(RecordedDetails::read);
        let details = Box::new(details.unwrap_or_default());
        VideoEntry::Recorded(video.clone(), details, group.creator, group.created_at_ms)
    });
    recorded.chain(group.posted_videos().map(Arc::clone).map(VideoEntry::Posted)).collect()
}

impl Described for VideoEntry {
    fn schema(components: &mut Components) -> Value {
        VideoReply::schema(components)
    }
}

impl Serialize for VideoEntry {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Recorded(video, details, owner, at_ms) => VideoReply {
                video,
                owner: *owner,
                posted_at: at_ms.to_string(),
                link: details.link.as_deref(),
                duration: details.duration.as_ref(),
                size: details.size.as_ref(),
                aspect_ratio: details.aspect_ratio.as_ref(),
                resolution: details.resolution.as_ref(),
                questions: None,
            },
            Self::Posted(posted) => VideoReply {
                video: &posted.video,
                owner: posted.owner,
                posted_at: posted.posted_at_ms.to_string(),
                link: Some(&posted.link),
                duration: Some(&posted.duration),
                size: Some(&posted.size),
                aspect_ratio: Some(&posted.aspect_ratio),
                resolution: Some(&posted.resolution),
                questions: posted.questions.as_ref(),
            },
        }
        .serialize(to)
    }
}
