//! Calls of Create Group for documents. The ids are those of the default fixtures, so that what is copied from a
//! document works.

use crate::vendor::{CallExample, Outcome};

pub(super) const EXAMPLES: &[CallExample] = &[
    CallExample::new(
        "ok",
        "the vendor's own example: a group with a video and two people",
        r#"{"type":4,"chat_id":"456e7890-b12c-4c23-89ef-126314214567","recorded_video":{"message_id":"789e1234-f12d-4c67-a256-126314214555","video_name":"abcd1234-5678-90ef-1112-234567890111_video.mp4","thumbnail_name":"abcd1234-5678-90ef-1112-234567890111_thumb.jpg","video_path":"trends_videos/2024/5/6/creative","thumbnail_path":"trends_thumbnail/2024/5/6/creative","is_ai_generated_video":true,"is_ai_generated_thumbnail":true,"link":"","size":"5MB","duration":5,"aspect_ratio":"720x1280","resolution":"1080p","description_text":"Hello, this is @user and I love community XYZ","description_data":"[\"Hello\",{\"user_id\":\"345e1234-5678-90ef-2345-678912341234\"},\"and I love community\",{\"community_id\":\"def45678-abcd-ef12-3456-1234abcdef56\"}]","meta_data":{"topic":"Open Discussion"}},"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667","actions":[{"action_id":3,"access_type_id":5},{"action_id":5,"access_type_id":9}],"group":{"name":"Tech Conversations","description":"A platform for discussing the latest in technology and innovation.","tags":"technology","dp":"group_dp.png","topics":[1,2],"members":[{"phone_number":"919876543210"},{"user_id":"abcd1234-5678-90ef-1112-234567890111"}]},"settings":{"discoverable":false},"template_id":2,"is_ai_generated":false}"#,
        Outcome::Ok,
    ),
    CallExample::new(
        "minimal",
        "only the mandatory fields",
        r#"{"type":4,"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667"}"#,
        Outcome::Ok,
    ),
    CallExample::new(
        "missing-community",
        "a mandatory field is absent",
        r#"{"type":4,"group":{"name":"Tech Conversations"}}"#,
        Outcome::BadRequest,
    ),
    CallExample::new(
        "wrong-type",
        "a number is sent as a string",
        r#"{"type":"4","community_id":"f2a05adb-93ce-4a19-b003-3523fa745667","group":{"name":"Tech Conversations"}}"#,
        Outcome::BadRequest,
    ),
    CallExample::new(
        "unknown-community",
        "the community does not exist",
        r#"{"type":4,"community_id":"00000000-0000-4000-8000-000000000000","group":{"name":"Tech Conversations"}}"#,
        Outcome::BadRequest,
    ),
    CallExample::new(
        "repeated-chat-id",
        "a group with this chat_id was created before",
        r#"{"type":4,"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667","chat_id":"456e7890-b12c-4c23-89ef-126314214567"}"#,
        Outcome::BadRequest,
    )
    .repeated(),
    CallExample::new(
        "unknown-user",
        "a member is no known user",
        r#"{"type":4,"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667","group":{"name":"Tech Conversations","members":[{"user_id":"00000000-0000-4000-8000-000000000000"}]}}"#,
        Outcome::BadRequest,
    ),
    CallExample::new(
        "missing-video",
        "the video was not uploaded: HTTP 500, yet permanent",
        r#"{"type":4,"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667","group":{"name":"Tech Conversations"},"recorded_video":{"video_name":"missing.mp4","thumbnail_name":"missing.jpg"}}"#,
        Outcome::VideoNotFound,
    ),
];
