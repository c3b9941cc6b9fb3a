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
use crate::journal::{CallRecord, Query, Walk};
use crate::world::TenantName;

/// The longest piece of the stream, in bytes.
const PIECE_BYTES: usize = 64 * 1024;

/// Read by nginx, which would hold back events until it has a buffer full of them, and by proxies that
/// follow it.
const NO_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// A reader of the journal and its place there.
#[derive(Debug)]
struct Events {
    walk: Walk,
    /// What was read and is not sent yet.
    events: Bytes,
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
    let walk = Walk::new(tenant, Query { since: place, ..Query::default() });
    // the first bytes tell the client that it is connected
    let events = Bytes::from_static(b": connected\n\n");
    Streamed {
        head: Reply::new(StatusCode::OK, "text/event-stream", "")
            .with_header(NO_BUFFERING, HeaderValue::from_static("no")),
        pieces: Box::new(Events { walk, events }),
        keepalive: Some(": still here\n\n"),
    }
}

impl Pieces for Events {
    /// The entries since the last piece as events.
    fn next(&mut self, sandbox: &Sandbox) -> Poll<Option<Bytes>> {
        if self.events.is_empty() {
            let slice = sandbox.journal.read_on(&mut self.walk);
            if slice.records.is_empty() && slice.is_last {
                return Poll::Pending;
            }
            let event = |record: &CallRecord| {
                let entry = serde_json::to_string(&RequestEntry::from(record))
                    .expect("BUG: plain data always becomes JSON");
                format!("id: {}\nevent: call\ndata: {entry}\n\n", sandbox.journal.cursor(record.id))
            };
            self.events = slice.records.iter().map(event).collect::<String>().into();
        }
        let length = self.events.len().min(PIECE_BYTES);
        Poll::Ready(Some(self.events.split_to(length)))
    }
}
