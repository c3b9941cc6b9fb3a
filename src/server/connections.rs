//! All open connections: how many there may be, and which ones give way to others.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::StatusCode;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use super::connection_state::{Activity, Needed, StateHandle};
use super::held_memory::HeldMemory;
use super::waiting::Waiting;
use crate::http::Problem;
use crate::memory::{Budget, BudgetFull};

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
    all: Mutex<All>,
    next_id: AtomicU64,
    /// Notified whenever a connection closes.
    closed: Notify,
}

#[derive(Debug, Default)]
struct All {
    by_id: HashMap<u64, StateHandle>,
    waiting: Waiting,
    /// Those that are idle, the longest idle first. A connection that makes a call keeps its place, so
    /// that a call costs nothing here; its place is put right when it is looked at.
    idle: BTreeMap<(Instant, u64), StateHandle>,
}

/// An open connection; it counts until this is dropped.
#[derive(Debug)]
pub(super) struct OpenConnection {
    pub(super) state: StateHandle,
    id: u64,
    connections: Arc<Connections>,
    _permit: Option<OwnedSemaphorePermit>,
}

/// Too little memory is left. `is_freed` says whether calls that only wait give back what is needed, as soon as
/// their tasks have run.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLittle {
    pub(super) is_freed: bool,
}

impl Connections {
    pub(super) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            limit,
            permits: Arc::new(Semaphore::new(limit.saturating_add(1).min(Semaphore::MAX_PERMITS))),
            all: Mutex::default(),
            next_id: AtomicU64::new(1),
            closed: Notify::new(),
        })
    }

    /// Waits for permission to accept a connection; closes others until there is.
    pub(super) async fn permit(&self) -> OwnedSemaphorePermit {
        loop {
            if let Ok(permit) = timeout(RETRY, Arc::clone(&self.permits).acquire_owned()).await {
                return permit.expect("BUG: the semaphore is never closed");
            }
            self.close_one();
        }
    }

    /// Adds a connection; at the limit, another one is closed for it. Without a permit, it
    /// is one that the kernel accepted before a shutdown.
    pub(super) fn open(self: &Arc<Self>, permit: Option<OwnedSemaphorePermit>) -> OpenConnection {
        if self.all().by_id.len() >= self.limit {
            self.close_one();
        }
        let (id, state) = (self.next_id.fetch_add(1, Relaxed), StateHandle::new());
        self.all().by_id.insert(id, state.clone());
        let connection =
            OpenConnection { state, id, connections: Arc::clone(self), _permit: permit };
        connection.add_to_idle();
        connection
    }

    /// Asks the connection that has been idle longest to close; if none is idle, the one whose call has waited
    /// for longest.
    pub(super) fn close_one(&self) {
        let mut all = self.all();
        if !all.close_longest_idle() {
            let All { by_id, waiting, .. } = &mut *all;
            waiting.look(by_id);
            if let Some(longest) = waiting.longest(by_id) {
                longest.lock().give_way(Needed::Place);
            }
        }
    }

    /// Takes memory until `held` has so much. Where too little is left, calls that only wait give way.
    pub(super) fn take_memory(
        &self,
        held: &mut HeldMemory,
        bytes: usize,
        memory: &Arc<Budget>,
        asker: &StateHandle,
    ) -> Result<(), TooLittle> {
        let taken = held.resize(memory, asker.account(), bytes);
        taken.map_err(|BudgetFull| TooLittle {
            is_freed: self.free_memory(bytes - held.bytes(), memory, asker),
        })
    }

    /// Has calls that only wait give back memory until so much is left, the one that has waited longest first;
    /// returns whether it will be, as soon as their tasks have run.
    pub(super) fn free_memory(&self, bytes: usize, memory: &Budget, asker: &StateHandle) -> bool {
        let All { by_id, waiting, .. } = &mut *self.all();
        let short_bytes = bytes.saturating_sub(memory.left_bytes());
        if short_bytes == 0 {
            return true;
        }
        waiting.look(by_id);
        let holders = waiting.holders_of(short_bytes, by_id, asker);
        for holder in &holders {
            holder.lock().give_way(Needed::Memory);
        }
        !holders.is_empty()
    }

    /// Has the answer that is too long for the memory give up its place, if it only waits; returns whether it does.
    pub(super) fn free_large_answer(&self) -> bool {
        let All { by_id, waiting, .. } = &mut *self.all();
        waiting.look(by_id);
        let holder = waiting.large_answer(by_id);
        holder.inspect(|holder| holder.lock().give_way(Needed::Memory)).is_some()
    }

    /// The refusal of a request whose connection is needed for another.
    pub(super) fn all_taken(&self) -> Problem {
        let detail = format!(
            "all {} connections are taken, and this request has been under way for longest; send it faster, or \
             try again in a second",
            self.limit
        );
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    }

    /// Counts the connections by what they do, each with a name for that.
    pub(super) fn count(&self) -> Vec<(&'static str, usize)> {
        let mut counts = Activity::NAMES.map(|name| (name, 0));
        for state in self.all().by_id.values() {
            counts[state.lock().activity().name_index()].1 += 1;
        }
        counts.to_vec()
    }

    /// Waits until a connection closes.
    pub(super) async fn one_closed(&self) {
        self.closed.notified().await;
    }

    /// Closes each connection as soon as it is idle, until none is left.
    pub(super) async fn close_all(&self) {
        loop {
            self.all().by_id.values().for_each(|state| state.lock().request_close());
            if timeout(RETRY, self.all_closed()).await.is_ok() {
                return;
            }
        }
    }

    /// Waits until no connection is open.
    pub(super) async fn all_closed(&self) {
        while !self.all().by_id.is_empty() {
            self.closed.notified().await;
        }
    }

    fn all(&self) -> MutexGuard<'_, All> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl All {
    /// Asks the connection that has been idle longest to close, unless it has just been opened; returns whether
    /// there is one.
    fn close_longest_idle(&mut self) -> bool {
        while let Some(first) = self.idle.first_entry() {
            let (place, id) = *first.key();
            let handle = first.get().clone();
            let mut state = handle.lock();
            let since = state.idle_since();
            let is_new = state.progress().bytes_read == 0 && place.elapsed() < MIN_IDLE;
            if since == Some(place) && is_new {
                return false;
            }
            first.remove();
            state.idle_place = since.filter(|since| *since != place);
            if since == Some(place) {
                state.request_close();
                return true;
            }
            // it has made calls since, or is busy and comes back when it is idle again
            if let Some(since) = since {
                self.idle.insert((since, id), handle.clone());
            }
        }
        false
    }
}

