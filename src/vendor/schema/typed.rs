//! The typed pass: structs that borrow from a tree and accept exactly what the ledger allows.
//! Unknown keys are skipped and noted, so that the explaining pass can look at them.

use uuid::Uuid;

use super::tree::Tree;

/// What can be read from a value.
pub trait FromTree<'t>: Sized {
    /// `None` if the contract does not allow the value here.
    fn from_tree(value: Tree<'t>) -> Option<Self>;

    /// Whether a key was skipped that the contract does not know, here or further in.
    fn saw_unknown(&self) -> bool {
        false
    }
}

impl FromTree<'_> for bool {
    fn from_tree(value: Tree) -> Option<Self> {
        if let Tree::Boolean(value) = value { Some(value) } else { None }
    }
}

impl FromTree<'_> for i64 {
    fn from_tree(value: Tree) -> Option<Self> {
        if let Tree::Integer(value) = value { Some(value) } else { None }
    }
}

impl<'t> FromTree<'t> for &'t str {
    fn from_tree(value: Tree<'t>) -> Option<Self> {
        if let Tree::Text(text) = value { Some(text) } else { None }
    }
}

/// An id of the vendor's.
impl FromTree<'_> for Uuid {
    fn from_tree(value: Tree) -> Option<Self> {
        if let Tree::Text(text) = value { super::parse_id(text) } else { None }
    }
}

impl<'t, T: FromTree<'t>> FromTree<'t> for Vec<T> {
    fn from_tree(value: Tree<'t>) -> Option<Self> {
        let Tree::List(items) = value else { return None };
        items.iter().map(|item| T::from_tree(*item)).collect()
    }

    fn saw_unknown(&self) -> bool {
        self.iter().any(T::saw_unknown)
    }
}

/// A phone number with country code, without plus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phone<'t>(pub &'t str);

impl<'t> FromTree<'t> for Phone<'t> {
    fn from_tree(value: Tree<'t>) -> Option<Self> {
        <&str>::from_tree(value).filter(|text| super::is_phone(text)).map(Self)
    }
}

/// A string or a number whose value nothing depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure;

impl FromTree<'_> for Measure {
    fn from_tree(value: Tree) -> Option<Self> {
        matches!(value, Tree::Text(_) | Tree::Integer(_) | Tree::Number(_)).then_some(Self)
    }
}

/// Declares a struct that is read from a JSON object and from nothing else. After each field
/// stands its key, then whether it is `required` or `optional` (an `Option`, null is absent).
/// A repeated key is not allowed.
macro_rules! object {
    ($(#[$meta:meta])* $vis:vis struct $name:ident<$life:lifetime> {
        $( $(#[$field_meta:meta])* $field:ident $key:literal: $type:ty => $how:ident ),* $(,)?
    }) => {
        $(#[$meta])*
        $vis struct $name<$life> {
            $( $(#[$field_meta])* pub $field: $crate::vendor::schema::object!(@type $how $type), )*
            unknown: bool,
            lifetime: std::marker::PhantomData<&$life ()>,
        }

        impl<$life> $crate::vendor::schema::FromTree<$life> for $name<$life> {
            fn from_tree(value: $crate::vendor::schema::Tree<$life>) -> Option<Self> {
                use $crate::vendor::schema::{FromTree, Tree};
                let Tree::Object(entries) = value else { return None };
                $( let mut $field: Option<Tree<$life>> = None; )*
                let mut unknown = false;
                for (key, value) in entries {
                    let field = match *key {
                        $( $key => &mut $field, )*
                        _ => {
                            unknown = true;
                            continue;
                        }
                    };
                    if field.replace(*value).is_some() {
                        return None;
                    }
                }
                $( let $field = $crate::vendor::schema::object!(@value $how $field); )*
                unknown |= false $(|| $crate::vendor::schema::object!(@unknown $how $field))*;
                Some(Self { $( $field, )* unknown, lifetime: std::marker::PhantomData })
            }

            fn saw_unknown(&self) -> bool {
                self.unknown
            }
        }
    };
    (@type required $type:ty) => { $type };
    (@type optional $type:ty) => { Option<$type> };
    (@value required $field:ident) => { FromTree::from_tree($field?)? };
    (@value optional $field:ident) => {
        match $field {
            None | Some(Tree::Null) => None,
            Some(value) => Some(FromTree::from_tree(value)?),
        }
    };
    (@unknown required $field:ident) => { FromTree::saw_unknown(&$field) };
    (@unknown optional $field:ident) => { $field.as_ref().is_some_and(FromTree::saw_unknown) };
}
pub(crate) use object;
