//! Warnings about parts of a Create Group request that are accepted but probably mistakes.

use super::ENDPOINT;
use super::request::CreateGroup;
use crate::vendor::finding::Findings;
use crate::vendor::parts::actions::warn_of_unknown_pairs;
use crate::vendor::parts::descriptions::malformed_description;
use crate::vendor::schema::Arena;

/// Warns about unknown pairs of action and access type, and about a malformed `description_data`.
pub(crate) fn warn(request: &CreateGroup, arena: &Arena, findings: &mut Findings) {
    warn_of_unknown_pairs(request.actions.as_deref().unwrap_or_default(), &ENDPOINT, findings);
    let description = request.recorded_video.as_ref().and_then(|video| video.description_data);
    let clause = || ENDPOINT.clause("recorded_video.description_data");
    findings.extend(description.and_then(|text| {
        malformed_description(text, arena, "/recorded_video/description_data", clause)
    }));
}
