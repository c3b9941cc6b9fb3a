//! `POST /api/thirdparty/group/create`: creates a group in a community, with its first video if one
//! is sent.
//!
//! It checks, in this order (`assumed`): the body and all field rules, the community, a repeated
//! `chat_id`, the members, the video.

mod answer;
mod commit;
mod examples;
mod members;
mod request;
mod warnings;

use http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::assumptions::{RepeatChatId, UnknownCommunity};
use super::body::read_call;
use super::changes::{ChangedData, Changes};
use super::endpoint::{
    Authentication, Call, Change, Checked, Deviation, Endpoint, Refusal, SuccessAnswer, Tag,
    TurnedOutcome, ValidRequest,
};
use super::finding::{Finding, Findings, PatchOp};
use super::outcome::Outcome;
use super::parts::communities::unknown_community;
use super::parts::videos::{VideoPlace, missing_video};
use super::schema::Provenance::{self, Assumed, Documented, Observed, Sibling};
use super::schema::Schema;
use crate::world::ids::parse_id;
use crate::world::{Group, World};
use answer::CreatedGroup;
use examples::EXAMPLES;
use members::collect_people;
use request::CreateGroup;

/// The declaration of Create Group.
pub static ENDPOINT: Endpoint = Endpoint {
    name: "create_group",
    summary: "Creates a group in a community, with its first video if one is sent.",
    tag: Tag::Groups,
    method: Method::POST,
    path: "/api/thirdparty/group/create",
    authentication: Authentication::BearerToken,
    parameters: Schema::EMPTY,
    body: CreateGroup::SCHEMA,
    answer: SuccessAnswer {
        message: "Group has been created successfully.",
        message_provenance: Documented,
        data: CreatedGroup::SCHEMA,
        headers: &[],
    },
    own_ids: &["chat_id", "recorded_video.message_id"],
    magic_word_fields: &["group.tags", "group.name"],
    valid_request: ValidRequest {
        preparation: &[],
        parameters: &[],
        body: r#"{"type":4,"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667","group":{"name":"Tech Conversations","members":[{"phone_number":"919876543210"}]},"settings":{"discoverable":true}}"#,
    },
    documented_example: Some(include_str!("example.json")),
    examples: EXAMPLES,
    outcomes: &[
        Outcome::Ok,
        Outcome::BadRequest,
        Outcome::Unauthorized,
        Outcome::VideoNotFound,
        Outcome::ServerError,
    ],
    turned_outcomes: &[TurnedOutcome {
        assumption: "unknown-community",
        variant: "404",
        outcome: Outcome::CommunityNotFound,
    }],
    rules: RULES,
    assumptions: &[
        ("type", "type-of-group"),
        ("community_id", "unknown-community"),
        ("chat_id", "repeat-chat-id"),
        ("recorded_video.video_name", "empty-video-name"),
        ("the video is not found", "empty-video-name"),
        ("group.members[].user_id", "unknown-user"),
        ("settings.discoverable", "discoverable-default"),
        ("data.group.members", "listed-members"),
        ("`members`: the creator", "listed-members"),
    ],
    deviations: DEVIATIONS,
    check,
};

/// Returns the body of a request that succeeds in a world: its community is one that is there.
pub(crate) fn valid_body(world: &World) -> String {
    let body = ENDPOINT.valid_request.body;
    let mut valid: Value = serde_json::from_str(body).expect("BUG: a valid body is JSON");
    let community = &mut valid["community_id"];
    let is_known =
        community.as_str().and_then(parse_id).is_some_and(|id| world.community(&id).is_some());
    if !is_known && let Some(first) = world.communities().next() {
        *community = json!(first.community_id);
    }
    valid.to_string()
}

const DEVIATIONS: &[Deviation] = &[
    Deviation {
        field: "data.settings.discoverable",
        example: "true, though false was sent",
        sandbox: "the value sent",
    },
    Deviation {
        field: "data.latest_messages[0].message_id",
        example: "another id than the one sent",
        sandbox: "the id sent",
    },
    Deviation {
        field: "data.latest_messages[0].owner.member_id",
        example: "an id that is not the listed member's",
        sandbox: "the creator's id",
    },
    Deviation {
        field: "data.group.members",
        example: "one of the two people sent",
        sandbox: "the active members; people invited by phone number are pending and not listed",
    },
    Deviation {
        field: "every URL",
        example: "empty, lost from the page's copy",
        sandbox: "a link below the public address",
    },
];

