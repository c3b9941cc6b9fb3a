//! A place in a body: a chain of steps on the stack, which becomes text only when a finding needs it.

use super::fields::Field;

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
    Item(usize),
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

    /// Returns the place of a list's item.
    pub(crate) fn item(&'p self, index: usize) -> ValuePlace<'p> {
        ValuePlace {
            parent: Some(self),
            step: PlaceStep::Item(index),
            field: None,
            is_needed: true,
        }
    }

    /// Whether this is the whole body or all path parameters.
    pub(crate) fn is_root(&self) -> bool {
        self.parent.is_none()
    }

    /// Returns the RFC 6901 pointer to the object or list that contains this place.
    pub(crate) fn parent_pointer(&self) -> String {
        self.parent.map_or_else(String::new, ValuePlace::pointer)
    }

    /// Returns the RFC 6901 pointer.
    pub(crate) fn pointer(&self) -> String {
        self.pointer_with(&|key| key)
    }

    /// Returns the RFC 6901 pointer with each key as it is shown.
    pub(super) fn pointer_with(&self, shown: &dyn Fn(&'p str) -> &'p str) -> String {
        let mut pointer = self.parent.map_or_else(String::new, |parent| parent.pointer_with(shown));
        match self.step {
            PlaceStep::Root("") => {}
            PlaceStep::Root(root) => pointer = format!("/{root}"),
            PlaceStep::Key(key) => {
                pointer.push('/');
                pointer.push_str(&escape(shown(key)));
            }
            PlaceStep::Item(index) => {
                pointer.push('/');
                pointer.push_str(&index.to_string());
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
            PlaceStep::Item(_) => path.push_str("[]"),
        }
        path
    }
}

/// Escapes a key for an RFC 6901 pointer.
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
