//! `events`: the journal and the switches as server-sent events, resumed where a reader left off. A switch
//! stands between the calls before and after it.

use std::task::Poll;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

use super::answer::{Pieces, Streamed};
use super::entry::RequestEntry;
use super::input::{self, Input, ParsedRequest};
use super::parameter::{Parameter, ParameterKind, Place, TENANT_NAME};
use super::switches::{SwitchEntry, concerns};
use crate::call::Sandbox;
use crate::http::{MAX_PIECE_BYTES, Problem, Reply};
use crate::journal::{CallRecord, Follow, Walk};
use crate::text::to_json;
use crate::world::TenantName;

/// Read by nginx, which would hold back events until it has a buffer full of them, and by proxies that
/// follow it.
const NO_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// A reader of the journal and of the log of switches, and its place in both.
#[derive(Debug)]
struct Events {
    tenant: Option<TenantName>,
    walk: Walk,
    /// The number of the last switch that was looked at.
    switch: u64,
    /// What was read and is not sent yet.
    events: Bytes,
    /// How long it was at first: its pieces share one memory, which is there until the last is sent.
    events_bytes: usize,
    /// The length of the last piece.
    piece_bytes: usize,
}

/// Where a reader starts, and whose calls it wants.
#[derive(Debug)]
pub(super) struct Subscription {
    tenant: Option<TenantName>,
    /// A cursor, as every event has one.
    last_event_id: Option<String>,
}

impl Input for Subscription {
    const PARAMETERS: &'static [Parameter] = &[
        Parameter::query("tenant", "Only what concerns this tenant, or `anonymous`.", TENANT_NAME),
        Parameter {
            name: "Last-Event-ID",
            place: Place::Header,
            description: "The id of the last event that was read; those after it follow.",
            kind: ParameterKind::Text,
        },
    ];

    fn read(parsed: &ParsedRequest) -> Result<Self, Problem> {
        let tenant = parsed.query.get("tenant").map(input::tenant_or_anonymous).transpose()?;
        let last_event_id = parsed.request.headers.get("last-event-id");
        let last_event_id =
            last_event_id.map(|id| String::from_utf8_lossy(id.as_bytes()).into_owned());
        Ok(Self { tenant, last_event_id })
    }
}

/// Opens a stream after `Last-Event-ID`, with the oldest entry if that is unknown; without one it starts
/// with the next call or switch.
pub(super) fn open(sandbox: &Sandbox, subscription: Subscription) -> Streamed {
    let Subscription { tenant, last_event_id } = subscription;
    let (journal, switches) = (&sandbox.journal, &sandbox.switches);
    let (since, switch) = match last_event_id {
        None => (None, Some(switches.last_number())),
        Some(cursor) => {
            let (place, switch) = journal.places(&cursor);
            (Some(place), switch)
        }
    };
    let walk = journal.follow(tenant.clone(), since, Follow::Delivered);
    // a cursor of the journal alone stands before the switches that came after its call
    let switch = switch.unwrap_or_else(|| switches.number_before(walk.place()));
    // the first bytes tell the client that it is connected
    let events = Bytes::from_static(b": connected\n\n");
    Streamed {
        head: Reply::new(StatusCode::OK, "text/event-stream", "")
            .with_header(NO_BUFFERING, HeaderValue::from_static("no")),
        pieces: Box::new(Events {
            tenant,
            walk,
            switch,
            events_bytes: events.len(),
            events,
            piece_bytes: 0,
        }),
        keepalive: Some(": still here\n\n"),
    }
}

impl Pieces for Events {
    /// The calls and switches since the last piece as events.
    fn next(&mut self, sandbox: &Sandbox) -> Poll<Option<Bytes>> {
        if self.events.is_empty() {
            let before = (self.walk.place(), self.switch);
            let (events, is_last) = self.next_events(sandbox);
            // no longer than what is counted
            self.events = events.into_boxed_str().into_boxed_bytes().into();
            self.events_bytes = self.events.len();
            let is_where_it_was = before == (self.walk.place(), self.switch);
            if self.events.is_empty() && is_last && is_where_it_was {
                return Poll::Pending;
            }
        }
        self.piece_bytes = self.events.len().min(MAX_PIECE_BYTES);
        Poll::Ready(Some(self.events.split_to(self.piece_bytes)))
    }

    fn kept_bytes(&self) -> usize {
        self.events_bytes - self.piece_bytes
    }
}

impl Events {
    /// Reads the next calls up to the next switch, or where that is now, the next switches up to a call.
    /// Returns them, and whether there are no more so far.
    fn next_events(&mut self, sandbox: &Sandbox) -> (String, bool) {
        // first, so that a switch which is noted meanwhile comes after what is read
        let last_call = sandbox.journal.last_id();
        let switches = sandbox.switches.after(self.switch);
        if switches.first().is_none_or(|next| next.after_call > self.walk.place()) {
            let last = switches.first().map_or(last_call, |next| next.after_call.min(last_call));
            let place = self.walk.place();
            let slice = sandbox.journal.read_on_to(&mut self.walk, last);
            let (completed, new) = slice.records.split_at(slice.completed);
            let event =
                |id: &str, record: &CallRecord| event(id, "call", &RequestEntry::from(record));
            // with the cursor of this place, so that a reader does not go back to that of the call
            let here = sandbox.journal.cursor_with_switch(place, self.switch);
            let again = completed.iter().map(|record| event(&here, record));
            // the cursor of a call says that the switches before it are read
            let new = new.iter().map(|record| event(&sandbox.journal.cursor(record.id), record));
            return (again.chain(new).collect(), slice.is_last);
        }
        let mut events = String::new();
        let place = self.walk.place();
        for next in switches.into_iter().take_while(|next| next.after_call <= place) {
            self.switch = next.number;
            if concerns(&next.switch, self.tenant.as_ref().map(TenantName::as_str)) {
                let id = sandbox.journal.cursor_with_switch(place, next.number);
                events += &event(&id, "switch", &SwitchEntry::from(&*next.switch));
            }
        }
        (events, false)
    }
}

fn event(id: &str, kind: &str, data: &impl Serialize) -> String {
    let data = to_json(data);
    format!("id: {id}\nevent: {kind}\ndata: {data}\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Config;
    use crate::http::DeliveryStatus;
    use crate::vendor::create_group;

    #[test]
    fn what_is_read_is_counted_until_its_last_piece_is_sent() {
        let sandbox = Sandbox::new(Config::default()).unwrap();
        for _ in 0..6 {
            // each byte takes six in an event
            let body = "\u{1}".repeat(16_000);
            let reply = sandbox.answer(&create_group::ENDPOINT.request(&[], "gnsb_a", body));
            sandbox.journal.set_delivery(reply.delivery.receipt.unwrap(), DeliveryStatus::Sent);
        }
        let subscription = Subscription { tenant: None, last_event_id: Some("0".into()) };
        let mut pieces = open(&sandbox, subscription).pieces;
        let mut counted = Vec::new();
        while let Poll::Ready(Some(piece)) = pieces.next(&sandbox) {
            counted.push((piece.len(), piece.len() + pieces.kept_bytes()));
        }
        let mut rest = counted.as_slice();
        let mut most = 0;
        while let [(_, whole), ..] = rest {
            let (mut sent, mut pieces) = (0, 0);
            while sent < *whole {
                assert_eq!(rest[pieces].1, *whole, "all that was read together: {counted:?}");
                sent += rest[pieces].0;
                pieces += 1;
            }
            most = most.max(pieces);
            rest = &rest[pieces..];
        }
        assert!(most > 2, "{counted:?}");
    }
}
