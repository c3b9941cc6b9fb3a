//! How long a connection may wait for its client.
//!
//! A connection has one timer, which is moved only when a deadline comes before it, and the clock is
//! read once each time the task runs. A timer for each deadline would be set anew several times a
//! call. `tests/integration/limits` holds every deadline.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use super::connection_state::{Activity, ConnectionState, Progress};
use super::held_memory::WAITING_BYTES;
use super::limits::{LateRequest, Limits};

/// What a client did not do in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Timeout {
    /// Begin a request.
    Idle,
    /// Finish a request.
    Late(LateRequest),
    /// Read an answer.
    Read,
    /// Send anything: the connection goes on, and gives back its buffers.
    Quiet,
}

pub(super) struct Timeouts {
    limits: Limits,
    timer: Pin<Box<Sleep>>,
    /// The progress at the last poll.
    seen: Progress,
    /// When the current activity began.
    began: Instant,
    /// When something was last read or written.
    progressed: Instant,
    /// When the first byte of a head came.
    head_began: Option<Instant>,
    /// How many bytes had been read before.
    before_head: u64,
    /// Whether the connection has no buffers, or has got them back for bytes that were read before.
    is_quiet: bool,
}

impl Timeouts {
    /// The timeouts of a connection that has just been accepted.
    pub(super) fn new(limits: Limits) -> Self {
        let now = Instant::now();
        let timer = Box::pin(sleep_until(after(now, limits.head_time)));
        let seen = Progress::default();
        Self {
            limits,
            timer,
            seen,
            began: now,
            progressed: now,
            head_began: None,
            before_head: 0,
            is_quiet: false,
        }
    }

    /// Checks the deadlines; ready when one has passed.
    pub(super) fn poll(
        &mut self,
        state: &mut ConnectionState,
        context: &mut Context<'_>,
    ) -> Poll<Timeout> {
        self.observe(state);
        if let Some((deadline, _)) = self.next()
            && deadline < self.timer.deadline()
        {
            self.timer.as_mut().reset(deadline);
        }
        while self.timer.as_mut().poll(context).is_ready() {
            let now = Instant::now();
            let deadline = match self.next() {
                Some((deadline, timeout)) if deadline <= now => return Poll::Ready(timeout),
                Some((deadline, _)) => deadline,
                // no wait that begins from now on ends earlier than this
                None => {
                    let Limits { idle_time, head_time, quiet_time, .. } = self.limits;
                    after(now, idle_time.min(head_time).min(quiet_time))
                }
            };
            self.timer.as_mut().reset(deadline);
        }
        Poll::Pending
    }

    /// How much memory a head that has begun and not ended may take, in bytes. hyper reads a short one
    /// into its first buffer, and makes a larger one for others.
    pub(super) fn head_bytes(&self) -> usize {
        let read = self.seen.bytes_read - self.before_head;
        match self.head_began {
            None => 0,
            Some(_) if read < WAITING_BYTES as u64 => WAITING_BYTES,
            Some(_) => self.limits.head_bytes,
        }
    }

    /// Sets whether the connection has given back its buffers.
    pub(super) fn set_quiet(&mut self, is_quiet: bool) {
        self.is_quiet = is_quiet;
        self.progressed = Instant::now();
    }

    fn observe(&mut self, state: &mut ConnectionState) {
        let progress = state.progress();
        if progress == self.seen {
            return;
        }
        let now = Instant::now();
        let before = std::mem::replace(&mut self.seen, progress);
        (self.progressed, self.is_quiet) = (now, false);
        state.record_move(now);
        if progress.requests != before.requests {
            state.begin_call(now);
        }
        if progress.activity != before.activity || progress.requests != before.requests {
            self.began = now;
            self.head_began = None;
            state.set_idle_since(now);
        } else if progress.activity == Activity::Idle
            && progress.bytes_read != before.bytes_read
            && self.head_began.is_none()
        {
            (self.head_began, self.before_head) = (Some(now), before.bytes_read);
            state.begin_call(now);
        }
    }

    /// Returns what the client has to do next, and until when.
    fn next(&self) -> Option<(Instant, Timeout)> {
        let limits = &self.limits;
        match self.seen.activity {
            Activity::Idle => {
                if let Some(began) = self.head_began {
                    let late = Timeout::Late(LateRequest::Head);
                    return Some((after(began, limits.head_time), late));
                }
                let is_new = self.seen.requests == 0;
                let idle =
                    after(self.began, if is_new { limits.head_time } else { limits.idle_time });
                let quiet = after(self.progressed, limits.quiet_time);
                Some(if self.is_quiet || idle <= quiet {
                    (idle, Timeout::Idle)
                } else {
                    (quiet, Timeout::Quiet)
                })
            }
            Activity::ReadingBody => {
                let pause = after(self.progressed, limits.body_pause);
                let whole = after(self.began, limits.body_time);
                Some(if pause < whole {
                    (pause, Timeout::Late(LateRequest::BodyPause))
                } else {
                    (whole, Timeout::Late(LateRequest::Body))
                })
            }
            Activity::WriteBlocked => {
                Some((after(self.progressed, limits.idle_time), Timeout::Read))
            }
            Activity::Answering | Activity::Sending | Activity::Streaming | Activity::Faulted => {
                None
            }
        }
    }
}

/// Adds a duration capped at one year, so that the addition cannot overflow.
fn after(start: Instant, time: Duration) -> Instant {
    start + time.min(Duration::from_hours(24 * 365))
}
