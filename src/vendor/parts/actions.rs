//! Actions and the access types that they need, in requests.

use crate::vendor::endpoint::Endpoint;
use crate::vendor::finding::{Finding, Findings, Severity};
use crate::vendor::schema::object;
use crate::world::Action;

/// The known pairs of action and access type (`observed`; 3→5 and 5→9 `documented`):
/// see 5 everyone, 6 group members; post 9 all, 10 group members; create groups 3 all members,
/// 4 admins.
const KNOWN_ACTIONS: [(i64, i64); 6] = [(3, 5), (3, 6), (5, 9), (5, 10), (2, 3), (2, 4)];

object! {
    /// An action and the access type it needs.
    pub(crate) struct RequestedAction as "Action" {
        required "action_id" as action_id: i64, Documented, example "3";
        required "access_type_id" as access_type_id: i64, Documented, example "5";
    }
}

impl From<&RequestedAction> for Action {
    fn from(sent: &RequestedAction) -> Self {
        Self { action_id: sent.action_id, access_type_id: sent.access_type_id }
    }
}

/// Adds a warning for each of the `actions` of a body that is not a known pair with its access type.
pub(crate) fn warn_of_unknown_pairs(
    actions: &[RequestedAction],
    endpoint: &Endpoint,
    findings: &mut Findings,
) {
    for (index, action) in actions.iter().enumerate() {
        let (id, access) = (action.action_id, action.access_type_id);
        if !KNOWN_ACTIONS.contains(&(id, access)) {
            findings.add_with(Severity::Warning, || {
                let (pointer, clause) = (format!("/actions/{index}"), endpoint.clause("actions[]"));
                let message = format!("action {id} with access type {access} is not a known pair");
                Finding::warning(pointer, clause, message)
                    .suggest("use action 3 with 5 or 6, 5 with 9 or 10, or 2 with 3 or 4")
            });
        }
    }
}
