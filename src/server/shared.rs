//! What all connections of a server share.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::connections::Connections;
use super::handler::Handler;
use super::held_memory::{HeldMemory, WAITING_BYTES, server_busy};
use super::limits::Limits;
use super::shutdown::Shutdown;
use super::worker::Worker;
use crate::http::{DeliveryStatus, Problem, Reply};
use crate::memory::{Budget, BudgetFull};

pub(super) struct Shared {
    pub(super) handler: Arc<dyn Handler>,
    pub(super) limits: Limits,
    pub(super) shutdown: Shutdown,
    pub(super) connections: Arc<Connections>,
    /// Does the work that takes long, and looks at the responses that wait for calls.
    pub(super) worker: Arc<Worker>,
    /// What bodies and answers under way take.
    pub(super) memory: Arc<Budget>,
    /// One permit for each response that later calls wake.
    pub(super) waiting: Arc<Semaphore>,
}

impl Shared {
    pub(super) fn new(
        handler: Arc<dyn Handler>,
        limits: Limits,
        connections: Arc<Connections>,
        shutdown: Shutdown,
    ) -> Self {
        let worker = Arc::<Worker>::default();
        let notified = Arc::clone(&worker);
        handler.on_change(Box::new(move || notified.note_change()));
        let memory = handler.connection_memory();
        let waiting = Arc::new(Semaphore::new(limits.waiting.min(Semaphore::MAX_PERMITS)));
        let counted = Arc::clone(&connections);
        handler.on_connections(Box::new(move || counted.count()));
        Self { handler, limits, shutdown, connections, worker, memory, waiting }
    }

    /// Takes the memory of a reply from now on, since a client may be slow to read it. Where too little is
    /// left, the call gets another answer and does not learn of this one.
    pub(super) fn take_memory_of(&self, reply: &Reply) -> Result<HeldMemory, BudgetFull> {
        let waits = !reply.delivery.delay.is_zero() || reply.delivery.drip.is_some();
        let waiting_bytes = if waits { WAITING_BYTES } else { 0 };
        let taken = HeldMemory::take(&self.memory, reply.body.len() + waiting_bytes);
        if let (Err(BudgetFull), Some(receipt)) = (&taken, reply.delivery.receipt) {
            self.handler.set_delivery(receipt, DeliveryStatus::Fault);
        }
        taken
    }

    /// Returns why a body or an answer is refused for which too little memory is left, and makes room for
    /// the next.
    pub(super) fn refuse_for_memory(&self) -> Problem {
        self.connections.close_longest_unread();
        server_busy(&self.memory)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.worker.close();
    }
}
