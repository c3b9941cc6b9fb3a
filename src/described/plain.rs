//! The schemas of plain types and of what holds others.

use std::borrow::Cow;
use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Components, Described, nullable};

/// Describes types by a schema without components.
macro_rules! plain {
    ($($type:ty => $schema:tt;)*) => {
        $(impl $crate::described::Described for $type {
            fn schema(_: &mut $crate::described::Components) -> serde_json::Value {
                serde_json::json!($schema)
            }
        })*
    };
}
pub(crate) use plain;

plain! {
    () => {};
    Value => {};
    bool => {"type": "boolean"};
    i64 => {"type": "integer", "format": "int64"};
    u16 => {"type": "integer", "minimum": 0};
    u32 => {"type": "integer", "minimum": 0};
    u64 => {"type": "integer", "format": "int64", "minimum": 0};
    usize => {"type": "integer", "format": "int64", "minimum": 0};
    f64 => {"type": "number"};
    String => {"type": "string"};
    &str => {"type": "string"};
    Cow<'_, str> => {"type": "string"};
    Uuid => {"type": "string", "format": "uuid"};
}

impl<T: Described> Described for Option<T> {
    fn schema(components: &mut Components) -> Value {
        nullable(T::schema(components))
    }

    fn schema_if_present(components: &mut Components) -> Value {
        T::schema(components)
    }
}

impl<T: Described> Described for Vec<T> {
    fn schema(components: &mut Components) -> Value {
        json!({"type": "array", "items": T::schema(components)})
    }
}

impl<T: Described> Described for Box<[T]> {
    fn schema(components: &mut Components) -> Value {
        Vec::<T>::schema(components)
    }
}

impl<T: Described> Described for &[T] {
    fn schema(components: &mut Components) -> Value {
        Vec::<T>::schema(components)
    }
}

impl<T: Described> Described for &T {
    fn schema(components: &mut Components) -> Value {
        T::schema(components)
    }
}

impl<T: Described> Described for IndexMap<String, T> {
    fn schema(components: &mut Components) -> Value {
        json!({"type": "object", "additionalProperties": T::schema(components)})
    }
}

impl<T: Described> Described for BTreeMap<String, T> {
    fn schema(components: &mut Components) -> Value {
        json!({"type": "object", "additionalProperties": T::schema(components)})
    }
}
