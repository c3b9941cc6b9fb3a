//! Declares the objects of answers: one declaration gives the type, its schema and its writer.
//!
//! This does not use serde because most of an answer is known in advance: keys are copied as one
//! piece, and links need no escaping. That takes half of serde's time, which saves 2 µs of a call. The
//! test `an_answer_is_written_as_serde_writes_it` compares the two.

use std::cell::RefCell;

use uuid::Uuid;

use super::fields::Kind;
use super::formats::ID;
use super::write::Writer;

/// A value in an answer.
pub(crate) trait AnswerValue {
    /// The kind of the value, for the schema.
    const KIND: Kind;
    /// Whether the value may be null.
    const IS_NULLABLE: bool = false;

    /// Writes the value as JSON.
    fn write(&self, json: &mut Writer);
}

impl AnswerValue for bool {
    const KIND: Kind = Kind::Boolean;

    #[inline]
    fn write(&self, json: &mut Writer) {
        json.boolean(*self);
    }
}

impl AnswerValue for i64 {
    const KIND: Kind = Kind::Integer;

    #[inline]
    fn write(&self, json: &mut Writer) {
        json.number(*self);
    }
}

impl AnswerValue for &str {
    const KIND: Kind = Kind::Text;

    #[inline]
    fn write(&self, json: &mut Writer) {
        json.string(self);
    }
}

impl AnswerValue for Uuid {
    const KIND: Kind = ID;

    #[inline]
    fn write(&self, json: &mut Writer) {
        json.id(*self);
    }
}

impl<T: AnswerValue> AnswerValue for Option<T> {
    const KIND: Kind = T::KIND;
    const IS_NULLABLE: bool = true;

    #[inline]
    fn write(&self, json: &mut Writer) {
        match self {
            Some(value) => value.write(json),
            None => json.raw("null"),
        }
    }
}

impl<T: AnswerValue> AnswerValue for Vec<T> {
    const KIND: Kind = Kind::List(&T::KIND);

    #[inline]
    fn write(&self, json: &mut Writer) {
        json.list(|json| self.iter().for_each(|item| item.write(json.item())));
    }
}

/// A list whose items are made while it is written, once: thousands at the same time would take several times
/// the memory of the answer.
pub(crate) struct Items<'a, T>(RefCell<Box<dyn Iterator<Item = T> + 'a>>);

impl<'a, T> Items<'a, T> {
    pub(crate) fn of(items: impl Iterator<Item = T> + 'a) -> Self {
        Self(RefCell::new(Box::new(items)))
    }
}

impl<T: AnswerValue> AnswerValue for Items<'_, T> {
    const KIND: Kind = Kind::List(&T::KIND);

    fn write(&self, json: &mut Writer) {
        json.list(|json| self.0.borrow_mut().by_ref().for_each(|item| item.write(json.item())));
    }
}

/// Declares a struct that is written as a JSON object, with its schema. A field is declared as
///
/// ```text
/// "key" as name: Type, Documented, rule "what else holds" Assumed;
/// ```
///
/// The name after `as` is that of the object in documents.
macro_rules! answer {
    (
        $(#[doc = $doc:literal])*
        $vis:vis struct $name:ident $(<$life:lifetime>)? as $document_name:literal {
            $(
                $(#[doc = $field_doc:literal])*
                $key:literal as $field:ident: $type:ty, $provenance:ident
                $(, rule $rule:literal $rule_provenance:ident)?
                ;
            )*
        }
    ) => {
        $(#[doc = $doc])*
        $vis struct $name $(<$life>)? {
            $( $(#[doc = $field_doc])* pub(crate) $field: $type, )*
        }

        impl $(<$life>)? $name $(<$life>)? {
            const FIELDS: &'static [$crate::vendor::schema::Field] = &[$( $crate::vendor::schema::Field {
                name: $key,
                kind: <$type as $crate::vendor::schema::AnswerValue>::KIND,
                kind_under: |_| <$type as $crate::vendor::schema::AnswerValue>::KIND,
                required: true,
                may_be_left_out: $crate::vendor::schema::never,
                non_empty: $crate::vendor::schema::never,
                needs_item: false,
                nullable: <$type as $crate::vendor::schema::AnswerValue>::IS_NULLABLE,
                provenance: $crate::vendor::schema::Provenance::$provenance,
                rule: $crate::vendor::schema::object!(@option
                    $(($rule, $crate::vendor::schema::Provenance::$rule_provenance))?),
                example: None,
                refers_to: None,
            } ),*];

            pub(crate) const SCHEMA: &'static $crate::vendor::schema::Schema =
                &$crate::vendor::schema::Schema {
                    name: $document_name,
                    description: concat!("" $(, $doc)*).trim_ascii(),
                    fields: Self::FIELDS,
                    exactly_one_of: &[],
                    alternatives: &[],
                    has_free_values: $crate::vendor::schema::have_free_values(Self::FIELDS),
                };
        }

        impl $(<$life>)? $crate::vendor::schema::AnswerValue for $name $(<$life>)? {
            const KIND: $crate::vendor::schema::Kind =
                $crate::vendor::schema::Kind::Object(Self::SCHEMA);

            #[inline]
            fn write(&self, json: &mut $crate::vendor::schema::Writer) {
                json.object(|json| {
                    $( $crate::vendor::schema::AnswerValue::write(
                        &self.$field,
                        json.entry(concat!(",\"", $key, "\":")),
                    ); )*
                });
            }
        }
    };
}
pub(crate) use answer;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    answer! {
        /// An answer with a value of every type.
        struct Everything<'a> as "Everything" {
            "number" as number: i64, Documented;
            "boolean" as boolean: bool, Documented;
            "id" as id: Uuid, Assumed;
            "text" as text: &'a str, Documented, rule "any string" Observed;
            "nothing" as nothing: Option<&'a str>, Documented;
            "list" as list: Vec<Inner>, Documented;
            "empty" as empty: Vec<i64>, Documented;
            "made" as made: Items<'a, i64>, Documented;
        }
    }

    answer! {
        /// An object in a list.
        struct Inner as "Inner" {
            "value" as value: Option<i64>, Documented;
        }
    }

    #[test]
    fn an_answer_is_written_as_serde_writes_it() {
        let id = Uuid::from_u128(0x0bad_cafe_1111_4222_8333_4444_5555_6666);
        let answer = Everything {
            number: -7,
            boolean: true,
            id,
            text: "\"\n\\é",
            nothing: None,
            list: vec![Inner { value: Some(1) }, Inner { value: None }],
            empty: Vec::new(),
            made: Items::of(1..=2),
        };
        let mut writer = Writer::with_capacity(16);
        answer.write(&mut writer);
        let expected = json!({
            "number": -7, "boolean": true, "id": id, "text": "\"\n\\é", "nothing": null,
            "list": [{"value": 1}, {"value": null}], "empty": [], "made": [1, 2],
        });
        assert_eq!(String::from_utf8(writer.into_bytes()).unwrap(), expected.to_string());
    }

    #[test]
    fn the_schema_of_an_answer_says_what_may_be_null() {
        let nullable = |name| Everything::SCHEMA.field(name).unwrap().nullable;
        assert!(nullable("nothing") && !nullable("text") && !nullable("list"));
        let paths: Vec<_> = Everything::SCHEMA.paths().into_iter().map(|(path, _)| path).collect();
        assert!(paths.contains(&"list[].value".to_owned()), "{paths:?}");
    }
}
