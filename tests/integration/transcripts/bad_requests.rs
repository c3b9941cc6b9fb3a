//! Create Group calls that the contract refuses with 400.

use super::exchange::{Exchange, Request};

const CHAT: &str = r#""chat_id":"456e7890-b12c-4c23-89ef-126314214567""#;

pub fn exchanges() -> Vec<Exchange> {
    let create = Request::create;
    let with = Request::create_with;
    let cases = [
        ("missing-fields", "both mandatory fields are missing", create().body("{}")),
        (
            "missing-community",
            "one mandatory field is missing",
            create().body(r#"{"type":4}"#),
        ),
        (
            "misspelt-field",
            "the unknown key names the field that is missing",
            create().body(r#"{"type":4,"communityId":"f2a05adb-93ce-4a19-b003-3523fa745667"}"#),
        ),
        (
            "every-wrong-type",
            "every violation is collected, not only the first",
            create().body(
                r#"{"type":"4","community_id":7,"chat_id":"x","group":{"name":1,"topics":[1,"2"]},"actions":[{"action_id":3}],"settings":{"discoverable":"yes"}}"#,
            ),
        ),
        ("other-type", "only type 4 is a group", create().body(r#"{"type":2,"community_id":"f2a05adb-93ce-4a19-b003-3523fa745667"}"#)),
        ("fraction", "an integer field takes no 4.0", with(r#""template_id":4.0"#)),
        ("huge-number", "nor a number beyond its range", with(r#""template_id":9223372036854775808"#)),
        ("repeated-key", "a key may stand once", with(r#""type":4"#)),
        (
            "unknown-key-beside",
            "an error and a warning in one call",
            with(r#""nmae":"x","is_ai_generated":"no""#),
        ),
        ("bad-json", "a bracket is not closed", create().body(r#"{"type":4,"group":{"name":"x""#)),
        ("trailing-comma", "JSON takes no comma before a bracket", create().body(r#"{"type":4,}"#)),
        ("not-an-object", "the top level is an object", create().body("[]")),
        ("not-utf-8", "a byte is not UTF-8", create().body(b"{\"type\":4,\"group\":{\"name\":\"\xff\"}}")),
        ("lone-surrogate", "half of an escaped pair", with(r#""group":{"name":"\ud83d"}"#)),
        ("empty-body", "nothing was sent", create().body("")),
        ("no-content-type", "the content type is missing", create().without("Content-Type")),
        (
            "wrong-content-type",
            "only application/json is read",
            create().without("Content-Type").header("Content-Type", "text/plain"),
        ),
        (
            "unknown-community",
            "the community is not one of the tenant",
            create().body(r#"{"type":4,"community_id":"00000000-0000-4000-8000-000000000000"}"#),
        ),
        ("first-chat-id", "a chat_id of the caller's own", with(CHAT)),
        ("repeated-chat-id", "the same chat_id again changes nothing", with(CHAT)),
        (
            "unknown-user",
            "a member is no user of the tenant",
            with(r#""group":{"members":[{"user_id":"00000000-0000-4000-8000-000000000000"}]}"#),
        ),
        (
            "both-member-ids",
            "a member has one of the two",
            with(r#""group":{"members":[{"user_id":"345e1234-5678-90ef-2345-678912341234","phone_number":"919876543210"}]}"#),
        ),
        ("neither-member-id", "a member has one of the two", with(r#""group":{"members":[{"name":"x"}]}"#)),
        (
            "bad-phone-number",
            "digits with country code, no plus",
            with(r#""group":{"members":[{"phone_number":"+919876543210"}]}"#),
        ),
    ];
    cases.map(|(name, why, request)| Exchange::new(name, why, request).with_entry()).into()
}
