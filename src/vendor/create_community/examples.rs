//! Calls of Create Community for documents. The ids are those of the default fixtures, so that what is copied from a
//! document works.

use crate::vendor::{CallExample, Outcome};

pub(super) const EXAMPLES: &[CallExample] = &[
    CallExample::new(
        "ok",
        "the vendor's own example, with the mandatory fields that it lacks",
        r#"{"handle":"genuin-community","name":"Genuin Community","type":1,"actions":[{"action_id":2,"access_type_id":3}],"description":"some community description #genuinCommunity #genuinAmdCommunity","tags":"genuinCommunity,genuinAmdCommunity","dp":"1.png","categories":{"existing":[1,2],"new":["abc","aAa","xYZ"]},"is_ai_generated":false,"is_ai_generated_dp":true,"is_ai_generated_banner":true,"banner":"1.png","users":[{"user_id":"abcd1234-5678-90ef-1112-234567890111"}]}"#,
        Outcome::Ok,
    ),
    CallExample::new(
        "minimal",
        "only the mandatory fields",
        r#"{"handle":"genuin-community-2","name":"Genuin Community","type":1,"actions":[{"action_id":2,"access_type_id":3}]}"#,
        Outcome::Ok,
    ),
    CallExample::new(
        "missing-handle",
        "a mandatory field is absent",
        r#"{"name":"Genuin Community","type":1,"actions":[{"action_id":2,"access_type_id":3}]}"#,
        Outcome::BadRequest,
    ),
    CallExample::new(
        "wrong-type",
        "a number is sent as a string",
        r#"{"handle":"genuin-community","name":"Genuin Community","type":"1","actions":[{"action_id":2,"access_type_id":3}]}"#,
        Outcome::BadRequest,
    ),
    CallExample::new(
        "unknown-user",
        "a member is no known user",
        r#"{"handle":"genuin-community","name":"Genuin Community","type":1,"actions":[{"action_id":2,"access_type_id":3}],"users":[{"user_id":"00000000-0000-4000-8000-000000000000"}]}"#,
        Outcome::BadRequest,
    ),
    CallExample::new(
        "repeated-handle",
        "a community has this handle",
        r#"{"handle":"genuin-community","name":"Genuin Community","type":1,"actions":[{"action_id":2,"access_type_id":3}]}"#,
        Outcome::BadRequest,
    )
    .repeated(),
    CallExample::new(
        "unknown-category",
        "a category does not exist",
        r#"{"handle":"genuin-community","name":"Genuin Community","type":1,"actions":[{"action_id":2,"access_type_id":3}],"categories":{"existing":[9999]}}"#,
        Outcome::PreconditionFailed,
    ),
];
