//! Waits for the reply to a call that is held.

use std::future::poll_fn;
use std::task::Poll;

use tokio::time::{Instant, sleep_until};

use super::connection_state::StateHandle;
use super::handler::{self, contain_panic};
use super::held_memory::{HeldMemory, WAITING_BYTES};
use super::shared::Shared;
use crate::http::Reply;
use crate::memory::BudgetFull;

/// Waits until a call is released, its time is up, others need its memory or the server shuts down; returns its
/// reply with the memory of that. `held` is the memory of the request's body, which is held too.
pub(super) async fn wait(
    call: Box<dyn handler::WaitingCall>,
    mut held: HeldMemory,
    shared: &Shared,
    state: &StateHandle,
) -> (Reply, HeldMemory) {
    let kept_bytes = held.bytes() + call.kept_bytes() + WAITING_BYTES;
    let has_room = shared.take_memory(&mut held, kept_bytes, state).await.is_ok();
    let until = if has_room { call.until().into() } else { Instant::now() };
    let reply = {
        let _watched = state.watch_client();
        let released = async || {
            loop {
                // before the next look, so that no end is missed
                let long_call_ended = shared.long_calls.ended();
                let answer = poll_fn(|context| {
                    contain_panic(|| call.poll(context))
                        .unwrap_or_else(|| Poll::Ready(shared.handler.panic_reply()))
                });
                tokio::select! {
                    biased;
                    reply = answer => return reply,
                    () = long_call_ended => {}
                }
            }
        };
        tokio::select! {
            biased;
            reply = released() => reply,
            () = ended(until, shared, state) => {
                call.release();
                released().await
            }
        }
    };
    // the call makes room for its answer
    drop(call);
    match shared.take_memory_of_call(&reply, &mut held, state).await {
        Ok(()) => (reply, held),
        Err(BudgetFull) => (shared.server_busy().reply(), HeldMemory::default()),
    }
}

/// Waits until the time is up, others need what the call has, or the server shuts down.
async fn ended(until: Instant, shared: &Shared, state: &StateHandle) {
    tokio::select! {
        () = sleep_until(until) => {}
        _ = state.gives_way() => {}
        () = shared.shutdown.started() => {}
    }
}
