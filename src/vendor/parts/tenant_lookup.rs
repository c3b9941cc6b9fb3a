//! Looks up ids in a tenant's world, for checks and patches.

use serde_json::{Value, json};
use uuid::Uuid;

use super::videos::{is_uploaded, some_uploaded};
use crate::vendor::endpoint::{Call, Endpoint, MediaMode};
use crate::vendor::schema::{Field, NamedThing, ReferenceKind, WorldLookup};
use crate::world::ids::parse_id;
use crate::world::{Community, Group, Role, User, World};

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
    /// The group that the path names.
    group: Option<&'w Group>,
}

impl<'w> TenantLookup<'w> {
    pub(crate) fn new(call: &Call, endpoint: &Endpoint, world: &'w World) -> Self {
        let is_group = |field: &&Field| field.refers_to == Some(ReferenceKind::Group);
        let parameter = endpoint.parameters.fields.iter().find(is_group);
        let id = parameter.and_then(|field| parse_id(call.parameters.find(field.name)?));
        let group = id.and_then(|id| world.group(&id));
        Self { world, creator: call.caller.user, media: call.config.media, group }
    }

    /// Iterates over those who can leave the group that the path names.
    fn leavers(&self) -> impl Iterator<Item = Uuid> {
        let members = self.group.into_iter().flat_map(|group| group.members.iter());
        members.filter(|member| member.role != Role::Owner).map(|member| member.user_id)
    }

    fn can_leave(&self, id: &Uuid) -> bool {
        let mut members = self.group.into_iter().flat_map(|group| group.members.iter());
        !members.any(|member| member.role == Role::Owner && member.user_id == *id)
    }
}

/// Returns the id if there is exactly one.
fn only(mut ids: impl Iterator<Item = Uuid>) -> Option<Uuid> {
    ids.next().filter(|_| ids.next().is_none())
}

impl WorldLookup for TenantLookup<'_> {
    fn knows(&self, thing: ReferenceKind, value: &Value) -> bool {
        if thing == ReferenceKind::Category {
            return value.as_i64().is_some_and(|number| self.world.has_category(number));
        }
        let Some(text) = value.as_str() else { return false };
        let id = parse_id(text);
        match thing {
            ReferenceKind::Community => id.is_some_and(|id| self.world.community(&id).is_some()),
            ReferenceKind::User => id.is_some_and(|id| self.world.user(&id).is_some()),
            ReferenceKind::Group => id.is_some_and(|id| self.world.group(&id).is_some()),
            ReferenceKind::FreeGroup => id.is_some_and(|id| self.world.group(&id).is_none()),
            ReferenceKind::Leaver => id.is_some_and(|id| self.can_leave(&id)),
            ReferenceKind::Category => false,
            ReferenceKind::Video => is_uploaded(text, self.media, self.world),
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

    fn named(&self, thing: ReferenceKind, text: &str) -> Option<NamedThing> {
        /// In a larger world, looking at all for each finding of a call would take long.
        const MAX_COMPARED: usize = 500;
        let text = text.trim().trim_start_matches('@');
        let is_it = |name: &str| !name.is_empty() && name.eq_ignore_ascii_case(text);
        let is_named = |name: Option<&str>| name.is_some_and(is_it);
        let world = self.world;
        let (id, description) = match thing {
            ReferenceKind::Community if world.community_count() <= MAX_COMPARED => {
                let with = |has: &dyn Fn(&Community) -> bool| {
                    only(world.communities().filter(|one| has(one)).map(|one| one.community_id))
                };
                match with(&|one| is_it(&one.handle)) {
                    Some(id) => (id, "community with this handle"),
                    None => (with(&|one| is_it(&one.name))?, "community with this name"),
                }
            }
            ReferenceKind::User | ReferenceKind::Leaver if world.user_count() <= MAX_COMPARED => {
                let with = |has: &dyn Fn(&User) -> bool| {
                    only(world.users().filter(|one| has(one)).map(|one| one.user_id))
                };
                match with(&|one| is_it(&one.username)) {
                    Some(id) => (id, "user with this username"),
                    None => (with(&|one| is_named(one.name.as_deref()))?, "user with this name"),
                }
            }
            ReferenceKind::Group if world.group_store().len() <= MAX_COMPARED => {
                let named = world.groups().filter(|one| is_named(one.name.as_deref()));
                (only(named.map(|one| one.chat_id))?, "group with this name")
            }
            ReferenceKind::Community
            | ReferenceKind::User
            | ReferenceKind::Leaver
            | ReferenceKind::Group
            | ReferenceKind::FreeGroup
            | ReferenceKind::FreeHandle
            | ReferenceKind::Video
            | ReferenceKind::Category => return None,
        };
        Some(NamedThing { id, description })
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
                MediaMode::Strict => some_uploaded(self.world).map(|name| json!(name)),
            },
            ReferenceKind::FreeHandle => {
                free_handle(self.world, "genuin-community").map(Value::from)
            }
            // a call can do without one
            ReferenceKind::FreeGroup => None,
            ReferenceKind::Leaver => self.leavers().next().map(|id| json!(id)),
            ReferenceKind::Category => {
                self.world.categories().next().map(|(number, _)| json!(number))
            }
        }
    }
}
