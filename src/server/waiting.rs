//! The calls that only wait, for a client, a time or later calls, and can give way to others: which have waited
//! for longest, and what memory they have.
//!
//! Nothing is noted when a call begins to wait. All connections are looked at when something is needed, but not
//! often, and what was found then serves until the next look: a call pays for none of it.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use super::connection_state::{Activity, StateHandle};

/// The least pause between two looks at all connections. A look at 10 000 takes about 2 ms.
const LOOK_PAUSE: Duration = Duration::from_millis(100);

/// What was found at the last look and has not been used since.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    looked: Option<Instant>,
    /// Those that wait, the longest first: since when, and the number of the connection.
    all: VecDeque<(Instant, u64)>,
    /// Those that have memory, likewise, with how much.
    holders: VecDeque<(Instant, u64, usize)>,
    /// All of that memory.
    held_bytes: usize,
    /// The one among them that has the place for a large answer.
    large_answer: Option<(Instant, u64)>,
}

impl Waiting {
    /// Looks at all connections, unless it was done a moment ago.
    pub(super) fn look(&mut self, connections: &HashMap<u64, StateHandle>) {
        let now = Instant::now();
        if self.looked.is_some_and(|looked| now - looked < LOOK_PAUSE) {
            return;
        }
        (self.looked, self.large_answer) = (Some(now), None);
        let (mut all, mut holders) = (Vec::new(), Vec::new());
        for (id, handle) in connections {
            let held_bytes = handle.account().bytes();
            let state = handle.lock();
            let activity = state.progress().activity;
            let Some(since) = state.waits_since(now) else { continue };
            // idle ones have an order of their own
            if activity != Activity::Idle {
                all.push((since, *id));
            }
            // a fault that is sent has its memory for a few seconds, and does not wait
            if held_bytes > 0 && activity != Activity::Faulted {
                holders.push((since, *id, held_bytes));
                if handle.account().has_place() {
                    self.large_answer = Some((since, *id));
                }
            }
        }
        all.sort_unstable();
        holders.sort_unstable();
        self.held_bytes = holders.iter().map(|(.., bytes)| bytes).sum();
        (self.all, self.holders) = (all.into(), holders.into());
    }

    /// Takes the connection that has waited longest and still does.
    pub(super) fn longest(
        &mut self,
        connections: &HashMap<u64, StateHandle>,
    ) -> Option<StateHandle> {
        loop {
            let (since, id) = self.all.pop_front()?;
            if let Some(handle) = connections.get(&id)
                && waits_still(handle, since)
            {
                return Some(handle.clone());
            }
        }
    }

    /// Takes the connection that has the place for a large answer, if it waits.
    pub(super) fn large_answer(
        &mut self,
        connections: &HashMap<u64, StateHandle>,
    ) -> Option<StateHandle> {
        let (since, id) = self.large_answer.take()?;
        let handle = connections.get(&id)?;
        (handle.account().has_place() && waits_still(handle, since)).then(|| handle.clone())
    }

    /// Takes those that have waited longest and together have so much memory; none if all have less.
    pub(super) fn holders_of(
        &mut self,
        bytes: usize,
        connections: &HashMap<u64, StateHandle>,
        asker: &StateHandle,
    ) -> Vec<StateHandle> {
        let (mut found, mut found_bytes) = (Vec::new(), 0);
        if self.held_bytes < bytes {
            return found;
        }
        while found_bytes < bytes
            && let Some((since, id, held_bytes)) = self.holders.pop_front()
        {
            self.held_bytes -= held_bytes;
            if let Some(handle) = connections.get(&id)
                && !handle.is(asker)
                && waits_still(handle, since)
            {
                found_bytes += handle.account().bytes();
                found.push(handle.clone());
            }
        }
        found
    }
}

/// Whether a connection still waits in the same call.
fn waits_still(handle: &StateHandle, since: Instant) -> bool {
    handle.lock().waits_since(Instant::now()) == Some(since)
}
