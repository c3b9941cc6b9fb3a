//! `POST /api/thirdparty/group/create`: a group in a community, perhaps with its first video.
//!
//! The order of checks is ours (`assumed`): body, all field rules, community, repeated `chat_id`,
//! members, video.

mod people;
mod request;
mod response;
#[cfg(test)]
mod two_passes;

use std::borrow::Cow;

use http::Method;
use serde_json::json;
use uuid::Uuid;

use super::{Call, Checked, Endpoint, Finding, Findings, MediaMode, Outcome, Refusal, schema};
use crate::http::Reply;
use crate::vendor::finding::PatchOp;
use crate::vendor::schema::FromTree as _;
use crate::vendor::schema::field::{Deviation, Mark};
use crate::world::ids::Purpose;
use crate::world::{Action, Group, Video, World};
use people::{People, find_people};
use request::{CreateGroup, RecordedVideo};

/// The row of the endpoint table.
pub const ENDPOINT: Endpoint = Endpoint {
    name: "create_group",
    method: Method::POST,
    path: "/api/thirdparty/group/create",
    shape: &request::SHAPE,
    example: Some(include_str!("example.json")),
    outcomes: &[
        Outcome::Ok,
        Outcome::BadRequest,
        Outcome::Unauthorized,
        Outcome::VideoNotFound,
        Outcome::ServerError,
    ],
    rules: RULES,
    deviations: &[
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
    ],
    identify: |request, _, gate| gate.bearer(&request.headers),
    check,
};

const RULES: &[(&str, Mark)] = &[
    ("the token is sent as `Authorization: Bearer <gn-access-token>`", Mark::Documented),
    (
        "`type` and `community_id` (which the page also writes \"Community_id\") are mandatory",
        Mark::Documented,
    ),
    (
        "checks in order: method and path; token; Content-Type `application/json`, UTF-8, JSON, an \
         object; all field rules, every violation collected; community known; `chat_id` not used yet; \
         members known; video found",
        Mark::Assumed,
    ),
    ("a body of more than 1 MiB is refused by the sandbox itself", Mark::Assumed),
    ("a number beyond the range of a double is refused anywhere in a body", Mark::Assumed),
    (
        "the video is not found if `recorded_video` is there and `video_name` is absent, empty, begins \
         with \"missing\" in any case, or, in the strict media mode, is not in the fixtures' list",
        Mark::Assumed,
    ),
    (
        "a success is HTTP 200 with `chat_id`, `type` and `settings` from the request",
        Mark::Documented,
    ),
    ("colours of the group are those of its community", Mark::Assumed),
    (
        "`members`: the creator (`role` 1, `status` 1), then each known user (`role` 2, `status` 1), \
         everybody once; `no_of_members` is their number",
        Mark::Assumed,
    ),
    ("people invited by phone number are kept as pending (`role` 2, `status` 2)", Mark::Assumed),
    (
        "`latest_messages`: one entry for the recorded video, whose owner is the creator, else `[]`; \
         `media_url_m3u8` is null",
        Mark::Assumed,
    ),
    ("times are strings of Unix milliseconds, always a whole second", Mark::Documented),
    ("ids are answered in lower case; `chat_id` and `group.group_id` differ", Mark::Documented),
    (
        "links: `/l/<slug>`, `/video/<slug>`, `/community/<slug>`, \
         `/uploads/profile_images/[rt/][s/|m/|l/]<file>`, `/<path or temp_video>/<file>`, \
         `/<path or uploads/thumbnails>/[s/|l/]<file>`; \"\" where there is no file",
        Mark::Sibling,
    ),
    ("slugs are 16 lower-case hex characters", Mark::Observed),
    (
        "access types: 5 everyone sees, 6 group members see (action 3); 9 all community members post, \
         10 group members post (action 5); 3 all create groups, 4 admins only (action 2)",
        Mark::Observed,
    ),
];

/// Who may see and post unless the caller says otherwise (`assumed`): everyone, all members.
const DEFAULT_ACTIONS: [Action; 2] =
    [Action { action_id: 3, access_type_id: 5 }, Action { action_id: 5, access_type_id: 9 }];

