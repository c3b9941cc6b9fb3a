//! `/events`: the journal as server-sent events, which go on where a reader left off.

use http::StatusCode;

use super::{read, tenant};
use crate::call::Sandbox;
use crate::http::Problem;
use crate::http::Request;
use crate::journal::{CallRecord, Query};
use crate::world::TenantName;

/// How many entries are sent at once.
const BATCH: usize = 100;

/// A reader of the journal, and how far it has come.
#[derive(Debug)]
pub struct Events {
    tenant: Option<TenantName>,
    cursor: u64,
}

/// Begins after `Last-Event-ID`, or with the next call.
pub fn open(sandbox: &Sandbox, request: &Request) -> Result<Events, Problem> {
    let parameters = read::query(request, &["tenant"])?;
    let tenant = parameters.get("tenant").map(|name| tenant(name)).transpose()?;
    let cursor = match request.header("last-event-id") {
        None => sandbox.journal.last_id(),
        Some(text) => text.parse().map_err(|_| {
            Problem::new(
                StatusCode::BAD_REQUEST,
                "Last-Event-ID is the id of an event, a whole number",
            )
        })?,
    };
    Ok(Events { tenant, cursor })
}

impl Events {
    /// What has come since, as it is sent; empty if nothing has.
    pub fn take(&mut self, sandbox: &Sandbox) -> String {
        let query = Query { since: self.cursor, limit: BATCH, ..Query::default() };
        let page = match &self.tenant {
            Some(tenant) => sandbox.journal.of_tenant(tenant, &query),
            None => sandbox.journal.of_all(&query),
        };
        self.cursor = page.next;
        let event = |entry: &CallRecord| {
            format!("id: {}\nevent: request\ndata: {}\n\n", entry.id, entry.to_json())
        };
        page.entries.iter().map(event).collect::<Vec<_>>().concat()
    }
}
