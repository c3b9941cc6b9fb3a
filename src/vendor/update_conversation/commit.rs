//! Changes the group of a checked request.

use std::collections::HashSet;

use uuid::Uuid;

use super::answer::{self, Updates};
use super::people::{PeopleChanges, added_member};
use super::request::UpdateConversation;
use crate::http::Reply;
use crate::vendor::assumptions::AddedMember;
use crate::vendor::endpoint::Call;
use crate::vendor::parts::links::file_name;
use crate::world::{Group, Text, World};

/// Changes the group of a checked request and returns the answer.
pub(crate) fn update(
    call: &Call,
    chat_id: &Uuid,
    request: &UpdateConversation,
    people: PeopleChanges,
    world: &mut World,
) -> Reply {
    let updates = world
        .update_group(chat_id, |group| change(group, call, request, &people))
        .expect("BUG: the group was checked");
    answer::reply(call, people, &updates, world)
}

/// Whether the group would differ from what it is.
pub(crate) fn would_differ(
    call: &Call,
    chat_id: &Uuid,
    request: &UpdateConversation,
    people: &PeopleChanges,
    world: &World,
) -> bool {
    let group = world.group(chat_id).expect("BUG: the group was checked");
    let mut changed = group.clone();
    change(&mut changed, call, request, people);
    changed != *group
}

fn change(
    group: &mut Group,
    call: &Call,
    request: &UpdateConversation,
    people: &PeopleChanges,
) -> Updates {
    change_members(group, people, call.config.assumptions.added_member);
    change_details(group, request)
}

fn change_members(group: &mut Group, people: &PeopleChanges, reading: AddedMember) {
    if !people.removed.is_empty() {
        let removed: HashSet<_> = people.removed.iter().collect();
        group.members.retain(|member| !removed.contains(&member.user_id));
    }
    if !people.uninvited.is_empty() {
        let numbers: HashSet<&str> = people.uninvited.iter().map(|number| &**number).collect();
        group.invitations.retain(|invitation| !numbers.contains(&*invitation.phone_number));
    }
    group.members.extend(people.added.iter().map(|user_id| added_member(*user_id, reading)));
}

/// Replaces what was sent and returns what differs from before.
fn change_details(group: &mut Group, request: &UpdateConversation) -> Updates {
    let topics = request.topics.as_deref().filter(|sent| **sent != *group.topics);
    let discoverable = request.settings.as_ref().and_then(|settings| settings.discoverable);
    let text = |text, sent: Option<&str>| sent.is_some_and(|sent| replace(text, Some(sent)));
    text(&mut group.tags, request.tags);
    let updates = Updates {
        name: text(&mut group.name, request.name),
        description: text(&mut group.description, request.description),
        dp: request.dp.is_some_and(|sent| replace(&mut group.dp, file_name(Some(sent)))),
        topics: topics.is_some(),
        settings: discoverable.is_some_and(|sent| sent != group.discoverable),
    };
    if let Some(topics) = topics {
        group.topics = topics.into();
    }
    group.discoverable = discoverable.unwrap_or(group.discoverable);
    updates
}

/// Replaces a text and returns whether that makes a difference, which it does not between an empty one and none.
fn replace(text: &mut Option<Text>, value: Option<&str>) -> bool {
    let differs = text.as_deref().unwrap_or_default() != value.unwrap_or_default();
    if text.as_deref() != value {
        *text = value.map(Text::from);
    }
    differs
}
