//! The vendor's endpoints as an `OpenAPI` document, written from the ledger.

use serde_json::{Map, Value, json};

use crate::vendor::{ENDPOINTS, Endpoint, Field, Kind, Outcome, Shape};

/// The whole document.
pub fn document() -> Value {
    let mut paths = Map::new();
    for endpoint in ENDPOINTS {
        let method = endpoint.method.as_str().to_ascii_lowercase();
        paths.insert(endpoint.path.to_owned(), json!({method: operation(endpoint)}));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Genuin third-party API, as this sandbox holds it",
            "version": env!("CARGO_PKG_VERSION"),
        },
        "paths": paths,
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    })
}

fn operation(endpoint: &Endpoint) -> Value {
    let mut responses = Map::new();
    for outcome in endpoint.outcomes {
        let status = outcome.error().map_or(200, |error| error.status);
        let entry = responses.entry(status.to_string()).or_insert_with(|| {
            json!({"description": "", "content": {"application/json": {"schema": envelope(status), "examples": {}}}})
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
    }
    let security = if endpoint.outcomes.contains(&Outcome::Unauthorized) {
        json!([{"token": []}])
    } else {
        json!([])
    };
    json!({
        "operationId": endpoint.name,
        "security": security,
        "requestBody": {"required": true, "content": {"application/json": {"schema": object(endpoint.shape)}}},
        "responses": responses,
    })
}

fn envelope(status: u16) -> Value {
    let code = if status == 200 {
        json!({"const": 200})
    } else {
        json!({"type": "string", "pattern": "^[0-9]{4}$"})
    };
    json!({
        "type": "object",
        "required": ["code", "message", "data"],
        "properties": {"code": code, "message": {"type": "string"}, "data": {"type": "object"}},
    })
}

fn example(endpoint: &Endpoint, outcome: Outcome) -> Option<Value> {
    match outcome.error() {
        None => serde_json::from_str(endpoint.example?).ok(),
        Some(error) => Some(json!({"code": error.code, "message": error.message, "data": {}})),
    }
}

fn object(shape: &Shape) -> Value {
    let properties: Map<_, _> =
        shape.fields.iter().map(|field| (field.name.to_owned(), property(field))).collect();
    let required: Vec<_> =
        shape.fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    let mut schema = json!({"type": "object", "properties": properties, "required": required});
    if !shape.exactly_one_of.is_empty() {
        let one = shape.exactly_one_of.iter().map(|name| json!({"required": [name]}));
        schema["oneOf"] = one.collect();
    }
    schema
}

/// `null` stands for an optional field that is absent.
fn property(field: &Field) -> Value {
    let schema = kind(field.kind);
    let mut schema =
        if field.required { schema } else { json!({"anyOf": [schema, {"type": "null"}]}) };
    if let Some((rule, mark)) = field.rule {
        schema["description"] = json!(format!("{rule} ({mark})"));
    }
    schema
}

fn kind(kind: Kind) -> Value {
    match kind {
        Kind::Integer => json!({"type": "integer"}),
        Kind::Exactly(value) => json!({"const": value}),
        Kind::Id => {
            json!({"type": "string", "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"})
        }
        Kind::Text | Kind::Secret => json!({"type": "string"}),
        Kind::Phone => json!({"type": "string", "pattern": "^[1-9][0-9]{6,14}$"}),
        Kind::TextOrNumber => json!({"type": ["string", "number"]}),
        Kind::Boolean => json!({"type": "boolean"}),
        Kind::Object(shape) => object(shape),
        Kind::List(item) => json!({"type": "array", "items": self::kind(*item)}),
    }
}
