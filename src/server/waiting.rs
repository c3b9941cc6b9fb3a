//! Answers that wait for calls to come: a verification, and the stream of events.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, header};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

use super::body::Payload;
use super::connection::{Shared, told};
use super::connection_state::{Phase, Pulse};
use crate::admin::{Events, Verify};
use crate::http::Reply;

/// How often a silent stream says that it is still there.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// The verdict, as soon as the count holds or the time is up.
pub async fn verify(mut verify: Box<Verify>, shared: &Shared) -> Reply {
    let deadline = Instant::now() + verify.wait();
    let mut stopping = false;
    loop {
        // waits before it checks, so that no call slips in between
        let mut taken_down = pin!(shared.taken_down.notified());
        taken_down.as_mut().enable();
        let time_is_up = stopping || Instant::now() >= deadline;
        if let Some(reply) = verify.check(&shared.sandbox, time_is_up) {
            return reply;
        }
        tokio::select! {
            () = taken_down => {}
            () = sleep_until(deadline) => {}
            () = told(shared.stopped.clone()) => stopping = true,
        }
    }
}

/// A stream of events that ends with its reader or the server.
pub fn stream(
    mut events: Events,
    shared: Arc<Shared>,
    pulse: &Arc<Pulse>,
) -> hyper::Response<Payload> {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        // the first bytes tell the reader that it is connected
        let mut text = String::from(": connected\n\n");
        loop {
            if !text.is_empty() {
                tokio::select! {
                    sent = sender.send(Bytes::from(text)) => if sent.is_err() { return },
                    () = told(shared.stopped.clone()) => return,
                }
            }
            let mut taken_down = pin!(shared.taken_down.notified());
            taken_down.as_mut().enable();
            text = events.take(&shared.sandbox);
            if !text.is_empty() {
                continue;
            }
            tokio::select! {
                () = taken_down => {}
                () = sleep(KEEPALIVE) => text = String::from(": still here\n\n"),
                () = sender.closed() => return,
                () = told(shared.stopped.clone()) => return,
            }
        }
    });
    let mut response =
        hyper::Response::new(Payload::stream(receiver, pulse.keep(Phase::Streaming)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
