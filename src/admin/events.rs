//! `events`: the journal as server-sent events, resumed where a reader left off.

use super::entry::RequestEntry;
use super::input::{self, Input};
use super::query::QueryParameters;

use crate::call::Sandbox;
use crate::http::{PathParameters, Problem, Request};
use crate::journal::{CallRecord, Query};
use crate::world::TenantName;

/// The most entries that are sent at once.
const BATCH: usize = 100;

/// A reader of the journal and the id of the last entry it has got.
#[derive(Debug)]
pub struct Events {
    tenant: Option<TenantName>,
    cursor: u64,
}

/// Where a reader starts, and whose calls it wants.
#[derive(Debug)]
pub(super) struct Subscription {
    tenant: Option<TenantName>,
    last_event_id: Option<u64>,
}

impl Input for Subscription {
    fn from_request(_: &PathParameters, request: &Request) -> Result<Self, Problem> {
        let parameters = QueryParameters::read(request, &["tenant"])?;
        let tenant = parameters.get("tenant").map(input::tenant).transpose()?;
        let last_event_id = request.header("last-event-id").map(str::parse).transpose();
        let last_event_id = last_event_id.map_err(|_| {
            Problem::bad_request("Last-Event-ID must be the id of an event, a whole number")
        })?;
        Ok(Self { tenant, last_event_id })
    }
}

/// Opens a stream after `Last-Event-ID`; without one it starts with the next call.
pub(super) fn open(sandbox: &Sandbox, subscription: Subscription) -> Events {
    let Subscription { tenant, last_event_id } = subscription;
    Events { tenant, cursor: last_event_id.unwrap_or_else(|| sandbox.journal.last_id()) }
}

impl Events {
    /// The entries since the last call as events; empty if there are none.
    pub fn take(&mut self, sandbox: &Sandbox) -> String {
        let query = Query { since: self.cursor, limit: BATCH, ..Query::default() };
        let page = match &self.tenant {
            Some(tenant) => sandbox.journal.of_tenant(tenant, &query),
            None => sandbox.journal.of_all(&query),
        };
        self.cursor = page.next;
        let event = |record: &CallRecord| {
            let entry = serde_json::to_string(&RequestEntry::from(record))
                .expect("BUG: plain data always becomes JSON");
            format!("id: {}\nevent: request\ndata: {entry}\n\n", record.id)
        };
        page.records.iter().map(event).collect::<Vec<_>>().concat()
    }
}
