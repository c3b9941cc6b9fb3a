//! Ids and names of a tenant's world, from which patches are made.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::vendor::endpoint::{Call, MediaMode};
use crate::vendor::schema::{Named, WorldNames};
use crate::world::World;
use crate::world::ids::parse_id;

/// The ids and names that one caller can use.
pub(crate) struct KnownNames<'w> {
    world: &'w World,
    creator: Uuid,
    media: MediaMode,
}

impl<'w> KnownNames<'w> {
    pub(crate) fn new(call: &Call, world: &'w World) -> Self {
        Self { world, creator: call.caller.user, media: call.setting.media }
    }
}

impl WorldNames for KnownNames<'_> {
    fn knows(&self, thing: Named, value: &Value) -> bool {
        let Some(text) = value.as_str() else { return false };
        let id = parse_id(text);
        match thing {
            Named::Community => id.is_some_and(|id| self.world.community(&id).is_some()),
            Named::User => id.is_some_and(|id| self.world.user(&id).is_some()),
            Named::Video => self.media == MediaMode::Lenient || self.world.has_media(text),
        }
    }

    fn example(&self, thing: Named) -> Option<Value> {
        match thing {
            Named::Community => {
                self.world.communities().next().map(|first| json!(first.community_id))
            }
            Named::User => Some(json!(self.creator)),
            Named::Video => match self.media {
                MediaMode::Lenient => Some(json!("video.mp4")),
                MediaMode::Strict => self.world.some_media().map(|name| json!(name)),
            },
        }
    }
}
