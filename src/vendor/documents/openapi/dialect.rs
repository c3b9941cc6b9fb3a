//! What the versions of `OpenAPI` write in different ways.

use serde_json::{Value, json};

use crate::described::nullable;

/// A version of `OpenAPI`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    V3_1,
    V3_0,
}

impl Dialect {
    pub(super) fn version(self) -> &'static str {
        match self {
            Self::V3_1 => "3.1.0",
            Self::V3_0 => "3.0.3",
        }
    }

    /// Returns the schema of one value.
    pub(super) fn constant(self, kind: &str, value: &Value) -> Value {
        match self {
            Self::V3_1 => json!({"type": kind, "const": value}),
            Self::V3_0 => json!({"type": kind, "enum": [value]}),
        }
    }

    /// Returns the schema that also takes null.
    pub(super) fn nullable(self, mut schema: Value) -> Value {
        let is_any = schema.as_object().is_some_and(serde_json::Map::is_empty);
        match self {
            Self::V3_1 => return nullable(schema),
            Self::V3_0 if is_any => return schema,
            Self::V3_0 => {}
        }
        if schema.get("type").is_none() {
            return json!({"type": "object", "allOf": [schema], "nullable": true});
        }
        if let Some(Value::Array(values)) = schema.get_mut("enum") {
            values.push(Value::Null);
        }
        schema["nullable"] = json!(true);
        schema
    }

    /// Returns the schema with more keys; 3.0 has none beside a reference.
    pub(super) fn annotated(self, schema: Value, keys: Vec<(&'static str, Value)>) -> Value {
        if keys.is_empty() {
            return schema;
        }
        let is_reference = schema.get("$ref").is_some();
        let mut schema = match self {
            Self::V3_0 if is_reference => json!({"allOf": [schema]}),
            Self::V3_0 | Self::V3_1 => schema,
        };
        for (key, value) in keys {
            schema[key] = value;
        }
        schema
    }

    pub(super) fn with_example(self, mut schema: Value, value: Value) -> Value {
        match self {
            Self::V3_1 => schema["examples"] = json!([value]),
            Self::V3_0 => schema["example"] = value,
        }
        schema
    }
}
