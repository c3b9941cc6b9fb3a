//! `PATCH /api/thirdparty/test_group/{chat_id}`: renames a group and greets users.

use http::Method;
use uuid::Uuid;

use crate::vendor::assumptions::UnknownUser;
use crate::vendor::body::read_call;
use crate::vendor::changes::{ChangedData, Changes};
use crate::vendor::endpoint::{
    Authentication, Call, Checked, Endpoint, Refusal, SuccessAnswer, Tag, ValidRequest,
};
use crate::vendor::finding::Finding;
use crate::vendor::outcome::Outcome;
use crate::vendor::parts::links::Links;
use crate::vendor::parts::people::{MemberAnswer, add_unknown_user};
use crate::vendor::schema::Provenance::Assumed;
use crate::vendor::schema::{OneOrMany, Tree, answer, object};
use crate::vendor::{CallExample, create_group, envelope};
use crate::world::{self, MemberStatus, Role, World};

pub(crate) static ENDPOINT: Endpoint = Endpoint {
    name: "rename_group",
    summary: "Renames a group and greets users.",
    tag: Tag::Groups,
    method: Method::PATCH,
    path: "/api/thirdparty/test_group/{chat_id}",
    authentication: Authentication::BearerToken,
    parameters: Parameters::SCHEMA,
    body: RenameGroup::SCHEMA,
    answer: SuccessAnswer {
        message: "Group renamed.",
        message_provenance: Assumed,
        data: RenamedGroup::SCHEMA,
        headers: &[],
    },
    own_ids: &[],
    magic_word_fields: &["title"],
    valid_request: ValidRequest {
        preparation: &[(
            &create_group::ENDPOINT,
            r#"{"type":4,"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667","chat_id":"11111111-2222-4333-8444-555555555555"}"#,
        )],
        parameters: &[("chat_id", "11111111-2222-4333-8444-555555555555")],
        body: r#"{"title":"New name"}"#,
    },
    documented_example: None,
    examples: &[
        CallExample::new("ok", "a new title", r#"{"title":"New name"}"#, Outcome::Ok),
        CallExample::new(
            "wrong-type",
            "a title that is a number",
            r#"{"title":1}"#,
            Outcome::BadRequest,
        ),
    ],
    outcomes: &[Outcome::Ok, Outcome::BadRequest, Outcome::Unauthorized],
    turned_outcomes: &[],
    rules: &[("the group takes the title as its name", Assumed)],
    assumptions: &[],
    deviations: &[],
    check,
};

object! {
    /// The parameters of the path.
    struct Parameters as "RenameGroupParameters" {
        required "chat_id" as chat_id: Uuid, Sibling, rule "must be a group of this tenant" Assumed;
    }
}

object! {
    struct RenameGroup<'a> as "RenameGroupRequest" {
        required "title" as title: &'a str, Assumed;
        optional "users" as users: OneOrMany<Uuid>, Assumed, refers_to User;
        optional "note" as _note: Tree<'a>, Assumed, rule "any JSON value" Assumed;
    }
}

answer! {
    /// The data of the answer.
    struct RenamedGroup<'a> as "RenameGroupData" {
        "chat_id" as chat_id: Uuid, Assumed;
        "name" as name: &'a str, Assumed;
        "old_name" as old_name: Option<&'a str>, Assumed;
        "greeted" as greeted: Vec<MemberAnswer<'a>>, Assumed;
    }
}

fn check<'a>(call: &Call<'a>, world: &World) -> Result<Checked<'a>, Refusal> {
    let (Parameters { chat_id }, request, mut findings) =
        read_call::<Parameters, RenameGroup>(call, &ENDPOINT, world)?;
    if world.group(&chat_id).is_none() {
        let clause = ENDPOINT.clause("path.chat_id");
        findings.add(Finding::error("/path/chat_id", clause, "is not a group of this tenant"));
    }
    let users = request.users.map_or_else(Vec::new, |users| users.0);
    for user_id in &users {
        if world.user(user_id).is_none() {
            let (pointer, clause) = (|| "/users".into(), || ENDPOINT.clause("users"));
            let (fix, known) = ("use a known user_id", call.caller.user);
            let reading = UnknownUser::Refuse;
            add_unknown_user(&mut findings, pointer, clause, fix, known, reading);
        }
    }
    if findings.has_errors() {
        return Err(Refusal { outcome: Outcome::BadRequest, findings });
    }
    let (call, title) = (*call, request.title);
    let changes = |_: &(_, Vec<_>), _: &World| Changes::default().changed(ChangedData::Groups, 1);
    let commit = move |(chat_id, users): (Uuid, Vec<Uuid>), world: &mut World| {
        let old_name = world.update_group(&chat_id, |group| group.name.replace(title.into()));
        let links = Links::of(&call);
        let greeted = users.iter().map(|user_id| {
            let user = world.user(user_id).expect("BUG: users are checked");
            let (role, status) = (Role::Member, MemberStatus::Active);
            MemberAnswer::of(user, &world::Member { user_id: *user_id, role, status }, &links)
        });
        let old_name = old_name.flatten();
        let data = RenamedGroup {
            chat_id,
            name: title,
            old_name: old_name.as_deref(),
            greeted: greeted.collect(),
        };
        envelope::success(ENDPOINT.answer.message, &data)
    };
    Ok(Checked::new(findings, (chat_id, users), changes, commit))
}
