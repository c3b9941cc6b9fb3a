//! What the server needs of the application it serves. Names no hyper.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;

use crate::http::{Problem, Reply, Request};

/// An application: answers requests synchronously, without a runtime.
pub(crate) trait Handler: Send + Sync + 'static {
    fn handle(self: Arc<Self>, request: &Request) -> Response;

    /// Whether a request may take long: it is then handled on another thread, and calls go on meanwhile.
    fn takes_long(&self, request: &Request) -> bool;

    /// Returns the answer to a request that the server refused before it had read all of it. Its body is
    /// empty.
    fn refuse(&self, request: &Request, problem: &Problem) -> Reply;

    /// Returns the answer to a request whose handling panicked.
    fn panic_reply(&self) -> Reply;

    /// Whether the application checks the Host header of requests for this path itself.
    fn checks_host(&self, path: &str) -> bool;

    /// Returns headers for every answer to a request, whether the application or the server makes it.
    fn answer_headers(&self, path: &str, headers: &HeaderMap) -> HeaderMap;

    /// Has `notify` called whenever a deferred response may have become ready.
    fn on_change(&self, notify: Box<dyn Fn() + Send + Sync>);

    /// Does periodic work; runs on a thread that may block.
    fn do_periodic_work(&self);

    /// Reports itself as not ready from now on, while it still answers.
    fn set_stopping(&self);
}

/// What a handler returns.
pub(crate) enum Response {
    Reply(Reply),
    Deferred(Deferred),
    Events(EventSource),
}

/// A reply that depends on later calls, such as the verdict of a verification.
pub(crate) struct Deferred {
    /// How long to wait for the reply.
    pub(crate) timeout: Duration,
    /// Returns the reply if it is ready; always does when the time is up.
    pub(crate) poll: Box<dyn FnMut(TimeLeft) -> Option<Reply> + Send>,
}

/// Returns the server-sent events since the last call, empty if there are none.
pub(crate) type EventSource = Box<dyn FnMut() -> String + Send>;

/// Whether a deferred reply may still wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeLeft {
    Some,
    None,
}

/// Runs a call of a handler; a panic in it is logged and costs one request.
pub(super) fn contain_panic<T>(call: impl FnOnce() -> T) -> Option<T> {
    let result = catch_unwind(AssertUnwindSafe(call));
    if result.is_err() {
        tracing::error!("bug: the handler of a request panicked, and the request is answered 500");
    }
    result.ok()
}
