//! Calls of Post Video for documents. The ids are those of the default fixtures, so that what is copied from a
//! document works.

use crate::vendor::{CallExample, Outcome};

pub(super) const EXAMPLES: &[CallExample] = &[
    CallExample::new(
        "ok",
        "the vendor's own example",
        r#"{"aspect_ratio":"16:9","duration":"8","link":"","resolution":"688x1220","size":"5","chat_id":"456e7890-b12c-4c23-89ef-126314214567","video_name":"917016535860_15954965.mp4","thumbnail_name":"917016535860_15954965.jpg","description_text":"hi this is @hg and i like community abc","description_data":"[\"hithisis\",{\"user_id\":\"345e1234-5678-90ef-2345-678912341234\"},\"andilikecommunity\",{\"community_id\":\"def45678-abcd-ef12-3456-1234abcdef56\"}]","questions":["1305faddc8000a5b","1305f96cac800a5a"],"is_ai_generated":false,"message_id":"d282b66a-9c3d-4712-b0d5-1c698d923dec","video_path":"trends_videos/2024/5/6/genuin","thumbnail_path":"trends_thumbnail/2024/5/6/genuin","is_ai_generated_video":true,"is_ai_generated_thumbnail":true}"#,
        Outcome::Ok,
    ),
    CallExample::new(
        "minimal",
        "only the mandatory fields",
        r#"{"chat_id":"456e7890-b12c-4c23-89ef-126314214567","aspect_ratio":"16:9","duration":"8","link":"","resolution":"688x1220","size":"5","video_name":"917016535860_15954965.mp4","thumbnail_name":"917016535860_15954965.jpg"}"#,
        Outcome::Ok,
    ),
    CallExample::new(
        "missing-chat",
        "a mandatory field is absent",
        r#"{"aspect_ratio":"16:9","duration":"8","link":"","resolution":"688x1220","size":"5","video_name":"917016535860_15954965.mp4","thumbnail_name":"917016535860_15954965.jpg"}"#,
        Outcome::BadRequest,
    ),
    CallExample::new(
        "wrong-type",
        "a string is sent as a number",
        r#"{"chat_id":"456e7890-b12c-4c23-89ef-126314214567","aspect_ratio":"16:9","duration":"8","link":"","resolution":"688x1220","size":"5","video_name":917016535860,"thumbnail_name":"917016535860_15954965.jpg"}"#,
        Outcome::BadRequest,
    ),
    CallExample::new(
        "unknown-chat",
        "the group does not exist",
        r#"{"chat_id":"00000000-0000-4000-8000-000000000000","aspect_ratio":"16:9","duration":"8","link":"","resolution":"688x1220","size":"5","video_name":"917016535860_15954965.mp4","thumbnail_name":"917016535860_15954965.jpg"}"#,
        Outcome::BadRequest,
    ),
    CallExample::new(
        "repeated-message-id",
        "the group has a video with this message_id",
        r#"{"chat_id":"456e7890-b12c-4c23-89ef-126314214567","aspect_ratio":"16:9","duration":"8","link":"","resolution":"688x1220","size":"5","video_name":"917016535860_15954965.mp4","thumbnail_name":"917016535860_15954965.jpg","message_id":"d282b66a-9c3d-4712-b0d5-1c698d923dec"}"#,
        Outcome::BadRequest,
    )
    .repeated(),
    CallExample::new(
        "missing-video",
        "the video was not uploaded: HTTP 500, yet permanent",
        r#"{"chat_id":"456e7890-b12c-4c23-89ef-126314214567","aspect_ratio":"16:9","duration":"8","link":"","resolution":"688x1220","size":"5","video_name":"missing.mp4","thumbnail_name":"917016535860_15954965.jpg"}"#,
        Outcome::VideoNotFound,
    ),
];
