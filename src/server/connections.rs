//! All open connections: how many there may be, and which one makes room for another.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use super::connection_state::Pulse;

/// How often somebody is asked to make room while nobody does.
const ASK_AGAIN: Duration = Duration::from_millis(50);

/// All open connections of a server.
#[derive(Debug)]
pub struct Connections {
    limit: usize,
    /// One more than may be open, so that whoever knocks is let in before somebody makes room.
    seats: Arc<Semaphore>,
    open: Mutex<HashMap<u64, Arc<Pulse>>>,
    one_gone: Notify,
    next: AtomicU64,
    began: Instant,
}

/// The right to have a connection open, taken before it is accepted.
#[derive(Debug)]
pub struct Seat {
    connections: Arc<Connections>,
    _permit: Option<OwnedSemaphorePermit>,
}

/// A connection that is open; it counts until this is dropped.
#[derive(Debug)]
pub struct Opened {
    /// What it is doing.
    pub pulse: Arc<Pulse>,
    number: u64,
    seat: Seat,
}

impl Connections {
    /// None yet.
    pub fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            limit,
            seats: Arc::new(Semaphore::new(limit + 1)),
            open: Mutex::default(),
            one_gone: Notify::new(),
            next: AtomicU64::new(0),
            began: Instant::now(),
        })
    }

    /// A free seat, as soon as there is one.
    pub async fn seat(self: &Arc<Self>) -> Seat {
        loop {
            let seat = Arc::clone(&self.seats).acquire_owned();
            if let Ok(seat) = timeout(ASK_AGAIN, seat).await {
                let permit = seat.expect("BUG: the semaphore is never closed");
                return Seat { connections: Arc::clone(self), _permit: Some(permit) };
            }
            self.make_room();
        }
    }

    /// A seat for one who is in already, whether there is one or not.
    pub fn another_seat(self: &Arc<Self>) -> Seat {
        Seat { connections: Arc::clone(self), _permit: None }
    }

    /// Asks the one that has waited longest for a call to make room; false if none is waiting.
    pub fn make_room(&self) -> bool {
        let open = self.open();
        let waiting = open.values().filter_map(|pulse| Some((pulse.waiting_since_us()?, pulse)));
        let Some((_, pulse)) = waiting.min_by_key(|(since, _)| *since) else { return false };
        pulse.ask_for_room();
        // so that the next one who asks does not come to the same
        pulse.is_busy();
        true
    }

    /// Ready once none is open.
    pub async fn all_gone(&self) {
        while !self.open().is_empty() {
            self.one_gone.notified().await;
        }
    }

    /// Microseconds since the server began.
    pub fn since_began_us(&self, now: Instant) -> u64 {
        u64::try_from((now - self.began).as_micros()).unwrap_or(u64::MAX - 1)
    }

    fn open(&self) -> MutexGuard<'_, HashMap<u64, Arc<Pulse>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// Takes the seat. If that is one too many, the longest waiting makes room.
    pub fn open(self) -> Opened {
        let connections = &self.connections;
        if connections.open().len() >= connections.limit {
            connections.make_room();
        }
        let number = connections.next.fetch_add(1, Relaxed);
        let pulse = Arc::new(Pulse::new(connections.since_began_us(Instant::now())));
        connections.open().insert(number, Arc::clone(&pulse));
        Opened { pulse, number, seat: self }
    }
}

impl Opened {
    /// Microseconds since the server began.
    pub fn since_began_us(&self, now: Instant) -> u64 {
        self.seat.connections.since_began_us(now)
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        let connections = &self.seat.connections;
        connections.open().remove(&self.number);
        connections.one_gone.notify_one();
    }
}
