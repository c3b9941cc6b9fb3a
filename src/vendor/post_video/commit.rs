//! Posts the video of a checked request.

use std::sync::Arc;

use super::answer;
use super::request::PostVideo;
use crate::http::Reply;
use crate::vendor::endpoint::Call;
use crate::vendor::parts::links::{file_name, folder};
use crate::vendor::parts::new_id;
use crate::vendor::schema::TextOrNumber;
use crate::world::ids::Purpose;
use crate::world::{Group, JsonText, PostedVideo, Text, Video, World};

/// Stores the video of a checked request and returns the answer.
pub(crate) fn post(call: &Call, request: &PostVideo, world: &mut World) -> Reply {
    let number = world.counters().videos;
    let group = world.group(&request.chat_id).expect("BUG: the group was checked");
    let video = Arc::new(posted_video(call, request, group, number));
    world.post_video(&request.chat_id, Arc::clone(&video)).expect("BUG: the group was checked");
    answer::reply(call, &request.chat_id, &video, world)
}

fn posted_video(call: &Call, request: &PostVideo, group: &Group, number: u64) -> PostedVideo {
    let message_id = request.message_id.unwrap_or_else(|| {
        new_id(call, Purpose::PostedMessage, number, |id| !group.has_message(id))
    });
    let measures = [request.duration, request.size, request.aspect_ratio, request.resolution]
        .map(TextOrNumber::to_json);
    let questions =
        request.questions.as_ref().map(|questions| serde_json::json!(questions).to_string());
    let [duration, size, aspect_ratio, resolution] = &measures;
    let [
        video_name,
        video_path,
        thumbnail_name,
        thumbnail_path,
        description_text,
        link,
        duration,
        size,
        aspect_ratio,
        resolution,
        questions,
    ] = Text::together([
        Some(request.video_name),
        folder(request.video_path),
        file_name(Some(request.thumbnail_name)),
        folder(request.thumbnail_path),
        request.description_text,
        Some(request.link),
        Some(duration),
        Some(size),
        Some(aspect_ratio),
        Some(resolution),
        questions.as_deref(),
    ]);
    let given = |text: Option<Text>| text.expect("BUG: mandatory fields are given");
    PostedVideo {
        number,
        video: Video {
            message_id,
            video_name: given(video_name),
            video_path,
            thumbnail_name,
            thumbnail_path,
            description_text,
        },
        owner: call.caller.user,
        posted_at_ms: call.now_ms.div_euclid(1000) * 1000,
        link: given(link),
        duration: JsonText::new(given(duration)),
        size: JsonText::new(given(size)),
        aspect_ratio: JsonText::new(given(aspect_ratio)),
        resolution: JsonText::new(given(resolution)),
        questions: questions.map(JsonText::new),
    }
}
