//! What a connection does when its client closes its sending side during a call.

use std::sync::atomic::{AtomicU8, Ordering};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Watch {
    /// hyper finds the end when it reads, and drops the call.
    None,
    /// It is looked for, also behind the start of the next request.
    Watched,
    /// It is kept back until there is an answer.
    Hidden,
}

/// A [`Watch`] that is looked at with each read and write.
#[derive(Debug)]
pub(super) struct ClientWatch(AtomicU8);

impl Default for ClientWatch {
    fn default() -> Self {
        Self(AtomicU8::new(Watch::None as u8))
    }
}

impl ClientWatch {
    pub(super) fn set(&self, watch: Watch) {
        self.0.store(watch as u8, Ordering::Relaxed);
    }

    pub(super) fn is(&self, watch: Watch) -> bool {
        self.0.load(Ordering::Relaxed) == watch as u8
    }
}
