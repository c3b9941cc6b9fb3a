//! The thread for calls that can take as long as hundreds of others, since their bodies are long. They are made one at
//! a time, while all others go on: but for those of the same tenant, which wait for their end.

use std::sync::Arc;

use tokio::sync::futures::Notified;
use tokio::sync::{Notify, Semaphore, SemaphorePermit};

use super::worker::{JobHandle, JobState, Worker};

pub(super) struct LongCalls {
    /// A permit for the call whose turn it is, until the memory of its answer is taken.
    turn: Semaphore,
    /// One thread, so that one call at a time takes much memory, and of one heap.
    thread: Arc<Worker>,
    /// Woken whenever something has ended that calls of the same tenant may wait for.
    ended: Notify,
}

impl Default for LongCalls {
    fn default() -> Self {
        let (thread, ended) = Default::default();
        Self { turn: Semaphore::new(1), thread, ended }
    }
}

impl LongCalls {
    /// Waits for the turn of a call.
    pub(super) async fn turn(&self) -> SemaphorePermit<'_> {
        self.turn.acquire().await.expect("BUG: it is never closed")
    }

    /// Makes a call on the thread; `None` if the server ends.
    pub(super) fn start<T: Send + 'static>(
        &self,
        call: impl FnOnce() -> T + Send + 'static,
    ) -> JobHandle<T> {
        let mut call = Some(call);
        self.thread.start(move |_| {
            let call = call.take().expect("BUG: it is looked at once");
            JobState::Done(call())
        })
    }

    /// Wakes the calls that wait for one of their tenant.
    pub(super) fn note_end(&self) {
        self.ended.notify_waiters();
    }

    /// Waits for the next end, from when this is called.
    pub(super) fn ended(&self) -> Notified<'_> {
        self.ended.notified()
    }

    /// Ends the thread after the call that it makes.
    pub(super) fn close(&self) {
        self.thread.close();
    }
}