impl OpenConnection {
    /// Its number among all connections that there were, from 1.
    pub(super) fn number(&self) -> u64 {
        self.id
    }

    /// Gives a connection that is idle a place among the idle ones.
    pub(super) fn add_to_idle(&self) {
        let mut all = self.connections.all();
        let mut state = self.state.lock();
        if state.needs_idle_place()
            && let Some(since) = state.idle_since()
        {
            state.idle_place = Some(since);
            all.idle.insert((since, self.id), self.state.clone());
        }
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        let mut all = self.connections.all();
        all.by_id.remove(&self.id);
        if let Some(place) = self.state.lock().idle_place {
            all.idle.remove(&(place, self.id));
        }
        drop(all);
        self.connections.closed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes a connection idle since so long before now.
    fn make_idle(connection: &OpenConnection, before: Duration) {
        let mut state = connection.state.lock();
        state.record_read(b"GET");
        state.set(Activity::Idle);
        state.set_idle_since(Instant::now().checked_sub(before).unwrap());
        let place = state.idle_place.take();
        drop(state);
        if let Some(place) = place {
            connection.connections.all().idle.remove(&(place, connection.id));
        }
        connection.add_to_idle();
    }

    fn is_asked(connection: &OpenConnection) -> bool {
        connection.state.lock().take_close_request()
    }

    #[test]
    fn a_connection_that_has_just_been_opened_is_not_closed_to_make_room() {
        let connections = Connections::new(10);
        let connection = connections.open(None);
        connections.close_one();
        assert!(!is_asked(&connection));
        make_idle(&connection, MIN_IDLE);
        connections.close_one();
        assert!(is_asked(&connection));
    }

    #[test]
    fn one_look_finds_the_longest_idle_however_many_are_busy() {
        let connections = Connections::new(1000);
        let busy: Vec<_> = (0..300).map(|_| connections.open(None)).collect();
        let [first, second] = [(); 2].map(|()| connections.open(None));
        for (index, connection) in busy.iter().enumerate() {
            let activities =
                [Activity::Faulted, Activity::Answering, Activity::Sending, Activity::Streaming];
            connection.state.lock().set(activities[index % activities.len()]);
        }
        make_idle(&second, Duration::ZERO);
        make_idle(&first, Duration::ZERO);
        connections.close_one();
        assert!(is_asked(&second) && !is_asked(&first));
        assert_eq!(connections.all().idle.len(), 1, "those that are busy are not looked at again");
        connections.close_one();
        assert!(is_asked(&first));
        connections.close_one();
        assert!(!busy.iter().chain([&first, &second]).any(is_asked));
        // one that ends its call comes back
        make_idle(&busy[7], Duration::ZERO);
        connections.close_one();
        assert!(is_asked(&busy[7]));
        let [idle, .., faulted] = connections.count()[..] else { panic!() };
        assert_eq!((idle, faulted), (("idle", 3), ("faulted", 75)));
        drop((busy, first, second));
        assert!(connections.all().idle.is_empty() && connections.all().by_id.is_empty());
    }
}
