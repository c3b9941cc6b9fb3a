//! `POST /api/thirdparty/community/add_users`: adds users to communities.
//!
//! It checks, in this order: the body and all field rules, that communities and users are named, the
//! communities, the users.

mod answer;
mod commit;
mod examples;
mod request;

use std::collections::HashSet;

use http::Method;
use uuid::Uuid;

use super::body::read_call;
use super::changes::{ChangedData, Changes};
use super::endpoint::{
    Authentication, Call, Checked, Endpoint, Refusal, SuccessAnswer, Tag, ValidRequest,
};
use super::finding::{Finding, Findings};
use super::outcome::Outcome;
use super::parts::memberships::{Item, PersonReference, References};
use super::schema::Provenance::{self, Assumed, Sibling};
use super::schema::{ReferenceKind, Schema};
use crate::world::World;
use answer::AddedUsers;
use commit::Person;
use examples::EXAMPLES;
use request::AddUsers;

pub(crate) static ENDPOINT: Endpoint = Endpoint {
    name: "add_users",
    summary: "Adds users to communities, by id or by phone number.",
    tag: Tag::Communities,
    method: Method::POST,
    path: "/api/thirdparty/community/add_users",
    authentication: Authentication::BearerToken,
    parameters: Schema::EMPTY,
    body: AddUsers::SCHEMA,
    answer: SuccessAnswer {
        message: "XXXX-[Members Added]",
        message_provenance: Sibling,
        data: AddedUsers::SCHEMA,
        headers: &[],
    },
    own_ids: &[],
    magic_word_fields: &[],
    valid_request: ValidRequest {
        preparation: &[],
        parameters: &[],
        body: r#"{"communities":{"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667"},"users":{"phone_number":"919437243350"}}"#,
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
    assumptions: &[
        ("users.user_id", "unknown-user"),
        ("users[].user_id", "unknown-user"),
        ("a user who is not known", "unknown-user"),
    ],
    deviations: &[],
    check,
};

/// How a call ends that names a user who is not known (`assumed`).
const UNKNOWN_USER: Outcome = Outcome::BadRequest;

const RULES: &[(&str, Provenance)] = &[
    ("the token is sent as `Authorization: Bearer <gn-access-token>`", Sibling),
    (
        "the page types every field as \"any\": an id, a list of ids, an object or a list of objects with \
         the id under its usual name is accepted, another type is `bad-request`",
        Assumed,
    ),
    (
        "checks in order: method and path; token; Content-Type `application/json`, UTF-8, JSON, an \
         object; all field rules, every violation collected; `communities` and `users` there; communities \
         known; users known",
        Assumed,
    ),
    ("`communities` and `users` are mandatory", Assumed),
    ("a mandatory field that is absent, null or empty is `precondition-failed`", Sibling),
    ("a community that does not exist is `community-not-found`", Sibling),
    ("a user who is not known is `bad-request`", Assumed),
    ("known users become members (`role` 2) of each community at once", Assumed),
    (
        "a phone number is that of the user who has it, or else becomes a new user of this tenant with an \
         avatar",
        Assumed,
    ),
    ("those who are members already are left out of the answer, everybody counts once", Assumed),
    ("one call makes at most 20 000 memberships, users times communities", Assumed),
    (
        "past 20 000 users that calls created in all tenants, or if their memory is full before, the largest \
         tenant forgets its oldest",
        Assumed,
    ),
];

fn check<'a>(call: &Call<'a>, world: &World) -> Result<Checked<'a>, Refusal> {
    let refuse = |outcome, findings| Err(Refusal { outcome, findings });
    let ((), request, mut findings) = read_call::<(), AddUsers>(call, &ENDPOINT, world)?;
    for (field, _) in request.without_effect().into_iter().filter(|(_, is_sent)| *is_sent) {
        let clause = ENDPOINT.clause(field);
        findings.add(Finding::warning(format!("/{field}"), clause, "has no effect here"));
    }
    let unknown_user = call.config.assumptions.unknown_user;
    let references = References::new(call, &ENDPOINT, world, unknown_user);
    let (community, user) = (ReferenceKind::Community, ReferenceKind::User);
    let communities =
        references.needed("communities", request.communities.as_ref(), community, &mut findings);
    let users = references.needed("users", request.users.as_ref(), user, &mut findings);
    if findings.has_errors() {
        return refuse(Outcome::PreconditionFailed, findings);
    }
    let communities = references.communities(&communities, &mut findings);
    if findings.has_errors() {
        return refuse(Outcome::CommunityNotFound, findings);
    }
    let people = people(&users, references, &mut findings);
    if findings.has_errors() {
        return refuse(UNKNOWN_USER, findings);
    }
    references.check_count(people.len(), communities.len(), &mut findings);
    if findings.has_errors() {
        return refuse(Outcome::BadRequest, findings);
    }
    let call = *call;
    let changes = |(communities, people): &(Vec<Uuid>, Vec<Person>), world: &World| {
        let is_new = |person: &&Person| matches!(person, Person::New(_));
        let joins = |community: &Uuid, person: &Person| match person {
            Person::New(_) => true,
            Person::Known(user) => world.community_role(community, user).is_none(),
        };
        let joined = communities
            .iter()
            .map(|community| people.iter().filter(|person| joins(community, person)).count());
        Changes::default()
            .added(ChangedData::Users, people.iter().filter(is_new).count())
            .added(ChangedData::Memberships, joined.sum())
    };
    let commit = move |(communities, people): (Vec<_>, Vec<_>), world: &mut World| {
        commit::add(&call, &communities, &people, world)
    };
    Ok(Checked::new(findings, (communities, people), changes, commit))
}

/// Returns the people whom a call names, each once; adds an error for each unknown user.
fn people<'a>(
    items: &[Item<PersonReference<'a>>],
    references: References,
    findings: &mut Findings,
) -> Vec<Person<'a>> {
    let mut seen = HashSet::with_capacity(items.len());
    let mut people = Vec::with_capacity(items.len());
    for item in items {
        let (person, key) = match item.value {
            PersonReference::User(user) => {
                if !references.knows_user(user, item, findings) {
                    continue;
                }
                (Person::Known(user.id), user.key())
            }
            PersonReference::ByPhone(number) => {
                let known = references.world.user_by_phone(number);
                let person = known.map_or(Person::New(number), |user| Person::Known(user.user_id));
                (person, Some("phone_number"))
            }
        };
        if seen.insert(person) {
            people.push(person);
        } else {
            references.warn_of_duplicate(item, key, findings);
        }
    }
    people
}
