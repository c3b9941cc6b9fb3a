//! Compares the people of a request with those of the group.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::ENDPOINT;
use super::request::UpdateConversation;
use crate::vendor::assumptions::AddedMember;
use crate::vendor::endpoint::Call;
use crate::vendor::finding::{Finding, Findings, PatchOp, Severity};
use crate::vendor::parts::people::{add_unknown_user, ids_of_invited};
use crate::world::{Group, Member, MemberStatus, Role, Text, World};

/// The people who come and go, each listed once, in the order sent.
#[derive(Default)]
pub(crate) struct PeopleChanges {
    pub(crate) added: Vec<Uuid>,
    pub(crate) removed: Vec<Uuid>,
    /// The phone numbers of those who leave and were invited by them.
    pub(crate) uninvited: Vec<Text>,
}

/// The people of a group before the call. A set and a map, since there may be thousands on either side.
#[derive(Default)]
struct Present<'g> {
    users: HashSet<Uuid>,
    /// The phone numbers of those who were invited by them, by each id that stands for one.
    by_phone: HashMap<Uuid, &'g Text>,
}

impl<'g> Present<'g> {
    fn of(group: &'g Group, call: &Call, world: &World) -> Self {
        let users = group.members.iter().map(|member| member.user_id).collect();
        let ids = group.invitations.iter().flat_map(|invitation| {
            let number = &invitation.phone_number;
            ids_of_invited(invitation, call, world).map(move |id| (id, number))
        });
        Self { users, by_phone: ids.collect() }
    }

    fn contains(&self, id: &Uuid) -> bool {
        self.users.contains(id) || self.by_phone.contains_key(id)
    }
}

/// What those who are added become: invited members, as the vendor's page shows
/// (`sibling`), unless an assumption is turned.
pub(crate) fn added_member(user_id: Uuid, reading: AddedMember) -> Member {
    let status = match reading {
        AddedMember::Invited => MemberStatus::Pending,
        AddedMember::Active => MemberStatus::Active,
    };
    Member { user_id, role: Role::Member, status }
}

/// Returns who comes and who goes. Unknown users, unless an assumption ignores them, and the removal of
/// the owner are errors; what changes nothing is a warning.
pub(crate) fn compare(
    request: &UpdateConversation,
    group: &Group,
    call: &Call,
    world: &World,
    findings: &mut Findings,
) -> PeopleChanges {
    let sent_added = request.members_added.as_deref().unwrap_or_default();
    let sent_removed = request.members_removed.as_deref().unwrap_or_default();
    let mut changes = PeopleChanges::default();
    let present = if sent_added.is_empty() && sent_removed.is_empty() {
        Present::default()
    } else {
        Present::of(group, call, world)
    };
    let reading = call.config.assumptions.unknown_user;
    let mut seen = HashSet::new();
    for (index, user_id) in sent_added.iter().map(|member| member.user_id).enumerate() {
        let pointer = || format!("/members_added/{index}/user_id");
        let clause = || ENDPOINT.clause("members_added[].user_id");
        if world.user(&user_id).is_none() {
            let fix = "use a user_id of the fixtures, or add the user first";
            add_unknown_user(findings, pointer, clause, fix, call.caller.user, reading);
        } else if present.contains(&user_id) {
            findings.add_with(Severity::Warning, || {
                Finding::warning(pointer(), clause(), "is in the group already and was ignored")
            });
        } else if seen.insert(user_id) {
            changes.added.push(user_id);
        } else {
            findings.add_with(Severity::Warning, || {
                Finding::warning(pointer(), clause(), "is a duplicate and counts once")
            });
        }
    }
    collect_removed(sent_removed, group, &present, findings, &mut changes);
    let subscribers = request.subscribers_removed.as_deref().unwrap_or_default();
    if !subscribers.is_empty() {
        let path = "subscribers_removed";
        let message = "was ignored: nobody subscribes in this sandbox";
        findings.add(Finding::warning(format!("/{path}"), ENDPOINT.clause(path), message));
    }
    changes
}

fn collect_removed(
    sent: &[Uuid],
    group: &Group,
    present: &Present,
    findings: &mut Findings,
    changes: &mut PeopleChanges,
) {
    let owner =
        group.members.iter().find(|member| member.role == Role::Owner).map(|owner| owner.user_id);
    let (mut seen, mut seen_numbers) = (HashSet::new(), HashSet::new());
    let mut patched = 0;
    for (index, user_id) in sent.iter().enumerate() {
        let pointer = || format!("/members_removed/{index}");
        let clause = || ENDPOINT.clause("members_removed[]");
        if Some(*user_id) == owner {
            // patches are applied one after another, so each removal moves the items after it
            let path = format!("/members_removed/{}", index - patched);
            patched += 1;
            findings.add_with(Severity::Error, || {
                Finding::error(pointer(), clause(), "is the owner of the group, who cannot leave")
                    .suggest("leave the owner out")
                    .with_patch(PatchOp::Remove { path })
            });
            continue;
        }
        if !present.contains(user_id) {
            findings.add_with(Severity::Warning, || {
                Finding::warning(pointer(), clause(), "is not in the group and was ignored")
            });
            continue;
        }
        let number = present.by_phone.get(user_id).copied();
        // two ids can stand for one person
        let is_new =
            seen.insert(*user_id) && number.is_none_or(|number| seen_numbers.insert(&**number));
        if is_new {
            changes.removed.push(*user_id);
            changes.uninvited.extend(number.cloned());
        } else {
            findings.add_with(Severity::Warning, || {
                Finding::warning(pointer(), clause(), "is a duplicate and counts once")
            });
        }
    }
}
