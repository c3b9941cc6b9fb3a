//! The vendor's API as an `OpenAPI` document.

use serde_json::{Map, Value, json};

use crate::vendor::{ENDPOINTS, Endpoint, Field, Kind, Outcome, Schema};

/// Returns the document, as `/_sandbox/v1/openapi.json` shows it.
pub(crate) fn openapi() -> Value {
    let mut paths = Map::new();
    for endpoint in ENDPOINTS {
        let method = endpoint.method.as_str().to_ascii_lowercase();
        paths.insert(endpoint.path.to_owned(), json!({method: operation(endpoint)}));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Genuin third-party API, as this sandbox implements it",
            "version": env!("CARGO_PKG_VERSION"),
        },
        "paths": paths,
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    })
}

fn operation(endpoint: &Endpoint) -> Value {
    let mut responses = Map::new();
    for (outcome, _) in endpoint.outcomes {
        let status = outcome.error().map_or(200, |error| error.status);
        let entry = responses.entry(status.to_string()).or_insert_with(|| {
            let schema = envelope(endpoint, status);
            json!({"description": "", "content": {"application/json": {"schema": schema, "examples": {}}}})
        });
        let names = entry["description"].as_str().unwrap_or_default();
        let description = if names.is_empty() {
            outcome.name().to_owned()
        } else {
            format!("{names}, {outcome}")
        };
        entry["description"] = json!(description);
        if let Some(example) = example(endpoint, *outcome) {
            entry["content"]["application/json"]["examples"][outcome.name()] =
                json!({"value": example});
        }
        if status == 200 && !endpoint.answer.headers.is_empty() {
            let header = |(name, _): &(&str, _)| {
                ((*name).to_owned(), json!({"required": true, "schema": {"type": "string"}}))
            };
            entry["headers"] = Value::Object(endpoint.answer.headers.iter().map(header).collect());
        }
    }
    let security = if endpoint.is_login() { json!([]) } else { json!([{"token": []}]) };
    let mut operation = json!({
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "security": security,
        "requestBody": {"required": true, "content": {"application/json": {"schema": object(endpoint.body)}}},
        "responses": responses,
    });
    if !endpoint.parameters.fields.is_empty() {
        let parameter = |field: &Field| json!({"name": field.name, "in": "path", "required": true, "schema": property(field)});
        operation["parameters"] = endpoint.parameters.fields.iter().map(parameter).collect();
    }
    operation
}

fn envelope(endpoint: &Endpoint, status: u16) -> Value {
    let (code, data) = if status == 200 {
        (json!({"type": "integer", "const": 200}), object(endpoint.answer.data))
    } else {
        (json!({"type": "string", "pattern": "^[0-9]{4}$"}), json!({"type": "object"}))
    };
    json!({
        "type": "object",
        "required": ["code", "message", "data"],
        "properties": {"code": code, "message": {"type": "string"}, "data": data},
    })
}

fn example(endpoint: &Endpoint, outcome: Outcome) -> Option<Value> {
    match outcome.error() {
        None => serde_json::from_str(endpoint.documented_example?).ok(),
        Some(error) => Some(json!({"code": error.code, "message": error.message, "data": {}})),
    }
}

fn object(schema: &Schema) -> Value {
    let properties: Map<_, _> =
        schema.fields.iter().map(|field| (field.name.to_owned(), property(field))).collect();
    let required: Vec<_> =
        schema.fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    let mut object = json!({"type": "object", "properties": properties, "required": required});
    if !schema.exactly_one_of.is_empty() {
        let one = schema.exactly_one_of.iter().map(|name| json!({"required": [name]}));
        object["oneOf"] = one.collect();
    }
    object
}

/// Returns the schema of a field. An optional field of a request may be null, which means absent.
fn property(field: &Field) -> Value {
    let schema = kind(field.kind);
    let may_be_null = field.nullable || !field.required;
    let mut schema =
        if may_be_null { json!({"anyOf": [schema, {"type": "null"}]}) } else { schema };
    if let Some((rule, provenance)) = field.rule {
        schema["description"] = json!(format!("{rule} ({provenance})"));
    }
    schema
}

fn kind(kind: Kind) -> Value {
    match kind {
        Kind::Integer => json!({"type": "integer"}),
        Kind::OneOfIntegers([value]) => json!({"const": value}),
        Kind::OneOfIntegers(values) => json!({"type": "integer", "enum": values}),
        Kind::Formatted(format) => json!({"type": "string", "pattern": format.pattern}),
        Kind::Text | Kind::Secret => json!({"type": "string"}),
        Kind::TextOrNumber => json!({"type": ["string", "number"]}),
        Kind::Boolean => json!({"type": "boolean"}),
        Kind::Object(schema) => object(schema),
        Kind::List(item) => json!({"type": "array", "items": self::kind(*item)}),
        Kind::AnyOf(kinds) => {
            json!({"anyOf": kinds.iter().map(|kind| self::kind(*kind)).collect::<Vec<_>>()})
        }
        Kind::Any => json!({}),
    }
}
