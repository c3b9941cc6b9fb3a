//! Patches for repeated keys. The bodies are texts, since JSON values cannot have repeated keys.

use genuin_sandbox::MediaMode;
use serde_json::json;

use super::assert_patched;
use crate::harness::{example, set};

fn assert_texts_patched<const N: usize>(cases: [(&str, String); N]) {
    assert_patched(MediaMode::Lenient, cases.map(|(name, body)| (name.to_owned(), body)));
}

/// Returns the example with one value replaced by a text, in which keys may be repeated.
fn with_text(pointer: &str, text: &str) -> String {
    set(example(), pointer, json!("TEXT")).to_string().replace("\"TEXT\"", text)
}

/// Returns the example with more text after its last entry.
fn with_more(text: &str) -> String {
    let body = example().to_string();
    format!("{},{text}}}", &body[..body.len() - 1])
}

#[test]
fn a_repeated_key_is_reduced_to_one() {
    assert_texts_patched([
        ("the same value twice", with_more(r#""type":4"#)),
        ("three times", with_more(r#""template_id":1,"template_id":3"#)),
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
fn a_repeated_key_with_a_wrong_value_is_repaired() {
    assert_texts_patched([
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
fn a_key_repeated_inside_a_wrong_value_is_repaired_with_it() {
    assert_texts_patched([
        ("in place of an id", with_text("/chat_id", r#"{"a":1,"a":2}"#)),
        ("in place of a mandatory id", with_text("/community_id", r#"{"a":1,"a":2}"#)),
        ("in place of a list", with_text("/group/members", r#"{"a":1,"a":2}"#)),
        ("in a list in place of text", with_text("/group/name", r#"[{"a":1,"a":2}]"#)),
    ]);
}
