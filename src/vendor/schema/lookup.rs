//! What patches need to know of a tenant's world.

use serde_json::Value;
use uuid::Uuid;

use super::fields::ReferenceKind;

/// Looks up ids in a tenant's world, so that patches are valid.
pub(crate) trait WorldLookup {
    /// Whether the id exists.
    fn knows(&self, thing: ReferenceKind, value: &Value) -> bool;

    /// Returns an existing id.
    fn example(&self, thing: ReferenceKind) -> Option<Value>;

    /// Returns one that is like a value which does not pass, if there is such a thing.
    fn like(&self, thing: ReferenceKind, _: &Value) -> Option<Value> {
        self.example(thing)
    }

    /// Returns the only thing that a text which is no id is a name of.
    fn named(&self, _: ReferenceKind, _: &str) -> Option<NamedThing> {
        None
    }
}

/// A thing that was named in the place of its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NamedThing {
    pub(crate) id: Uuid,
    /// What it is and what it was named by: `community with this handle`.
    pub(crate) description: &'static str,
}
