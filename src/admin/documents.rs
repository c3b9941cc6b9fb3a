//! `openapi.json` and the other descriptions of the two APIs.

use http::StatusCode;

use super::answer::Json;
use super::input::Input;
use super::openapi::sandbox_openapi;
use crate::call::{Sandbox, document_examples};
use crate::http::{PathParameters, Problem, Reply, Request};
use crate::text::yaml;
use crate::vendor::documents::{Api, Dialect, openapi};
use serde_json::Value;

/// The address that the caller used, without a slash at the end.
#[derive(Debug)]
pub(super) struct CallersAddress(String);

impl Input for CallersAddress {
    fn from_request(_: &PathParameters, request: &Request) -> Result<Self, Problem> {
        let host = request.host().ok().flatten();
        let host = host.map_or_else(|| "localhost".to_owned(), |host| host.parts().concat());
        Ok(Self(format!("http://{host}")))
    }
}

/// Shows the vendor's API in JSON.
pub(super) fn vendor_3_1(sandbox: &Sandbox, address: CallersAddress) -> Json<Value> {
    Json(vendor(sandbox, address, Dialect::V3_1))
}

/// Shows the vendor's API in JSON, for tools that do not know 3.1.
pub(super) fn vendor_3_0(sandbox: &Sandbox, address: CallersAddress) -> Json<Value> {
    Json(vendor(sandbox, address, Dialect::V3_0))
}

/// Shows the vendor's API in YAML.
pub(super) fn vendor_yaml(sandbox: &Sandbox, address: CallersAddress) -> Reply {
    let document = vendor(sandbox, address, Dialect::V3_1);
    Reply::new(StatusCode::OK, "application/yaml", yaml(&document))
}

/// Shows the sandbox's own API in JSON.
pub(super) fn own(sandbox: &Sandbox, CallersAddress(used): CallersAddress) -> Json<Value> {
    let server = sandbox.public_url().map_or(used, str::to_owned);
    Json(sandbox_openapi(&server))
}

fn vendor(sandbox: &Sandbox, address: CallersAddress, dialect: Dialect) -> Value {
    let server = sandbox.public_url().map_or(address.0, str::to_owned);
    let assumptions = sandbox.assumptions();
    let examples = document_examples(assumptions, &server);
    openapi(&Api { dialect, assumptions, server: &server, examples: &examples })
}
