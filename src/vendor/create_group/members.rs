//! Who is in a new group: everybody once, and known.

use std::collections::HashSet;

use uuid::Uuid;

use super::ENDPOINT;
use super::request::{CreateGroup, Invitee};
use crate::vendor::finding::{Finding, Findings};
use crate::vendor::parts::people::find_user;
use crate::world::{Invitation, World};

/// The people of a group besides its creator, each once.
#[derive(Default)]
pub struct Members<'a> {
    /// Users of the platform.
    pub users: Vec<Uuid>,
    /// People who are invited by phone number.
    pub invitations: Vec<Invitation<'a>>,
}

/// Collects the people of a group. Unknown users are errors, unless an earlier step has failed;
/// whoever is listed more than once counts once, with a warning.
pub fn collect_members<'a>(
    request: &CreateGroup<'a>,
    creator: Uuid,
    world: &World,
    findings: &mut Findings,
) -> Members<'a> {
    let checks_users = !findings.has_errors();
    let mut members = Members::default();
    let (mut ids, mut numbers) = (HashSet::new(), HashSet::new());
    for (index, invitee) in request.invitees().iter().enumerate() {
        let (key, is_new) = match *invitee {
            Invitee::User(user_id) => {
                let is_new = ids.insert(user_id);
                if checks_users
                    && user_id != creator
                    && let Err(unknown) = find_user(
                        world,
                        &user_id,
                        creator,
                        format!("/group/members/{index}/user_id"),
                        clause("user_id"),
                    )
                {
                    findings.add(unknown);
                }
                if is_new && user_id != creator {
                    members.users.push(user_id);
                }
                ("user_id", is_new)
            }
            Invitee::ByPhone { phone_number, name } => {
                let is_new = numbers.insert(phone_number);
                if is_new {
                    members.invitations.push(Invitation { phone_number, name });
                }
                ("phone_number", is_new)
            }
        };
        if !is_new {
            let pointer = format!("/group/members/{index}/{key}");
            let message = "is listed more than once and counts once";
            findings.add(Finding::warning(pointer, clause(key), message));
        }
    }
    members
}

fn clause(key: &str) -> String {
    format!("{}.group.members[].{key}", ENDPOINT.name)
}
