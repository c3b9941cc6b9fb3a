//! Communities in answers, and the check that a community is known.

use serde_json::json;
use uuid::Uuid;

use super::links::{Link, Links};
use crate::text::plural_with;
use crate::vendor::finding::{Finding, PatchOp};
use crate::vendor::schema::answer;
use crate::world::World;
use crate::world::ids::Slug;

answer! {
    /// A community.
    pub(crate) struct CommunityAnswer<'a> as "Community" {
        "community_id" as community_id: Uuid, Documented;
        "handle" as handle: &'a str, Documented;
        "name" as name: &'a str, Documented;
        "description" as description: &'a str, Documented;
        "color_code" as color_code: &'a str, Documented;
        "text_color_code" as text_color_code: &'a str, Documented;
        "dp" as dp: Link<'a>, Documented;
        "dp_s" as dp_s: Link<'a>, Documented;
        "dp_m" as dp_m: Link<'a>, Documented;
        "dp_l" as dp_l: Link<'a>, Documented;
        "share_url" as share_url: Link<'a>, Documented;
    }
}

impl<'a> CommunityAnswer<'a> {
    pub(crate) fn of(community: &'a crate::world::Community, slug: Slug, links: &'a Links) -> Self {
        let [dp, dp_s, dp_m, dp_l] = links.dp(community.dp.as_deref());
        Self {
            community_id: community.community_id,
            handle: &community.handle,
            name: &community.name,
            description: &community.description,
            color_code: &community.color_code,
            text_color_code: &community.text_color_code,
            dp,
            dp_s,
            dp_m,
            dp_l,
            share_url: links.page("community", slug),
        }
    }
}

/// Returns the error for a community that is not one of this tenant.
pub(crate) fn unknown_community(
    world: &World,
    pointer: &str,
    clause: impl FnOnce() -> String,
) -> Finding {
    let finding = Finding::error(pointer, clause(), "is not a community of this tenant");
    match world.communities().next() {
        None => finding.suggest("the fixtures have no community; add one to them"),
        Some(first) => {
            let (id, handle) = (first.community_id, &first.handle);
            let forgotten = match world.forgotten().communities {
                0 => String::new(),
                count => {
                    let communities = plural_with(count, "community", ["was", "were"]);
                    let too = if count == 1 { "" } else { " too" };
                    format!("; {communities} forgotten to keep memory bounded, maybe this one{too}")
                }
            };
            finding
                .suggest(format!("use one of the fixtures, for example {id} ({handle}){forgotten}"))
                .with_patch(PatchOp::Replace { path: pointer.into(), value: json!(id) })
        }
    }
}
