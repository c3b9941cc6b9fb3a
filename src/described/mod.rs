//! JSON schemas of what the sandbox's own API sends, declared with the types that are sent.

mod object;
mod plain;

use serde_json::{Map, Value, json};

pub(crate) use object::{Attribute, ObjectSchema, described};
pub(crate) use plain::plain;

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
    let Value::Object(map) = &mut schema else { return schema };
    if map.is_empty() {
        return schema;
    }
    if let Some(constant) = map.shift_remove("const") {
        map.insert("enum".into(), json!([constant]));
    }
    let is_choice = if let Some(Value::Array(values)) = map.get_mut("enum") {
        if !values.contains(&Value::Null) {
            values.push(Value::Null);
        }
        true
    } else {
        false
    };
    let nothing = json!({"type": "null"});
    if let Some(kind) = map.get_mut("type") {
        match kind {
            Value::Array(kinds) if kinds.contains(&json!("null")) => {}
            Value::Array(kinds) => kinds.push(json!("null")),
            kind => *kind = json!([kind, "null"]),
        }
    } else if let Some(Value::Array(alternatives)) = map.get_mut("oneOf") {
        alternatives.push(nothing);
    } else if !is_choice {
        return json!({"anyOf": [schema, nothing]});
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_added_where_the_schema_has_its_types() {
        let reference = json!({"$ref": "#/components/schemas/A"});
        for (schema, expected) in [
            (json!({}), json!({})),
            (json!({"type": "string"}), json!({"type": ["string", "null"]})),
            (json!({"type": ["string", "null"]}), json!({"type": ["string", "null"]})),
            (json!({"enum": ["a"]}), json!({"enum": ["a", null]})),
            (json!({"enum": [1, null]}), json!({"enum": [1, null]})),
            (
                json!({"type": "boolean", "const": true}),
                json!({"type": ["boolean", "null"], "enum": [true, null]}),
            ),
            (json!({"oneOf": [reference]}), json!({"oneOf": [reference, {"type": "null"}]})),
            (reference.clone(), json!({"anyOf": [reference, {"type": "null"}]})),
        ] {
            assert_eq!(nullable(schema.clone()), expected, "{schema}");
        }
    }
}