fn check<'a>(call: &Call<'a>, world: &World) -> Result<Checked<'a>, Refusal> {
    let bad_request = |findings| Refusal { outcome: Outcome::BadRequest, findings };
    let (request, mut findings) =
        schema::read::<CreateGroup>(call.request, call.body, ENDPOINT.name, &request::SHAPE)
            .map_err(|mut findings| {
                settle(&mut findings, call, world);
                bad_request(findings)
            })?;
    request.warn(call.body.arena(), &mut findings);
    find_community(&request, world, &mut findings);
    find_repeat(&request, world, &mut findings);
    let people = find_people(&request, call.caller.user, world, &mut findings);
    if findings.has_errors() {
        return Err(bad_request(findings));
    }
    if let Some(reason) = missing_video(&request, call.setting.media, world) {
        return Err(Refusal::because(Outcome::VideoNotFound, findings, reason));
    }
    let (call, only_known_keys) = (*call, !request.saw_unknown());
    let commit = Box::new(move |world: &mut World| create(&call, request, people, world));
    Ok(Checked { findings, only_known_keys, commit })
}

/// Has patches name what this world knows, so that no later step refuses what they make.
fn settle(findings: &mut Findings, call: &Call, world: &World) {
    let id = |value: &serde_json::Value| value.as_str().and_then(crate::world::ids::parse_id);
    for op in findings.errors_mut().flat_map(|finding| finding.patch.iter_mut()) {
        match op {
            PatchOp::Add { path, value } | PatchOp::Replace { path, value } => {
                if path == "/community_id"
                    && id(value).is_none_or(|id| world.community(&id).is_none())
                {
                    if let Some(first) = world.communities().next() {
                        *value = json!(first.community_id);
                    }
                } else if path.starts_with("/group/members/")
                    && path.ends_with("/user_id")
                    && id(value).is_none_or(|id| world.user(&id).is_none())
                {
                    *value = json!(call.caller.user);
                }
            }
            PatchOp::Remove { path } if path == "/recorded_video/video_name" => {
                let name = match call.setting.media {
                    MediaMode::Lenient => Some("video.mp4"),
                    MediaMode::Strict => world.some_media(),
                };
                *op = match name {
                    Some(name) => {
                        PatchOp::Replace { path: std::mem::take(path), value: json!(name) }
                    }
                    None => PatchOp::Remove { path: "/recorded_video".into() },
                };
            }
            PatchOp::Remove { .. } | PatchOp::Move { .. } => {}
        }
    }
}

fn error(pointer: &str, message: impl Into<String>) -> Finding {
    let path: Vec<_> = pointer
        .split('/')
        .skip(1)
        .map(|part| if part.parse::<usize>().is_ok() { "[]" } else { part })
        .collect();
    let clause = format!("{}.{}", ENDPOINT.name, path.join(".").replace(".[]", "[]"));
    Finding::error(pointer, clause, message)
}

/// The contract stops at the first of its later steps that fails.
fn find_community(request: &CreateGroup, world: &World, findings: &mut Findings) {
    if world.community(&request.community_id).is_some() {
        return;
    }
    let finding = error("/community_id", "is not a community of this tenant");
    findings.add(match world.communities().next() {
        None => finding.suggest("the fixtures have no community; add one"),
        Some(first) => {
            let (id, handle) = (first.community_id, &first.handle);
            finding
                .suggest(format!("use a seeded one, for example {id} ({handle})"))
                .mend(PatchOp::Replace { path: "/community_id".into(), value: json!(id) })
        }
    });
}

fn find_repeat(request: &CreateGroup, world: &World, findings: &mut Findings) {
    let is_repeat = request.chat_id.is_some_and(|id| world.has_group(&id));
    if is_repeat && !findings.has_errors() {
        let message = "is the id of a group that exists already";
        let hint = "a chat_id works once: send a new one, or none to get one";
        let patch = PatchOp::Remove { path: "/chat_id".into() };
        findings.add(error("/chat_id", message).suggest(hint).mend(patch));
    }
}

