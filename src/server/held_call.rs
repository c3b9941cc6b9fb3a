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

/// Waits until a call is released, its time is up or the server shuts down; returns its reply with the memory
/// of that. `body` is the memory of the request's body, which is held too.
pub(super) async fn wait(
    call: Box<dyn handler::WaitingCall>,
    mut body: HeldMemory,
    shared: &Shared,
    state: &StateHandle,
) -> (Reply, HeldMemory) {
    let kept_bytes = body.bytes() + call.kept_bytes() + WAITING_BYTES;
    let has_room = body.resize(&shared.memory, kept_bytes).is_ok();
    let until = if has_room { call.until().into() } else { Instant::now() };
    let reply = {
        let _watched = state.watch_client();
        let released = || {
            poll_fn(|context| {
                contain_panic(|| call.poll(context))
                    .unwrap_or_else(|| Poll::Ready(shared.handler.panic_reply()))
            })
        };
        tokio::select! {
            biased;
            reply = released() => reply,
            () = ended(until, shared) => {
                call.release();
                released().await
            }
        }
    };
    // the call makes room for its answer
    drop((call, body));
    match shared.take_memory_of(&reply) {
        Ok(held) => (reply, held),
        Err(BudgetFull) => (shared.refuse_for_memory().reply(), HeldMemory::default()),
    }
}

/// Waits until the time is up or the server shuts down.
async fn ended(until: Instant, shared: &Shared) {
    tokio::select! {
        () = sleep_until(until) => {}
        () = shared.shutdown.started() => {}
    }
}
