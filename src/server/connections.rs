//! All open connections: how many there may be, and which one is closed to make room.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::connection_state::StateHandle;

/// How often idle connections are asked again to close.
const RETRY: Duration = Duration::from_millis(50);

/// How long a client that has just connected has for its first bytes before its connection is
/// closed to make room.
const MIN_IDLE: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub(super) struct Connections {
    limit: usize,
    /// One more than the limit: a new connection is accepted before an idle one is closed for it.
    permits: Arc<Semaphore>,
    all: Mutex<HashMap<u64, StateHandle>>,
    next_id: AtomicU64,
    /// Notified whenever a connection closes.
    closed: Notify,
}

/// An open connection; it counts until this is dropped.
#[derive(Debug)]
pub(super) struct OpenConnection {
    pub(super) state: StateHandle,
    id: u64,
    connections: Arc<Connections>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Connections {
    pub(super) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            limit,
            permits: Arc::new(Semaphore::new(limit + 1)),
            all: Mutex::default(),
            next_id: AtomicU64::new(0),
            closed: Notify::new(),
        })
    }

    /// Waits for permission to accept a connection; closes idle ones until there is.
    pub(super) async fn permit(&self) -> OwnedSemaphorePermit {
        loop {
            if let Ok(permit) = timeout(RETRY, Arc::clone(&self.permits).acquire_owned()).await {
                return permit.expect("BUG: the semaphore is never closed");
            }
            self.close_longest_idle();
        }
    }

    /// Adds a connection; at the limit, the longest idle one is closed for it. Without a permit, it
    /// is one that the kernel accepted before a shutdown.
    pub(super) fn open(self: &Arc<Self>, permit: Option<OwnedSemaphorePermit>) -> OpenConnection {
        if self.all().len() >= self.limit {
            self.close_longest_idle();
        }
        let (id, state) = (self.next_id.fetch_add(1, Relaxed), StateHandle::new());
        self.all().insert(id, state.clone());
        OpenConnection { state, id, connections: Arc::clone(self), _permit: permit }
    }

    /// Asks the connection that has been idle longest to close, unless it has just been opened.
    pub(super) fn close_longest_idle(&self) {
        let all = self.all();
        let idle = all.values().filter_map(|state| Some((state.lock().idle_since?, state)));
        if let Some((since, state)) = idle.min_by_key(|(since, _)| *since) {
            let mut state = state.lock();
            if state.progress().bytes_read == 0 && since.elapsed() < MIN_IDLE {
                return;
            }
            state.request_close();
            // the next request goes to another connection
            state.idle_since = None;
        }
    }

    /// Closes each connection as soon as it is idle, until none is left.
    pub(super) async fn close_all(&self) {
        loop {
            self.all().values().for_each(|state| state.lock().request_close());
            if timeout(RETRY, self.all_closed()).await.is_ok() {
                return;
            }
        }
    }

    /// Waits until no connection is open.
    pub(super) async fn all_closed(&self) {
        while !self.all().is_empty() {
            self.closed.notified().await;
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<u64, StateHandle>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.connections.all().remove(&self.id);
        self.connections.closed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_has_just_been_opened_is_not_closed_to_make_room() {
        let connections = Connections::new(10);
        let connection = connections.open(None);
        connections.close_longest_idle();
        assert!(!connection.state.lock().take_close_request());
        let since = connection.state.lock().idle_since.unwrap();
        connection.state.lock().idle_since = since.checked_sub(MIN_IDLE);
        connections.close_longest_idle();
        assert!(connection.state.lock().take_close_request());
    }
}
