//! `events`: the journal as server-sent events, resumed where a reader left off.

use super::entry::RequestEntry;
use super::input::{self, Input};
use super::query::QueryParameters;

use crate::call::Sandbox;
use crate::http::{PathParameters, Problem, Request};
use crate::journal::{CallRecord, PageCount, Query};
use crate::world::TenantName;

/// The most entries that are sent at once.
const BATCH: usize = 100;

/// A reader of the journal and its place there.
#[derive(Debug)]
pub struct Events {
    tenant: Option<TenantName>,
    place: u64,
}

/// Where a reader starts, and whose calls it wants.
#[derive(Debug)]
pub(super) struct Subscription {
    tenant: Option<TenantName>,
    /// A cursor, as every event has one.
    last_event_id: Option<String>,
}

impl Input for Subscription {
    fn from_request(_: &PathParameters, request: &Request) -> Result<Self, Problem> {
        let parameters = QueryParameters::read(request, &["tenant"])?;
        let tenant = parameters.get("tenant").map(input::tenant_or_anonymous).transpose()?;
        let last_event_id = request.headers.get("last-event-id");
        let last_event_id =
            last_event_id.map(|id| String::from_utf8_lossy(id.as_bytes()).into_owned());
        Ok(Self { tenant, last_event_id })
    }
}

/// Opens a stream after `Last-Event-ID`, with the oldest entry if that is unknown; without one it starts
/// with the next call.
pub(super) fn open(sandbox: &Sandbox, subscription: Subscription) -> Events {
    let (Subscription { tenant, last_event_id }, journal) = (subscription, &sandbox.journal);
    let place = last_event_id.map_or_else(|| journal.last_id(), |cursor| journal.place(&cursor));
    Events { tenant, place }
}

impl Events {
    /// The entries since the last call as events; empty if there are none.
    pub fn take(&mut self, sandbox: &Sandbox) -> String {
        let count = PageCount::Oldest(BATCH);
        let query = Query { since: self.place, count, ..Query::default() };
        let page = match &self.tenant {
            Some(tenant) => sandbox.journal.of_tenant(tenant, &query),
            None => sandbox.journal.of_all(&query),
        };
        self.place = page.next;
        let event = |record: &CallRecord| {
            let entry = serde_json::to_string(&RequestEntry::from(record))
                .expect("BUG: plain data always becomes JSON");
            format!("id: {}\nevent: call\ndata: {entry}\n\n", sandbox.journal.cursor(record.id))
        };
        page.records.iter().map(event).collect::<Vec<_>>().concat()
    }
}