/// Why the video cannot be found, if there is one and it cannot (`assumed`).
fn missing_video(request: &CreateGroup, media: MediaMode, world: &World) -> Option<Finding> {
    let video = request.recorded_video.as_ref()?;
    let name = video.video_name.unwrap_or("");
    let reserved = name.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("missing"));
    let (message, hint) = if name.is_empty() {
        (
            "is missing, so there is no video to find",
            "name an uploaded file, or leave recorded_video out",
        )
    } else if reserved {
        (
            "begins with \"missing\", which is never uploaded",
            "this is how 5026 is asked for; take another name to have the video found",
        )
    } else if media == MediaMode::Strict && !world.has_media(name) {
        (
            "is not among the uploaded files, and the media mode is strict",
            "add it to media in the fixtures, or run with --media lenient",
        )
    } else {
        return None;
    };
    let path = "/recorded_video/video_name";
    let uploaded = match media {
        MediaMode::Lenient => Some("video.mp4"),
        MediaMode::Strict => world.some_media(),
    };
    let mend = match uploaded {
        Some(name) => PatchOp::Add { path: path.into(), value: json!(name) },
        None => PatchOp::Remove { path: "/recorded_video".into() },
    };
    Some(error(path, message).suggest(hint).mend(mend))
}

fn create(call: &Call, request: CreateGroup, people: People, world: &mut World) -> Reply {
    let number = world.groups_created();
    let (tenant, ids) = (call.caller.tenant.as_str(), call.setting.ids);
    let id = |purpose| ids.uuid(tenant, purpose, number);
    let actions = request.actions.map_or(Cow::Borrowed(DEFAULT_ACTIONS.as_slice()), |actions| {
        actions.iter().map(request::WireAction::to_action).collect()
    });
    let chat_id = request.chat_id.unwrap_or_else(|| free_chat_id(call, number, world));
    // a caller may send an id of an earlier run of the same seed
    let group_id = attempts(call, Purpose::Group, number, |id| *id != chat_id);
    let details = request.group.unwrap_or_default();
    let group = Group {
        chat_id,
        group_id,
        number,
        community_id: request.community_id,
        creator: call.caller.user,
        name: details.name,
        description: details.description,
        tags: details.tags,
        dp: file_name(details.dp),
        topics: details.topics.unwrap_or_default(),
        members: people.members,
        invitations: people.invitations,
        actions,
        discoverable: request.settings.and_then(|settings| settings.discoverable).unwrap_or(true),
        template_id: request.template_id,
        is_ai_generated: request.is_ai_generated,
        video: request
            .recorded_video
            .as_ref()
            .map(|video| recorded(video, || id(Purpose::Message))),
        created_at_ms: call.now_ms.div_euclid(1000) * 1000,
    };
    let reply = response::of(&group, call, world);
    world.add_group(&group);
    reply
}

fn recorded<'a>(video: &RecordedVideo<'a>, fresh_id: impl FnOnce() -> Uuid) -> Video<'a> {
    Video {
        message_id: video.message_id.unwrap_or_else(fresh_id),
        video_name: video.video_name.unwrap_or_default(),
        video_path: folder(video.video_path),
        thumbnail_name: file_name(video.thumbnail_name),
        thumbnail_path: folder(video.thumbnail_path),
        description_text: video.description_text,
    }
}

/// An empty name is none.
fn file_name(name: Option<&str>) -> Option<&str> {
    name.filter(|name| !name.is_empty())
}

/// A folder without slashes around it; an empty one is none.
fn folder(path: Option<&str>) -> Option<&str> {
    path.map(|path| path.trim_matches('/')).filter(|path| !path.is_empty())
}

/// An id that no caller has taken for a group of its own.
fn free_chat_id(call: &Call, number: u64, world: &World) -> Uuid {
    attempts(call, Purpose::Chat, number, |id| !world.has_group(id))
}

/// The first id for a number that will do.
fn attempts(call: &Call, purpose: Purpose, number: u64, will_do: impl Fn(&Uuid) -> bool) -> Uuid {
    let tenant = call.caller.tenant.as_str();
    // the high bits count the attempts, so that the next group's first one stays its own
    (0..1 << 24)
        .map(|attempt| call.setting.ids.uuid(tenant, purpose, number | attempt << 40))
        .find(will_do)
        .expect("BUG: there are more ids than groups")
}
