//! The check that a group is known.

use serde_json::json;
use uuid::Uuid;

use crate::vendor::finding::{Finding, PatchOp};
use crate::vendor::outcome::Outcome;
use crate::world::{Group, World};

/// How a call ends that names a group which is not there (`assumed`; an app of the vendor's knows
/// 404 "5057").
pub(crate) const UNKNOWN_GROUP: Outcome = Outcome::BadRequest;

/// Finds a group, or returns an error whose patch names the newest one of the tenant.
pub(crate) fn find_group<'w>(
    world: &'w World,
    chat_id: &Uuid,
    pointer: &str,
    clause: impl FnOnce() -> String,
) -> Result<&'w Group, Finding> {
    world.group(chat_id).ok_or_else(|| {
        let finding = Finding::error(pointer, clause(), "is not a group of this tenant");
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
