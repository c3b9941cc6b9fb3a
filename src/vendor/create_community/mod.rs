//! `POST /api/thirdparty/community/create`: creates a community, with its members and new categories.
//!
//! It checks, in this order (`assumed`): the body and all field rules, a repeated handle and the members,
//! the categories.

mod answer;
mod commit;
mod examples;
mod request;

use std::collections::HashSet;

use http::Method;
use serde_json::json;
use uuid::Uuid;

use super::assumptions::RepeatHandle;
use super::body::read_call;
use super::changes::{ChangedData, Changes};
use super::endpoint::{
    Authentication, Call, Checked, Deviation, Endpoint, Refusal, SuccessAnswer, Tag, ValidRequest,
};
use super::finding::{Finding, Findings, PatchOp, Severity};
use super::outcome::Outcome;
use super::parts::actions::warn_of_unknown_pairs;
use super::parts::free_handle;
use super::parts::people::add_unknown_user;
use super::schema::Provenance::{self, Assumed, Observed, Sibling};
use super::schema::Schema;
use crate::world::World;
use answer::CreatedCommunity;
use commit::CheckedParts;
use examples::EXAMPLES;
use request::CreateCommunity;

pub(crate) static ENDPOINT: Endpoint = Endpoint {
    name: "create_community",
    summary: "Creates a community, with its members and new categories.",
    tag: Tag::Communities,
    method: Method::POST,
    path: "/api/thirdparty/community/create",
    authentication: Authentication::BearerToken,
    parameters: Schema::EMPTY,
    body: CreateCommunity::SCHEMA,
    answer: SuccessAnswer {
        message: "XXXX-[Community has been created successfully.]",
        message_provenance: Sibling,
        data: CreatedCommunity::SCHEMA,
        headers: &[],
    },
    own_ids: &["handle"],
    magic_word_fields: &["tags", "name"],
    valid_request: ValidRequest {
        preparation: &[],
        parameters: &[],
        body: r#"{"handle":"community-{n}","name":"Genuin Community","type":1,"actions":[{"action_id":2,"access_type_id":3}]}"#,
    },
    documented_example: Some(include_str!("example.json")),
    examples: EXAMPLES,
    outcomes: &[
        Outcome::Ok,
        Outcome::BadRequest,
        Outcome::Unauthorized,
        Outcome::PreconditionFailed,
    ],
    turned_outcomes: &[],
    rules: RULES,
    assumptions: &[
        ("handle", "repeat-handle"),
        ("type", "community-mandatory"),
        ("actions", "community-mandatory"),
        ("`handle`, `name`, `type` and `actions` are mandatory", "community-mandatory"),
        ("users[].user_id", "unknown-user"),
    ],
    deviations: &[Deviation {
        field: "data.leader",
        example: "a user of the vendor's",
        sandbox: "the user of the fixtures through whom the brand acts",
    }],
    check,
};

/// How a call ends whose handle is in use (`assumed`).
fn repeated_handle_outcome(reading: RepeatHandle) -> Outcome {
    match reading {
        RepeatHandle::BadRequest => Outcome::BadRequest,
        RepeatHandle::PreconditionFailed => Outcome::PreconditionFailed,
    }
}

const RULES: &[(&str, Provenance)] = &[
    ("the token is sent as `Authorization: Bearer <gn-access-token>`", Sibling),
    (
        "`handle`, `name`, `type` and `actions` are mandatory; the page's own example lacks the last two",
        Sibling,
    ),
    (
        "checks in order: method and path; token; Content-Type `application/json`, UTF-8, JSON, an \
         object; all field rules, every violation collected; `handle` not used yet and members known; \
         categories known",
        Assumed,
    ),
    ("a category that does not exist is `precondition-failed`", Sibling),
    ("without a list in the fixtures the categories are 1 to 20", Assumed),
    ("the leader (`role` 1) and `users` (`role` 2) become members, everybody once", Assumed),
    ("roles: 1 leader, 2 member, 3 moderator", Observed),
    (
        "links: `/community/<handle>`, `/uploads/profile_images/community/<file>`, \
         `/uploads/community/banner/<file>`; \"\" where there is no file",
        Sibling,
    ),
    ("the community can be used at once by the other calls of the tenant", Assumed),
    (
        "past 20 000 communities that calls created in all tenants, or if their memory is full before, the \
         largest tenant forgets its oldest, with the groups in it",
        Assumed,
    ),
];

