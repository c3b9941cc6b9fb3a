//! What one connection is doing: noted by its socket and its calls, read by its task and by the
//! accept loop when it needs room.
//!
//! All of a connection runs in one task, so that nothing here orders anything between threads.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use super::fault::Faulty;

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Phase {
    /// It has nothing to do until the next request's head is there.
    Waiting,
    /// A request's body is being read.
    Body,
    /// A call is being answered.
    Answering,
    /// An answer is being sent to a client who does not read it.
    Unread,
    /// Events are being sent to a reader who may stay for ever.
    Streaming,
}

impl Phase {
    const ALL: [Self; 5] =
        [Self::Waiting, Self::Body, Self::Answering, Self::Unread, Self::Streaming];
}

/// One connection's doings.
#[derive(Debug)]
pub struct Pulse {
    phase: AtomicU8,
    /// How many heads were read.
    calls: AtomicU64,
    /// How many bytes were read.
    bytes: AtomicU64,
    /// How many bytes were written.
    written: AtomicU64,
    /// Whether the last write has to wait for the client to read.
    blocked: AtomicBool,
    /// Whether a TLS client is on the other side.
    tls: AtomicBool,
    /// Whether an answer was given before its request was read in full.
    early: AtomicBool,
    /// Since when it has been waiting, in microseconds of the server's time; `BUSY` if it is not.
    waiting_since_us: AtomicU64,
    /// A faulty answer, on its way from the call to the task; whether there is one stands beside
    /// it, so that the lock is taken for those only.
    fault: Mutex<Option<Faulty>>,
    has_fault: AtomicBool,
    make_room: Notify,
    /// Whether it was asked to make room since somebody last looked.
    asked_for_room: AtomicBool,
}

const BUSY: u64 = u64::MAX;

impl Pulse {
    /// A connection that has just been accepted.
    pub fn new(now_us: u64) -> Self {
        Self {
            phase: AtomicU8::new(Phase::Waiting as u8),
            calls: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            written: AtomicU64::new(0),
            blocked: AtomicBool::new(false),
            tls: AtomicBool::new(false),
            early: AtomicBool::new(false),
            waiting_since_us: AtomicU64::new(now_us),
            fault: Mutex::new(None),
            has_fault: AtomicBool::new(false),
            make_room: Notify::new(),
            asked_for_room: AtomicBool::new(false),
        }
    }

    /// What it is doing.
    pub fn phase(&self) -> Phase {
        match Phase::ALL[usize::from(self.phase.load(Relaxed))] {
            // what was answered may not have left yet
            Phase::Waiting if self.blocked.load(Relaxed) => Phase::Unread,
            phase => phase,
        }
    }

    /// Notes that it now does something else.
    pub fn enter(&self, phase: Phase) {
        self.phase.store(phase as u8, Relaxed);
    }

    /// Enters a phase that lasts until what is given here is dropped.
    pub fn keep(self: &Arc<Self>, phase: Phase) -> Kept {
        self.enter(phase);
        Kept(Arc::clone(self))
    }

    /// Notes that a head was read.
    pub fn call(&self) {
        self.calls.store(self.calls() + 1, Relaxed);
    }

    /// How many heads were read.
    pub fn calls(&self) -> u64 {
        self.calls.load(Relaxed)
    }

    /// Notes what was read from the socket.
    pub fn read(&self, bytes: &[u8]) {
        let before = self.bytes();
        // a handshake record of TLS, of any version
        if before == 0 && bytes.starts_with(&[0x16, 0x03]) {
            self.tls.store(true, Relaxed);
        }
        self.bytes.store(before + bytes.len() as u64, Relaxed);
    }

    /// How many bytes were read.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Relaxed)
    }

    /// Notes that so much was written, or that it has to wait (`None`).
    pub fn wrote(&self, bytes: Option<usize>) {
        self.blocked.store(bytes.is_none(), Relaxed);
        self.written.store(self.written() + bytes.unwrap_or(0) as u64, Relaxed);
    }

    /// How many bytes were written.
    pub fn written(&self) -> u64 {
        self.written.load(Relaxed)
    }

    /// Whether a TLS client is on the other side.
    pub fn is_tls(&self) -> bool {
        self.tls.load(Relaxed)
    }

    /// Notes that the answer comes before the request was read in full.
    pub fn answer_early(&self) {
        self.early.store(true, Relaxed);
    }

    /// Whether an answer was given before its request was read in full.
    pub fn answered_early(&self) -> bool {
        self.early.load(Relaxed)
    }

    /// Notes since when it has been waiting, for the accept loop to see.
    pub fn wait_since(&self, now_us: u64) {
        self.waiting_since_us.store(now_us, Relaxed);
    }

    /// Notes that it is not waiting, for the accept loop to see.
    pub fn is_busy(&self) {
        self.waiting_since_us.store(BUSY, Relaxed);
    }

    /// Since when it has been waiting, if it is.
    pub fn waiting_since_us(&self) -> Option<u64> {
        Some(self.waiting_since_us.load(Relaxed)).filter(|since| *since != BUSY)
    }

    /// Hands a faulty answer to the task.
    pub fn spoil(&self, faulty: Faulty) {
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(faulty);
        self.has_fault.store(true, Relaxed);
    }

    /// The faulty answer, once.
    pub fn take_spoiled(&self) -> Option<Faulty> {
        (self.has_fault.load(Relaxed) && self.has_fault.swap(false, Relaxed))
            .then(|| self.fault.lock().unwrap_or_else(PoisonError::into_inner).take())?
    }

    /// Asks it to make room, which it does if it is still waiting for a call.
    pub fn ask_for_room(&self) {
        self.asked_for_room.store(true, Relaxed);
        self.make_room.notify_one();
    }

    /// Whether it was asked to make room since this was last looked at.
    pub fn take_asked_for_room(&self) -> bool {
        self.asked_for_room.load(Relaxed) && self.asked_for_room.swap(false, Relaxed)
    }

    /// Ready once it is asked to make room.
    pub async fn asked_for_room(&self) {
        self.make_room.notified().await;
    }
}

/// A phase that lasts until this is dropped; then the connection waits for the next call.
#[derive(Debug)]
pub struct Kept(Arc<Pulse>);

impl Drop for Kept {
    fn drop(&mut self) {
        self.0.enter(Phase::Waiting);
    }
}
