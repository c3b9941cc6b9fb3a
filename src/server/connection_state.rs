//! What one connection is doing. Its socket and its calls record it, its task and the accept loop
//! read it.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use tokio::time::Instant;

use super::client_watch::{ClientWatch, Watch};
use super::held_memory::{Account, HeldMemory};
use super::limits::LateRequest;
use super::undelivered::Undelivered;
use crate::http::{Fault, Reply};

/// How long nothing of a call may move before its connection can give way to others.
const MAX_PAUSE: Duration = Duration::from_secs(1);

/// How long a call may be under way until then, however much of it moves: a client that reads or sends a few
/// bytes now and then waits too.
const MAX_CALL_TIME: Duration = Duration::from_secs(5);

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Activity {
    /// Waiting for a request, whose head may have come in part.
    #[default]
    Idle,
    ReadingBody,
    /// A call is under way, waits for its delay or is held for later calls; or the last answer is on its
    /// way before the connection closes.
    Answering,
    /// Sending an answer that takes its time: long, dripped or made in pieces.
    Sending,
    /// Waiting for the client to read an answer.
    WriteBlocked,
    /// Sending events, which may never end.
    Streaming,
    /// Playing a fault.
    Faulted,
}

impl Activity {
    /// What connections are counted by.
    pub(super) const NAMES: [&'static str; 5] =
        ["idle", "reading", "answering", "streaming", "faulted"];

    pub(super) fn name_index(self) -> usize {
        match self {
            Self::Idle => 0,
            Self::ReadingBody => 1,
            Self::Answering | Self::Sending | Self::WriteBlocked => 2,
            Self::Streaming => 3,
            Self::Faulted => 4,
        }
    }
}

/// The progress of a connection. If two polls find the same, nothing has happened between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Progress {
    pub(super) activity: Activity,
    /// Request heads that were read.
    pub(super) requests: u64,
    pub(super) bytes_read: u64,
    bytes_written: u64,
}

/// A fault to play on the socket instead of an answer.
#[derive(Debug)]
pub(super) struct FaultyReply {
    pub(super) fault: Fault,
    /// The answer that is not sent, or not in full.
    pub(super) reply: Reply,
    /// The memory of that answer.
    pub(super) held: HeldMemory,
    pub(super) undelivered: Option<Undelivered>,
}

/// An answer that is not written to its end.
#[derive(Debug, Default)]
pub(super) struct Unwritten {
    /// The report of its delivery, if it is reported.
    pub(super) undelivered: Option<Undelivered>,
    pub(super) held: HeldMemory,
}

/// What others need of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needed {
    Memory,
    /// Its place among the open connections.
    Place,
}

#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct ConnectionState {
    progress: Progress,
    /// Whether the last write waits for the client to read.
    is_blocked: bool,
    /// When the call came that is under way, or its head began to, as of the task's last poll.
    call_began: Instant,
    /// When something of it last moved, likewise.
    moved: Instant,
    /// Whether the first bytes were those of a TLS handshake.
    pub(super) is_tls: bool,
    /// Handed from the connection's task to the call: the body comes too slowly.
    pub(super) late_body: Option<LateRequest>,
    /// Whether an answer was given before its request was read in full.
    pub(super) answered_early: bool,
    /// When the connection last became idle, as of its task's last poll.
    idle_since: Instant,
    /// Its place in the order of idle connections. It may have been busy since, and be busy now.
    pub(super) idle_place: Option<Instant>,
    pub(super) fault: Option<Box<FaultyReply>>,
    /// Answers that hyper has in full and has not written, the oldest first, each with the number of bytes
    /// that are written with its end: `None` until the next write. Nearly always there is one.
    unwritten: VecDeque<(Option<u64>, Unwritten)>,
    close_requested: bool,
    /// What others need of the connection, which has to end if its call cannot.
    gives_way: Option<Needed>,
    /// Whether its place is needed, so that it closes without waiting for its client.
    pub(super) gives_place: bool,
    /// Whether the client has left while it was watched.
    pub(super) client_left: bool,
    /// Wakes the connection's task.
    pub(super) waker: Waker,
}

