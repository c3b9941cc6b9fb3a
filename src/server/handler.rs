//! What the server needs of the application it serves. Names no hyper.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::HeaderMap;

use crate::http::{Arrival, DeliveryStatus, Problem, Progress, Receipt, Reply, Request};
use crate::memory::Budget;

/// An application: answers requests synchronously, without a runtime.
pub(crate) trait Handler: Send + Sync + 'static {
    fn handle(self: Arc<Self>, request: &Request, arrival: Arrival) -> Response;

    /// The same without waiting for what takes long: `None` if it would have to, and nothing has been done.
    fn handle_now(self: Arc<Self>, request: &Request, arrival: Arrival) -> Option<Response>;

    /// Says where a request is handled.
    fn thread_for(&self, request: &Request) -> ThreadChoice;

    /// Returns the answer to a request that the server refused before it had read all of it. Its body is
    /// empty.
    fn refuse(&self, request: &Request, arrival: Arrival, problem: &Problem) -> Reply;

    /// Records the delivery of the reply with this receipt.
    fn set_delivery(&self, receipt: Receipt, status: DeliveryStatus);

    /// Returns the answer to a request whose handling panicked.
    fn panic_reply(&self) -> Reply;

    /// Whether the application checks the Host header of requests for this path itself.
    fn checks_host(&self, path: &str) -> bool;

    /// Returns headers for every answer to a request, whether the application or the server makes it.
    fn answer_headers(&self, path: &str, headers: &HeaderMap) -> HeaderMap;

    /// Sets a function to call whenever a deferred response may have become ready.
    fn on_change(&self, notify: Box<dyn Fn() + Send + Sync>);

    /// Returns the memory for bodies and answers under way.
    fn connection_memory(&self) -> Arc<Budget>;

    /// Sets the function that counts the open connections by what they do.
    fn on_connections(&self, count: CountConnections);

    /// Does periodic work; runs on a thread that may block.
    fn do_periodic_work(&self);

    /// Reports itself as not ready from now on, while it still answers.
    fn set_stopping(&self);
}

/// Where a request is handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ThreadChoice {
    /// On the serving thread: it takes no longer than some hundred calls.
    Here,
    /// One at a time on a thread for calls that take longer.
    LongCalls,
    /// On other threads: it is no call.
    OtherThreads,
}

/// What a handler returns.
pub(crate) enum Response {
    Reply(Reply),
    Deferred(Deferred),
    Held(Arc<dyn WaitingCall>),
    Stream(Stream),
}

/// A call that waits until it is released. Dropping it means that its client has left.
pub(crate) trait WaitingCall: Send + Sync {
    /// When it is released at the latest.
    fn until(&self) -> Instant;

    /// The memory that it takes besides the body of its request, in bytes.
    fn kept_bytes(&self) -> usize;

    /// Whether to make it takes as long as hundreds of other calls.
    fn is_long(&self) -> bool;

    /// Returns the reply once it is made; `None` when it is released and its turn to be made. Pending, too, while
    /// something takes long that it would have to wait for.
    fn poll(&self, context: &mut Context<'_>) -> Poll<Option<Reply>>;

    /// Makes it, if it is its turn.
    fn make(&self);

    /// Releases it, so that its reply is ready soon.
    fn release(&self);
}

/// A reply that takes long to make or depends on later calls, such as the verdict of a verification.
pub(crate) struct Deferred {
    /// How long to wait for the reply.
    pub(crate) timeout: Duration,
    /// The memory that it takes at first, in bytes.
    pub(crate) kept_bytes: usize,
    /// Does a slice of the work, which takes no longer than some 50 calls, and returns the memory that is
    /// taken after it; does not wait any longer when the time is up.
    pub(crate) poll: PollDeferred,
}

pub(crate) type PollDeferred = Box<dyn FnMut(TimeLeft) -> (Progress<Reply>, usize) + Send>;

/// A reply whose body is made in pieces, each once the client has read the one before.
pub(crate) struct Stream {
    /// The reply without its body.
    pub(crate) head: Reply,
    pub(crate) next: NextPiece,
    /// What is sent when there was nothing for 15 s. A stream that has it may never end.
    pub(crate) keepalive: Option<&'static str>,
}

/// Returns the next piece of a body, of at most 64 KiB, with how many bytes are kept for those after it, and
/// `None` at its end; an empty one if there is more to do first; pending if it depends on later calls.
pub(crate) type NextPiece = Box<dyn FnMut() -> Poll<Option<(Bytes, usize)>> + Send>;

/// Counts the open connections by what they do, each with a name for that.
pub(crate) type CountConnections = Box<dyn Fn() -> Vec<(&'static str, usize)> + Send + Sync>;

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
