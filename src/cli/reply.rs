//! Reads replies of the own API into their types: a struct out of an object and its fields by their names.
//!
//! `serde_json` would take a list for a struct too, and numbers and bytes for names, which is more than half
//! of the code for each type that a command reads.

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{
    DeserializeOwned, Deserializer, Error as _, IntoDeserializer, Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Value};

pub(super) fn read<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    T::deserialize(Reader(value))
}

struct Reader(Value);

fn unexpected<'de>(visitor: &impl Visitor<'de>) -> Error {
    Error::invalid_type(Unexpected::Other("something else"), visitor)
}

impl<'de> Deserializer<'de> for Reader {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(value),
            Value::Number(number) => number.deserialize_any(visitor),
            Value::String(text) => visitor.visit_string(text),
            Value::Array(_) => self.deserialize_seq(visitor),
            Value::Object(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(list) => {
                visitor.visit_seq(SeqDeserializer::new(list.into_iter().map(Reader)))
            }
            _ => Err(unexpected(&visitor)),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Object(map) => {
                let entries = map.into_iter().map(|(key, value)| (key, Reader(value)));
                visitor.visit_map(MapDeserializer::new(entries))
            }
            _ => Err(unexpected(&visitor)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Value::String(name) => visitor.visit_enum(name.into_deserializer()),
            _ => Err(unexpected(&visitor)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        tuple tuple_struct identifier
    }
}

impl IntoDeserializer<'_, Error> for Reader {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Outer {
        text: String,
        number: Option<u64>,
        fraction: f64,
        inner: Vec<Inner>,
        any: Value,
        #[serde(default)]
        by_name: BTreeMap<String, i64>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "lowercase")]
    enum Inner {
        First,
        Second,
    }

    #[test]
    fn what_a_reply_holds_is_read_as_serde_json_reads_it() {
        let good = json!({
            "text": "a", "number": 3, "fraction": 1, "inner": ["first", "second"], "other": [{}],
            "any": {"a": [1, null, "b", 1.5, true]}, "by_name": {"x": -1},
        });
        let read_alike = |value: &Value| {
            let usual = serde_json::from_value::<Outer>(value.clone()).ok();
            assert_eq!(read(value.clone()).ok(), usual, "{value}");
            usual.is_some()
        };
        assert!(read_alike(&good));
        let wrong = json!([1, 1.5, -1, null, [], ["third"], [1], {}, {"x": 1}, "b", true]);
        for key in good.as_object().unwrap().keys() {
            for value in wrong.as_array().unwrap() {
                let mut changed = good.clone();
                changed[key] = value.clone();
                read_alike(&changed);
            }
        }
        assert!(!read_alike(&json!({"text": "a"})) && !read_alike(&json!(null)));
        assert!(read::<Outer>(json!(["a", 3, 1, [], null])).is_err(), "a list is no struct");
    }
}
