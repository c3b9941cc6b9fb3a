//! Creates the group of a checked request.

use uuid::Uuid;

use super::answer;
use super::members::People;
use super::request::{CreateGroup, RecordedVideo};
use crate::http::Reply;
use crate::vendor::assumptions::DiscoverableDefault;
use crate::vendor::endpoint::Call;
use crate::vendor::parts::links::{file_name, folder};
use crate::vendor::parts::new_id;
use crate::vendor::parts::videos::recorded_details;
use crate::vendor::schema::Writer;
use crate::world::ids::Purpose;
use crate::world::{Action, Group, JsonText, Text, Video, World};

/// The default actions (`assumed`): everyone sees, all community members post.
const DEFAULT_ACTIONS: [Action; 2] =
    [Action { action_id: 3, access_type_id: 5 }, Action { action_id: 5, access_type_id: 9 }];

/// Stores the group of a checked request and returns the answer.
pub(crate) fn create(
    call: &Call,
    request: CreateGroup,
    people: People,
    world: &mut World,
) -> Reply {
    let number = world.counters().groups;
    let chat_id = request
        .chat_id
        .unwrap_or_else(|| new_id(call, Purpose::Chat, number, |id| world.group(id).is_none()));
    // the caller may send an id that an earlier run with the same seed generated
    let group_id = new_id(call, Purpose::Group, number, |id| *id != chat_id);
    let [name, description, tags, dp, of_video @ .., recorded_details] = texts(&request);
    let video = request.recorded_video.as_ref();
    let topics = request.group.as_ref().and_then(|group| group.topics.as_deref());
    let group = Group {
        chat_id,
        group_id,
        group_type: request.group_type.0,
        number,
        community_id: request.community_id,
        creator: call.caller.user,
        name,
        description,
        tags,
        dp,
        topics: topics.unwrap_or_default().into(),
        members: people.members,
        invitations: people.invitations,
        discoverable: is_discoverable(call, &request),
        actions: request
            .actions
            .map_or(DEFAULT_ACTIONS.into(), |actions| actions.iter().map(Action::from).collect()),
        template_id: request.template_id,
        is_ai_generated: request.is_ai_generated,
        recorded_video: video.map(|sent| recorded_video(call, sent, number, of_video)),
        recorded_details: recorded_details.map(JsonText::new),
        posted: None,
        created_at_ms: call.now_ms.div_euclid(1000) * 1000,
    };
    let reply = answer::reply(&group, &group.community_id, call, world);
    world.add_group(group);
    reply
}

fn is_discoverable(call: &Call, request: &CreateGroup) -> bool {
    let sent = request.settings.as_ref().and_then(|settings| settings.discoverable);
    sent.unwrap_or(match call.config.assumptions.discoverable_default {
        DiscoverableDefault::True => true,
        DiscoverableDefault::False => false,
    })
}

fn recorded_video(
    call: &Call,
    sent: &RecordedVideo,
    number: u64,
    [name, video_path, thumbnail_name, thumbnail_path, description_text]: [Option<Text>; 5],
) -> Video {
    Video {
        message_id: sent.message_id.unwrap_or_else(|| {
            call.config.ids.uuid(call.caller.tenant.as_str(), Purpose::Message, number)
        }),
        video_name: name.expect("BUG: a video without a name is not found"),
        video_path,
        thumbnail_name,
        thumbnail_path,
        description_text,
    }
}

/// The texts of the group, then those of its video, in one piece of memory.
fn texts(request: &CreateGroup) -> [Option<Text>; 10] {
    let group = request.group.as_ref();
    let video = request.recorded_video.as_ref();
    Text::together([
        group.and_then(|group| group.name),
        group.and_then(|group| group.description),
        group.and_then(|group| group.tags),
        group.and_then(|group| file_name(group.dp)),
        video.and_then(|video| video.video_name),
        video.and_then(|video| folder(video.video_path)),
        video.and_then(|video| file_name(video.thumbnail_name)),
        video.and_then(|video| folder(video.thumbnail_path)),
        video.and_then(|video| video.description_text),
        video.and_then(details_of).as_deref(),
    ])
}

/// What was said of a video that no answer shows.
fn details_of(sent: &RecordedVideo) -> Option<String> {
    let measures = [sent.duration, sent.size, sent.aspect_ratio, sent.resolution];
    recorded_details(
        sent.link,
        measures.map(|sent| sent.map(|sent| move |writer: &mut Writer| sent.write(writer))),
    )
}

/// Answers a call that repeats the `chat_id` of a group with that group. It may have outlived its community;
/// then it is shown in the one that the call names.
pub(crate) fn answer_again(
    call: &Call,
    chat_id: &Uuid,
    community_id: &Uuid,
    world: &World,
) -> Reply {
    let group = world.group(chat_id).expect("BUG: the group was checked");
    let is_there = world.community(&group.community_id).is_some();
    let community_id = if is_there { &group.community_id } else { community_id };
    answer::reply(group, community_id, call, world)
}
