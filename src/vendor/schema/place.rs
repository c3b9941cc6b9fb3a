//! A place in a body: a chain of steps on the stack, turned into text only when something is said of
//! it.

use super::fields::Field;

/// A place in a body, or in the parameters of a path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'p> {
    parent: Option<&'p Place<'p>>,
    step: Step<'p>,
    /// The field whose value is here.
    pub(crate) field: Option<&'static Field>,
    /// Whether the value cannot be left out.
    pub(crate) is_needed: bool,
}

#[derive(Debug, Clone, Copy)]
enum Step<'p> {
    Root(&'static str),
    Key(&'p str),
    Item(usize),
}

impl<'p> Place<'p> {
    /// The whole body.
    pub(crate) const BODY: Place<'static> =
        Place { parent: None, step: Step::Root(""), field: None, is_needed: true };

    /// The parameters of the path.
    pub(crate) const PARAMETERS: Place<'static> =
        Place { parent: None, step: Step::Root("path"), field: None, is_needed: true };

    /// The value of a key.
    pub(crate) fn key(&'p self, key: &'p str) -> Place<'p> {
        Place { parent: Some(self), step: Step::Key(key), field: None, is_needed: false }
    }

    /// The value of a known field.
    pub(crate) fn field(&'p self, field: &'static Field, is_needed: bool) -> Place<'p> {
        Place { parent: Some(self), step: Step::Key(field.name), field: Some(field), is_needed }
    }

    /// An item of a list.
    pub(crate) fn item(&'p self, index: usize) -> Place<'p> {
        Place { parent: Some(self), step: Step::Item(index), field: None, is_needed: true }
    }

    /// Whether it is a whole body or all parameters.
    pub(crate) fn is_root(&self) -> bool {
        self.parent.is_none()
    }

    /// The place of the object that this one is in.
    pub(crate) fn parent_pointer(&self) -> String {
        self.parent.map_or_else(String::new, Place::pointer)
    }

    /// The RFC 6901 pointer.
    pub(crate) fn pointer(&self) -> String {
        let mut pointer = self.parent.map_or_else(String::new, Place::pointer);
        match self.step {
            Step::Root("") => {}
            Step::Root(root) => pointer = format!("/{root}"),
            Step::Key(key) => {
                pointer.push('/');
                pointer.push_str(&escape(key));
            }
            Step::Item(index) => {
                pointer.push('/');
                pointer.push_str(&index.to_string());
            }
        }
        pointer
    }

    /// The clause of the ledger: `create_group.group.members[].user_id`.
    pub(crate) fn clause(&self, endpoint: &str) -> String {
        if self.parent.is_none() {
            return format!("{endpoint}.body");
        }
        format!("{endpoint}{}", self.path())
    }

    fn path(&self) -> String {
        let mut path = self.parent.map_or_else(String::new, Place::path);
        match self.step {
            Step::Root("") => {}
            Step::Root(root) => path = format!(".{root}"),
            Step::Key(key) => {
                path.push('.');
                path.push_str(key);
            }
            Step::Item(_) => path.push_str("[]"),
        }
        path
    }
}

/// A key as a part of an RFC 6901 pointer.
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
