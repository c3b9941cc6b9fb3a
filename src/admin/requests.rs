//! `/requests`: the journal.

use http::StatusCode;
use serde_json::{Value, json};

use super::read;
use crate::call::Sandbox;
use crate::http::Problem;
use crate::http::Request;
use crate::journal::{CallRecord, Page, Query};
use crate::scenario::Forced;
use crate::text::did_you_mean;
use crate::world::TenantName;

/// How many entries a page has unless the reader says otherwise, and at most.
const DEFAULT_LIMIT: u64 = 100;
const LIMIT: u64 = 1000;

/// A tenant's entries.
pub fn of_tenant(
    sandbox: &Sandbox,
    name: &TenantName,
    request: &Request,
) -> Result<Value, Problem> {
    Ok(page(&sandbox.journal.of_tenant(name, &query(request)?)))
}

/// The entries of all tenants.
pub fn of_all(sandbox: &Sandbox, request: &Request) -> Result<Value, Problem> {
    Ok(page(&sandbox.journal.of_all(&query(request)?)))
}

/// One entry, by its number or as the last.
pub fn one(sandbox: &Sandbox, name: &TenantName, seq: &str) -> Result<Value, Problem> {
    let missing = |detail: String| Problem::new(StatusCode::NOT_FOUND, detail);
    let entry = if seq == "last" {
        let none = || missing(format!("the tenant {name} has made no call yet"));
        sandbox.journal.last(name).ok_or_else(none)?
    } else {
        let number =
            seq.parse().map_err(|_| missing("an entry is named by its seq, or last".into()))?;
        let none = || {
            missing(format!(
                "the tenant {name} has no entry {number}; it may have given way to newer ones"
            ))
        };
        sandbox.journal.entry(name, number).ok_or_else(none)?
    };
    Ok(entry.to_json())
}

fn page(page: &Page) -> Value {
    let requests: Vec<_> = page.entries.iter().map(CallRecord::to_json).collect();
    json!({"requests": requests, "next": page.next, "dropped": page.dropped})
}

fn query(request: &Request) -> Result<Query, Problem> {
    let parameters = read::query(request, &["since", "limit", "outcome", "status"])?;
    let limit = read::number(&parameters, "limit")?.unwrap_or(DEFAULT_LIMIT);
    if !(1..=LIMIT).contains(&limit) {
        return Err(read::bad(format!("limit is from 1 to {LIMIT}, not {limit}")));
    }
    let outcome = parameters.get("outcome").map(|name| outcome(name)).transpose()?;
    let status = match read::number(&parameters, "status")? {
        None => None,
        Some(status) if (100..=599).contains(&status) => u16::try_from(status).ok(),
        Some(status) => return Err(read::bad(format!("status is from 100 to 599, not {status}"))),
    };
    let since = read::number(&parameters, "since")?.unwrap_or(0);
    Ok(Query { since, limit: usize::try_from(limit).unwrap_or(usize::MAX), outcome, status })
}

/// The name under which the journal knows an outcome.
pub fn outcome(name: &str) -> Result<String, Problem> {
    if name == "unknown-scenario" {
        return Ok(name.to_owned());
    }
    Forced::parse(name).map(|forced| forced.name().to_owned()).ok_or_else(|| {
        let hint = did_you_mean(name, Forced::known_names());
        read::bad(format!("unknown outcome {name:?}{hint}; GET /_sandbox/v1/outcomes lists them"))
    })
}
