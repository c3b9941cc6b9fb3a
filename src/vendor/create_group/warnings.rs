//! Warnings about parts of a Create Group request that are accepted but probably mistakes.

use super::ENDPOINT;
use super::request::CreateGroup;
use crate::vendor::finding::{Finding, Findings};
use crate::vendor::schema::{Arena, Tree, describe, parse};

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
    if let Some(why) = description.and_then(|text| description_error(text, arena)) {
        findings.add(
            Finding::warning(
                "/recorded_video/description_data",
                clause("recorded_video.description_data"),
                format!("is not a description in JSON: {why}"),
            )
            .suggest(r#"send a JSON list as a string, such as ["Hello",{"user_id":"…"}]"#),
        );
    }
}

/// Returns why a text is not a description, which is a JSON list of strings and mentions.
fn description_error(text: &str, arena: &Arena) -> Option<String> {
    let is_piece = |item: &Tree| match item {
        Tree::Text(_) => true,
        // the ids are not looked up: the vendor's own example mentions unknown ones
        Tree::Object([(key, Tree::Text(_))]) => matches!(*key, "user_id" | "community_id"),
        _ => false,
    };
    match parse(text, arena) {
        Ok(Tree::List(items)) => {
            let odd = items.iter().position(|item| !is_piece(item))?;
            Some(format!("item {odd} is neither a string nor a mention with one id"))
        }
        Ok(other) => Some(format!("it is {}, not a list", describe(&other))),
        Err(syntax) => Some(syntax),
    }
}