const RULES: &[(&str, Provenance)] = &[
    ("the token is sent as `Authorization: Bearer <gn-access-token>`", Documented),
    (
        "`type` and `community_id` (which the page also writes \"Community_id\") are mandatory",
        Documented,
    ),
    (
        "checks in order: method and path; token; Content-Type `application/json`, UTF-8, JSON, an \
         object; all field rules, every violation collected; community known; `chat_id` not used yet; \
         members known; video found",
        Assumed,
    ),
    (
        "the video is not found if `recorded_video` is there and `video_name` is absent, empty, begins \
         with \"missing\" in any case, or, in the strict media mode, is not in the fixtures' list",
        Assumed,
    ),
    ("a success is HTTP 200 with `chat_id`, `type` and `settings` from the request", Documented),
    ("colours of the group are those of its community", Assumed),
    (
        "`members`: the creator (`role` 1, `status` 1), then each known user (`role` 2, `status` 1), \
         everybody once, by id or by phone number; `no_of_members` is their number",
        Assumed,
    ),
    ("people invited by phone number are kept as pending (`role` 2, `status` 2)", Assumed),
    (
        "`latest_messages`: one entry for the recorded video, whose owner is the creator, else `[]`; \
         `media_url_m3u8` is null",
        Assumed,
    ),
    ("`chat_id` and `group.group_id` differ", Documented),
    (
        "links: `/l/<slug>`, `/video/<slug>`, `/community/<slug>`, \
         `/uploads/profile_images/[rt/][s/|m/|l/]<file>`, `/<path or temp_video>/<file>`, \
         `/<path or uploads/thumbnails>/[s/|l/]<file>`; \"\" where there is no file",
        Sibling,
    ),
    (
        "access types: 5 everyone sees, 6 group members see (action 3); 9 all community members post, \
         10 group members post (action 5); 3 all create groups, 4 admins only (action 2)",
        Observed,
    ),
];

const VIDEO: VideoPlace =
    VideoPlace { name: "/recorded_video/video_name", optional_parent: Some("/recorded_video") };

fn check<'a>(call: &Call<'a>, world: &World) -> Result<Checked<'a>, Refusal> {
    let ((), request, mut findings) = read_call::<(), CreateGroup>(call, &ENDPOINT, world)?;
    warnings::warn(&request, call.body.arena(), &mut findings);
    let assumptions = &call.config.assumptions;
    let clause = || ENDPOINT.clause("community_id");
    let is_unknown = world.community(&request.community_id).is_none();
    let unknown = is_unknown.then(|| unknown_community(world, "/community_id", clause));
    let outcome = match (&unknown, assumptions.unknown_community) {
        (Some(_), UnknownCommunity::NotFound) => Outcome::CommunityNotFound,
        (Some(_), UnknownCommunity::BadRequest) | (None, _) => Outcome::BadRequest,
    };
    findings.extend(unknown);
    if !findings.has_errors()
        && let Some(group) = request.chat_id.and_then(|id| world.group(&id))
    {
        findings.add(repeated_chat_id(assumptions.repeat_chat_id));
        if assumptions.repeat_chat_id == RepeatChatId::FirstAnswer {
            return Ok(answer_again(call, group, request.community_id, findings));
        }
    }
    let people = collect_people(&request, call, world, &mut findings);
    if findings.has_errors() {
        return Err(Refusal { outcome, findings });
    }
    let clause = || ENDPOINT.clause("recorded_video.video_name");
    if let Some(video) = &request.recorded_video
        && let Some((outcome, reason)) =
            missing_video(video.video_name, call.config, world, &VIDEO, clause)
    {
        return Err(Refusal::because(outcome, findings, reason));
    }
    let call = *call;
    let changes = |(request, _): &(CreateGroup, _), _: &World| {
        let videos = usize::from(request.recorded_video.is_some());
        Changes::default().added(ChangedData::Groups, 1).added(ChangedData::Videos, videos)
    };
    let commit =
        move |(request, people), world: &mut World| commit::create(&call, request, people, world);
    Ok(Checked::new(findings, (request, people), changes, commit))
}

/// Returns the finding for a `chat_id` that is in use.
fn repeated_chat_id(reading: RepeatChatId) -> Finding {
    let clause = || ENDPOINT.clause("chat_id");
    let warning = |message| Finding::warning("/chat_id", clause(), message);
    match reading {
        RepeatChatId::Refuse => {
            Finding::error("/chat_id", clause(), "is the id of a group that already exists")
                .suggest("send a new chat_id, or leave it out to have one generated")
                .with_patch(PatchOp::Remove { path: "/chat_id".into() })
        }
        RepeatChatId::FirstAnswer => {
            warning("is the id of a group that already exists, and that group is the answer")
        }
        RepeatChatId::SecondGroup => {
            warning("is the id of a group that already exists, and a second group may have it too")
        }
    }
}

/// Answers with a group that exists and changes nothing.
fn answer_again<'a>(
    call: &Call<'a>,
    group: &Group,
    community_id: Uuid,
    findings: Findings,
) -> Checked<'a> {
    let call = *call;
    let commit = move |(chat_id, community_id), world: &mut World| {
        commit::answer_again(&call, &chat_id, &community_id, world)
    };
    let found = (group.chat_id, community_id);
    let mut checked = Checked::new(findings, found, |_, _| Changes::default(), commit);
    checked.change = Change::None;
    checked
}
