//! The typed pass: structs that borrow from the body and accept exactly what the ledger allows.
//!
//! serde's derive is not used, since a derived struct also reads a list. Unknown keys are skipped
//! and remembered, so that the explaining pass can look at them.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};
use uuid::Uuid;

/// Whether a key was skipped that the contract does not know, here or further in.
pub trait SawUnknown {
    /// True if there was one.
    fn saw_unknown(&self) -> bool {
        false
    }
}

impl SawUnknown for bool {}
impl SawUnknown for i64 {}
impl SawUnknown for Id {}
impl SawUnknown for Text<'_> {}
impl SawUnknown for Phone<'_> {}
impl SawUnknown for Measure {}

impl<T: SawUnknown> SawUnknown for Option<T> {
    fn saw_unknown(&self) -> bool {
        self.as_ref().is_some_and(T::saw_unknown)
    }
}

impl<T: SawUnknown> SawUnknown for Vec<T> {
    fn saw_unknown(&self) -> bool {
        self.iter().any(T::saw_unknown)
    }
}

/// A string, borrowed from the body unless it has escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text<'a>(pub Cow<'a, str>);

impl std::ops::Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;

        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(TextVisitor)
    }
}

/// An id of the vendor's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Id(pub Uuid);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Text::deserialize(deserializer)?;
        let id = super::parse_id(&text).map(Self);
        id.ok_or_else(|| D::Error::invalid_value(Unexpected::Str(&text), &"an id"))
    }
}

/// A phone number with country code, without plus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone<'a>(pub Cow<'a, str>);

impl<'de> Deserialize<'de> for Phone<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Text::deserialize(deserializer)?;
        if super::is_phone(&text) {
            return Ok(Self(text.0));
        }
        Err(D::Error::invalid_value(Unexpected::Str(&text), &"a phone number"))
    }
}

/// A string or a number whose value nothing depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure;

impl<'de> Deserialize<'de> for Measure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MeasureVisitor;

        impl Visitor<'_> for MeasureVisitor {
            type Value = Measure;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a number")
            }

            fn visit_str<E>(self, _: &str) -> Result<Measure, E> {
                Ok(Measure)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Measure, E> {
                Ok(Measure)
            }

            fn visit_u64<E>(self, _: u64) -> Result<Measure, E> {
                Ok(Measure)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Measure, E> {
                Ok(Measure)
            }
        }

        deserializer.deserialize_any(MeasureVisitor)
    }
}

/// Declares a struct that is read from a JSON object and from nothing else. After each field
/// stands its key, then whether it is `required` or `optional` (an `Option`, null is absent).
/// A repeated key is an error.
macro_rules! object {
    ($(#[$meta:meta])* $vis:vis struct $name:ident<$life:lifetime> {
        $( $(#[$field_meta:meta])* $field:ident $key:literal: $type:ty => $how:ident ),* $(,)?
    }) => {
        $(#[$meta])*
        $vis struct $name<$life> {
            $( $(#[$field_meta])* pub $field: $crate::contract::json::object!(@type $how $type), )*
            unknown: bool,
            lifetime: std::marker::PhantomData<&$life ()>,
        }

        impl $crate::contract::json::SawUnknown for $name<'_> {
            fn saw_unknown(&self) -> bool {
                self.unknown $(|| self.$field.saw_unknown())*
            }
        }

        impl<$life> serde::Deserialize<$life> for $name<$life> {
            fn deserialize<D: serde::Deserializer<$life>>(deserializer: D) -> Result<Self, D::Error> {
                struct ObjectVisitor;

                impl<$life> serde::de::Visitor<$life> for ObjectVisitor {
                    type Value = $name<$life>;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object")
                    }

                    fn visit_map<M: serde::de::MapAccess<$life>>(
                        self,
                        mut map: M,
                    ) -> Result<Self::Value, M::Error> {
                        use serde::de::Error as _;
                        $( let mut $field: Option<Option<$type>> = None; )*
                        let mut unknown = false;
                        while let Some(key) = map.next_key::<$crate::contract::json::Text<$life>>()? {
                            match &*key {
                                $( $key => {
                                    if $field.replace(map.next_value()?).is_some() {
                                        return Err(M::Error::duplicate_field($key));
                                    }
                                } )*
                                _ => {
                                    unknown = true;
                                    map.next_value::<serde::de::IgnoredAny>()?;
                                }
                            }
                        }
                        Ok($name {
                            $( $field: $crate::contract::json::object!(@value $how $field $key M), )*
                            unknown,
                            lifetime: std::marker::PhantomData,
                        })
                    }
                }

                deserializer.deserialize_map(ObjectVisitor)
            }
        }
    };
    (@type required $type:ty) => { $type };
    (@type optional $type:ty) => { Option<$type> };
    (@value required $field:ident $key:literal $access:ident) => {
        match $field.flatten() {
            Some(value) => value,
            None => return Err($access::Error::missing_field($key)),
        }
    };
    (@value optional $field:ident $key:literal $access:ident) => { $field.flatten() };
}
pub(crate) use object;
