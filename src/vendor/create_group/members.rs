//! Resolves the members of a new group and removes duplicates.

use std::collections::HashSet;
use std::hash::Hash;

use super::ENDPOINT;
use super::request::{CreateGroup, Invitee};
use crate::vendor::assumptions::UnknownUser;
use crate::vendor::endpoint::Call;
use crate::vendor::finding::{Finding, Findings, Severity};
use crate::vendor::parts::people::add_unknown_user;
use crate::world::{Invitation, Member, MemberStatus, Role, Text, World};
use smallvec::{SmallVec, smallvec};

/// The people of a new group, each listed once.
pub(crate) struct People {
    /// Users, the creator first.
    pub(crate) members: SmallVec<[Member; 2]>,
    /// People invited by phone number.
    pub(crate) invitations: SmallVec<[Invitation; 1]>,
}

/// Collects the people of a group. An unknown user is an error, unless an earlier step has failed or an
/// assumption ignores them. A person who is listed more than once, by id or by phone number, is added once,
/// with a warning: as a member, if an id is one of the ways.
pub(crate) fn collect_people(
    request: &CreateGroup,
    call: &Call,
    world: &World,
    findings: &mut Findings,
) -> People {
    let (creator, reading) = (call.caller.user, call.config.assumptions.unknown_user);
    let checks_users = !findings.has_errors();
    let member = |user_id, role| Member { user_id, role, status: MemberStatus::Active };
    let mut people =
        People { members: smallvec![member(creator, Role::Owner)], invitations: SmallVec::new() };
    let (mut ids, mut numbers, mut invited) = (Seen::default(), Seen::default(), Seen::default());
    let mut is_invited_too = false;
    for (index, invitee) in request.invitees().iter().enumerate() {
        let (key, is_new) = match *invitee {
            Invitee::User(user_id) => {
                let is_new = ids.insert(user_id);
                if checks_users && user_id != creator && world.user(&user_id).is_none() {
                    let pointer = || format!("/group/members/{index}/user_id");
                    let clause = || clause("user_id");
                    let fix = "use a user_id of the fixtures, or invite somebody by phone_number";
                    add_unknown_user(findings, pointer, clause, fix, creator, reading);
                    if reading == UnknownUser::Ignore {
                        continue;
                    }
                }
                if is_new && user_id != creator {
                    people.members.push(member(user_id, Role::Member));
                }
                let is_invited = invited.contains(&user_id);
                is_invited_too |= is_invited;
                ("user_id", is_new && !is_invited)
            }
            Invitee::ByPhone { phone_number, name } => {
                let user = world.user_by_phone(phone_number).map(|user| user.user_id);
                let is_member = user.is_some_and(|id| id == creator || ids.contains(&id));
                let is_new = numbers.insert(phone_number) && !is_member;
                if is_new {
                    if let Some(id) = user {
                        invited.insert(id);
                    }
                    let (phone_number, name) = (phone_number.into(), name.map(Text::from));
                    people.invitations.push(Invitation { phone_number, name });
                }
                ("phone_number", is_new)
            }
        };
        if !is_new {
            findings.add_with(Severity::Warning, || {
                let pointer = format!("/group/members/{index}/{key}");
                Finding::warning(pointer, clause(key), "is a duplicate and counts once")
            });
        }
    }
    if is_invited_too {
        people.invitations.retain(|invitation| {
            let user = world.user_by_phone(&invitation.phone_number);
            user.is_none_or(|user| !ids.contains(&user.user_id))
        });
    }
    people
}

/// What was seen before. Most groups have a few members, for which a list is cheaper than a
/// hash set.
struct Seen<T> {
    few: Vec<T>,
    many: HashSet<T>,
}

impl<T> Default for Seen<T> {
    fn default() -> Self {
        Self { few: Vec::new(), many: HashSet::new() }
    }
}

impl<T: Copy + Eq + Hash> Seen<T> {
    fn contains(&self, item: &T) -> bool {
        if self.many.is_empty() { self.few.contains(item) } else { self.many.contains(item) }
    }

    /// Adds an item; false if it was seen before.
    fn insert(&mut self, item: T) -> bool {
        if !self.many.is_empty() {
            return self.many.insert(item);
        }
        if self.few.contains(&item) {
            return false;
        }
        self.few.push(item);
        if self.few.len() > 16 {
            self.many = self.few.iter().copied().collect();
        }
        true
    }
}

fn clause(key: &str) -> String {
    ENDPOINT.clause(&format!("group.members[].{key}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_new_once_among_few_and_among_many() {
        let mut seen = Seen::default();
        for round in 0..2 {
            for item in 0..100 {
                assert_eq!(seen.contains(&item), round == 1, "{item} in round {round}");
                assert_eq!(seen.insert(item), round == 0, "{item} in round {round}");
            }
        }
    }
}