/// A connection's state. Its lock costs less than 1 % of a call.
#[derive(Debug, Clone)]
pub(super) struct StateHandle(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: Mutex<ConnectionState>,
    watch: ClientWatch,
    /// The memory of its bodies and answers.
    account: Account,
}

impl StateHandle {
    /// The state of a connection that has just been accepted.
    pub(super) fn new() -> Self {
        let now = Instant::now();
        let state = ConnectionState {
            progress: Progress::default(),
            is_blocked: false,
            call_began: now,
            moved: now,
            is_tls: false,
            late_body: None,
            answered_early: false,
            idle_since: now,
            idle_place: None,
            fault: None,
            unwritten: VecDeque::new(),
            close_requested: false,
            gives_way: None,
            gives_place: false,
            client_left: false,
            waker: Waker::noop().clone(),
        };
        Self(Arc::new(Inner {
            state: Mutex::new(state),
            watch: ClientWatch::default(),
            account: Account::default(),
        }))
    }

    /// The memory of its bodies and answers.
    pub(super) fn account(&self) -> &Account {
        &self.0.account
    }

    /// Whether both are the state of one connection.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Waits until others need something of the connection, which the call then gives back.
    pub(super) async fn gives_way(&self) -> Needed {
        poll_fn(|_| self.lock().take_needed().map_or(Poll::Pending, Poll::Ready)).await
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, ConnectionState> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Watches whether the client leaves while a call waits, until the guard is dropped.
    pub(super) fn watch_client(&self) -> WatchGuard {
        self.0.watch.set(Watch::Watched);
        WatchGuard(self.clone())
    }

    /// Keeps from hyper that the client has shut down its side, until the guard is dropped: it would drop a call that
    /// another thread makes.
    pub(super) fn hide_end(&self) -> WatchGuard {
        self.0.watch.set(Watch::Hidden);
        WatchGuard(self.clone())
    }

    pub(super) fn is_watched(&self) -> bool {
        self.0.watch.is(Watch::Watched)
    }

    pub(super) fn hides_end(&self) -> bool {
        self.0.watch.is(Watch::Hidden)
    }

    /// Notes that the body of the call comes too slowly; `false` if that was noted already.
    pub(super) fn set_late_body(&self, late: LateRequest) -> bool {
        self.lock().late_body.replace(late).is_none()
    }

    /// Sets the activity; returns the one before.
    pub(super) fn replace(&self, activity: Activity) -> Activity {
        let mut state = self.lock();
        let before = state.progress.activity;
        state.set(activity);
        before
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
            Activity::Idle | Activity::Sending | Activity::Streaming if self.is_blocked => {
                Progress { activity: Activity::WriteBlocked, ..self.progress }
            }
            _ => self.progress,
        }
    }

    /// What the connection is doing, whether or not its client reads.
    pub(super) fn activity(&self) -> Activity {
        self.progress.activity
    }

