//! The check that a group is known, and whom answers count as its members.

use serde_json::json;
use uuid::Uuid;

use crate::text::plural_with;
use crate::vendor::assumptions::{ListedMembers, UnknownChat};
use crate::vendor::finding::{Finding, PatchOp};
use crate::vendor::outcome::Outcome;
use crate::world::{Group, Member, MemberStatus, World};

/// How a call ends that names a group which is not there (`assumed`; an app of the vendor's knows
/// 404 "5057").
pub(crate) fn unknown_group(reading: UnknownChat) -> Outcome {
    match reading {
        UnknownChat::BadRequest => Outcome::BadRequest,
        UnknownChat::NotFound => Outcome::ConversationNotFound,
    }
}

/// Iterates over the users in a group whom answers list.
pub(crate) fn listed_members(
    group: &Group,
    reading: ListedMembers,
) -> impl Iterator<Item = &Member> {
    group.members.iter().filter(move |member| match reading {
        ListedMembers::Active => member.status == MemberStatus::Active,
        ListedMembers::All => true,
    })
}

/// Returns how many people answers count in a group.
pub(crate) fn member_count(group: &Group, reading: ListedMembers) -> usize {
    let by_phone = match reading {
        ListedMembers::Active => 0,
        ListedMembers::All => group.invitations.len(),
    };
    listed_members(group, reading).count() + by_phone
}

/// Finds a group, or returns an error whose patch names the newest one of the tenant.
pub(crate) fn find_group<'w>(
    world: &'w World,
    chat_id: &Uuid,
    pointer: &str,
    clause: impl FnOnce() -> String,
) -> Result<&'w Group, Finding> {
    world.group(chat_id).ok_or_else(|| {
        let forgotten = match world.forgotten().groups {
            0 => String::new(),
            count => {
                let groups = plural_with(count, "group", ["was", "were"]);
                let too = if count == 1 { "" } else { " too" };
                format!(
                    "; {groups} forgotten to keep memory bounded, maybe this one{too}: --max-groups and \
                     --max-memory set how many are kept"
                )
            }
        };
        let message = format!("is not a group of this tenant{forgotten}");
        let finding = Finding::error(pointer, clause(), message);
        match world.newest_group() {
            None => finding.suggest("this tenant has no group; create one first"),
            Some(newest) => {
                let id = newest.chat_id;
                finding
                    .suggest(format!("use a group that was created here, for example {id}"))
                    .with_patch(PatchOp::Replace { path: pointer.into(), value: json!(id) })
            }
        }
    })
}
