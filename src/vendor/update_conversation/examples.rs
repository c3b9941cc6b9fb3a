//! Calls of Update Conversation for documents. The ids are those of the default fixtures, so that what is copied from a
//! document works.

use crate::vendor::{CallExample, Outcome};

pub(super) const EXAMPLES: &[CallExample] = &[
    CallExample::new(
        "ok",
        "the vendor's own example",
        r#"{"members_added":[{"user_id":"0badcafe-1111-4222-8333-444455556666"}],"members_removed":["345e1234-5678-90ef-2345-678912341234"],"subscribers_removed":["345e1234-5678-90ef-2345-678912341234"],"name":"new name","description":"new description #abc #xyz","tags":"abc,xyz","dp":"1.png","topics":[1,2],"settings":{"discoverable":false}}"#,
        Outcome::Ok,
    ),
    CallExample::new("minimal", "nothing is changed", "{}", Outcome::Ok),
    CallExample::new(
        "wrong-type",
        "a string is sent as a number",
        r#"{"name":7}"#,
        Outcome::BadRequest,
    ),
    CallExample::new(
        "unknown-chat",
        "the group does not exist",
        r#"{"name":"new name"}"#,
        Outcome::BadRequest,
    )
    .with_parameters(&[("chat_id", "00000000-0000-4000-8000-000000000000")]),
    CallExample::new(
        "unknown-user",
        "who is added is no known user",
        r#"{"members_added":[{"user_id":"00000000-0000-4000-8000-000000000000"}]}"#,
        Outcome::BadRequest,
    ),
    CallExample::new(
        "removed-owner",
        "the owner of a group cannot leave it",
        r#"{"members_removed":["abcd1234-5678-90ef-1112-234567890111"]}"#,
        Outcome::BadRequest,
    ),
];
