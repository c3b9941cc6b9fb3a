//! Responses that wait for later calls: deferred replies and event streams.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, header};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

use super::body::ReplyBody;
use super::connection_state::{Activity, StateHandle};
use super::handler::{Deferred, EventSource, TimeLeft, contain_panic};
use super::shared::Shared;
use crate::http::Reply;

/// How often a comment is sent on a stream without events.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// Read by nginx and by proxies that follow it.
const NO_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Waits until a reply is ready, its time is up or the server shuts down.
pub(super) async fn wait(mut deferred: Deferred, shared: &Shared) -> Reply {
    let deadline = Instant::now() + deferred.timeout;
    loop {
        // registered before the check, so that no change is missed in between
        let mut changed = pin!(shared.changed.notified());
        changed.as_mut().enable();
        let is_over = shared.shutdown.has_started() || Instant::now() >= deadline;
        let time_left = if is_over { TimeLeft::None } else { TimeLeft::Some };
        match contain_panic(|| (deferred.poll)(time_left)) {
            Some(Some(reply)) => return reply,
            Some(None) => {}
            None => return shared.handler.panic_reply(),
        }
        tokio::select! {
            () = changed => {}
            () = sleep_until(deadline) => {}
            () = shared.shutdown.started() => {}
        }
    }
}

/// Streams events until the client leaves or the server shuts down.
pub(super) fn stream(
    mut events: EventSource,
    shared: Arc<Shared>,
    state: &StateHandle,
) -> hyper::Response<ReplyBody> {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        // the first bytes tell the client that it is connected
        let mut text = String::from(": connected\n\n");
        loop {
            if !text.is_empty() {
                tokio::select! {
                    sent = sender.send(Bytes::from(text)) => if sent.is_err() { return },
                    () = shared.shutdown.started() => return,
                }
            }
            let mut changed = pin!(shared.changed.notified());
            changed.as_mut().enable();
            text = events();
            if !text.is_empty() {
                continue;
            }
            tokio::select! {
                () = changed => {}
                () = sleep(KEEPALIVE) => text = String::from(": still here\n\n"),
                () = sender.closed() => return,
                () = shared.shutdown.started() => return,
            }
        }
    });
    stream_head(ReplyBody::stream(receiver, state.set_while(Activity::Streaming)))
}

/// Returns the answer that streams events with this body.
pub(super) fn stream_head(body: ReplyBody) -> hyper::Response<ReplyBody> {
    let mut response = hyper::Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    // nginx would hold back events until it has a buffer full of them
    headers.insert(NO_BUFFERING, HeaderValue::from_static("no"));
    response
}
