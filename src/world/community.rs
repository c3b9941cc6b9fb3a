//! A community: the place in which groups are created.

use serde::Serialize;
use uuid::Uuid;

/// A community, as the fixtures or the own API describe it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Community {
    pub community_id: Uuid,
    /// Unique name in links.
    pub handle: String,
    /// Display name.
    pub name: String,
    /// Display text.
    pub description: String,
    /// 1 public, 2 private (`observed`).
    #[serde(rename = "type")]
    pub kind: i64,
    /// `#RRGGBB`, of the community and of its groups.
    pub color_code: String,
    /// `#RRGGBB`, of the community and of its groups.
    pub text_color_code: String,
    /// File name of its picture.
    pub dp: Option<String>,
    /// The brand that owns it.
    pub brand_id: Option<i64>,
}

impl Community {
    /// The memory that it takes, roughly, in bytes.
    pub(super) fn size_bytes(&self) -> usize {
        let Self { handle, name, description, color_code, text_color_code, .. } = self;
        let texts = [handle, name, description, color_code, text_color_code].into_iter();
        size_of::<Self>() + texts.chain(&self.dp).map(String::capacity).sum::<usize>()
    }
}
