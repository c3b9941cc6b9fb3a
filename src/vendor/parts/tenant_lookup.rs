//! Looks up ids in a tenant's world, for checks and patches.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::vendor::endpoint::{Call, MediaMode};
use crate::vendor::schema::{ReferenceKind, WorldLookup};
use crate::world::World;
use crate::world::ids::parse_id;

/// Returns a handle that no community has: this one, or one with a number after it.
pub(crate) fn free_handle(world: &World, handle: &str) -> Option<String> {
    // a long handle leaves room for the number
    let start = &handle[..handle.len().min(58)];
    let numbered = (2..1000).map(|number| format!("{start}-{number}"));
    std::iter::once(handle.to_owned()).chain(numbered).find(|handle| !world.has_handle(handle))
}

/// The ids that one caller can use.
#[derive(Clone, Copy)]
pub(crate) struct TenantLookup<'w> {
    world: &'w World,
    creator: Uuid,
    media: MediaMode,
}

impl<'w> TenantLookup<'w> {
    pub(crate) fn new(call: &Call, world: &'w World) -> Self {
        Self { world, creator: call.caller.user, media: call.config.media }
    }
}

impl WorldLookup for TenantLookup<'_> {
    fn knows(&self, thing: ReferenceKind, value: &Value) -> bool {
        let Some(text) = value.as_str() else { return false };
        let id = parse_id(text);
        match thing {
            ReferenceKind::Community => id.is_some_and(|id| self.world.community(&id).is_some()),
            ReferenceKind::User => id.is_some_and(|id| self.world.user(&id).is_some()),
            ReferenceKind::Group => id.is_some_and(|id| self.world.group(&id).is_some()),
            ReferenceKind::Video => self.media == MediaMode::Lenient || self.world.has_media(text),
            ReferenceKind::FreeHandle => !self.world.has_handle(text),
        }
    }

    fn like(&self, thing: ReferenceKind, value: &Value) -> Option<Value> {
        match (thing, value.as_str()) {
            (ReferenceKind::FreeHandle, Some(handle)) => {
                free_handle(self.world, handle).map(Value::from)
            }
            _ => self.example(thing),
        }
    }

    fn example(&self, thing: ReferenceKind) -> Option<Value> {
        match thing {
            ReferenceKind::Community => {
                self.world.communities().next().map(|first| json!(first.community_id))
            }
            ReferenceKind::User => Some(json!(self.creator)),
            ReferenceKind::Group => self.world.newest_group().map(|newest| json!(newest.chat_id)),
            ReferenceKind::Video => match self.media {
                MediaMode::Lenient => Some(json!("video.mp4")),
                MediaMode::Strict => self.world.some_media().map(|name| json!(name)),
            },
            ReferenceKind::FreeHandle => {
                free_handle(self.world, "genuin-community").map(Value::from)
            }
        }
    }
}
