//! Warnings about parts of a Create Group request that are accepted but probably mistakes.

use super::ENDPOINT;
use super::request::CreateGroup;
use crate::vendor::finding::{Finding, Findings};
use crate::vendor::parts::descriptions::malformed_description;
use crate::vendor::schema::Arena;

/// The known pairs of action and access type (`observed`; 3→5 and 5→9 `documented`):
/// see 5 everyone, 6 group members; post 9 all, 10 group members; create groups 3 all members,
/// 4 admins.
const KNOWN_ACTIONS: [(i64, i64); 6] = [(3, 5), (3, 6), (5, 9), (5, 10), (2, 3), (2, 4)];

/// Warns about unknown pairs of action and access type, and about a malformed `description_data`.
pub(crate) fn warn(request: &CreateGroup, arena: &Arena, findings: &mut Findings) {
    let clause = |path: &str| format!("{}.{path}", ENDPOINT.name);
    for (index, action) in request.actions.iter().flatten().enumerate() {
        let (id, access) = (action.action_id, action.access_type_id);
        if !KNOWN_ACTIONS.contains(&(id, access)) {
            let message = format!("action {id} with access type {access} is not a known pair");
            findings.add(
                Finding::warning(format!("/actions/{index}"), clause("actions[]"), message)
                    .suggest("use action 3 with 5 or 6, 5 with 9 or 10, or 2 with 3 or 4"),
            );
        }
    }
    let description = request.recorded_video.as_ref().and_then(|video| video.description_data);
    findings.extend(description.and_then(|text| {
        malformed_description(text, arena, "/recorded_video/description_data", || {
            clause("recorded_video.description_data")
        })
    }));
}
