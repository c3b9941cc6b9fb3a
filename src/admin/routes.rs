//! The table of the API: every method and path with its handler and what it takes and returns.

use std::sync::LazyLock;

use http::Method;

use super::answer::{Answer, Json};
use super::openapi::OWN_PATTERN;
use super::router::{AdminRoute, AdminRouter, route};
use super::{
    clock, communities, documents, events, explain, fixtures, groups, held, normal, outcomes,
    overrides, report, requests, scenarios, state, status, switches, tenants, users, verify,
};
use crate::call::Sandbox;
use crate::http::{Problem, Request};
use crate::vendor::documents::ledger;

static ROUTER: LazyLock<AdminRouter> = LazyLock::new(|| AdminRouter::new(table()));

#[rustfmt::skip]
fn table() -> Vec<AdminRoute> {
    vec![
        route(Method::GET, "status", status::show, "Shows version, seed, clock, counts and loaded scenarios."),
        route(Method::GET, "outcomes", |_, ()| Json(outcomes::all()), "Lists every outcome and how to force it."),
        route(Method::GET, "scenarios", scenarios::list, "Lists the scenarios."),
        route(Method::GET, "scenarios/{name}", scenarios::show, "Shows a scenario with its rules and their hits."),
        route(Method::PUT, "scenarios/{name}", scenarios::upload, "Uploads a scenario file, which is kept in memory."),
        route(Method::POST, "scenarios/{name}", scenarios::check, "Checks a scenario file without keeping it."),
        route(Method::DELETE, "scenarios/{name}", scenarios::remove, "Removes an uploaded scenario."),
        route(Method::GET, "contract", |sandbox, ()| Json(ledger(sandbox.assumptions())), "Shows every field, status and message of the vendor with its provenance."),
        route(Method::GET, "tenants", tenants::list, "Lists the tenants in memory."),
        route(Method::DELETE, "tenants/{tenant}", tenants::remove, "Removes a tenant with its data and its journal."),
        route(Method::PUT, "tenants/{tenant_or_all}/scenario", overrides::set, "Sets the override of a tenant, or with * of all tenants."),
        route(Method::GET, "tenants/{tenant_or_all}/scenario", overrides::show, "Shows the override of a tenant, or with * of all tenants."),
        route(Method::DELETE, "tenants/{tenant_or_all}/scenario", overrides::clear, "Clears the override of a tenant, or with * of all tenants."),
        route(Method::POST, "tenants/{tenant}/reset", tenants::reset, "Resets a tenant, or the parts of it that are named."),
        route(Method::GET, "tenants/{tenant}/state", state::show, "Shows the counts and the groups of a tenant."),
        route(Method::GET, "tenants/{tenant}/fixtures", fixtures::show, "Shows the world of a tenant as a fixture file that starts an equal one."),
        route(Method::GET, "tenants/{tenant}/groups", groups::list, "Lists the groups of a tenant."),
        route(Method::GET, "tenants/{tenant}/groups/{chat_id}", groups::show, "Shows a group."),
        route(Method::GET, "tenants/{tenant}/communities", communities::list, "Lists the communities of a tenant."),
        route(Method::POST, "tenants/{tenant}/communities", communities::add, "Adds a community."),
        route(Method::GET, "tenants/{tenant}/users", users::list, "Lists the users of a tenant."),
        route(Method::POST, "tenants/{tenant}/users", users::add, "Adds a user."),
        route(Method::GET, "tenants/{tenant}/requests", requests::of_tenant, "Lists the journal of a tenant, filtered and in pages."),
        route(Method::GET, "tenants/{tenant}/requests/{seq}", requests::one, "Shows one journal entry, by its number or as last."),
        route(Method::GET, "tenants/{tenant}/normal", normal::show, "Shows whether anything can affect the next call of a tenant."),
        route(Method::POST, "tenants/{tenant}/verify", verify::start, "Checks how many calls match an expectation, now or within a time."),
        route(Method::GET, "tenants/{tenant}/report", report::of_tenant, "Judges the client of a tenant by its calls."),
        route(Method::GET, "tenants/{tenant}/checklist", report::checklist, "Lists what a client has shown that it can handle, and what not yet."),
        route(Method::GET, "tenants/{tenant}/held", held::list, "Lists the calls of a tenant that are held."),
        route(Method::POST, "tenants/{tenant}/release", held::release, "Releases held calls of a tenant, the oldest first."),
        route(Method::GET, "tenants/{tenant}/clock", clock::show, "Shows the time of a tenant."),
        route(Method::POST, "tenants/{tenant}/clock", clock::set, "Freezes, advances or resumes the clock of a tenant."),
        route(Method::GET, "requests", requests::of_all, "Lists the journal of all tenants, filtered and in pages."),
        route(Method::GET, "switches", switches::list, "Lists what was turned on or off, by whom and why."),
        route(Method::GET, "report", report::of_all, "Judges the clients of all tenants by their calls."),
        route(Method::POST, "explain", explain::explain, "Explains what a call would get, without making it."),
        route(Method::GET, "events", events::open, "Streams the journal and the switches as server-sent events."),
        route(Method::GET, "openapi.json", documents::vendor_3_1, "Shows the vendor's endpoints as an OpenAPI document."),
        route(Method::GET, "openapi.yaml", documents::vendor_yaml, "Shows the vendor's endpoints as an OpenAPI document in YAML."),
        route(Method::GET, "openapi-3.0.json", documents::vendor_3_0, "Shows the vendor's endpoints as a document of OpenAPI 3.0."),
        route(Method::GET, OWN_PATTERN, |sandbox, address| documents::own(sandbox, address, &ROUTER), "Shows this API as an OpenAPI document."),
        route(Method::GET, "scenario.schema.json", documents::scenario_schema, "Shows the JSON schema of scenario files."),
        route(Method::GET, "metrics", status::metrics, "Shows counts for Prometheus."),
    ]
}

/// Every row, in the order of the table.
#[cfg(feature = "internals")]
pub fn routes() -> impl Iterator<Item = &'static AdminRoute> {
    ROUTER.routes()
}

/// Answers a request by the handler of its route.
pub(super) fn handle(sandbox: &Sandbox, request: &Request) -> Result<Answer, Problem> {
    ROUTER.handle(sandbox, request)
}
