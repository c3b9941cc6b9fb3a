//! Declares the objects of requests and path parameters: one declaration gives the type, its schema
//! and its reader.

use super::fields::{Field, Schema, follows_example};
use super::patch::meant_field;
use super::place::ValuePlace;
use super::reader::{FieldType, Reader, meant_alternative};
use super::tree::{Tree, TreeEntry, last_of_each};
use crate::text::nearest_key;
use crate::vendor::assumptions::UnknownFields;
use crate::vendor::finding::Severity;

/// Reads the fields of an object.
pub(crate) struct ObjectReader<'r, 'w, 't, 'p> {
    reader: &'r mut Reader<'w>,
    place: &'p ValuePlace<'p>,
    entries: &'t [TreeEntry<'t>],
    schema: &'static Schema,
    /// Entries whose keys are not in the schema; of repeated keys, the last entry.
    unknown: Vec<TreeEntry<'t>>,
    /// Unknown keys that are misspellings of a missing field.
    misspelled: Vec<&'t str>,
}

impl<'r, 'w, 't, 'p> ObjectReader<'r, 'w, 't, 'p> {
    /// Starts to read an object. `is_plain` means that all its keys are known and none is repeated.
    pub(crate) fn new(
        reader: &'r mut Reader<'w>,
        place: &'p ValuePlace<'p>,
        entries: &'t [TreeEntry<'t>],
        schema: &'static Schema,
        is_plain: bool,
    ) -> Self {
        let mut unknown = Vec::new();
        if !is_plain {
            reader.repeated_keys(entries, place);
            unknown = last_of_each(entries);
            unknown.retain(|(key, _)| schema.field(key).is_none());
        }
        Self { reader, place, entries, schema, unknown, misspelled: Vec::new() }
    }

    /// Reads a field that must be present and not null.
    #[inline]
    pub(crate) fn required<T: FieldType<'t>>(
        &mut self,
        value: Option<Tree<'t>>,
        field: &'static Field,
    ) -> Option<T> {
        let place = self.place.field(field, true);
        match value {
            Some(value) if value != Tree::Null => T::read(value, &place, self.reader),
            _ => {
                let sent = self.misspelling_of(field);
                let entry = self.unknown.iter().find(|(key, _)| Some(*key) == sent);
                self.reader.missing(&place, self.place, entry);
                self.misspelled.extend(entry.map(|(key, _)| *key));
                None
            }
        }
    }

    /// Returns the unknown key that was probably meant as a missing field. Comparing takes long, and is left
    /// out where nobody would see what it finds.
    fn misspelling_of(&self, field: &Field) -> Option<&'t str> {
        if !self.reader.has_room(Severity::Error) {
            return None;
        }
        let unknown = self.unknown.iter().map(|(key, _)| *key);
        let candidates = unknown.filter(|key| !self.misspelled.contains(key));
        nearest_key(field.name, candidates.take(1000))
    }

    /// Reads a field that may be absent or null, which gives `Some(None)`. `None` means that its value is
    /// wrong.
    #[expect(clippy::option_option, reason = "a wrong value and an absent one differ")]
    #[inline]
    pub(crate) fn optional<T: FieldType<'t>>(
        &mut self,
        value: Option<Tree<'t>>,
        field: &'static Field,
    ) -> Option<Option<T>> {
        match value {
            None | Some(Tree::Null) => Some(None),
            Some(value) => {
                let is_needed = self.schema.exactly_one_of.contains(&field.name);
                T::read(value, &self.place.field(field, is_needed), self.reader).map(Some)
            }
        }
    }

    /// Reads a field that the vendor's page lists as mandatory and its example leaves out. `Some(None)` means
    /// that it is absent or null, which an assumption allows.
    #[expect(clippy::option_option, reason = "a wrong value and an absent one differ")]
    #[inline]
    pub(crate) fn listed<T: FieldType<'t>>(
        &mut self,
        value: Option<Tree<'t>>,
        field: &'static Field,
    ) -> Option<Option<T>> {
        if follows_example(&self.reader.assumptions) {
            return self.optional(value, field);
        }
        self.required(value, field).map(Some)
    }

    /// Reports unknown keys, and whether the object has exactly one of its alternative keys.
    pub(crate) fn finish(self) {
        let names = self.schema.exactly_one_of;
        let is_sent = |name: &&&str| {
            let last = self.entries.iter().rev().find(|(key, _)| *key == **name);
            last.is_some_and(|(_, value)| *value != Tree::Null)
        };
        let sent: Vec<&str> = names.iter().filter(is_sent).copied().collect();
        let moved = match self.reader.assumptions.unknown_fields {
            // the patch for the alternatives moves it
            UnknownFields::Refuse if sent.is_empty() => {
                meant_alternative(self.schema, &self.unknown, self.reader.lookup)
                    .map(|(key, _)| key)
            }
            UnknownFields::Refuse | UnknownFields::Ignore => None,
        };
        for (key, value) in &self.unknown {
            let place = self.place.key(key);
            if self.misspelled.contains(key) || moved == Some(*key) {
                self.reader.repeated_keys_within(value, &place);
            } else {
                let meant = match self.reader.assumptions.unknown_fields {
                    UnknownFields::Refuse => meant_field(
                        Tree::Object(self.entries),
                        self.schema,
                        key,
                        &self.reader.assumptions,
                    ),
                    // the check that misses the field says so
                    UnknownFields::Ignore => None,
                };
                self.reader.unknown_key(&place, key, value, meant, self.schema);
            }
        }
        if !names.is_empty() && sent.len() != 1 {
            self.reader.not_exactly_one(self.place, self.schema, &sent, &self.unknown);
        }
    }
}

