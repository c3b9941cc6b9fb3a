//! New ids that nobody has taken yet.

use uuid::Uuid;

use crate::vendor::endpoint::Call;
use crate::world::ids::Purpose;

/// Returns the first free id for a purpose and a number.
pub(crate) fn new_id(
    call: &Call,
    purpose: Purpose,
    number: u64,
    is_free: impl Fn(&Uuid) -> bool,
) -> Uuid {
    let tenant = call.caller.tenant.as_str();
    // the high bits count the attempts, so that they do not overlap with the ids of the next number
    (0..1 << 24)
        .map(|attempt| call.config.ids.uuid(tenant, purpose, number | attempt << 40))
        .find(is_free)
        .expect("BUG: there are more ids than are in use")
}
