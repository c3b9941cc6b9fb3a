//! Warnings about a Create Group request that is accepted but probably not what was meant.

use super::ENDPOINT;
use super::request::CreateGroup;
use crate::vendor::finding::{Finding, Findings};
use crate::vendor::schema::{Arena, Tree, describe, parse};

/// The pairs of action and access type seen on the platform (`observed`; 3→5 and 5→9 `documented`):
/// see 5 everyone, 6 group members; post 9 all, 10 group members; create groups 3 all members,
/// 4 admins.
const KNOWN_ACTIONS: [(i64, i64); 6] = [(3, 5), (3, 6), (5, 9), (5, 10), (2, 3), (2, 4)];

/// Warns of unknown pairs of action and access type, and of a description that is not one.
pub(crate) fn warn(request: &CreateGroup, arena: &Arena, findings: &mut Findings) {
    let clause = |path: &str| format!("{}.{path}", ENDPOINT.name);
    for (index, action) in request.actions.iter().flatten().enumerate() {
        let (id, access) = (action.action_id, action.access_type_id);
        if !KNOWN_ACTIONS.contains(&(id, access)) {
            let message = format!("action {id} with access type {access} is not a known pair");
            findings.add(
                Finding::warning(format!("/actions/{index}"), clause("actions[]"), message)
                    .suggest("known are 3 with 5 or 6, 5 with 9 or 10, 2 with 3 or 4"),
            );
        }
    }
    let description = request.recorded_video.as_ref().and_then(|video| video.description_data);
    if let Some(why) = description.and_then(|text| why_no_description(text, arena)) {
        findings.add(
            Finding::warning(
                "/recorded_video/description_data",
                clause("recorded_video.description_data"),
                format!("is not the JSON text of a description: {why}"),
            )
            .suggest(r#"send a list like ["Hello",{"user_id":"…"}] as text"#),
        );
    }
}

/// What keeps a text from being a description: a list of strings and mentions with one id.
fn why_no_description(text: &str, arena: &Arena) -> Option<String> {
    let is_piece = |item: &Tree| match item {
        Tree::Text(_) => true,
        // ids are not looked up, as the vendor's own example mentions unknown ones
        Tree::Object([(key, Tree::Text(_))]) => matches!(*key, "user_id" | "community_id"),
        _ => false,
    };
    match parse(text, arena) {
        Ok(Tree::List(items)) => {
            let odd = items.iter().position(|item| !is_piece(item))?;
            Some(format!("its item {odd} is neither a string nor a mention with one id"))
        }
        Ok(other) => Some(format!("it is {}, not a list", describe(&other))),
        Err(syntax) => Some(syntax),
    }
}
