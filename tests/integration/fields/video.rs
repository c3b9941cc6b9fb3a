//! The fields of `recorded_video`.

use serde_json::{Value, json};

use super::{OTHER_ID, OTHER_ID_LOWER, Row, boolean, measure, not_id, not_text, row, text};

#[expect(clippy::too_many_lines, reason = "a table")]
pub fn rows() -> Vec<Row> {
    let media = "http://sandbox/trends_videos/2024/5/6/creative/";
    vec![
        row(
            "recorded_video",
            "/recorded_video",
            vec![(Value::Null, vec![("/data/latest_messages", json!([]))])],
            vec![(json!("video.mp4"), "a string"), (json!([]), "a list"), (json!(1), "a number")],
        ),
        row(
            "recorded_video.message_id",
            "/recorded_video/message_id",
            vec![
                (
                    json!(OTHER_ID),
                    vec![("/data/latest_messages/0/message_id", json!(OTHER_ID_LOWER))],
                ),
                (
                    Value::Null,
                    vec![(
                        "/data/latest_messages/0/message_id",
                        json!("c516d9c1-863c-44c5-9ce3-0da952955736"),
                    )],
                ),
            ],
            not_id(),
        ),
        row(
            "recorded_video.video_name",
            "/recorded_video/video_name",
            vec![
                (
                    json!("a b/ü.mp4"),
                    vec![(
                        "/data/latest_messages/0/media_url",
                        json!(format!("{media}a%20b%2F%C3%BC.mp4")),
                    )],
                ),
                (
                    json!("mis.mp4"),
                    vec![("/data/latest_messages/0/media_url", json!(format!("{media}mis.mp4")))],
                ),
            ],
            not_text(),
        ),
        row(
            "recorded_video.thumbnail_name",
            "/recorded_video/thumbnail_name",
            vec![
                (
                    json!("t.jpg"),
                    thumbnails("http://sandbox/trends_thumbnail/2024/5/6/creative/{}t.jpg"),
                ),
                (json!(""), thumbnails("")),
                (Value::Null, thumbnails("")),
            ],
            not_text(),
        ),
        row(
            "recorded_video.video_path",
            "/recorded_video/video_path",
            [json!("/"), json!(""), Value::Null]
                .into_iter()
                .map(|none| (none, vec![media_url("temp_video")]))
                .chain([(json!("/a/b c/"), vec![media_url("a/b%20c")])])
                .collect(),
            not_text(),
        ),
        row(
            "recorded_video.thumbnail_path",
            "/recorded_video/thumbnail_path",
            [
                (json!("/"), "uploads/thumbnails"),
                (Value::Null, "uploads/thumbnails"),
                (json!("x/y/"), "x/y"),
            ]
            .into_iter()
            .map(|(path, folder)| {
                let file = "abcd1234-5678-90ef-1112-234567890111_thumb.jpg";
                (path, thumbnails(&format!("http://sandbox/{folder}/{{}}{file}")))
            })
            .collect(),
            not_text(),
        ),
        boolean("recorded_video.is_ai_generated_video", "/recorded_video/is_ai_generated_video"),
        boolean(
            "recorded_video.is_ai_generated_thumbnail",
            "/recorded_video/is_ai_generated_thumbnail",
        ),
        text("recorded_video.link", "/recorded_video/link"),
        text("recorded_video.description_text", "/recorded_video/description_text"),
        measure("recorded_video.size", "/recorded_video/size"),
        measure("recorded_video.duration", "/recorded_video/duration"),
        measure("recorded_video.aspect_ratio", "/recorded_video/aspect_ratio"),
        measure("recorded_video.resolution", "/recorded_video/resolution"),
        text("recorded_video.description_data", "/recorded_video/description_data"),
        row(
            "recorded_video.meta_data",
            "/recorded_video/meta_data",
            vec![(json!({}), vec![]), (Value::Null, vec![]), (json!({"other": 1}), vec![])],
            vec![(json!("x"), "a string"), (json!([]), "a list")],
        ),
        text("recorded_video.meta_data.topic", "/recorded_video/meta_data/topic"),
    ]
}

fn media_url(folder: &str) -> (&'static str, Value) {
    let file = "abcd1234-5678-90ef-1112-234567890111_video.mp4";
    ("/data/latest_messages/0/media_url", json!(format!("http://sandbox/{folder}/{file}")))
}

fn thumbnails(url: &str) -> Vec<(&'static str, Value)> {
    [("thumbnail_url", ""), ("thumbnail_url_s", "s/"), ("thumbnail_url_l", "l/")]
        .map(|(key, size)| {
            let pointer = match key {
                "thumbnail_url" => "/data/latest_messages/0/thumbnail_url",
                "thumbnail_url_s" => "/data/latest_messages/0/thumbnail_url_s",
                _ => "/data/latest_messages/0/thumbnail_url_l",
            };
            (pointer, json!(url.replace("{}", size)))
        })
        .to_vec()
}
