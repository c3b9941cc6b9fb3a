//! The body of a Create Group request by serde's derive, borrowed where possible.

#![expect(dead_code, reason = "the whole request is read, and not all of it is in the answer")]

use std::borrow::Cow;

use serde::Deserialize;
use uuid::Uuid;

/// A string that is borrowed inside an `Option` too, unlike a bare `Cow`.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

#[derive(Deserialize)]
pub struct CreateGroup<'a> {
    r#type: u8,
    community_id: Uuid,
    chat_id: Option<Uuid>,
    #[serde(borrow)]
    pub recorded_video: Option<RecordedVideo<'a>>,
    actions: Option<Vec<Action>>,
    #[serde(borrow)]
    pub group: Option<Details<'a>>,
    pub settings: Option<Settings>,
    template_id: Option<i64>,
    is_ai_generated: Option<bool>,
}

#[derive(Deserialize)]
pub struct RecordedVideo<'a> {
    pub message_id: Option<Uuid>,
    #[serde(borrow)]
    pub video_name: Option<Text<'a>>,
    #[serde(borrow)]
    pub thumbnail_name: Option<Text<'a>>,
    #[serde(borrow)]
    pub video_path: Option<Text<'a>>,
    #[serde(borrow)]
    pub thumbnail_path: Option<Text<'a>>,
    is_ai_generated_video: Option<bool>,
    is_ai_generated_thumbnail: Option<bool>,
    #[serde(borrow)]
    link: Option<Text<'a>>,
    #[serde(borrow)]
    size: Option<Text<'a>>,
    duration: Option<f64>,
    #[serde(borrow)]
    aspect_ratio: Option<Text<'a>>,
    #[serde(borrow)]
    resolution: Option<Text<'a>>,
    #[serde(borrow)]
    description_text: Option<Text<'a>>,
    #[serde(borrow)]
    description_data: Option<Text<'a>>,
    #[serde(borrow)]
    meta_data: Option<MetaData<'a>>,
}

#[derive(Deserialize)]
pub struct MetaData<'a> {
    #[serde(borrow)]
    topic: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub struct Action {
    action_id: i64,
    access_type_id: i64,
}

#[derive(Deserialize)]
pub struct Details<'a> {
    #[serde(borrow)]
    pub name: Option<Text<'a>>,
    #[serde(borrow)]
    pub description: Option<Text<'a>>,
    #[serde(borrow)]
    tags: Option<Text<'a>>,
    #[serde(borrow)]
    pub dp: Option<Text<'a>>,
    topics: Option<Vec<i64>>,
    #[serde(borrow)]
    members: Option<Vec<Member<'a>>>,
}

#[derive(Deserialize)]
pub struct Member<'a> {
    user_id: Option<Uuid>,
    #[serde(borrow)]
    phone_number: Option<Text<'a>>,
    #[serde(borrow)]
    name: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub struct Settings {
    pub discoverable: Option<bool>,
}
