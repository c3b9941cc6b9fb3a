//! What patches need to know of a tenant's world.

use serde_json::Value;

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
}
