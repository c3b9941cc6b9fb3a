//! Who is in a group: everybody once, and known.

use std::collections::HashSet;
use std::hash::Hash;

use serde_json::json;
use uuid::Uuid;

use super::request::{CreateGroup, Member};
use super::{ENDPOINT, error};
use crate::vendor::finding::PatchOp;
use crate::vendor::{Finding, Findings};
use crate::world::{Invitation, World};

/// The people of a group besides its creator, each once.
pub struct People<'a> {
    /// Users of the platform.
    pub members: Vec<Uuid>,
    /// People who are invited by phone number.
    pub invitations: Vec<Invitation<'a>>,
}

/// Looks people up, unless an earlier step has failed, and notes who is listed more than once.
pub fn find_people<'a>(
    request: &CreateGroup<'a>,
    creator: Uuid,
    world: &World,
    findings: &mut Findings,
) -> People<'a> {
    let later_step = !findings.has_errors();
    let mut people = People { members: Vec::new(), invitations: Vec::new() };
    let (mut ids, mut numbers) = (HashSet::new(), HashSet::new());
    let mut creator_listed = false;
    for (index, member) in request.members().enumerate() {
        let pointer = |key: &str| format!("/group/members/{index}/{key}");
        let repeated = match member {
            Member::User { user_id } => {
                let is_creator = *user_id == creator;
                if later_step && !is_creator && world.user(user_id).is_none() {
                    let hint =
                        "use a user_id of the fixtures, or a phone_number to invite somebody";
                    let path = pointer("user_id");
                    let mend = PatchOp::Replace { path: path.clone(), value: json!(creator) };
                    findings.add(error(&path, "is not a known user").suggest(hint).mend(mend));
                }
                if is_creator {
                    std::mem::replace(&mut creator_listed, true)
                } else {
                    let known = is_repeat(*user_id, people.members.iter().copied(), &mut ids);
                    if !known {
                        people.members.push(*user_id);
                    }
                    known
                }
            }
            Member::Invited { phone_number, name } => {
                let before = people.invitations.iter().map(|other| other.phone_number);
                let known = is_repeat(*phone_number, before, &mut numbers);
                if !known {
                    people.invitations.push(Invitation { phone_number, name: *name });
                }
                known
            }
        };
        if repeated {
            let key =
                if matches!(member, Member::User { .. }) { "user_id" } else { "phone_number" };
            let clause = format!("{}.group.members[].{key}", ENDPOINT.name);
            findings.add(Finding::warning(
                pointer(key),
                clause,
                "is listed more than once and counts once",
            ));
        }
    }
    people
}

/// Whether something came before. Few are looked through one by one, many are remembered in `seen`.
fn is_repeat<T: Eq + Hash>(
    item: T,
    mut before: impl ExactSizeIterator<Item = T>,
    seen: &mut HashSet<T>,
) -> bool {
    const FEW: usize = 16;
    if before.len() < FEW {
        return before.any(|other| other == item);
    }
    if seen.is_empty() {
        seen.extend(before);
    }
    !seen.insert(item)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeat_is_found_among_few_and_among_many() {
        // every third one came before, some of them a long time ago
        let sent: Vec<usize> = (0..100).map(|n| if n % 3 == 2 { n * 7 % 11 } else { n }).collect();
        let (mut once, mut seen) = (Vec::new(), HashSet::new());
        for (index, number) in sent.iter().enumerate() {
            let repeated = is_repeat(*number, once.iter().copied(), &mut seen);
            assert_eq!(repeated, sent[..index].contains(number), "{number}, the {index}th");
            if !repeated {
                once.push(*number);
            }
        }
        assert!(once.len() > 40 && once.len() < 90, "{}", once.len());
    }
}
