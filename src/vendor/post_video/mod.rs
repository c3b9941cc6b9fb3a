//! `POST /api/thirdparty/conversation/reply`: posts a video to a group.
//!
//! It checks, in this order (`assumed`): the body and all field rules, the group, a repeated
//! `message_id`, the video.

mod answer;
mod commit;
mod examples;
mod request;

use http::Method;

use super::body::read_call;
use super::changes::{ChangedData, Changes};
use super::create_group;
use super::endpoint::{
    Authentication, Call, Checked, Deviation, Endpoint, Refusal, SuccessAnswer, Tag, TurnedOutcome,
    ValidRequest,
};
use super::finding::{Finding, Findings, PatchOp};
use super::outcome::Outcome;
use super::parts::descriptions::malformed_description;
use super::parts::groups::{find_group, unknown_group};
use super::parts::videos::{VideoPlace, missing_video};
use super::schema::Provenance::{self, Assumed, Observed, Sibling};
use super::schema::Schema;
use crate::world::{Group, World};
use answer::PostedReply;
use examples::EXAMPLES;
use request::PostVideo;

/// The declaration of Post Video.
pub(crate) static ENDPOINT: Endpoint = Endpoint {
    name: "post_video",
    summary: "Posts a video to a group.",
    tag: Tag::Groups,
    method: Method::POST,
    path: "/api/thirdparty/conversation/reply",
    authentication: Authentication::BearerToken,
    parameters: Schema::EMPTY,
    body: PostVideo::SCHEMA,
    answer: SuccessAnswer {
        message: "Reply Sent Successfully",
        message_provenance: Sibling,
        data: PostedReply::SCHEMA,
        headers: &[],
    },
    own_ids: &["message_id"],
    magic_word_fields: &["description_text"],
    valid_request: ValidRequest {
        preparation: &[(
            &create_group::ENDPOINT,
            r#"{"type":4,"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667","chat_id":"456e7890-b12c-4c23-89ef-126314214567"}"#,
        )],
        parameters: &[],
        body: r#"{"chat_id":"456e7890-b12c-4c23-89ef-126314214567","aspect_ratio":"16:9","duration":"8","link":"","resolution":"688x1220","size":"5","video_name":"917016535860_15954965.mp4","thumbnail_name":"917016535860_15954965.jpg"}"#,
    },
    documented_example: Some(include_str!("example.json")),
    examples: EXAMPLES,
    outcomes: &[Outcome::Ok, Outcome::BadRequest, Outcome::Unauthorized, Outcome::VideoNotFound],
    turned_outcomes: &[TurnedOutcome {
        assumption: "unknown-chat",
        variant: "404",
        outcome: Outcome::ConversationNotFound,
    }],
    rules: RULES,
    assumptions: &[
        ("chat_id", "unknown-chat"),
        ("a `chat_id` that is no group", "unknown-chat"),
        ("video_name", "empty-video-name"),
        ("the video is not found", "empty-video-name"),
        ("data.group.no_of_members", "listed-members"),
    ],
    deviations: DEVIATIONS,
    check,
};

const VIDEO: VideoPlace = VideoPlace { name: "/video_name", optional_parent: None };

const DEVIATIONS: &[Deviation] = &[
    Deviation {
        field: "data.group.no_of_videos and no_of_members",
        example: "0, though a video was just posted",
        sandbox: "what the group has",
    },
    Deviation {
        field: "data.chats[0].thumbnail_url",
        example: "a link without the thumbnail_path sent",
        sandbox: "a link with the path sent",
    },
];

const RULES: &[(&str, Provenance)] = &[
    ("the token is sent as `Authorization: Bearer <gn-access-token>`", Sibling),
    (
        "`chat_id`, `aspect_ratio`, `duration`, `link`, `resolution`, `size`, `video_name` and \
         `thumbnail_name` are mandatory; `link` may be empty",
        Sibling,
    ),
    (
        "checks in order: method and path; token; Content-Type `application/json`, UTF-8, JSON, an \
         object; all field rules, every violation collected; group known; `message_id` new in the \
         group; video found",
        Assumed,
    ),
    ("a `chat_id` that is no group of this tenant is bad-request", Assumed),
    ("a `message_id` that the group already has is bad-request", Assumed),
    (
        "the video is not found if `video_name` is empty, begins with \"missing\" in any case, or, in \
         the strict media mode, is not in the fixtures' list; an absent one is bad-request",
        Assumed,
    ),
    ("the owner is the token's user, in the group or not", Assumed),
    (
        "`no_of_videos` counts the video that the group was created with, this one and those that \
         were forgotten; `no_of_members` counts the active members",
        Assumed,
    ),
    ("`chats` has the new video alone", Sibling),
    ("`questions` are kept and answered as `[]`: none exist here", Assumed),
    ("views, comments and subscribers are 0, since nobody has any here", Assumed),
    ("the group's `latest_message_at` becomes the time of the video", Assumed),
    (
        "a group keeps its newest 1000 videos; all tenants together keep 100 000, or fewer if their memory \
         is full before",
        Assumed,
    ),
    (
        "the fields of `chats` after `thumbnail_url` are those that an app of the vendor's reads",
        Observed,
    ),
];

fn check<'a>(call: &Call<'a>, world: &World) -> Result<Checked<'a>, Refusal> {
    let ((), request, mut findings) = read_call::<(), PostVideo>(call, &ENDPOINT, world)?;
    let clause = || ENDPOINT.clause("description_data");
    findings.extend(request.description_data.and_then(|text| {
        malformed_description(text, call.body.arena(), "/description_data", clause)
    }));
    let clause = || ENDPOINT.clause("chat_id");
    let group = match find_group(world, &request.chat_id, "/chat_id", clause) {
        Ok(group) => group,
        Err(reason) => {
            let outcome = unknown_group(call.config.assumptions.unknown_chat);
            return Err(Refusal::because(outcome, findings, reason));
        }
    };
    check_repeated_message_id(&request, group, &mut findings);
    if findings.has_errors() {
        return Err(Refusal { outcome: Outcome::BadRequest, findings });
    }
    let clause = || ENDPOINT.clause("video_name");
    if let Some((outcome, reason)) =
        missing_video(Some(request.video_name), call.config, world, &VIDEO, clause)
    {
        return Err(Refusal::because(outcome, findings, reason));
    }
    let call = *call;
    let changes = |_: &_, _: &World| {
        Changes::default().added(ChangedData::Videos, 1).changed(ChangedData::Groups, 1)
    };
    let commit = move |request, world: &mut World| commit::post(&call, &request, world);
    Ok(Checked::new(findings, request, changes, commit))
}

fn check_repeated_message_id(request: &PostVideo, group: &Group, findings: &mut Findings) {
    if request.message_id.is_none_or(|id| !group.has_message(&id)) {
        return;
    }
    let (pointer, clause) = ("/message_id", ENDPOINT.clause("message_id"));
    findings.add(
        Finding::error(pointer, clause, "is the id of a video that the group has")
            .suggest("send a new message_id, or leave it out to have one generated")
            .with_patch(PatchOp::Remove { path: pointer.into() }),
    );
}
