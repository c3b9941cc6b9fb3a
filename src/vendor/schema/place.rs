//! A place in a body: a chain of steps on the stack, which becomes text only when a finding needs it.

use super::fields::{Field, ReferenceKind};

/// A place in a body or in path parameters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ValuePlace<'p> {
    parent: Option<&'p ValuePlace<'p>>,
    step: PlaceStep<'p>,
    /// The field whose value is here.
    pub(crate) field: Option<&'static Field>,
    /// Whether the value cannot be left out.
    pub(crate) is_needed: bool,
}

#[derive(Debug, Clone, Copy)]
enum PlaceStep<'p> {
    Root(&'static str),
    Key(&'p str),
    Item {
        index: usize,
        /// How many items before it the patches of the call take out.
        removed_before: usize,
    },
}

impl<'p> ValuePlace<'p> {
    /// The whole body.
    pub(crate) const BODY: ValuePlace<'static> =
        ValuePlace { parent: None, step: PlaceStep::Root(""), field: None, is_needed: true };

    /// The path parameters.
    pub(crate) const PARAMETERS: ValuePlace<'static> =
        ValuePlace { parent: None, step: PlaceStep::Root("path"), field: None, is_needed: true };

    /// Returns the place of a key's value.
    pub(crate) fn key(&'p self, key: &'p str) -> ValuePlace<'p> {
        ValuePlace { parent: Some(self), step: PlaceStep::Key(key), field: None, is_needed: false }
    }

    /// Returns the same place where the value cannot be left out.
    pub(crate) fn as_needed(&self) -> Self {
        Self { is_needed: true, ..*self }
    }

    /// Returns the place of a field's value.
    pub(crate) fn field(&'p self, field: &'static Field, is_needed: bool) -> ValuePlace<'p> {
        ValuePlace {
            parent: Some(self),
            step: PlaceStep::Key(field.name),
            field: Some(field),
            is_needed,
        }
    }

    /// Returns the place of a list's item; a patch may take it out of the list.
    pub(crate) fn item(&'p self, index: usize, removed_before: usize) -> ValuePlace<'p> {
        let step = PlaceStep::Item { index, removed_before };
        ValuePlace { parent: Some(self), step, field: None, is_needed: false }
    }

    /// Returns what the value here must refer to, if anything; the items of a list are of its field.
    pub(super) fn referent(&self) -> Option<ReferenceKind> {
        let field = match self.step {
            PlaceStep::Item { .. } => self.parent.and_then(|list| list.field),
            PlaceStep::Root(_) | PlaceStep::Key(_) => self.field,
        };
        field?.refers_to
    }

    /// Whether this is an item of a list.
    pub(super) fn is_item(&self) -> bool {
        matches!(self.step, PlaceStep::Item { .. })
    }

    /// Whether this is the whole body or all path parameters.
    pub(crate) fn is_root(&self) -> bool {
        self.parent.is_none()
    }

    /// Returns the object or list that contains this place.
    pub(super) fn parent(&self) -> Option<&'p ValuePlace<'p>> {
        self.parent
    }

    /// Returns the RFC 6901 pointer in the body as it was sent, with each key as it is shown.
    pub(super) fn pointer_with(&self, shown: &dyn Fn(&'p str) -> &'p str) -> String {
        self.pointer_after(|index, _| index, shown)
    }

    /// Returns the RFC 6901 pointer in the body as the patches before have left it.
    pub(super) fn target(&self) -> String {
        self.pointer_after(|index, removed_before| index - removed_before, &|key| key)
    }

    /// The same of the object or list that it is in.
    pub(super) fn parent_target(&self) -> String {
        self.parent.map(Self::target).unwrap_or_default()
    }

    fn pointer_after(
        &self,
        place_in_list: fn(usize, usize) -> usize,
        shown: &dyn Fn(&'p str) -> &'p str,
    ) -> String {
        let parent = self.parent.map(|parent| parent.pointer_after(place_in_list, shown));
        let mut pointer = parent.unwrap_or_default();
        match self.step {
            PlaceStep::Root("") => {}
            PlaceStep::Root(root) => pointer = format!("/{root}"),
            PlaceStep::Key(key) => {
                pointer.push('/');
                pointer.push_str(&escape(shown(key)));
            }
            PlaceStep::Item { index, removed_before } => {
                pointer.push('/');
                pointer.push_str(&place_in_list(index, removed_before).to_string());
            }
        }
        pointer
    }

    /// Returns the ledger's clause for this place, `create_group.group.members[].user_id`, with each key as it
    /// is shown.
    pub(super) fn clause_with(&self, endpoint: &str, shown: &dyn Fn(&'p str) -> &'p str) -> String {
        if self.parent.is_none() {
            return format!("{endpoint}.body");
        }
        format!("{endpoint}{}", self.path(shown))
    }

    fn path(&self, shown: &dyn Fn(&'p str) -> &'p str) -> String {
        let mut path = self.parent.map_or_else(String::new, |parent| parent.path(shown));
        match self.step {
            PlaceStep::Root("") => {}
            PlaceStep::Root(root) => path = format!(".{root}"),
            PlaceStep::Key(key) => {
                path.push('.');
                path.push_str(shown(key));
            }
            PlaceStep::Item { .. } => path.push_str("[]"),
        }
        path
    }
}

/// Escapes a key for an RFC 6901 pointer.
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
