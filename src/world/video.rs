//! A video in a group.

use serde::Serialize;
use uuid::Uuid;

use super::Text;

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
