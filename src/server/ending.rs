//! The end of an answer, which comes when it is written.

use super::connection_state::{StateHandle, Unwritten};
use super::held_memory::HeldMemory;
use super::undelivered::Undelivered;

/// The memory of an answer and the report of its delivery. Hands both over to what waits until the answer is
/// written, once hyper has all of it: hyper drops the body then.
pub(super) struct Ending {
    unwritten: Unwritten,
    state: StateHandle,
}

impl Ending {
    /// The end of an answer, with its delivery if that is reported.
    pub(super) fn new(
        undelivered: Option<Undelivered>,
        held: HeldMemory,
        state: &StateHandle,
    ) -> Self {
        Self { unwritten: Unwritten { undelivered, held }, state: state.clone() }
    }

    /// Whether the answer takes no memory.
    pub(super) fn is_free(&self) -> bool {
        self.unwritten.held.is_free()
    }

    /// Returns what would be handed over: the answer is sent in another way.
    pub(super) fn take(mut self) -> Unwritten {
        std::mem::take(&mut self.unwritten)
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        let unwritten = std::mem::take(&mut self.unwritten);
        if unwritten.undelivered.is_some() || !unwritten.held.is_free() {
            self.state.lock().wait_until_written(unwritten);
        }
    }
}
