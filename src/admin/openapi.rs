//! The sandbox's own API as an `OpenAPI` document, from the table of its routes.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::examples::{AdminExample, start_of_document};
use super::parameter::{Parameter, Place};
use super::router::{AdminRoute, AdminRouter, BASE};
use crate::described::{Components, Described as _};
use crate::http::{PROBLEM_MEDIA_TYPE as PROBLEM, ProblemDocument};
use crate::scenario;

/// The pattern of the document of this API.
pub(super) const OWN_PATTERN: &str = "sandbox.openapi.json";

/// Where bodies of requests refer to the parts of a scenario file.
const SCENARIO_PARTS: &str = "#/$defs/";

/// Returns the document for a server at an address, with the examples that were made.
pub(super) fn sandbox_openapi(
    router: &AdminRouter,
    server: &str,
    examples: &[AdminExample],
) -> Value {
    let mut components = Components::default();
    let mut paths = Map::new();
    for route in router.routes() {
        let path = paths.entry(format!("{BASE}/{}", route.pattern)).or_insert_with(|| json!({}));
        let method = route.method.as_str().to_ascii_lowercase();
        let is_of = |example: &&AdminExample| {
            *example.method == route.method && example.pattern == route.pattern
        };
        let examples: Vec<_> = examples.iter().filter(is_of).collect();
        path[method] = operation(route, &examples, &mut components);
    }
    let problem = ProblemDocument::schema(&mut components);
    let problem = json!({
        "description": "why the sandbox refuses the request (RFC 9457)",
        "content": {PROBLEM: {"schema": problem}},
    });
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "genuin-sandbox",
            "version": env!("CARGO_PKG_VERSION"),
            "description": INTRODUCTION,
            "contact": {"name": "The maintainers of genuin-sandbox"},
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": server, "description": "The sandbox"}],
        "tags": [
            {"name": TENANT, "description": "One tenant: its calls, data, override and clock."},
            {"name": SANDBOX, "description": "The whole sandbox."},
        ],
        "paths": paths,
        "components": {
            "securitySchemes": {"admin_token": {
                "type": "http",
                "scheme": "bearer",
                "description": "Only where the sandbox was started with `--admin-token`.",
            }},
            "responses": {"Problem": problem},
            "schemas": components.into_json(),
        },
    });
    // one whose fields are taken over into others may be used by none itself
    let text = document.to_string();
    if let Some(Value::Object(schemas)) = document.pointer_mut("/components/schemas") {
        schemas.retain(|name, _| text.contains(&format!("\"#/components/schemas/{name}\"")));
    }
    // cannot be made by asking for the document, for which the examples are made
    let start = json!({"ok": {
        "summary": "the start of this document",
        "value": start_of_document(document.clone()),
    }});
    let own = format!("{BASE}/{OWN_PATTERN}").replace('/', "~1");
    let place = format!("/paths/{own}/get/responses/200/content/application~1json");
    document.pointer_mut(&place).expect("BUG: this document is one of its routes")["examples"] =
        start;
    document
}

const TENANT: &str = "Tenant";
const SANDBOX: &str = "Sandbox";

const INTRODUCTION: &str = "\
The sandbox's own API: its journal, scenarios, tenants and clocks.

The examples are answers of one sandbox to one request after another. Values \
that differ from run to run (real times, numbers of connections, cursors, fingerprints, sizes in memory) are made up, \
and long lists and texts are cut.";

fn operation(route: &AdminRoute, examples: &[&AdminExample], components: &mut Components) -> Value {
    let is_of_tenant = (route.parameters)()
        .iter()
        .any(|parameter| parameter.place == Place::Path && parameter.name.starts_with("tenant"));
    let mut operation = json!({
        "operationId": operation_id(route),
        "summary": route.summary.trim_end_matches('.'),
        "tags": [if is_of_tenant { TENANT } else { SANDBOX }],
        "security": [{}, {"admin_token": []}],
    });
    let parameters: Vec<_> = (route.parameters)()
        .iter()
        .map(|parameter| described_parameter(parameter, examples))
        .collect();
    if !parameters.is_empty() {
        operation["parameters"] = json!(parameters);
    }
    if let Some(body) = request_body(route, examples, components) {
        operation["requestBody"] = body;
    }
    operation["responses"] = Value::Object(responses(route, examples, components));
    operation
}

fn described_parameter(parameter: &Parameter, examples: &[&AdminExample]) -> Value {
    let mut described = parameter.describe();
    let values = examples.iter().filter_map(|example| {
        let (_, value) = example.parameters.iter().find(|(name, _)| *name == parameter.name)?;
        Some((example.name.to_owned(), json!({"value": parameter.value(value)})))
    });
    let values: Map<_, _> = values.collect();
    if !values.is_empty() {
        described["examples"] = Value::Object(values);
    }
    described
}

fn request_body(
    route: &AdminRoute,
    examples: &[&AdminExample],
    components: &mut Components,
) -> Option<Value> {
    let schema = body((route.request_name)()?, (route.request)()?, components);
    let described = components.resolved(&schema);
    let needs_key = described.get("anyOf").or(described["required"].get(0)).is_some();
    let mut request_body = json!({
        // the media type is needed in any case
        "required": true,
        "content": {
            "application/json": {"schema": schema, "examples": sent(examples)},
            "application/yaml": {"schema": schema},
        },
    });
    if !needs_key {
        request_body["description"] = json!("An empty body is an empty object.");
    }
    Some(request_body)
}

