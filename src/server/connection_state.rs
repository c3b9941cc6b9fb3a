//! What one connection is doing. Its socket and its calls record it, its task and the accept loop
//! read it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use tokio::time::Instant;

use super::timeouts::Timeout;
use crate::http::{Fault, Reply};

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Activity {
    /// Waiting for a request, whose head may have come in part.
    #[default]
    Idle,
    ReadingBody,
    Answering,
    /// Waiting for the client to read an answer.
    WriteBlocked,
    /// Sending events, which may go on for ever.
    Streaming,
}

/// How far a connection has come. If two polls find the same, nothing has happened between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Progress {
    pub(super) activity: Activity,
    /// Request heads that were read.
    pub(super) requests: u64,
    pub(super) bytes_read: u64,
    pub(super) bytes_written: u64,
}

/// A fault to play on the socket instead of an answer.
#[derive(Debug)]
pub(super) struct FaultyReply {
    pub(super) fault: Fault,
    /// The answer that is not sent, or not in full.
    pub(super) reply: Reply,
}

#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct ConnectionState {
    progress: Progress,
    /// Whether the last write waits for the client to read.
    write_blocked: bool,
    /// Whether the first bytes were those of a TLS handshake.
    pub(super) is_tls: bool,
    /// Handed from the connection's task to the call: the body comes too slowly.
    pub(super) late_body: Option<Timeout>,
    /// Whether an answer was given before its request was read in full.
    pub(super) answered_early: bool,
    /// Since when the connection has been idle, as of its task's last poll.
    pub(super) idle_since: Option<Instant>,
    /// Handed from the call to the connection's task.
    pub(super) fault: Option<FaultyReply>,
    close_requested: bool,
    /// Wakes the connection's task.
    pub(super) waker: Waker,
}

/// A connection's state. Its lock costs less than 1 % of a call.
#[derive(Debug, Clone)]
pub(super) struct StateHandle(Arc<Mutex<ConnectionState>>);

impl StateHandle {
    /// The state of a connection that has just been accepted.
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(ConnectionState {
            progress: Progress::default(),
            write_blocked: false,
            is_tls: false,
            late_body: None,
            answered_early: false,
            idle_since: Some(Instant::now()),
            fault: None,
            close_requested: false,
            waker: Waker::noop().clone(),
        })))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, ConnectionState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the activity until the guard is dropped; then the connection is idle.
    pub(super) fn set_while(&self, activity: Activity) -> ActivityGuard {
        self.lock().set(activity);
        ActivityGuard(self.clone())
    }
}

impl ConnectionState {
    pub(super) fn progress(&self) -> Progress {
        match self.progress.activity {
            Activity::Idle if self.write_blocked => {
                Progress { activity: Activity::WriteBlocked, ..self.progress }
            }
            _ => self.progress,
        }
    }

    pub(super) fn set(&mut self, activity: Activity) {
        self.progress.activity = activity;
    }

    /// Records that a request head was read.
    pub(super) fn begin_request(&mut self) {
        self.progress.requests += 1;
        self.set(Activity::ReadingBody);
    }

    pub(super) fn record_read(&mut self, bytes: &[u8]) {
        if self.progress.bytes_read == 0 {
            // a handshake record, of any version of TLS
            self.is_tls = bytes.starts_with(&[0x16, 0x03]);
        }
        self.progress.bytes_read += bytes.len() as u64;
    }

    /// Records a write of `bytes`; `None` if it would block.
    pub(super) fn record_write(&mut self, bytes: Option<usize>) {
        self.write_blocked = bytes.is_none();
        self.progress.bytes_written += bytes.unwrap_or(0) as u64;
    }

    /// Asks the connection's task to close the connection if no call is under way.
    pub(super) fn request_close(&mut self) {
        self.close_requested = true;
        self.waker.wake_by_ref();
    }

    /// Whether to close the connection; forgets the request if a call is under way.
    pub(super) fn take_close_request(&mut self) -> bool {
        std::mem::take(&mut self.close_requested)
            && matches!(self.progress().activity, Activity::Idle | Activity::Streaming)
    }
}

/// Keeps the activity of a connection; it is idle once this is dropped.
#[derive(Debug)]
pub(super) struct ActivityGuard(StateHandle);

impl Drop for ActivityGuard {
    fn drop(&mut self) {
        self.0.lock().set(Activity::Idle);
    }
}
