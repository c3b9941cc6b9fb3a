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
use super::limits::Limits;

/// What a client did not do in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Timeout {
    /// Send the first byte on a new connection.
    FirstByte,
    /// Begin another request.
    NextRequest,
    /// Finish a head.
    Head,
    /// Send more of a body.
    BodyPause,
    /// Finish a body.
    Body,
    /// Read an answer.
    Read,
}

impl Timeout {
    /// Says what did not happen in time.
    pub(super) fn describe(self, limits: &Limits) -> String {
        let Limits { head_time, body_pause, body_time, .. } = limits;
        match self {
            Self::Head => format!("the request head did not arrive within {head_time:?}"),
            Self::BodyPause => format!("no part of the request body arrived for {body_pause:?}"),
            Self::Body => format!("the request body did not arrive within {body_time:?}"),
            Self::FirstByte | Self::NextRequest => "no request arrived in time".to_owned(),
            Self::Read => "the answer was not read in time".to_owned(),
        }
    }
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
}

impl Timeouts {
    /// The timeouts of a connection that has just been accepted.
    pub(super) fn new(limits: Limits) -> Self {
        let now = Instant::now();
        let timer = Box::pin(sleep_until(after(now, limits.head_time)));
        let seen = Progress::default();
        Self { limits, timer, seen, began: now, progressed: now, head_began: None }
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
                None => after(now, self.limits.idle_time.min(self.limits.head_time)),
            };
            self.timer.as_mut().reset(deadline);
        }
        Poll::Pending
    }

    /// Whether a head has begun and not ended.
    pub(super) fn is_head_under_way(&self) -> bool {
        self.head_began.is_some()
    }

    fn observe(&mut self, state: &mut ConnectionState) {
        let progress = state.progress();
        if progress == self.seen {
            return;
        }
        let now = Instant::now();
        let before = std::mem::replace(&mut self.seen, progress);
        self.progressed = now;
        if progress.activity != before.activity || progress.requests != before.requests {
            self.began = now;
            self.head_began = None;
            state.set_idle_since(now);
        } else if progress.activity == Activity::Idle && progress.bytes_read != before.bytes_read {
            self.head_began.get_or_insert(now);
        }
    }

    /// Returns what the client has to do next, and until when.
    fn next(&self) -> Option<(Instant, Timeout)> {
        let limits = &self.limits;
        match self.seen.activity {
            Activity::Idle => Some(match self.head_began {
                Some(began) => (after(began, limits.head_time), Timeout::Head),
                None if self.seen.requests == 0 => {
                    (after(self.began, limits.head_time), Timeout::FirstByte)
                }
                None => (after(self.began, limits.idle_time), Timeout::NextRequest),
            }),
            Activity::ReadingBody => {
                let pause = (after(self.progressed, limits.body_pause), Timeout::BodyPause);
                let whole = (after(self.began, limits.body_time), Timeout::Body);
                Some(if pause.0 < whole.0 { pause } else { whole })
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
