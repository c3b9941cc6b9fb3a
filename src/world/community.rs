//! A community: the place in which groups are created, and the roles of its members.

use indexmap::IndexMap;
use serde::Serialize;
use uuid::Uuid;

use super::Action;
use crate::described::described;

described! {
    /// A community, as the fixtures, the own API or a call describe it.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
    pub(crate) struct Community {
        pub(crate) community_id: Uuid,
        /// Unique name in links, without regard to case.
        pub(crate) handle: String,
        /// Display name.
        pub(crate) name: String,
        /// Display text.
        pub(crate) description: String,
        /// 1 public, 2 private (`observed`).
        #[serde(rename = "type")]
        pub(crate) kind: i64,
        /// `#RRGGBB`, of the community and of its groups.
        pub(crate) color_code: String,
        /// `#RRGGBB`, of the community and of its groups.
        pub(crate) text_color_code: String,
        /// File name of its picture.
        pub(crate) dp: Option<String>,
        /// File name of its banner.
        pub(crate) banner: Option<String>,
        /// Comma separated.
        pub(crate) tags: Option<String>,
        /// The brand that owns it.
        pub(crate) brand_id: Option<i64>,
        /// The numbers of its categories.
        pub(crate) categories: Vec<i64>,
        /// The access type of each action.
        pub(crate) actions: Vec<Action>,
        pub(crate) is_ai_generated: Option<bool>,
        pub(crate) is_ai_generated_dp: Option<bool>,
        pub(crate) is_ai_generated_banner: Option<bool>,
        /// The number at the end of its link in a group's answer; its place among all if there is none.
        #[serde(skip)]
        pub(crate) link_number: Option<u64>,
    }
}

/// The role of a person in a community, and its number in answers (`observed`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommunityRole {
    /// Stands for the community.
    Leader = 1,
    /// Everybody else.
    Member = 2,
    /// May moderate.
    Moderator = 3,
}

/// The members of a community by user id, in the order in which they joined.
pub(crate) type CommunityMembers = IndexMap<Uuid, CommunityRole>;

/// The pairs of `color_code` and `text_color_code` on the platform (`observed`, the last one
/// `documented`).
pub(crate) const COLOR_PAIRS: [(&str, &str); 5] = [
    ("#8DC6E8", "#1B8DD1"),
    ("#A4E6DA", "#49CDB5"),
    ("#A482C6", "#49058D"),
    ("#54C8E8", "#0091D1"),
    ("#FF5733", "#C70039"),
];

impl Community {
    /// The memory that it takes, roughly, in bytes.
    pub(super) fn size_bytes(&self) -> usize {
        let texts =
            [&self.handle, &self.name, &self.description, &self.color_code, &self.text_color_code];
        let optional = [&self.dp, &self.banner, &self.tags].into_iter().flatten();
        size_of::<Self>()
            + texts.into_iter().chain(optional).map(String::capacity).sum::<usize>()
            + size_of_val(&*self.categories)
            + size_of_val(&*self.actions)
    }
}
