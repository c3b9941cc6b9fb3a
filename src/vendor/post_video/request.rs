//! The body of a Post Video request.

use uuid::Uuid;

use crate::vendor::parts::videos::needs_video_name;
use crate::vendor::schema::{TextOrNumber, object};

object! {
    /// The body of a Post Video request.
    pub(crate) struct PostVideo<'a> as "PostVideoRequest" {
        required "chat_id" as chat_id: Uuid, Sibling, rule "must be a group of this tenant" Assumed,
            example "\"456e7890-b12c-4c23-89ef-126314214567\"", refers_to Group;
        required "aspect_ratio" as aspect_ratio: TextOrNumber<'a>, Sibling,
            rule "no format is checked; echoed as sent" Assumed;
        required "duration" as duration: TextOrNumber<'a>, Sibling,
            rule "no format is checked; echoed as sent" Assumed;
        required "link" as link: &'a str, Sibling, rule "may be empty; echoed" Sibling;
        required "resolution" as resolution: TextOrNumber<'a>, Sibling,
            rule "no format is checked; echoed as sent" Assumed;
        required "size" as size: TextOrNumber<'a>, Sibling,
            rule "no format is checked; echoed as sent" Assumed;
        required "video_name" as video_name: &'a str, Sibling,
            rule "empty or beginning with \"missing\" is video-not-found" Assumed, refers_to Video,
            non_empty needs_video_name;
        required "thumbnail_name" as thumbnail_name: &'a str, Sibling,
            rule "empty gives empty thumbnail links" Assumed;
        optional "description_text" as description_text: &'a str, Sibling;
        optional "description_data" as description_data: &'a str, Sibling,
            rule "JSON text: strings and mentions; anything else gets a warning" Assumed;
        optional "questions" as questions: Vec<&'a str>, Sibling,
            rule "kept, answered as []" Assumed;
        optional "is_ai_generated" as _is_ai_generated: bool, Sibling;
        optional "message_id" as message_id: Uuid, Sibling,
            rule "echoed as conversation_id, generated when absent; one that the group has is refused"
                Assumed;
        optional "video_path" as video_path: &'a str, Sibling, rule "folder in video_url" Assumed;
        optional "thumbnail_path" as thumbnail_path: &'a str, Sibling,
            rule "folder in thumbnail_url" Assumed;
        optional "is_ai_generated_video" as _is_ai_generated_video: bool, Sibling;
        optional "is_ai_generated_thumbnail" as _is_ai_generated_thumbnail: bool, Sibling;
    }
}
