//! `POST /api/thirdparty/community/add_moderators`: makes users moderators of communities.
//!
//! It checks, in this order: the body and all field rules, that community and users are named, whether
//! they are known.

mod answer;
mod examples;
mod request;

use std::collections::HashSet;

use http::Method;
use uuid::Uuid;

use super::assumptions::UnknownUser;
use super::body::read_call;
use super::changes::{ChangedData, Changes};
use super::endpoint::{
    Authentication, Call, Checked, Endpoint, Refusal, SuccessAnswer, Tag, ValidRequest,
};
use super::outcome::Outcome;
use super::parts::memberships::References;
use super::schema::Provenance::{self, Assumed, Observed, Sibling};
use super::schema::{ReferenceKind, Schema};
use crate::http::Reply;
use crate::world::{CommunityRole, World};
use answer::AddedModerators;
use examples::EXAMPLES;
use request::AddModerators;

pub(crate) static ENDPOINT: Endpoint = Endpoint {
    name: "add_moderators",
    summary: "Makes users moderators of a community.",
    tag: Tag::Communities,
    method: Method::POST,
    path: "/api/thirdparty/community/add_moderators",
    authentication: Authentication::BearerToken,
    parameters: Schema::EMPTY,
    body: AddModerators::SCHEMA,
    answer: SuccessAnswer {
        message: "XXXX-[Members Added]",
        message_provenance: Sibling,
        data: AddedModerators::SCHEMA,
        headers: &[],
    },
    own_ids: &[],
    magic_word_fields: &[],
    valid_request: ValidRequest {
        preparation: &[],
        parameters: &[],
        body: r#"{"community_id":{"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667"},"users":{"user_id":"345e1234-5678-90ef-2345-678912341234"}}"#,
    },
    documented_example: Some(include_str!("example.json")),
    examples: EXAMPLES,
    outcomes: &[
        Outcome::Ok,
        Outcome::BadRequest,
        Outcome::Unauthorized,
        Outcome::CommunityNotFound,
        Outcome::PreconditionFailed,
    ],
    turned_outcomes: &[],
    rules: RULES,
    assumptions: &[],
    deviations: &[],
    check,
};

const RULES: &[(&str, Provenance)] = &[
    ("the token is sent as `Authorization: Bearer <gn-access-token>`", Sibling),
    (
        "the page types both fields as \"any\": an id, a list of ids, an object or a list of objects with \
         the id under its usual name is accepted, another type is `bad-request`",
        Assumed,
    ),
    (
        "checks in order: method and path; token; Content-Type `application/json`, UTF-8, JSON, an \
         object; all field rules, every violation collected; `community_id` and `users` there; community \
         and users known",
        Assumed,
    ),
    ("`community_id` and `users` are mandatory", Assumed),
    ("a mandatory field that is absent, null or empty is `precondition-failed`", Sibling),
    ("a community or a moderator who does not exist is `community-not-found`", Sibling),
    ("roles: 1 leader, 2 member, 3 moderator", Observed),
    ("a moderator need not be a member before", Assumed),
    (
        "those who are moderators already are left out of the answer, and so is the leader, who stays one; \
         everybody counts once",
        Assumed,
    ),
    ("one call makes at most 20 000 memberships, users times communities", Assumed),
];

fn check<'a>(call: &Call<'a>, world: &World) -> Result<Checked<'a>, Refusal> {
    let refuse = |outcome, findings| Err(Refusal { outcome, findings });
    let ((), request, mut findings) = read_call::<(), AddModerators>(call, &ENDPOINT, world)?;
    // the vendor's page says how an unknown one is treated
    let unknown_user = UnknownUser::Refuse;
    let references = References::new(call, &ENDPOINT, world, unknown_user);
    let (community, user) = (ReferenceKind::Community, ReferenceKind::User);
    let communities =
        references.needed("community_id", request.community_id.as_ref(), community, &mut findings);
    let users = references.needed("users", request.users.as_ref(), user, &mut findings);
    if findings.has_errors() {
        return refuse(Outcome::PreconditionFailed, findings);
    }
    let communities = references.communities(&communities, &mut findings);
    let mut seen = HashSet::with_capacity(users.len());
    let mut moderators = Vec::with_capacity(users.len());
    for item in &users {
        if !references.knows_user(item.value, item, &mut findings) {
            continue;
        }
        if seen.insert(item.value.id) {
            moderators.push(item.value.id);
        } else {
            references.warn_of_duplicate(item, item.value.key(), &mut findings);
        }
    }
    if findings.has_errors() {
        return refuse(Outcome::CommunityNotFound, findings);
    }
    references.check_count(moderators.len(), communities.len(), &mut findings);
    if findings.has_errors() {
        return refuse(Outcome::BadRequest, findings);
    }
    let call = *call;
    let changes = |(communities, users): &(Vec<Uuid>, Vec<Uuid>), world: &World| {
        let roles = communities
            .iter()
            .flat_map(|community| users.iter().map(|user| world.community_role(community, user)));
        let (mut joined, mut raised) = (0, 0);
        for role in roles {
            joined += usize::from(role.is_none());
            raised += usize::from(role == Some(CommunityRole::Member));
        }
        Changes::default()
            .added(ChangedData::Memberships, joined)
            .changed(ChangedData::Memberships, raised)
    };
    let commit = move |(communities, users): (Vec<_>, Vec<_>), world: &mut World| {
        add(&call, &communities, &users, world)
    };
    Ok(Checked::new(findings, (communities, moderators), changes, commit))
}

/// Makes users moderators and returns the answer.
fn add(call: &Call, communities: &[Uuid], users: &[Uuid], world: &mut World) -> Reply {
    let mut added = HashSet::with_capacity(users.len());
    for community in communities {
        let is_new = |user: &&Uuid| {
            matches!(world.community_role(community, user), None | Some(CommunityRole::Member))
        };
        let new: Vec<Uuid> = users.iter().filter(is_new).copied().collect();
        added.extend(new.iter().copied());
        world.set_community_role(*community, new, CommunityRole::Moderator);
    }
    answer::reply(users.iter().filter(|user| added.contains(*user)), call, world)
}
