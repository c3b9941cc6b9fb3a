//! The check of a description with mentions, which is JSON inside a string.

use crate::vendor::finding::Finding;
use crate::vendor::schema::{Arena, Tree, describe, parse};

/// Returns a warning if a text is not a description.
pub(crate) fn malformed_description(
    text: &str,
    arena: &Arena,
    pointer: &str,
    clause: impl FnOnce() -> String,
) -> Option<Finding> {
    let why = description_error(text, arena)?;
    let message = format!("is not a description in JSON: {why}");
    let finding = Finding::warning(pointer, clause(), message);
    Some(finding.suggest(r#"send a JSON list as a string, such as ["Hello",{"user_id":"…"}]"#))
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
