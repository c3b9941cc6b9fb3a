//! `events`: the journal as server-sent events, resumed where a reader left off.

use std::task::Poll;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};

use super::answer::{Pieces, Streamed};
use super::entry::RequestEntry;
use super::input::{self, Input};
use super::query::QueryParameters;

use crate::call::Sandbox;
use crate::http::{PathParameters, Problem, Reply, Request};
use crate::journal::{PageCount, Query};
use crate::world::TenantName;

/// The most entries that are read at once.
const BATCH: usize = 4;

/// Where a piece of the stream ends once it is this long, in bytes; an entry is not divided.
const PIECE_BYTES: usize = 32 * 1024;

/// Read by nginx, which would hold back events until it has a buffer full of them, and by proxies that
/// follow it.
const NO_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// A reader of the journal and its place there.
#[derive(Debug)]
struct Events {
    tenant: Option<TenantName>,
    place: u64,
    /// Whether the reader knows that it is connected.
    is_connected: bool,
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
pub(super) fn open(sandbox: &Sandbox, subscription: Subscription) -> Streamed {
    let (Subscription { tenant, last_event_id }, journal) = (subscription, &sandbox.journal);
    let place = last_event_id.map_or_else(|| journal.last_id(), |cursor| journal.place(&cursor));
    Streamed {
        head: Reply::new(StatusCode::OK, "text/event-stream", "")
            .with_header(NO_BUFFERING, HeaderValue::from_static("no")),
        pieces: Box::new(Events { tenant, place, is_connected: false }),
        keepalive: Some(": still here\n\n"),
    }
}

impl Pieces for Events {
    /// The entries since the last piece as events.
    fn next(&mut self, sandbox: &Sandbox) -> Poll<Option<Bytes>> {
        if !std::mem::replace(&mut self.is_connected, true) {
            return Poll::Ready(Some(Bytes::from_static(b": connected\n\n")));
        }
        let count = PageCount::Oldest(BATCH);
        let query = Query { since: self.place, count, ..Query::default() };
        let page = match &self.tenant {
            Some(tenant) => sandbox.journal.of_tenant(tenant, &query),
            None => sandbox.journal.of_all(&query),
        };
        let mut events = String::new();
        for record in &page.records {
            self.place = record.id;
            let entry = serde_json::to_string(&RequestEntry::from(record))
                .expect("BUG: plain data always becomes JSON");
            let cursor = sandbox.journal.cursor(record.id);
            events.extend(["id: ", &cursor, "\nevent: call\ndata: ", &entry, "\n\n"]);
            if events.len() >= PIECE_BYTES {
                return Poll::Ready(Some(events.into()));
            }
        }
        self.place = page.next;
        if events.is_empty() { Poll::Pending } else { Poll::Ready(Some(events.into())) }
    }
}
