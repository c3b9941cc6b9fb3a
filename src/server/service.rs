//! Answers one request: has the handler answer it and carries out the reply's delay, drip or fault.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method, header};
use hyper::body::Incoming;
use tokio::task::spawn_blocking;

use super::body::ReplyBody;
use super::connection_state::{Activity, FaultyReply, StateHandle};
use super::deferred;
use super::handler::{Response, Stream, contain_panic};
use super::held_call;
use super::held_memory::HeldMemory;
use super::request;
use super::shared::Shared;
use super::stream::StreamBody;
use super::undelivered::Undelivered;
use crate::http::{Arrival, Reply, Request};
use crate::memory::BudgetFull;

const CLOSE: HeaderValue = HeaderValue::from_static("close");

pub(super) async fn answer(
    shared: &Arc<Shared>,
    state: &StateHandle,
    peer: IpAddr,
    connection: u64,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<ReplyBody>, Infallible> {
    let arrival = Arrival::now(connection);
    let headers = shared.handler.answer_headers(request.uri().path(), request.headers());
    let is_head = request.method() == Method::HEAD;
    state.lock().begin_request();
    let request = request::read(request, peer, arrival, shared, state).await;
    state.lock().set(Activity::Answering);
    let response = match request {
        Ok((request, held)) => handle(shared, request, arrival, held).await,
        Err(refusal) => {
            state.lock().answered_early = refusal.left_unread;
            let reply = refusal.reply.with_header(header::CONNECTION, CLOSE);
            (Response::Reply(reply), HeldMemory::default())
        }
    };
    let mut response = match response {
        (Response::Reply(mut reply), held) => {
            // now, since a fault may send a part of it
            add_headers(&mut reply.headers, &headers);
            deliver(reply, held, shared, state).await
        }
        (Response::Held(call), body) => {
            let (mut reply, held) = held_call::wait(call, body, shared, state).await;
            add_headers(&mut reply.headers, &headers);
            deliver(reply, held, shared, state).await
        }
        (Response::Deferred(deferred), _) => {
            let reply = deferred::wait(deferred, shared).await;
            let (mut reply, held) = match shared.take_memory_of(&reply) {
                Ok(held) => (reply, held),
                Err(BudgetFull) => (shared.refuse_for_memory().reply(), HeldMemory::default()),
            };
            add_headers(&mut reply.headers, &headers);
            into_hyper(reply, held, shared, state)
        }
        (Response::Stream(stream), _) => {
            let mut response = start_stream(stream, is_head, shared, state);
            add_headers(response.headers_mut(), &headers);
            response
        }
    };
    if shared.shutdown.has_started() {
        response.headers_mut().insert(header::CONNECTION, CLOSE);
    }
    if response.body().is_whole() {
        state.lock().set(Activity::Idle);
    }
    Ok(response)
}

async fn handle(
    shared: &Arc<Shared>,
    request: Request,
    arrival: Arrival,
    held: HeldMemory,
) -> (Response, HeldMemory) {
    if !shared.handler.takes_long(&request) {
        return handle_here(shared, &request, arrival, held);
    }
    let task = {
        let shared = Arc::clone(shared);
        // weighed there: replies that are made faster than they are sent would wait unweighed
        spawn_blocking(move || handle_here(&shared, &request, arrival, held))
    };
    // an error means that the server ends
    let ended = |_| (Response::Reply(shared.handler.panic_reply()), HeldMemory::default());
    task.await.unwrap_or_else(ended)
}

fn handle_here(
    shared: &Shared,
    request: &Request,
    arrival: Arrival,
    held: HeldMemory,
) -> (Response, HeldMemory) {
    let handler = Arc::clone(&shared.handler);
    let response = contain_panic(|| handler.handle(request, arrival))
        .unwrap_or_else(|| Response::Reply(shared.handler.panic_reply()));
    match response {
        // it waits with its body
        Response::Held(_) => (response, held),
        Response::Reply(reply) => {
            // the body is answered and makes room for the answer
            drop(held);
            weighed(reply, request, arrival, shared)
        }
        Response::Deferred(_) | Response::Stream(_) => (response, HeldMemory::default()),
    }
}

/// Takes the memory of a reply; one that finds too little left is refused.
fn weighed(
    reply: Reply,
    request: &Request,
    arrival: Arrival,
    shared: &Shared,
) -> (Response, HeldMemory) {
    match shared.take_memory_of(&reply) {
        Ok(held) => (Response::Reply(reply), held),
        Err(BudgetFull) => {
            let refusal = shared.handler.refuse(request, arrival, &shared.refuse_for_memory());
            (Response::Reply(refusal), HeldMemory::default())
        }
    }
}

/// Begins to send a reply in pieces. A stream that may never end needs a permit.
fn start_stream(
    stream: Stream,
    is_head: bool,
    shared: &Arc<Shared>,
    state: &StateHandle,
) -> hyper::Response<ReplyBody> {
    let Stream { head, next, keepalive } = stream;
    if is_head {
        return into_hyper(head, HeldMemory::default(), shared, state);
    }
    let (permit, activity) = if keepalive.is_some() {
        match deferred::take_permit(shared) {
            Ok(permit) => (Some(permit), Activity::Streaming),
            Err(problem) => {
                return into_hyper(problem.reply(), HeldMemory::default(), shared, state);
            }
        }
    } else {
        (None, Activity::Sending)
    };
    let body = StreamBody::new(next, keepalive, permit, Arc::clone(shared));
    let activity = state.set_while(activity);
    let mut response = hyper::Response::new(ReplyBody::stream(body, activity));
    *response.status_mut() = head.status;
    *response.headers_mut() = head.headers;
    response
}

/// Adds the headers of every answer to those of one.
fn add_headers(headers: &mut HeaderMap, more: &HeaderMap) {
    for (name, value) in more {
        // a list, which may have other items; of the others there can be one
        if name == header::VARY {
            headers.append(name, value.clone());
        } else {
            headers.insert(name, value.clone());
        }
    }
}

async fn deliver(
    mut reply: Reply,
    held: HeldMemory,
    shared: &Shared,
    state: &StateHandle,
) -> hyper::Response<ReplyBody> {
    let receipt = reply.delivery.receipt.take();
    let undelivered = receipt.map(|receipt| Undelivered::new(receipt, &shared.handler));
    if !reply.delivery.delay.is_zero() {
        tokio::select! {
            () = tokio::time::sleep(reply.delivery.delay) => {}
            () = shared.shutdown.started() => {}
        }
    }
    if let Some(fault) = reply.delivery.fault.take() {
        // the connection's task takes the socket back and drops this future
        state.lock().play(FaultyReply { fault, reply, held, undelivered });
        return std::future::pending().await;
    }
    let mut response = into_hyper(reply, held, shared, state);
    if let Some(undelivered) = undelivered {
        response.body_mut().report_when_sent(undelivered, state);
    }
    response
}

fn into_hyper(
    reply: Reply,
    held: HeldMemory,
    shared: &Shared,
    state: &StateHandle,
) -> hyper::Response<ReplyBody> {
    let body = match reply.delivery.drip {
        None => ReplyBody::whole(reply.body, held, state),
        Some((pieces, over)) => {
            let held = (held, state.set_while(Activity::Sending));
            ReplyBody::drip(reply.body, pieces, over, shared.shutdown.clone(), held)
        }
    };
    let mut response = hyper::Response::new(body);
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    response
}
