//! The types of request fields, besides objects.

use uuid::Uuid;

use super::fields::{Kind, Schema, UnionName};
use super::formats::{ID, PHONE};
use super::place::ValuePlace;
use super::reader::{FieldType, Reader};
use super::tree::Tree;
use super::write::Writer;
use crate::world::ids::parse_id;

/// Implements [`FieldType`] for a type that is read from a value without fields or items.
macro_rules! scalar {
    ($type:ty, $kind:expr, $($pattern:pat $(if $guard:expr)? => $value:expr),+) => {
        impl<'t> $crate::vendor::schema::FieldType<'t> for $type {
            const KIND: $crate::vendor::schema::Kind = $kind;

            #[inline]
            fn read(
                value: $crate::vendor::schema::Tree<'t>,
                place: &$crate::vendor::schema::ValuePlace,
                reader: &mut $crate::vendor::schema::Reader,
            ) -> Option<Self> {
                reader.scalar(value, Self::KIND, place, |value| match value {
                    $($pattern $(if $guard)? => $value,)+
                    _ => None,
                })
            }
        }
    };
}
pub(crate) use scalar;

/// A string that no message and no log may repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SecretText<'t>(pub(crate) &'t str);

/// A phone number with country code, without plus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PhoneNumber<'t>(pub(crate) &'t str);

/// A string or a number of any format.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct TextOrNumber<'t>(Tree<'t>);

scalar!(bool, Kind::Boolean, Tree::Boolean(value) => Some(value));
scalar!(i64, Kind::Integer, Tree::Integer(value) => Some(value), value @ Tree::Number(_) => value.integer());
scalar!(&'t str, Kind::Text, Tree::Text(text) => Some(text));
scalar!(SecretText<'t>, Kind::Secret, Tree::Text(text) => Some(SecretText(text)));
scalar!(Uuid, ID, Tree::Text(text) => parse_id(text));
scalar!(PhoneNumber<'t>, PHONE,
    Tree::Text(text) if PHONE.accepts(&Tree::Text(text)) => Some(PhoneNumber(text)));
scalar!(TextOrNumber<'t>, Kind::TextOrNumber,
    value @ (Tree::Text(_) | Tree::Integer(_) | Tree::Number(_)) => Some(TextOrNumber(value)));

impl TextOrNumber<'_> {
    pub(crate) fn write(self, writer: &mut Writer) {
        match self.0 {
            Tree::Text(text) => writer.string(text),
            Tree::Integer(number) => writer.number(number),
            _ => writer.raw(&self.to_json()),
        }
    }

    /// Returns the value as JSON; a number is as it was written.
    pub(crate) fn to_json(self) -> String {
        match self.0 {
            Tree::Integer(number) => number.to_string(),
            Tree::Number(number) => number.to_string(),
            other => other.to_json().to_string(),
        }
    }
}

/// Any JSON value; keys must not be repeated in it.
impl<'t> FieldType<'t> for Tree<'t> {
    const KIND: Kind = Kind::Any;

    #[inline]
    fn read(value: Tree<'t>, place: &ValuePlace, reader: &mut Reader) -> Option<Self> {
        reader.repeated_keys_within(&value, place);
        Some(value)
    }
}

/// An object without fields: the parameters of a path that has none.
impl<'t> FieldType<'t> for () {
    const KIND: Kind = Kind::Object(Schema::EMPTY);

    #[inline]
    fn read(_: Tree<'t>, _: &ValuePlace, _: &mut Reader) -> Option<Self> {
        Some(())
    }
}

impl<'t, T: FieldType<'t>> FieldType<'t> for Vec<T> {
    const KIND: Kind = Kind::List(&T::KIND);

    #[inline]
    fn read(value: Tree<'t>, place: &ValuePlace, reader: &mut Reader) -> Option<Self> {
        read_items(value, place, reader, Items::Removable)
    }
}

/// Whether a patch can take an item out of a list.
#[derive(Clone, Copy)]
enum Items {
    Removable,
    /// The list must not become empty.
    Needed,
}

#[inline]
fn read_items<'t, T: FieldType<'t>>(
    value: Tree<'t>,
    place: &ValuePlace,
    reader: &mut Reader,
    kept: Items,
) -> Option<Vec<T>> {
    let Tree::List(items) = value else {
        reader.wrong_type(&value, Vec::<T>::KIND, place);
        return None;
    };
    let mut read = Vec::with_capacity(items.len());
    let mut removed = 0;
    for (index, item) in items.iter().enumerate() {
        let place = match kept {
            Items::Removable => place.item(index, removed),
            Items::Needed => place.item(index, removed).as_needed(),
        };
        read.extend(T::read(*item, &place, reader));
        // patches are applied one after another, so that each removal moves the items after it
        removed += usize::from(std::mem::take(&mut reader.takes_item_out));
    }
    (read.len() == items.len()).then_some(read)
}

/// A list with at least one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NonEmptyList<T>(pub(crate) Vec<T>);

impl<'t, T: FieldType<'t>> FieldType<'t> for NonEmptyList<T> {
    const KIND: Kind = Vec::<T>::KIND;
    const NEEDS_ITEM: bool = true;

    fn read(value: Tree<'t>, place: &ValuePlace, reader: &mut Reader) -> Option<Self> {
        let items = read_items(value, place, reader, Items::Needed)?;
        if items.is_empty() {
            reader.empty_list(Self::KIND, place);
            return None;
        }
        Some(Self(items))
    }
}

/// One value or a list of values: a field that the vendor's pages type as "any".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OneOrMany<T>(pub(crate) Vec<T>);

impl<'t, T: FieldType<'t>> FieldType<'t> for OneOrMany<T> {
    const KIND: Kind = Kind::AnyOf(UnionName::OneOrMany, &[T::KIND, Kind::List(&T::KIND)]);

    #[inline]
    fn read(value: Tree<'t>, place: &ValuePlace, reader: &mut Reader) -> Option<Self> {
        match value {
            Tree::List(_) => read_items(value, place, reader, Items::Needed).map(Self),
            _ if T::KIND.has_type_of(&value) => {
                T::read(value, place, reader).map(|one| Self(vec![one]))
            }
            _ => {
                reader.wrong_type(&value, Self::KIND, place);
                None
            }
        }
    }
}
