//! Create Group calls that succeed, and the video that cannot be found.

use super::exchange::{Exchange, Request};
use crate::harness::EXAMPLE;

pub fn exchanges() -> Vec<Exchange> {
    vec![
        Exchange::new(
            "documented-example",
            "the request on the vendor's page, by the fixed token",
            Request::create().token("gn-demo-token").body(EXAMPLE),
        )
        .with_entry(),
        Exchange::new("minimal", "only the mandatory fields", Request::create()).with_entry(),
        Exchange::new(
            "members",
            "a known user joins at once, a phone number is invited",
            Request::create_with(
                r#""group":{"name":"Ünïcode 😀","members":[{"user_id":"345E1234-5678-90EF-2345-678912341234"},{"phone_number":"919876543210","name":"Guest"}]}"#,
            ),
        ),
        Exchange::new(
            "nulls",
            "null for an optional field means absent",
            Request::create_with(
                r#""chat_id":null,"recorded_video":null,"group":null,"settings":null"#,
            ),
        ),
        Exchange::new(
            "unlisted",
            "settings are echoed",
            Request::create_with(r#""settings":{"discoverable":false},"is_ai_generated":true"#),
        ),
        Exchange::new(
            "unknown-keys",
            "an unknown key is ignored with a warning that names the nearest field",
            Request::create_with(r#""templateid":3,"group":{"nmae":"x"},"zzz":{}"#),
        )
        .with_entry(),
        Exchange::new(
            "content-type-with-charset",
            "parameters of the content type are allowed",
            Request::create()
                .without("Content-Type")
                .header("Content-Type", "application/json; charset=utf-8"),
        ),
        Exchange::new(
            "missing-video",
            "5026 is permanent although it is HTTP 500",
            Request::create_with(r#""recorded_video":{"video_name":"missing.mp4"}"#),
        )
        .with_entry(),
        Exchange::new(
            "no-video-name",
            "a recorded video without a name cannot be found either",
            Request::create_with(
                r#""recorded_video":{"message_id":"789e1234-f12d-4c67-a256-126314214555"}"#,
            ),
        )
        .with_entry(),
    ]
}
