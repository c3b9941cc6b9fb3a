//! `openapi.json` and the other descriptions of the two APIs.

use serde::Serialize;
use serde_json::{Value, json};

use super::answer::{Answer, Json, Output};
use super::examples::made_examples;
use super::input::{Input, ParsedRequest};
use super::openapi::sandbox_openapi;
use super::router::AdminRouter;
use crate::call::{Sandbox, document_examples};
use crate::described::{Components, Described};
use crate::http::{Problem, Reply};
use crate::scenario;
use crate::text::yaml;
use crate::vendor::documents::{Api, Dialect, openapi};

/// The address that the caller used, without a slash at the end.
#[derive(Debug)]
pub(super) struct CallersAddress(String);

impl Input for CallersAddress {
    fn read(parsed: &ParsedRequest) -> Result<Self, Problem> {
        Ok(Self(parsed.request.address()))
    }
}

#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct OpenApiDocument(Value);

impl Described for OpenApiDocument {
    fn schema(components: &mut Components) -> Value {
        components.named("OpenApiDocument", |_| {
            let text = json!({"type": "string"});
            let object = json!({"type": "object"});
            let info = json!({
                "type": "object",
                "properties": {"title": text, "version": text},
                "required": ["title", "version"],
                "additionalProperties": true,
            });
            let server = json!({
                "type": "object",
                "properties": {"url": text},
                "required": ["url"],
                "additionalProperties": true,
            });
            json!({
                "type": "object",
                "description": "A document of OpenAPI, as https://spec.openapis.org/oas says it is.",
                "properties": {
                    "openapi": {"type": "string", "description": "Its version.", "pattern": r"^3\.[01]\.\d+$"},
                    "info": info,
                    "servers": {"type": "array", "items": server},
                    "tags": {"type": "array", "items": object},
                    "paths": {"type": "object", "additionalProperties": object},
                    "components": object,
                },
                "required": ["openapi", "info", "servers", "tags", "paths", "components"],
                "additionalProperties": true,
            })
        })
    }
}

const YAML: &str = "application/yaml";

#[derive(Debug)]
pub(super) struct YamlDocument(Value);

impl Output for YamlDocument {
    const MEDIA_TYPES: &'static [&'static str] = &[YAML];
    type Body = OpenApiDocument;

    fn into_answer(self) -> Result<Answer, Problem> {
        Ok(Answer::Reply(Reply::new(Self::STATUS, YAML, yaml(&self.0))))
    }
}

#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct ScenarioSchema(Value);

impl Described for ScenarioSchema {
    fn schema(components: &mut Components) -> Value {
        components.named("ScenarioSchema", |_| {
            let known = scenario::schema();
            let constant = |key: &str| json!({"type": "string", "const": known[key]});
            let object = json!({"type": "object"});
            json!({
                "type": "object",
                "description": "A JSON schema.",
                "properties": {
                    "$schema": constant("$schema"),
                    "title": constant("title"),
                    "type": constant("type"),
                    "properties": object,
                    "$defs": object,
                },
                "required": ["$schema", "title", "type", "properties", "$defs"],
                "additionalProperties": true,
            })
        })
    }
}

pub(super) fn scenario_schema(_: &Sandbox, (): ()) -> Json<ScenarioSchema> {
    Json(ScenarioSchema(scenario::schema()))
}

pub(super) fn vendor_3_1(sandbox: &Sandbox, address: CallersAddress) -> Json<OpenApiDocument> {
    Json(vendor(sandbox, address, Dialect::V3_1))
}

/// Shows the vendor's API in JSON, for tools that do not know 3.1.
pub(super) fn vendor_3_0(sandbox: &Sandbox, address: CallersAddress) -> Json<OpenApiDocument> {
    Json(vendor(sandbox, address, Dialect::V3_0))
}

pub(super) fn vendor_yaml(sandbox: &Sandbox, address: CallersAddress) -> YamlDocument {
    YamlDocument(vendor(sandbox, address, Dialect::V3_1).0)
}

/// Shows the sandbox's own API, which has these routes, in JSON.
pub(super) fn own(
    sandbox: &Sandbox,
    CallersAddress(used): CallersAddress,
    router: &AdminRouter,
) -> Json<OpenApiDocument> {
    let server = sandbox.public_url().map_or(used, str::to_owned);
    let examples = made_examples(router, sandbox.assumptions(), &server);
    Json(OpenApiDocument(sandbox_openapi(router, &server, &examples)))
}

fn vendor(sandbox: &Sandbox, address: CallersAddress, dialect: Dialect) -> OpenApiDocument {
    let server = sandbox.public_url().map_or(address.0, str::to_owned);
    let assumptions = sandbox.assumptions();
    let examples = document_examples(assumptions, &server);
    OpenApiDocument(openapi(&Api { dialect, assumptions, server: &server, examples: &examples }))
}
