//! Communities and users, as the fixtures describe them.

use std::sync::OnceLock;

use serde::Serialize;
use uuid::Uuid;

/// A text that is made of a value once and kept with it. It says nothing that the value does not
/// say, so that any two are equal, and a copy starts without one.
#[derive(Debug, Default)]
pub struct Kept(OnceLock<Box<str>>);

impl Kept {
    /// The text, made now if this is the first time.
    pub fn get_or_make(&self, make: impl FnOnce() -> String) -> &str {
        self.0.get_or_init(|| make().into())
    }
}

impl Clone for Kept {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Kept {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Kept {}

/// A community, the place a group is created in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Community {
    /// Its id.
    pub community_id: Uuid,
    /// Unique name in links.
    pub handle: String,
    /// Name shown.
    pub name: String,
    /// Text shown.
    pub description: String,
    /// 1 public, 2 private (`observed`).
    #[serde(rename = "type")]
    pub kind: i64,
    /// `#RRGGBB`, of the community and of its groups.
    pub color_code: String,
    /// `#RRGGBB`, likewise.
    pub text_color_code: String,
    /// File name of its picture.
    pub dp: Option<String>,
    /// The brand it belongs to.
    pub brand_id: Option<i64>,
    /// How answers tell of it, as far as that is always the same.
    #[serde(skip)]
    pub told: Kept,
}

/// A person on the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Their id, `member_id` inside groups.
    pub user_id: Uuid,
    /// Unique handle.
    pub username: String,
    /// Name shown.
    pub name: Option<String>,
    /// Digits with country code, no plus.
    pub phone_number: Option<String>,
    /// Their picture.
    pub profile: Profile,
    /// Whether a brand itself acts through this user.
    pub is_brand_system_user: bool,
    /// How answers tell of them, as far as that is always the same.
    pub told: Kept,
}

/// A user's picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Profile {
    /// One of [`AVATARS`], sent as its bare name.
    Avatar(String),
    /// An uploaded file, sent as a link.
    Image(String),
}

/// The names of the platform's avatars (`observed`).
pub const AVATARS: [&str; 18] = [
    "alien",
    "cow_face",
    "dog_face",
    "frog",
    "ghost",
    "hear_no_evil_monkey",
    "jack_o_lantern",
    "owl",
    "penguin",
    "pig_face",
    "pile_of_poo",
    "rabbit_face",
    "robot",
    "sloth",
    "smiling_face_with_horns",
    "smiling_face_with_sunglasses",
    "snowman",
    "teddy_bear",
];
