//! How long a connection may wait for what comes next. One timer, which is moved only when a
//! deadline comes before it, so that an ordinary call costs one look at the clock.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::time::{Instant, Sleep, sleep_until};

use super::connection_state::Phase;
use super::connections::Opened;
use super::limits::Limits;

/// What did not come in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Late {
    /// The first byte of a connection's first request.
    FirstByte,
    /// The next request of a connection that had one.
    NextCall,
    /// The rest of a head.
    Head,
    /// The next bytes of a body.
    BodyPause,
    /// The end of a body.
    Body,
    /// A client who reads its answer.
    Reader,
}

/// Watches over one connection.
pub struct Deadline {
    limits: Limits,
    timer: Pin<Box<Sleep>>,
    /// Whether the timer will wake the task as it is set; it need not be polled again before it is
    /// due, since a task keeps its waker.
    armed: bool,
    seen: Seen,
    /// When the phase began that was last seen.
    began: Instant,
    /// When something was last read or written in it.
    progressed: Instant,
    /// When the first byte of a head came.
    head_began: Option<Instant>,
}

/// What tells one look from the next.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Seen {
    phase: Phase,
    calls: u64,
    bytes: u64,
    written: u64,
}

impl Seen {
    fn of(opened: &Opened) -> Self {
        let pulse = &opened.pulse;
        Self {
            phase: pulse.phase(),
            calls: pulse.calls(),
            bytes: pulse.bytes(),
            written: pulse.written(),
        }
    }
}

impl Deadline {
    /// For a connection that has just been accepted.
    pub fn new(opened: &Opened, limits: Limits) -> Self {
        let now = Instant::now();
        let timer = Box::pin(sleep_until(after(now, limits.head_time)));
        let seen = Seen::of(opened);
        Self { limits, timer, armed: false, seen, began: now, progressed: now, head_began: None }
    }

    /// To be asked whenever the connection has been polled: ready when something did not come in
    /// time.
    pub fn poll(&mut self, opened: &Opened, context: &mut Context<'_>) -> Poll<Late> {
        self.look(opened);
        if let Some((deadline, _)) = self.next()
            && deadline < self.timer.deadline()
        {
            self.timer.as_mut().reset(deadline);
            self.armed = false;
        }
        if self.armed && !self.timer.is_elapsed() {
            return Poll::Pending;
        }
        self.armed = true;
        while self.timer.as_mut().poll(context).is_ready() {
            let now = Instant::now();
            let deadline = match self.next() {
                Some((deadline, late)) if deadline <= now => return Poll::Ready(late),
                Some((deadline, _)) => deadline,
                // nothing that begins from now on ends earlier than this
                None => after(now, self.limits.idle_time.min(self.limits.head_time)),
            };
            self.timer.as_mut().reset(deadline);
        }
        Poll::Pending
    }

    fn look(&mut self, opened: &Opened) {
        let now_seen = Seen::of(opened);
        if now_seen == self.seen {
            return;
        }
        let now = Instant::now();
        let before = std::mem::replace(&mut self.seen, now_seen);
        self.progressed = now;
        if now_seen.phase != before.phase || now_seen.calls != before.calls {
            self.began = now;
            self.head_began = None;
            match now_seen.phase {
                Phase::Waiting => opened.pulse.wait_since(opened.since_began_us(now)),
                _ => opened.pulse.is_busy(),
            }
        } else if now_seen.phase == Phase::Waiting && now_seen.bytes != before.bytes {
            self.head_began.get_or_insert(now);
        }
    }

    /// What has to come next, and until when.
    fn next(&self) -> Option<(Instant, Late)> {
        let limits = &self.limits;
        match self.seen.phase {
            Phase::Waiting => Some(match self.head_began {
                Some(began) => (after(began, limits.head_time), Late::Head),
                None if self.seen.calls == 0 => {
                    (after(self.began, limits.head_time), Late::FirstByte)
                }
                None => (after(self.began, limits.idle_time), Late::NextCall),
            }),
            Phase::Body => {
                let pause = (after(self.progressed, limits.body_pause), Late::BodyPause);
                let whole = (after(self.began, limits.body_time), Late::Body);
                Some(if pause.0 < whole.0 { pause } else { whole })
            }
            Phase::Unread => Some((after(self.progressed, limits.idle_time), Late::Reader)),
            Phase::Answering | Phase::Streaming => None,
        }
    }
}

/// A time that far from another; a year at most, which no clock runs out of.
fn after(start: Instant, time: std::time::Duration) -> Instant {
    start + time.min(std::time::Duration::from_hours(24 * 365))
}
