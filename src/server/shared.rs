//! What all connections of a server share.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::yield_now;

use super::connection_state::StateHandle;
use super::connections::{Connections, TooLittle};
use super::handler::Handler;
use super::held_memory::{FREE_BYTES, HeldMemory, answer_too_long, bytes_of, server_busy};
use super::limits::Limits;
use super::long_calls::LongCalls;
use super::shutdown::Shutdown;
use super::worker::Worker;
use crate::http::{DeliveryStatus, Problem, Reply};
use crate::memory::{Budget, BudgetFull};

/// How many times as long as its body the answer to a call can be: a file name of the body is in four links,
/// where each of its bytes can take three.
const MOST_TIMES: usize = 12;

pub(super) struct Shared {
    pub(super) handler: Arc<dyn Handler>,
    pub(super) limits: Limits,
    pub(super) shutdown: Shutdown,
    pub(super) connections: Arc<Connections>,
    /// Does the work that takes long, and looks at the responses that wait for calls.
    pub(super) worker: Arc<Worker>,
    pub(super) long_calls: LongCalls,
    /// What bodies and answers under way take.
    pub(super) memory: Arc<Budget>,
    /// A place for one answer to a call for which that has no room: the call was made, and the answer could be
    /// too long even when nothing else is under way.
    large_answer: Arc<Budget>,
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
        let (large_answer, long_calls) = (Budget::new(1), LongCalls::default());
        Self {
            handler,
            limits,
            shutdown,
            connections,
            worker,
            long_calls,
            memory,
            large_answer,
            waiting,
        }
    }

    /// Takes memory until it has so much. Where too little is left, calls that only wait give way first.
    pub(super) async fn take_memory(
        &self,
        held: &mut HeldMemory,
        bytes: usize,
        state: &StateHandle,
    ) -> Result<(), BudgetFull> {
        match self.connections.take_memory(held, bytes, &self.memory, state) {
            Ok(()) => Ok(()),
            Err(TooLittle { is_freed }) => {
                give_way(is_freed).await?;
                held.resize(&self.memory, state.account(), bytes)
            }
        }
    }

    /// The same without waiting: calls that only wait give way for those who come next.
    pub(super) fn take_memory_now(
        &self,
        held: &mut HeldMemory,
        bytes: usize,
        state: &StateHandle,
    ) -> Result<(), BudgetFull> {
        let taken = self.connections.take_memory(held, bytes, &self.memory, state);
        taken.map_err(|TooLittle { .. }| BudgetFull)
    }

    /// Takes the memory of a reply from now on, since a client may be slow to read it: what was held for its
    /// request is part of it. Where too little is left, the call gets another answer and does not learn of this
    /// one.
    pub(super) async fn take_memory_of(
        &self,
        reply: &Reply,
        held: &mut HeldMemory,
        state: &StateHandle,
    ) -> Result<(), BudgetFull> {
        let taken = self.take_memory(held, bytes_of(reply), state).await;
        taken.inspect_err(|BudgetFull| self.report_lost(reply))
    }

    /// The same for the answer to a call, one of which may be too long for the memory.
    pub(super) async fn take_memory_of_call(
        &self,
        reply: &Reply,
        held: &mut HeldMemory,
        state: &StateHandle,
    ) -> Result<(), BudgetFull> {
        let (account, bytes) = (state.account(), bytes_of(reply));
        let mut take = || {
            let taken = held.resize(&self.memory, account, bytes);
            taken.or_else(|BudgetFull| held.take_place(&self.large_answer, account, bytes))
        };
        if take().is_ok() {
            return Ok(());
        }
        let freed = self.free_for_answer(bytes, state).await;
        freed.and_then(|()| take()).inspect_err(|BudgetFull| self.report_lost(reply))
    }

    /// Records that a reply is not sent.
    pub(super) fn report_lost(&self, reply: &Reply) {
        if let Some(receipt) = reply.delivery.receipt {
            self.handler.set_delivery(receipt, DeliveryStatus::Fault);
        }
    }

    /// Makes sure before a call is made that the answer to a body of this length will find room. A short body is
    /// not looked at: its answer is nearly always short too, and needs none.
    pub(super) async fn prepare_answer(
        &self,
        body_bytes: usize,
        state: &StateHandle,
    ) -> Result<(), BudgetFull> {
        let answer_bytes = MOST_TIMES * body_bytes;
        let has_room = || {
            body_bytes < FREE_BYTES
                || self.large_answer.left_bytes() > 0
                || self.memory.left_bytes() >= answer_bytes
        };
        if has_room() {
            return Ok(());
        }
        self.free_for_answer(answer_bytes, state).await?;
        if has_room() { Ok(()) } else { Err(BudgetFull) }
    }

    /// Has calls that only wait make room for the answer to a call, for which the place for a large one will do
    /// too.
    async fn free_for_answer(&self, bytes: usize, state: &StateHandle) -> Result<(), BudgetFull> {
        let fits = bytes <= self.memory.limit_bytes();
        let frees = fits && self.connections.free_memory(bytes, &self.memory, state);
        give_way(frees || self.connections.free_large_answer()).await
    }

    /// Returns why a body or an answer is refused for which too little memory is left.
    pub(super) fn server_busy(&self) -> Problem {
        server_busy(&self.memory)
    }

    /// Returns why an answer of this length is refused.
    pub(super) fn refusal_of(&self, answer_bytes: usize) -> Problem {
        if answer_bytes > self.memory.limit_bytes() {
            answer_too_long(&self.memory, answer_bytes)
        } else {
            self.server_busy()
        }
    }
}

/// Lets the tasks of those that give way have their turn.
async fn give_way(frees: bool) -> Result<(), BudgetFull> {
    if !frees {
        return Err(BudgetFull);
    }
    yield_now().await;
    Ok(())
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.worker.close();
        self.long_calls.close();
    }
}
