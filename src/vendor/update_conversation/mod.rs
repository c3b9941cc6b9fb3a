//! `PATCH /api/thirdparty/update_conversation/{chat_id}`: changes a group's people and details.
//!
//! It checks, in this order (`assumed`): the path's id, the body and all field rules, the group, the
//! users.

mod answer;
mod commit;
mod examples;
mod people;
mod request;

use http::Method;

use super::body::read_call;
use super::changes::{ChangedData, Changes};
use super::create_group;
use super::endpoint::{
    Authentication, Call, Checked, Deviation, Endpoint, Refusal, SuccessAnswer, Tag, TurnedOutcome,
    ValidRequest,
};
use super::outcome::Outcome;
use super::parts::groups::{find_group, unknown_group};
use super::schema::Provenance::{self, Assumed, Sibling};
use crate::world::World;
use answer::UpdatedConversation;
use examples::EXAMPLES;
use request::{Parameters, UpdateConversation};

/// The declaration of Update Conversation.
pub(crate) static ENDPOINT: Endpoint = Endpoint {
    name: "update_conversation",
    summary: "Changes a group: who is in it, its name, description, tags, picture, topics and settings.",
    tag: Tag::Groups,
    method: Method::PATCH,
    path: "/api/thirdparty/update_conversation/{chat_id}",
    authentication: Authentication::BearerToken,
    parameters: Parameters::SCHEMA,
    body: UpdateConversation::SCHEMA,
    answer: SuccessAnswer {
        message: "Conversation updated successfully.",
        message_provenance: Sibling,
        data: UpdatedConversation::SCHEMA,
        headers: &[],
    },
    own_ids: &[],
    magic_word_fields: &["tags", "name"],
    valid_request: ValidRequest {
        preparation: &[(
            &create_group::ENDPOINT,
            r#"{"type":4,"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667","chat_id":"456e7890-b12c-4c23-89ef-126314214567"}"#,
        )],
        parameters: &[("chat_id", "456e7890-b12c-4c23-89ef-126314214567")],
        body: r#"{"name":"new name","description":"new description #abc #xyz","tags":"abc,xyz","dp":"1.png","topics":[1,2],"settings":{"discoverable":false}}"#,
    },
    documented_example: Some(include_str!("example.json")),
    examples: EXAMPLES,
    outcomes: &[Outcome::Ok, Outcome::BadRequest, Outcome::Unauthorized],
    turned_outcomes: &[TurnedOutcome {
        assumption: "unknown-chat",
        variant: "404",
        outcome: Outcome::ConversationNotFound,
    }],
    rules: RULES,
    assumptions: &[
        ("path.chat_id", "unknown-chat"),
        ("a `chat_id` that is no group", "unknown-chat"),
        ("members_added[].user_id", "unknown-user"),
        ("members_added", "added-member"),
        ("those who are added are invited", "added-member"),
    ],
    deviations: DEVIATIONS,
    check,
};

const DEVIATIONS: &[Deviation] = &[
    Deviation {
        field: "data.members_added[0].member_id",
        example: "another id than the one sent",
        sandbox: "the id sent",
    },
    Deviation {
        field: "data.name_updated and the other flags",
        example: "false, though values were sent",
        sandbox: "whether a value was sent and differs from the one before",
    },
];

const RULES: &[(&str, Provenance)] = &[
    ("the token is sent as `Authorization: Bearer <gn-access-token>`", Sibling),
    ("no field is mandatory; nothing sent is a success in which nothing was updated", Assumed),
    (
        "checks in order: method and path; token; Content-Type `application/json`, UTF-8, JSON, an \
         object; the path's `chat_id` and all field rules, every violation collected; group known; \
         users known, and the owner not among those who leave",
        Assumed,
    ),
    ("a `chat_id` that is no group of this tenant is bad-request", Assumed),
    (
        "`members_added` and `members_removed` are about the group as it was before the call; each \
         person counts once",
        Assumed,
    ),
    ("those who are added are invited: `status` 2, `role` 2", Sibling),
    (
        "those who are in the group already, repeated, or not there to be removed are ignored with a \
         warning",
        Assumed,
    ),
    (
        "somebody who was invited by phone number is in the group already, and leaves it by the id that \
         answers list or by that of the user who has the number",
        Assumed,
    ),
    ("the owner of the group cannot be removed: bad-request", Assumed),
    ("nobody subscribes here: `subscribers_removed` is ignored with a warning", Assumed),
    (
        "the answer lists who was added and removed by this call; `subscribers_added`, \
         `subscribers_removed` and `requester_removed` are empty",
        Assumed,
    ),
    (
        "`name`, `description`, `tags`, `dp`, `topics` and `settings.discoverable` replace what the \
         group has; null means absent; an empty `dp` removes the picture",
        Assumed,
    ),
    (
        "a flag such as `name_updated` says whether a value was sent and differs; an empty text is no other \
         than none",
        Assumed,
    ),
];

fn check<'a>(call: &Call<'a>, world: &World) -> Result<Checked<'a>, Refusal> {
    let (Parameters { chat_id }, request, mut findings) =
        read_call::<Parameters, UpdateConversation>(call, &ENDPOINT, world)?;
    let clause = || ENDPOINT.clause("path.chat_id");
    let group = match find_group(world, &chat_id, "/path/chat_id", clause) {
        Ok(group) => group,
        Err(reason) => {
            let outcome = unknown_group(call.config.assumptions.unknown_chat);
            return Err(Refusal::because(outcome, findings, reason.without_patch()));
        }
    };
    let people = people::compare(&request, group, call, world, &mut findings);
    if findings.has_errors() {
        return Err(Refusal { outcome: Outcome::BadRequest, findings });
    }
    let call = *call;
    let found = (chat_id, request, people);
    let changes = move |(chat_id, request, people): &(_, _, _), world: &World| {
        let differs = commit::would_differ(&call, chat_id, request, people, world);
        Changes::default().changed(ChangedData::Groups, differs.into())
    };
    let commit = move |(chat_id, request, people): (_, _, _), world: &mut World| {
        commit::update(&call, &chat_id, &request, people, world)
    };
    Ok(Checked::new(findings, found, changes, commit))
}
