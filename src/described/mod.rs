//! JSON schemas of what the sandbox's own API sends, declared with the types that are sent.

mod object;
mod plain;

use serde_json::{Map, Value, json};

pub(crate) use object::{Attribute, ObjectSchema, described};

/// A type whose JSON has a schema.
pub(crate) trait Described {
    /// Returns the schema, or a reference to a component, which is added.
    fn schema(components: &mut Components) -> Value;

    /// Returns the schema of a field that is left out where it has no value.
    fn schema_if_present(components: &mut Components) -> Value {
        Self::schema(components)
    }
}

/// The named schemas of a document.
#[derive(Debug, Default)]
pub(crate) struct Components(Map<String, Value>);

impl Components {
    /// Returns a reference to a component, which is made if there is none of its name.
    pub(crate) fn named(&mut self, name: &str, make: impl FnOnce(&mut Self) -> Value) -> Value {
        if !self.0.contains_key(name) {
            let schema = make(self);
            self.0.insert(name.to_owned(), schema);
        }
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    /// Returns what a schema refers to, or the schema itself.
    pub(crate) fn resolved<'s>(&'s self, schema: &'s Value) -> &'s Value {
        let name = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next());
        name.and_then(|name| self.0.get(name)).unwrap_or(schema)
    }

    /// Returns the components by name.
    pub(crate) fn into_json(mut self) -> Value {
        self.0.sort_keys();
        Value::Object(self.0)
    }
}

/// Returns the schema that also takes null.
pub(crate) fn nullable(mut schema: Value) -> Value {
    let Some(kind) = schema.get("type").cloned() else {
        let is_any = schema.as_object().is_some_and(Map::is_empty);
        return if is_any { schema } else { json!({"anyOf": [schema, {"type": "null"}]}) };
    };
    if let Some(constant) = schema.as_object_mut().and_then(|map| map.shift_remove("const")) {
        schema["enum"] = json!([constant]);
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.push(Value::Null);
    }
    schema["type"] = match kind {
        Value::Array(kinds) => kinds.into_iter().chain([json!("null")]).collect(),
        kind => json!([kind, "null"]),
    };
    schema
}
