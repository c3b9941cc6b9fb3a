//! Keys that are there more than once, which JSON values cannot hold and texts can.

use genuin_sandbox::MediaMode;
use serde_json::json;

use super::hold;
use crate::harness::{example, set};

fn hold_texts<const N: usize>(cases: [(&str, String); N]) {
    hold(MediaMode::Lenient, cases.map(|(name, body)| (name.to_owned(), body)));
}

/// The example with the text of one value replaced, so that keys may be repeated within it.
fn with_text(pointer: &str, text: &str) -> String {
    set(example(), pointer, json!("TEXT")).to_string().replace("\"TEXT\"", text)
}

/// The example with more text behind its last key.
fn with_more(text: &str) -> String {
    let body = example().to_string();
    format!("{},{text}}}", &body[..body.len() - 1])
}

#[test]
fn a_repeated_key_is_sent_once() {
    hold_texts([
        ("the same twice", with_more(r#""type":4"#)),
        ("thrice", with_more(r#""template_id":1,"template_id":3"#)),
        ("an unknown key", with_more(r#""x":1,"x":2"#)),
        ("within an unknown key", with_more(r#""x":{"a":1,"a":2}"#)),
        ("in an object", with_text("/settings", r#"{"discoverable":true,"discoverable":false}"#)),
        (
            "in a list",
            with_text("/actions/0", r#"{"action_id":3,"action_id":5,"access_type_id":5}"#),
        ),
        ("an object twice", with_more(r#""group":{"name":"again"}"#)),
        (
            "in a member",
            with_text("/group/members/0", r#"{"phone_number":"1234567","phone_number":"1234568"}"#),
        ),
    ]);
}

#[test]
fn a_repeated_key_of_which_one_value_is_wrong_is_mended() {
    hold_texts([
        ("the first", with_text("/template_id", r#""x","template_id":7"#)),
        ("the last", with_more(r#""type":"x""#)),
        ("the last, nested", with_text("/settings", r#"{"discoverable":true,"discoverable":1}"#)),
        ("the first, an object", with_text("/group", r#"{"members":[{}]},"group":{"name":"x"}"#)),
        (
            "the last, misspelled",
            with_text("/group/members/0", r#"{"phoneNumber":"1234567","phoneNumber":"x"}"#),
        ),
    ]);
}

#[test]
fn a_key_repeated_within_a_wrong_value_is_mended_with_it() {
    hold_texts([
        ("in place of an id", with_text("/chat_id", r#"{"a":1,"a":2}"#)),
        ("in place of a mandatory id", with_text("/community_id", r#"{"a":1,"a":2}"#)),
        ("in place of a list", with_text("/group/members", r#"{"a":1,"a":2}"#)),
        ("in a list in place of text", with_text("/group/name", r#"[{"a":1,"a":2}]"#)),
    ]);
}