/// Declares a struct that is read from a JSON object, with its schema. A field is declared as
///
/// ```text
/// required "key" as name: Type, Documented, rule "what else holds" Assumed, example "json", refers_to Community, non_empty always;
/// ```
///
/// `required` gives a `Type`, `optional` and `listed` an `Option<Type>`. Rule, example, `refers_to` and
/// `non_empty` can be left out; the last says when a call is refused in which the value is absent or empty.
/// The name after `as` is that of the object in documents.
macro_rules! object {
    (
        $(#[doc = $doc:literal])*
        $vis:vis struct $name:ident $(<$life:lifetime>)? as $document_name:literal
        $(exactly_one_of($($one:literal as $alternative:literal),*))?
        {
            $(
                $(#[doc = $field_doc:literal])*
                $how:ident $key:literal as $field:ident: $type:ty, $provenance:ident
                $(, rule $rule:literal $rule_provenance:ident)?
                $(, example $example:literal)?
                $(, refers_to $referent:ident)?
                $(, non_empty $non_empty:path)?
                ;
            )*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug)]
        $vis struct $name $(<$life>)? {
            $( $(#[doc = $field_doc])* pub(crate) $field: $crate::vendor::schema::object!(@type $how $type), )*
        }

        $crate::vendor::schema::object!(@impl ($($life)?) $name,
            [$document_name concat!("" $(, $doc)*)],
            [$($($one $alternative),*)?],
            [$( ($how $key $field ($type) $provenance
                 [$($rule $rule_provenance)?] [$($example)?] [$($referent)?] [$($non_empty)?]) )*]);
    };
    (@impl () $name:ident, $($rest:tt)*) => {
        impl $name {
            $crate::vendor::schema::object!(@schema $($rest)*);
        }
        impl<'t> $crate::vendor::schema::FieldType<'t> for $name {
            $crate::vendor::schema::object!(@read 't $name $($rest)*);
        }
    };
    (@impl ($life:lifetime) $name:ident, $($rest:tt)*) => {
        impl<$life> $name<$life> {
            $crate::vendor::schema::object!(@schema $($rest)*);
        }
        impl<$life> $crate::vendor::schema::FieldType<$life> for $name<$life> {
            $crate::vendor::schema::object!(@read $life $name $($rest)*);
        }
    };
    (@schema [$document_name:literal $doc:expr], [$($one:literal $alternative:literal),*],
        [$( ($how:ident $key:literal $field:ident ($type:ty) $provenance:ident
             [$($rule:literal $rule_provenance:ident)?] [$($example:literal)?] [$($referent:ident)?]
             [$($non_empty:path)?]) )*]
    ) => {
        const FIELDS: &'static [$crate::vendor::schema::Field] = &[$( $crate::vendor::schema::Field {
            name: $key,
            kind: <$type as $crate::vendor::schema::FieldType>::KIND,
            kind_under: <$type as $crate::vendor::schema::FieldType>::kind_under,
            required: $crate::vendor::schema::object!(@required $how),
            may_be_left_out: $crate::vendor::schema::object!(@left_out $how),
            non_empty: $crate::vendor::schema::object!(@non_empty $($non_empty)?),
            needs_item: <$type as $crate::vendor::schema::FieldType>::NEEDS_ITEM,
            nullable: false,
            provenance: $crate::vendor::schema::Provenance::$provenance,
            rule: $crate::vendor::schema::object!(@option
                $(($rule, $crate::vendor::schema::Provenance::$rule_provenance))?),
            example: $crate::vendor::schema::object!(@option $($example)?),
            refers_to: $crate::vendor::schema::object!(@option
                $($crate::vendor::schema::ReferenceKind::$referent)?),
        } ),*];

        pub(crate) const SCHEMA: &'static $crate::vendor::schema::Schema = &$crate::vendor::schema::Schema {
            name: $document_name,
            description: $doc.trim_ascii(),
            fields: Self::FIELDS,
            exactly_one_of: &[$($one),*],
            alternatives: &[$($alternative),*],
            has_free_values: $crate::vendor::schema::have_free_values(Self::FIELDS),
        };
    };
    (@read $life:lifetime $name:ident [$($document:tt)*], [$($one:tt)*],
        [$( ($how:ident $key:literal $field:ident ($type:ty) $($rest:tt)*) )*]
    ) => {
        const KIND: $crate::vendor::schema::Kind = $crate::vendor::schema::Kind::Object(Self::SCHEMA);

        #[inline]
        fn read(
            value: $crate::vendor::schema::Tree<$life>,
            place: &$crate::vendor::schema::ValuePlace,
            reader: &mut $crate::vendor::schema::Reader,
        ) -> Option<Self> {
            let $crate::vendor::schema::Tree::Object(entries) = value else {
                reader.wrong_type(&value, Self::KIND, place);
                return None;
            };
            $( let mut $field: Option<$crate::vendor::schema::Tree<$life>> = None; )*
            let mut is_plain = true;
            for (key, value) in entries {
                let slot = match *key {
                    $( $key => &mut $field, )*
                    _ => {
                        is_plain = false;
                        continue;
                    }
                };
                is_plain &= slot.replace(*value).is_none();
            }
            let mut object = $crate::vendor::schema::ObjectReader::new(
                reader, place, entries, Self::SCHEMA, is_plain);
            let mut fields = Self::SCHEMA.fields.iter();
            $( let $field = object.$how::<$type>(
                $field, fields.next().expect("BUG: the schema has every field")); )*
            object.finish();
            Some(Self { $( $field: $field? ),* })
        }
    };
    (@type required $type:ty) => { $type };
    (@type optional $type:ty) => { Option<$type> };
    (@type listed $type:ty) => { Option<$type> };
    (@required required) => { true };
    (@required optional) => { false };
    (@required listed) => { true };
    (@left_out listed) => { $crate::vendor::schema::follows_example };
    (@left_out $how:ident) => { $crate::vendor::schema::never };
    (@non_empty) => { $crate::vendor::schema::never };
    (@non_empty $rule:path) => { $rule };
    (@option) => { None };
    (@option $value:expr) => { Some($value) };
}
pub(crate) use object;
