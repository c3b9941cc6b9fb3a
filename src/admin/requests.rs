//! `requests`: the journal, in pages or one entry at a time.

use serde::{Deserialize, Serialize};

use super::answer::Json;
use super::entry::{RequestEntry, outcome_name};
use super::input::{Input, TenantParameter};
use super::query::QueryParameters;
use crate::call::Sandbox;
use crate::http::{PathParameters, Problem, Request};
use crate::journal::{JournalPage, Query};
use crate::text::quoted;

/// How many entries a page has by default, and at most.
pub(crate) const DEFAULT_LIMIT: u64 = 100;
const MAX_LIMIT: u64 = 1000;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RequestPage {
    /// The oldest first.
    pub(crate) requests: Vec<RequestEntry>,
    /// The cursor for the next page.
    pub(crate) next: u64,
    /// How many entries were dropped to keep memory bounded, ever.
    pub(crate) dropped: u64,
}

/// Which entries a page holds.
#[derive(Debug)]
pub(super) struct Filter(Query);

impl Input for Filter {
    fn from_request(_: &PathParameters, request: &Request) -> Result<Self, Problem> {
        let parameters = QueryParameters::read(request, &["since", "limit", "outcome", "status"])?;
        let limit = parameters.number("limit")?.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            let detail = format!("limit must be from 1 to {MAX_LIMIT}, not {limit}");
            return Err(Problem::bad_request(detail));
        }
        let outcome = parameters.get("outcome").map(outcome_name).transpose()?;
        let status = match parameters.number("status")? {
            None => None,
            Some(status) if (100..=599).contains(&status) => u16::try_from(status).ok(),
            Some(status) => {
                let detail = format!("status must be from 100 to 599, not {status}");
                return Err(Problem::bad_request(detail));
            }
        };
        let since = parameters.number("since")?.unwrap_or(0);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(Self(Query { since, limit, outcome, status }))
    }
}

/// The parameter `{seq}`, a number or `last`.
#[derive(Debug)]
pub(super) enum EntryNumber {
    Seq(u64),
    Last,
}

impl Input for EntryNumber {
    fn from_request(path: &PathParameters, _: &Request) -> Result<Self, Problem> {
        match path.get("seq") {
            "last" => Ok(Self::Last),
            seq => seq.parse().map(Self::Seq).map_err(|_| {
                Problem::not_found(format!(
                    "{} is not the number of an entry; use its seq, or last",
                    quoted(seq)
                ))
            }),
        }
    }
}

pub(super) fn of_tenant(
    sandbox: &Sandbox,
    (TenantParameter(name), Filter(query)): (TenantParameter, Filter),
) -> Json<RequestPage> {
    page(&sandbox.journal.of_tenant(&name, &query))
}

pub(super) fn of_all(sandbox: &Sandbox, Filter(query): Filter) -> Json<RequestPage> {
    page(&sandbox.journal.of_all(&query))
}

pub(super) fn one(
    sandbox: &Sandbox,
    (TenantParameter(name), number): (TenantParameter, EntryNumber),
) -> Result<Json<RequestEntry>, Problem> {
    let (record, missing) = match number {
        EntryNumber::Last => {
            (sandbox.journal.last(&name), format!("tenant {name} has made no call yet"))
        }
        EntryNumber::Seq(seq) => (
            sandbox.journal.record(&name, seq),
            format!("tenant {name} has no entry {seq}; it may have been dropped for newer ones"),
        ),
    };
    let record = record.ok_or_else(|| Problem::not_found(missing))?;
    Ok(Json(RequestEntry::from(&record)))
}

fn page(page: &JournalPage) -> Json<RequestPage> {
    let requests = page.records.iter().map(RequestEntry::from).collect();
    Json(RequestPage { requests, next: page.next, dropped: page.evicted })
}