fn responses(
    route: &AdminRoute,
    examples: &[&AdminExample],
    components: &mut Components,
) -> Map<String, Value> {
    let success = (route.status.as_str().to_owned(), success(route, examples, components));
    let mut responses = Map::from_iter([success]);
    let mut refusals: Vec<_> = examples.iter().map(|example| example.status).collect();
    refusals.retain(StatusCode::is_client_error);
    refusals.sort_by_key(StatusCode::as_u16);
    refusals.dedup();
    for status in refusals {
        let mut content = json!({"schema": ProblemDocument::schema(components)});
        content["examples"] = json!(received(examples, status, PROBLEM));
        let title = status.canonical_reason().unwrap_or_default().to_ascii_lowercase();
        let refusal = json!({"description": title, "content": {PROBLEM: content}});
        responses.insert(status.as_str().to_owned(), refusal);
    }
    for class in ["4XX", "5XX"] {
        responses.insert(class.to_owned(), json!({"$ref": "#/components/responses/Problem"}));
    }
    responses
}

fn success(route: &AdminRoute, examples: &[&AdminExample], components: &mut Components) -> Value {
    let mut success = json!({"description": description(route.status)});
    if route.media_types.is_empty() {
        return success;
    }
    let schema = (route.reply)(components);
    let content = route.media_types.iter().map(|media_type| {
        let is_value = ["application/json", "application/yaml"].contains(media_type);
        let schema = if is_value { schema.clone() } else { json!({"type": "string"}) };
        let mut content = json!({"schema": schema});
        if let Some(examples) = received(examples, route.status, media_type) {
            content["examples"] = examples;
        }
        ((*media_type).to_owned(), content)
    });
    success["content"] = Value::Object(content.collect());
    success
}

/// The bodies of the examples that have one.
fn sent(examples: &[&AdminExample]) -> Value {
    let entry = |example: &&AdminExample| {
        let entry = json!({"summary": example.summary, "value": example.body.as_ref()?});
        Some((example.name.to_owned(), entry))
    };
    Value::Object(examples.iter().filter_map(entry).collect())
}

/// The answers of the examples with a status and a media type.
fn received(examples: &[&AdminExample], status: StatusCode, media_type: &str) -> Option<Value> {
    let entry = |example: &&AdminExample| {
        let (kind, value) = example.answer.as_ref().filter(|_| example.status == status)?;
        let entry = json!({"summary": example.summary, "value": value});
        (kind == media_type).then(|| (example.name.to_owned(), entry))
    };
    let entries: Map<_, _> = examples.iter().filter_map(entry).collect();
    (!entries.is_empty()).then_some(Value::Object(entries))
}

fn description(status: StatusCode) -> &'static str {
    match status {
        StatusCode::CREATED => "created",
        StatusCode::NO_CONTENT => "done",
        _ => "the result",
    }
}

/// The name of the operation in clients: `get_tenant_requests_by_seq`.
fn operation_id(route: &AdminRoute) -> String {
    let mut words = vec![route.method.as_str().to_ascii_lowercase()];
    for segment in route.pattern.split('/') {
        let parameter = segment.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
        match parameter {
            // one of the tenants
            Some(name) if name.starts_with("tenant") => {
                words.pop();
                words.push("tenant".to_owned());
            }
            Some(name) => words.push(format!("by_{name}")),
            None => words.push(segment.replace(['.', '-'], "_")),
        }
    }
    words.join("_")
}

/// Returns a reference to the schema of a request's body.
fn body(name: &str, mut schema: Value, components: &mut Components) -> Value {
    components.named(name, |components| {
        name_scenario_parts(&mut schema, components);
        schema
    })
}

/// The types of values, of which there are only a few.
fn kinds_of(values: &[Value]) -> Value {
    let mut kinds: Vec<_> = values
        .iter()
        .map(|value| match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        })
        .collect();
    kinds.dedup();
    if let [kind] = kinds[..] { json!(kind) } else { json!(kinds) }
}

/// Makes a map of an object whose keys are known and all have values of one schema, so that generated clients
/// have no field for each of them.
fn name_keys(object: &mut Map<String, Value>) {
    let Some(Value::Object(properties)) = object.get("properties") else { return };
    let Some(first) = properties.values().next().filter(|first| first.get("$ref").is_some()) else {
        return;
    };
    if object.get("additionalProperties") == Some(&json!(false))
        && properties.values().all(|schema| schema == first)
    {
        let keys: Vec<_> = properties.keys().collect();
        let (names, schema) = (json!({"enum": keys, "type": "string"}), first.clone());
        object.shift_remove("properties");
        object.insert("propertyNames".into(), names);
        object.insert("additionalProperties".into(), schema);
    }
}

/// Makes components of the parts of a scenario file that a schema refers to.
fn name_scenario_parts(schema: &mut Value, components: &mut Components) {
    if let Value::Object(map) = schema {
        map.shift_remove("$schema");
        map.shift_remove("$defs");
        let single = map.get("const").map(std::slice::from_ref);
        let values = map.get("enum").and_then(Value::as_array).map(Vec::as_slice).or(single);
        if let Some(kinds) = values.map(kinds_of) {
            map.entry("type").or_insert(kinds);
        }
        name_keys(map);
    }
    let reference = schema["$ref"].as_str().and_then(|text| text.strip_prefix(SCENARIO_PARTS));
    if let Some(part) = reference.map(str::to_owned) {
        let (first, rest) = part.split_at(1);
        let name = format!("Scenario{}{rest}", first.to_ascii_uppercase());
        let reference = components.named(&name, |components| {
            // a part may refer to itself
            components.named(&name, |_| json!({}));
            let mut definition = scenario::schema()["$defs"][&part].take();
            name_scenario_parts(&mut definition, components);
            definition
        });
        schema["$ref"] = reference["$ref"].clone();
    }
    match schema {
        Value::Object(map) => {
            for inner in map.values_mut() {
                name_scenario_parts(inner, components);
            }
        }
        Value::Array(items) => {
            for inner in items {
                name_scenario_parts(inner, components);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
