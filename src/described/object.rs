//! The schemas of structs, which follow their fields and what those say to serde.

use serde_json::{Map, Value, json};

use super::Components;

/// Makes the schema of a value, and that of one that is there.
pub(crate) type SchemaOf = [fn(&mut Components) -> Value; 2];

#[derive(Debug, Clone, Copy)]
pub(crate) enum Attribute {
    Doc(&'static str),
    /// What is in the parentheses of `serde(…)`.
    Serde(&'static str),
    Other,
}

/// The schema of an object so far.
#[derive(Debug, Default)]
pub(crate) struct ObjectSchema {
    properties: Map<String, Value>,
    required: Vec<String>,
}

impl ObjectSchema {
    /// Adds a field as serde writes it: renamed, left out at times, or with its own fields in its place.
    pub(crate) fn add(
        &mut self,
        field: &'static str,
        attributes: &[Attribute],
        [schema, schema_if_present]: SchemaOf,
        components: &mut Components,
    ) {
        let says = |word: &str| {
            let mut said = attributes.iter().filter_map(|one| match one {
                Attribute::Serde(text) => Some(text.split(',')),
                Attribute::Doc(_) | Attribute::Other => None,
            });
            said.any(|mut keys| keys.any(|key| key.split('=').next().map(str::trim) == Some(word)))
        };
        if says("skip") || says("skip_serializing") {
            return;
        }
        if says("flatten") {
            let schema = schema(components);
            let inner = components.resolved(&schema);
            let properties = inner["properties"].as_object().cloned().unwrap_or_default();
            self.properties.extend(properties);
            let required = inner["required"].as_array().into_iter().flatten();
            self.required.extend(required.filter_map(Value::as_str).map(str::to_owned));
            return;
        }
        let name = attributes.iter().find_map(new_name).unwrap_or(field);
        let may_be_left_out = says("skip_serializing_if");
        let make = if may_be_left_out { schema_if_present } else { schema };
        let mut property = make(components);
        let description = description(attributes);
        if !description.is_empty() {
            property["description"] = json!(description);
        }
        self.properties.insert(name.to_owned(), property);
        if !may_be_left_out {
            self.required.push(name.to_owned());
        }
    }

    /// Returns the schema of a struct with these attributes.
    pub(crate) fn into_json(self, attributes: &[Attribute]) -> Value {
        let mut schema = json!({"type": "object", "properties": self.properties});
        if !self.required.is_empty() {
            schema["required"] = json!(self.required);
        }
        let description = description(attributes);
        if !description.is_empty() {
            schema["description"] = json!(description);
        }
        schema
    }
}

/// The name that serde writes in place of a field's.
fn new_name(attribute: &Attribute) -> Option<&'static str> {
    let Attribute::Serde(text) = attribute else { return None };
    text.split_once("rename = \"")?.1.split('"').next()
}

/// The doc comment, in one line, with the words of JSON.
fn description(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|one| match one {
        Attribute::Doc(line) => Some(line.trim()),
        Attribute::Serde(_) | Attribute::Other => None,
    });
    lines.collect::<Vec<_>>().join(" ").replace("`None`", "`null`")
}

/// Declares a struct that is sent as JSON, with its schema. The struct is left as it is; doc comments become
/// descriptions. `as "Name"` after its name is what documents call it, if that is not its name.
macro_rules! described {
    (
        $(#[$($attribute:tt)*])*
        $vis:vis struct $name:ident $(<$life:lifetime>)? $(as $document_name:literal)? {
            $(
                $(#[$($field_attribute:tt)*])*
                $field_vis:vis $field:ident: $type:ty
            ),* $(,)?
        }
    ) => {
        $(#[$($attribute)*])*
        $vis struct $name $(<$life>)? {
            $(
                $(#[$($field_attribute)*])*
                $field_vis $field: $type
            ),*
        }

        impl $(<$life>)? $crate::described::Described for $name $(<$life>)? {
            fn schema(components: &mut $crate::described::Components) -> serde_json::Value {
                let name = $crate::described::described!(@name $name $($document_name)?);
                components.named(name, |components| {
                    let mut object = $crate::described::ObjectSchema::default();
                    $( object.add(
                        stringify!($field),
                        &[$($crate::described::described!(@attribute $($field_attribute)*)),*],
                        [
                            <$type as $crate::described::Described>::schema,
                            <$type as $crate::described::Described>::schema_if_present,
                        ],
                        components,
                    ); )*
                    object.into_json(&[$($crate::described::described!(@attribute $($attribute)*)),*])
                })
            }
        }
    };
    (@name $name:ident) => { stringify!($name) };
    (@name $name:ident $document_name:literal) => { $document_name };
    (@attribute doc = $doc:expr) => { $crate::described::Attribute::Doc($doc) };
    (@attribute serde($($inner:tt)*)) => {
        $crate::described::Attribute::Serde(stringify!($($inner)*))
    };
    (@attribute $($other:tt)*) => { $crate::described::Attribute::Other };
}
pub(crate) use described;

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::*;
    use crate::described::Described;

    described! {
        /// What is
        /// inside.
        #[derive(Serialize)]
        struct Inner {
            count: u64,
            /// `None` if there is none.
            #[serde(skip_serializing_if = "Option::is_none")]
            note: Option<String>,
        }
    }

    described! {
        #[derive(Serialize)]
        struct Outer<'a> as "Whole" {
            /// A name.
            #[serde(rename = "override")]
            name: Option<&'a str>,
            #[serde(flatten)]
            inner: Inner,
            more: Vec<Inner>,
            #[serde(skip)]
            secret: u64,
        }
    }

    #[test]
    fn a_schema_follows_the_fields_and_what_they_say_to_serde() {
        let mut components = Components::default();
        let reference = Outer::schema(&mut components);
        assert_eq!(reference, json!({"$ref": "#/components/schemas/Whole"}));
        let count = json!({"type": "integer", "format": "int64", "minimum": 0});
        let note = json!({"type": "string", "description": "`null` if there is none."});
        let expected = json!({
            "Inner": {
                "type": "object",
                "properties": {"count": count, "note": note},
                "required": ["count"],
                "description": "What is inside.",
            },
            "Whole": {
                "type": "object",
                "properties": {
                    "override": {"type": ["string", "null"], "description": "A name."},
                    "count": count,
                    "note": note,
                    "more": {"type": "array", "items": {"$ref": "#/components/schemas/Inner"}},
                },
                "required": ["override", "count", "more"],
            },
        });
        assert_eq!(components.into_json(), expected);
        let inner = Inner { count: 1, note: None };
        let outer = Outer { name: None, inner, more: vec![], secret: 7 };
        assert_eq!(outer.secret, 7);
        let written = json!({"override": null, "count": 1, "more": []});
        assert_eq!(serde_json::to_value(outer).unwrap(), written);
    }
}
