//! `tenants/{tenant}/fixtures`: a tenant's world as a fixture file that starts an equal one.

use http::StatusCode;
use serde_json::Value;

use super::answer::Json;
use super::input::TenantParameter;
use super::world::read_world;
use crate::call::Sandbox;
use crate::fixtures;
use crate::http::Problem;

pub(super) fn show(
    sandbox: &Sandbox,
    TenantParameter(name): TenantParameter,
) -> Result<Json<Value>, Problem> {
    let document = read_world(sandbox, &name, fixtures::of_world);
    document.map(Json).map_err(|why| Problem::new(StatusCode::CONFLICT, why))
}