    /// Since when the connection has been idle; `None` if it is not.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        (self.progress().activity == Activity::Idle).then_some(self.idle_since)
    }

    /// Records when the connection became idle.
    pub(super) fn set_idle_since(&mut self, now: Instant) {
        self.idle_since = now;
    }

    /// Whether it is idle and has no place in the order.
    pub(super) fn needs_idle_place(&self) -> bool {
        self.idle_place.is_none() && self.idle_since().is_some()
    }

    pub(super) fn set(&mut self, activity: Activity) {
        self.progress.activity = activity;
    }

    /// Records that a call came, or that its head begins to.
    pub(super) fn begin_call(&mut self, now: Instant) {
        self.call_began = now;
    }

    /// Records that something moved.
    pub(super) fn record_move(&mut self, now: Instant) {
        self.moved = now;
    }

    /// When the call came that is under way, if it may give way to others: nothing of it moves, or it takes
    /// too long.
    pub(super) fn waits_since(&self, now: Instant) -> Option<Instant> {
        let waits = now.saturating_duration_since(self.moved) >= MAX_PAUSE
            || now.saturating_duration_since(self.call_began) >= MAX_CALL_TIME;
        (waits && self.gives_way.is_none()).then_some(self.call_began)
    }

    /// Hands a fault to the connection's task.
    pub(super) fn play(&mut self, fault: FaultyReply) {
        // the task stops recording what moves
        let now = Instant::now();
        (self.call_began, self.moved) = (now, now);
        self.set(Activity::Faulted);
        self.fault = Some(Box::new(fault));
    }

    /// Records that a request head was read.
    pub(super) fn begin_request(&mut self) {
        self.progress.requests += 1;
        // what was asked of the call before
        (self.gives_way, self.gives_place) = (None, false);
        self.set(Activity::ReadingBody);
    }

    pub(super) fn record_read(&mut self, bytes: &[u8]) {
        if self.progress.bytes_read == 0 {
            // a handshake record, of any version of TLS
            self.is_tls = bytes.starts_with(&[0x16, 0x03]);
        }
        self.progress.bytes_read += bytes.len() as u64;
    }

    /// Keeps an answer that hyper has in full until it is written.
    pub(super) fn wait_until_written(&mut self, unwritten: Unwritten) {
        self.unwritten.push_back((None, unwritten));
    }

    /// Records that all answers so far end with what is written next.
    pub(super) fn begin_write(&mut self, bytes: usize) {
        let end = self.progress.bytes_written + bytes as u64;
        for (known, _) in self.unwritten.iter_mut().rev().take_while(|(known, _)| known.is_none()) {
            *known = Some(end);
        }
    }

    /// Returns the next answer that is written to its end.
    pub(super) fn next_written(&mut self) -> Option<Unwritten> {
        let (end, _) = self.unwritten.front()?;
        let is_written = end.is_some_and(|end| end <= self.progress.bytes_written);
        if !is_written {
            return None;
        }
        self.unwritten.pop_front().map(|(_, unwritten)| unwritten)
    }

    /// Returns what will not be delivered any more.
    pub(super) fn take_undelivered(&mut self) -> Vec<Undelivered> {
        let fault = self.fault.take().and_then(|fault| fault.undelivered);
        let unwritten = self.unwritten.drain(..).filter_map(|(_, one)| one.undelivered);
        unwritten.chain(fault).collect()
    }

    /// Records a write of `bytes`; `None` if it would block.
    pub(super) fn record_write(&mut self, bytes: Option<usize>) {
        match bytes {
            Some(bytes) => {
                self.is_blocked = false;
                self.progress.bytes_written += bytes as u64;
            }
            None => self.is_blocked = true,
        }
    }

    /// Asks the connection's task to close the connection if no call is under way.
    pub(super) fn request_close(&mut self) {
        self.close_requested = true;
        self.waker.wake_by_ref();
    }

    /// Asks the call, else the connection's task, to give back what others need.
    pub(super) fn give_way(&mut self, needed: Needed) {
        self.gives_way = Some(needed);
        self.waker.wake_by_ref();
    }

    /// Takes what others need, if the call has not given it back.
    pub(super) fn take_needed(&mut self) -> Option<Needed> {
        let needed = self.gives_way.take();
        self.gives_place |= needed == Some(Needed::Place);
        needed
    }

    /// Whether to close the connection; forgets the request if a call is under way.
    pub(super) fn take_close_request(&mut self) -> bool {
        std::mem::take(&mut self.close_requested)
            && (self.progress().activity == Activity::Idle
                || self.progress.activity == Activity::Streaming)
    }
}

/// Keeps the client of a connection watched, or its end hidden.
#[derive(Debug)]
pub(super) struct WatchGuard(StateHandle);

impl Drop for WatchGuard {
    fn drop(&mut self) {
        self.0.0.watch.set(Watch::None);
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
