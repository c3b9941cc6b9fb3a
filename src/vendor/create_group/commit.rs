//! Creates the group of a checked request.

use uuid::Uuid;

use super::answer;
use super::members::People;
use super::request::{CreateGroup, RecordedVideo};
use crate::http::Reply;
use crate::vendor::endpoint::Call;
use crate::world::ids::Purpose;
use crate::world::{Action, Group, Video, World};

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
    let number = world.groups_created();
    let chat_id = request
        .chat_id
        .unwrap_or_else(|| new_id(call, Purpose::Chat, number, |id| world.group(id).is_none()));
    // the caller may send an id that an earlier run with the same seed generated
    let group_id = new_id(call, Purpose::Group, number, |id| *id != chat_id);
    let actions = request.actions.map_or(DEFAULT_ACTIONS.to_vec(), |actions| {
        actions
            .iter()
            .map(|sent| Action { action_id: sent.action_id, access_type_id: sent.access_type_id })
            .collect()
    });
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let details = request.group.as_ref();
    let group = Group {
        chat_id,
        group_id,
        number,
        community_id: request.community_id,
        creator: call.caller.user,
        name: details.and_then(|group| owned(group.name)),
        description: details.and_then(|group| owned(group.description)),
        tags: details.and_then(|group| owned(group.tags)),
        dp: details.and_then(|group| file_name(group.dp)),
        topics: details.and_then(|group| group.topics.clone()).unwrap_or_default(),
        members: people.members,
        invitations: people.invitations,
        actions,
        discoverable: request.settings.and_then(|settings| settings.discoverable).unwrap_or(true),
        template_id: request.template_id,
        is_ai_generated: request.is_ai_generated,
        videos: request
            .recorded_video
            .iter()
            .map(|video| stored_video(video, call, number))
            .collect(),
        created_at_ms: call.now_ms.div_euclid(1000) * 1000,
    };
    let reply = answer::reply(&group, call, world);
    world.add_group(group);
    reply
}

fn stored_video(video: &RecordedVideo, call: &Call, number: u64) -> Video {
    let new_id = || call.config.ids.uuid(call.caller.tenant.as_str(), Purpose::Message, number);
    Video {
        message_id: video.message_id.unwrap_or_else(new_id),
        video_name: video.video_name.unwrap_or_default().to_owned(),
        video_path: folder(video.video_path),
        thumbnail_name: file_name(video.thumbnail_name),
        thumbnail_path: folder(video.thumbnail_path),
        description_text: video.description_text.map(str::to_owned),
    }
}

/// Returns a file name; an empty one counts as absent.
fn file_name(name: Option<&str>) -> Option<String> {
    name.filter(|name| !name.is_empty()).map(str::to_owned)
}

/// Returns a folder without leading and trailing slashes; an empty one counts as absent.
fn folder(path: Option<&str>) -> Option<String> {
    let path = path?.trim_matches('/');
    (!path.is_empty()).then(|| path.to_owned())
}

/// Returns the first free id for a purpose and a number.
fn new_id(call: &Call, purpose: Purpose, number: u64, is_free: impl Fn(&Uuid) -> bool) -> Uuid {
    let tenant = call.caller.tenant.as_str();
    // the high bits count the attempts, so that they do not overlap with the ids of the next group
    (0..1 << 24)
        .map(|attempt| call.config.ids.uuid(tenant, purpose, number | attempt << 40))
        .find(is_free)
        .expect("BUG: there are more ids than groups")
}
