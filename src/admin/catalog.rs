//! What there is: outcomes, scenarios (and their upload), the contract's ledger.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use super::{done, read};
use crate::call::Sandbox;
use crate::http::Problem;
use crate::http::{Reply, Request};
use crate::scenario::{self, Forced, Scenario};

/// Every outcome with status, body, source and how to force it.
pub fn outcomes() -> Value {
    let outcomes: Vec<_> = Forced::all().map(Forced::to_json).collect();
    json!({"outcomes": outcomes})
}

/// Every scenario, in short.
pub fn scenarios(sandbox: &Sandbox) -> Value {
    let scenarios: Vec<_> = sandbox
        .library
        .all()
        .iter()
        .map(|scenario| json!({"name": scenario.name, "description": scenario.description, "rules": scenario.rules.len()}))
        .collect();
    json!({"scenarios": scenarios})
}

/// A scenario with its rules and how often each has acted in each tenant.
pub fn scenario(sandbox: &Sandbox, name: &str) -> Result<Value, Problem> {
    let scenario = sandbox
        .library
        .resolve(name)
        .map_err(|error| Problem::new(StatusCode::NOT_FOUND, error.0))?;
    Ok(describe(sandbox, &scenario))
}

fn describe(sandbox: &Sandbox, scenario: &Arc<Scenario>) -> Value {
    let tenants: Vec<_> = sandbox
        .tenants
        .all()
        .into_iter()
        .map(|(name, tenant)| (name, tenant.lock().progress.acted(scenario)))
        .collect();
    let rules: Vec<_> = scenario
        .rules
        .iter()
        .enumerate()
        .map(|(index, rule)| {
            let hits: serde_json::Map<_, _> = tenants
                .iter()
                .filter(|(_, acted)| acted[index] > 0)
                .map(|(name, acted)| (name.to_string(), json!(acted[index])))
                .collect();
            let steps: Vec<_> = rule
                .steps
                .iter()
                .map(|step| json!({"outcome": step.forced.name(), "times": step.times, "phase": step.phase.name(), "chance": step.chance}))
                .collect();
            json!({"id": rule.id, "enabled": rule.enabled, "priority": rule.priority, "do": steps, "hits": hits})
        })
        .collect();
    json!({"name": scenario.name, "description": scenario.description, "seed": scenario.seed, "rules": rules})
}

/// Takes a scenario file, which is kept in memory until it is deleted.
pub fn upload(sandbox: &Sandbox, name: &str, request: &Request) -> Result<Value, Problem> {
    let text = read::text(request)?;
    let scenario = scenario::read(text, Some(name)).map_err(|problems| {
        let first = &problems[0];
        let (line, column) = (first.at.line, first.at.column);
        let more = if problems.len() > 1 {
            format!(" (and {} more)", problems.len() - 1)
        } else {
            String::new()
        };
        read::bad(format!("line {line}, column {column}: {}{more}", first.message))
    })?;
    let warnings: Vec<_> =
        scenario::warnings(&scenario).iter().map(|warning| warning.in_file(name)).collect();
    let scenario = sandbox
        .library
        .upload(scenario)
        .map_err(|why| Problem::new(StatusCode::INSUFFICIENT_STORAGE, why))?;
    tracing::info!("scenario {name} was uploaded");
    let mut answer = describe(sandbox, &scenario);
    answer["warnings"] = json!(warnings);
    Ok(answer)
}

/// Takes an uploaded scenario away; a file or built-in one of its name is in force again.
pub fn remove(sandbox: &Sandbox, name: &str) -> Result<Reply, Problem> {
    if sandbox.library.remove_upload(name) {
        return Ok(done());
    }
    let detail = format!(
        "no scenario {} was uploaded; files and built-in ones stay",
        crate::text::quoted(name)
    );
    Err(Problem::new(StatusCode::NOT_FOUND, detail))
}