fn check<'a>(call: &Call<'a>, world: &World) -> Result<Checked<'a>, Refusal> {
    let ((), request, mut findings) = read_call::<(), CreateCommunity>(call, &ENDPOINT, world)
        .map_err(|mut refusal| {
            explain_mandatory(&mut refusal.findings);
            refusal
        })?;
    warn_of_unknown_pairs(request.actions(), &ENDPOINT, &mut findings);
    let repeated = world.has_handle(request.handle.0);
    if repeated {
        findings.add(repeated_handle(request.handle.0, world));
    }
    let members = members(&request, call, world, &mut findings);
    if findings.has_errors() {
        let repeated = repeated.then_some(call.config.assumptions.repeat_handle);
        let outcome = repeated.map_or(Outcome::BadRequest, repeated_handle_outcome);
        return Err(Refusal { outcome, findings });
    }
    let categories = categories(&request, world, &mut findings);
    if findings.has_errors() {
        return Err(Refusal { outcome: Outcome::PreconditionFailed, findings });
    }
    let (call, parts) = (*call, CheckedParts { categories, members });
    let changes = |(request, _): &(CreateCommunity, _), _: &World| {
        let categories = request.categories.as_ref().and_then(|sent| sent.new.as_ref());
        Changes::default()
            .added(ChangedData::Communities, 1)
            .added(ChangedData::Categories, categories.map_or(0, Vec::len))
    };
    let commit =
        move |(request, parts), world: &mut World| commit::create(&call, &request, parts, world);
    Ok(Checked::new(findings, (request, parts), changes, commit))
}

/// Says of a missing field that the page's example lacks it too.
fn explain_mandatory(findings: &mut Findings) {
    for finding in findings.iter_mut() {
        if matches!(finding.pointer.as_str(), "/type" | "/actions")
            && finding.message == "is missing"
            && let Some(suggestion) = &mut finding.suggestion
        {
            suggestion.push_str(
                "; the page's own example lacks it, but its list of mandatory fields has it",
            );
        }
    }
}

fn repeated_handle(handle: &str, world: &World) -> Finding {
    let message = "is the handle of a community that already exists";
    let finding = Finding::error("/handle", ENDPOINT.clause("handle"), message)
        .suggest("send another handle; handles are compared without regard to case");
    match free_handle(world, handle) {
        None => finding,
        Some(free) => {
            finding.with_patch(PatchOp::Replace { path: "/handle".into(), value: json!(free) })
        }
    }
}

/// Returns the users who become members, each once. An unknown one is an error, unless an assumption ignores
/// them.
fn members(
    request: &CreateCommunity,
    call: &Call,
    world: &World,
    findings: &mut Findings,
) -> Vec<Uuid> {
    let leader = commit::leader(call, world).user_id;
    let mut seen = HashSet::new();
    let mut members = Vec::new();
    for (index, user) in request.users.iter().flatten().enumerate() {
        let pointer = || format!("/users/{index}/user_id");
        let clause = || ENDPOINT.clause("users[].user_id");
        let mut warn = |message| {
            findings.add_with(Severity::Warning, || Finding::warning(pointer(), clause(), message));
        };
        if world.user(&user.user_id).is_none() {
            let (known, reading) = (call.caller.user, call.config.assumptions.unknown_user);
            let fix = "use a known user_id";
            add_unknown_user(findings, pointer, clause, fix, known, reading);
        } else if user.user_id == leader {
            warn("is the leader of the community already");
        } else if seen.insert(user.user_id) {
            members.push(user.user_id);
        } else {
            warn("is a duplicate and counts once");
        }
    }
    members
}

/// Returns the existing categories, each once. An unknown one is an error.
fn categories(request: &CreateCommunity, world: &World, findings: &mut Findings) -> Vec<i64> {
    let sent = request.categories.as_ref().and_then(|categories| categories.existing.as_deref());
    let mut seen = HashSet::new();
    let mut categories = Vec::new();
    for (index, number) in sent.unwrap_or_default().iter().enumerate() {
        let pointer = || format!("/categories/existing/{index}");
        let clause = || ENDPOINT.clause("categories.existing[]");
        if !world.has_category(*number) {
            findings.add_with(Severity::Error, || {
                let message = "is not a category of this tenant";
                let finding = Finding::error(pointer(), clause(), message);
                match world.categories().next() {
                    None => finding.suggest("there are no categories; send new ones by name"),
                    Some((known, _)) => finding
                        .suggest("use a category of the fixtures, or send a new one by name")
                        .with_patch(PatchOp::Replace { path: pointer(), value: json!(known) }),
                }
            });
        } else if seen.insert(*number) {
            categories.push(*number);
        } else {
            findings.add_with(Severity::Warning, || {
                Finding::warning(pointer(), clause(), "is a duplicate and counts once")
            });
        }
    }
    categories
}
