//! Has the handler handle a request: at once, later, or on another thread.

use std::sync::Arc;

use super::connection_state::StateHandle;
use super::handler::{Response, contain_panic};
use super::shared::Shared;
use super::undelivered::Undelivered;
use crate::http::{Arrival, Request};

/// Handles a request on a thread that may wait.
pub(super) fn respond(shared: &Shared, request: &Request, arrival: Arrival) -> Response {
    let handler = Arc::clone(&shared.handler);
    let response = contain_panic(|| handler.handle(request, arrival))
        .unwrap_or_else(|| Response::Reply(shared.handler.panic_reply()));
    // it may have been what calls of the same tenant wait for
    shared.long_calls.note_end();
    response
}

/// Makes a call on the thread for long ones; `None` if the server ends. A client who leaves meanwhile is one that
/// did not read the answer.
pub(super) async fn respond_in_turn(
    shared: &Arc<Shared>,
    request: Box<Request>,
    arrival: Arrival,
) -> Option<(Box<Request>, Response)> {
    let call = {
        let shared = Arc::clone(shared);
        move || {
            let mut response = respond(&shared, &request, arrival);
            let receipt = match &mut response {
                Response::Reply(reply) => reply.delivery.receipt.take(),
                Response::Held(_) | Response::Deferred(_) | Response::Stream(_) => None,
            };
            let undelivered = receipt.map(|receipt| Undelivered::new(receipt, &shared.handler));
            (request, response, undelivered)
        }
    };
    let (request, mut response, undelivered) = shared.long_calls.start(call).await?;
    if let Response::Reply(reply) = &mut response {
        reply.delivery.receipt = undelivered.and_then(Undelivered::into_receipt);
    }
    Some((request, response))
}

/// Makes a call at once, or else when a call of its tenant has ended that takes long.
pub(super) async fn respond_soon(
    shared: &Shared,
    request: &Request,
    arrival: Arrival,
    state: &StateHandle,
) -> Response {
    if let Some(response) = respond_now(shared, request, arrival) {
        return response;
    }
    let _hidden = state.hide_end();
    // apart, since every connection has room for what stands here
    Box::pin(respond_later(shared, request, arrival)).await
}

async fn respond_later(shared: &Shared, request: &Request, arrival: Arrival) -> Response {
    loop {
        // before the next try, so that no end is missed
        let ended = shared.long_calls.ended();
        if let Some(response) = respond_now(shared, request, arrival) {
            return response;
        }
        ended.await;
    }
}

fn respond_now(shared: &Shared, request: &Request, arrival: Arrival) -> Option<Response> {
    let handler = Arc::clone(&shared.handler);
    contain_panic(|| handler.handle_now(request, arrival))
        .unwrap_or_else(|| Some(Response::Reply(shared.handler.panic_reply())))
}
