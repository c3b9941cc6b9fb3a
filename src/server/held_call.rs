//! Waits for the reply to a call that is held.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use tokio::time::{Instant, sleep_until};

use super::connection_state::StateHandle;
use super::handler::{WaitingCall, contain_panic};
use super::held_memory::{HeldMemory, WAITING_BYTES};
use super::shared::Shared;
use crate::http::Reply;
use crate::memory::BudgetFull;

/// Waits until a call is released, its time is up, others need its memory or the server shuts down; returns its
/// reply with the memory of that. `held` is the memory of the request's body, which is held too.
pub(super) async fn wait(
    call: Arc<dyn WaitingCall>,
    mut held: HeldMemory,
    shared: &Arc<Shared>,
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
                        .unwrap_or_else(|| Poll::Ready(Some(shared.handler.panic_reply())))
                });
                let answer = tokio::select! {
                    biased;
                    answer = answer => answer,
                    () = long_call_ended => continue,
                };
                match answer {
                    Some(reply) => return reply,
                    None if make(&call, shared).await.is_none() => {
                        return shared.handler.panic_reply();
                    }
                    None => {}
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

/// Makes a call whose turn it is, on the thread for long ones if it is one; `None` if that panics.
async fn make(call: &Arc<dyn WaitingCall>, shared: &Arc<Shared>) -> Option<()> {
    if !call.is_long() {
        return contain_panic(|| call.make());
    }
    let _turn = shared.long_calls.turn().await;
    let made = {
        let (call, shared) = (Arc::clone(call), Arc::clone(shared));
        move || {
            let made = contain_panic(|| call.make());
            shared.long_calls.note_end();
            made
        }
    };
    shared.long_calls.start(made).await.flatten()
}

/// Waits until the time is up, others need what the call has, or the server shuts down.
async fn ended(until: Instant, shared: &Shared, state: &StateHandle) {
    tokio::select! {
        () = sleep_until(until) => {}
        _ = state.gives_way() => {}
        () = shared.shutdown.started() => {}
    }
}
