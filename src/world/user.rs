//! A user of the platform.

use std::borrow::Cow;

use crate::described::described;
use serde::Serialize;
use uuid::Uuid;

/// A user, as the fixtures or the own API describe them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Their id, `member_id` inside groups.
    pub(crate) user_id: Uuid,
    /// Unique handle; empty for somebody who was added by phone number and has chosen none yet.
    pub(crate) username: String,
    /// Display name.
    pub(crate) name: Option<String>,
    pub(crate) bio: Option<String>,
    /// Digits with country code, no plus.
    pub(crate) phone_number: Option<String>,
    pub(crate) profile: Profile,
    /// Whether a brand itself acts through this user.
    pub(crate) is_brand_system_user: bool,
    pub(crate) brand: Option<Brand>,
}

described! {
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    pub(crate) struct Brand {
        pub(crate) brand_id: i64,
        /// Its name in links.
        pub(crate) brand_slug: String,
    }
}

impl User {
    /// The handle, unless they have chosen none yet.
    pub(crate) fn nickname(&self) -> Option<&str> {
        Some(self.username.as_str()).filter(|name| !name.is_empty())
    }

    pub(crate) fn has_avatar(&self) -> bool {
        matches!(self.profile, Profile::Avatar(_))
    }

    /// The name of their avatar, or that of the file of their picture.
    pub(crate) fn avatar_or_image(&self) -> (Option<&str>, Option<&str>) {
        match &self.profile {
            Profile::Avatar(name) => (Some(name), None),
            Profile::Image(file) => (None, Some(file)),
        }
    }

    /// The memory that it takes, roughly, in bytes.
    pub(super) fn size_bytes(&self) -> usize {
        // every field is named, so that a new one is not forgotten
        let Self {
            user_id: _,
            username,
            name,
            bio,
            phone_number,
            profile,
            is_brand_system_user: _,
            brand,
        } = self;
        let picture_bytes = match profile {
            Profile::Avatar(Cow::Borrowed(_)) => 0,
            Profile::Avatar(Cow::Owned(name)) => name.capacity(),
            Profile::Image(file) => file.capacity(),
        };
        let slug = brand.as_ref().map(|brand| &brand.brand_slug);
        let optional = [name.as_ref(), bio.as_ref(), phone_number.as_ref(), slug];
        let texts = optional.into_iter().flatten().chain([username]);
        size_of::<Self>() + picture_bytes + texts.map(String::capacity).sum::<usize>()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Profile {
    /// One of [`AVATARS`], sent as its bare name.
    Avatar(Cow<'static, str>),
    /// An uploaded file, sent as a link.
    Image(String),
}

/// The names of the platform's avatars (`observed`).
pub(crate) const AVATARS: [&str; 18] = [
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

/// Returns a phone number as an integer: it has 7 to 15 digits, of which the first is not 0.
pub(super) fn phone_as_integer(number: &str) -> Option<u64> {
    number.parse().ok()
}
