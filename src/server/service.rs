//! Answers one request: has the handler answer it and carries out the reply's delay, drip or fault.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method, header};
use hyper::body::Incoming;
use tokio::task::spawn_blocking;

use super::body::ReplyBody;
use super::connection_state::{Activity, FaultyReply, StateHandle, Unwritten};
use super::deferred;
use super::ending::Ending;
use super::handler::{Place, Response, Stream};
use super::handling::{respond, respond_in_turn, respond_soon};
use super::held_call;
use super::held_memory::{HeldMemory, bytes_of, head_bytes};
use super::request;
use super::shared::Shared;
use super::stream::StreamBody;
use super::undelivered::Undelivered;
use crate::http::{Arrival, Problem, Reply, Request};
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
        Ok((request, held)) => handle(shared, request, arrival, held, state).await,
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
        (Response::Deferred(deferred), held) => {
            let mut reply = deferred::wait(deferred, held, shared, state).await;
            let mut held = HeldMemory::default();
            if shared.take_memory_of(&reply, &mut held, state).await.is_err() {
                reply = shared.refusal_of(bytes_of(&reply)).reply();
            }
            add_headers(&mut reply.headers, &headers);
            into_hyper(reply, Ending::new(None, held, state), shared, state)
        }
        (Response::Stream(stream), _) => {
            let mut response = start_stream(stream, is_head, shared, state).await;
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
    state: &StateHandle,
) -> (Response, HeldMemory) {
    let place = shared.handler.place_of(&request);
    let _hidden = (place != Place::Here).then(|| state.hide_end());
    let _turn = match place {
        Place::OtherThreads => {
            return handle_elsewhere(shared, request, arrival, held, state).await;
        }
        Place::LongCalls => Some(shared.long_calls.turn().await),
        Place::Here => None,
    };
    if shared.prepare_answer(request.body.len(), state).await.is_err() {
        return refuse_for_memory(&request, arrival, shared);
    }
    let (request, response) = if place == Place::LongCalls {
        match respond_in_turn(shared, request, arrival).await {
            Some(made) => made,
            None => return panicked(shared),
        }
    } else {
        let response = respond_soon(shared, &request, arrival, state).await;
        (request, response)
    };
    match response {
        Response::Reply(reply) => {
            let mut held = held;
            match shared.take_memory_of_call(&reply, &mut held, state).await {
                Ok(()) => (Response::Reply(reply), held),
                Err(BudgetFull) => refuse_for_memory(&request, arrival, shared),
            }
        }
        // it waits with its body
        held_call @ Response::Held(_) => (held_call, held),
        Response::Deferred(deferred) => {
            let (mut held, bytes) = (held, deferred::bytes_of(&deferred));
            match shared.take_memory(&mut held, bytes, state).await {
                Ok(()) => (Response::Deferred(deferred), held),
                Err(BudgetFull) => refuse_for_memory(&request, arrival, shared),
            }
        }
        stream @ Response::Stream(_) => (stream, HeldMemory::default()),
    }
}

/// Handles a request that may take long on another thread.
async fn handle_elsewhere(
    shared: &Arc<Shared>,
    request: Request,
    arrival: Arrival,
    mut held: HeldMemory,
    state: &StateHandle,
) -> (Response, HeldMemory) {
    let task = {
        let (shared, state) = (Arc::clone(shared), state.clone());
        spawn_blocking(move || {
            let response = respond(&shared, &request, arrival);
            let bytes = match &response {
                Response::Reply(reply) => bytes_of(reply),
                Response::Deferred(deferred) => deferred::bytes_of(deferred),
                Response::Held(_) => held.bytes(),
                Response::Stream(_) => 0,
            };
            // there, and refused at once: replies that are made faster than they are sent would take nothing while
            // they wait for others to give way
            if shared.take_memory_now(&mut held, bytes, &state).is_ok() {
                return (response, held);
            }
            let problem = match &response {
                Response::Reply(reply) => {
                    shared.report_lost(reply);
                    shared.refusal_of(bytes)
                }
                Response::Deferred(_) | Response::Held(_) | Response::Stream(_) => {
                    shared.server_busy()
                }
            };
            refuse(&request, arrival, &shared, &problem)
        })
    };
    // an error means that the server ends
    task.await.unwrap_or_else(|_| panicked(shared))
}

fn panicked(shared: &Shared) -> (Response, HeldMemory) {
    (Response::Reply(shared.handler.panic_reply()), HeldMemory::default())
}

/// Refuses a request for whose answer too little memory is left.
fn refuse_for_memory(
    request: &Request,
    arrival: Arrival,
    shared: &Shared,
) -> (Response, HeldMemory) {
    refuse(request, arrival, shared, &shared.server_busy())
}

fn refuse(
    request: &Request,
    arrival: Arrival,
    shared: &Shared,
    problem: &Problem,
) -> (Response, HeldMemory) {
    let refusal = shared.handler.refuse(request, arrival, problem);
    (Response::Reply(refusal), HeldMemory::default())
}

/// Begins to send a reply in pieces. A stream that may never end needs a permit.
async fn start_stream(
    stream: Stream,
    is_head: bool,
    shared: &Arc<Shared>,
    state: &StateHandle,
) -> hyper::Response<ReplyBody> {
    let Stream { head, next, keepalive } = stream;
    let mut held = HeldMemory::default();
    if shared.take_memory(&mut held, head_bytes(&head.headers), state).await.is_err() {
        return problem_response(&shared.server_busy(), shared, state);
    }
    let ending = Ending::new(None, held, state);
    if is_head {
        return into_hyper(head, ending, shared, state);
    }
    let (permit, activity) = if keepalive.is_some() {
        match deferred::take_permit(shared) {
            Ok(permit) => (Some(permit), Activity::Streaming),
            Err(problem) => return problem_response(&problem, shared, state),
        }
    } else {
        (None, Activity::Sending)
    };
    let body = StreamBody::new(next, keepalive, permit, Arc::clone(shared), state.clone());
    let activity = state.set_while(activity);
    let mut response = hyper::Response::new(ReplyBody::stream(body, activity, ending));
    *response.status_mut() = head.status;
    *response.headers_mut() = head.headers;
    response
}

fn problem_response(
    problem: &Problem,
    shared: &Shared,
    state: &StateHandle,
) -> hyper::Response<ReplyBody> {
    let ending = Ending::new(None, HeldMemory::default(), state);
    into_hyper(problem.reply(), ending, shared, state)
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
    let ending = Ending::new(undelivered, held, state);
    if !reply.delivery.delay.is_zero() {
        tokio::select! {
            () = tokio::time::sleep(reply.delivery.delay) => {}
            () = shared.shutdown.started() => {}
        }
    }
    if let Some(fault) = reply.delivery.fault.take() {
        let Unwritten { undelivered, held } = ending.take();
        // the connection's task takes the socket back and drops this future
        state.lock().play(FaultyReply { fault, reply, held, undelivered });
        return std::future::pending().await;
    }
    into_hyper(reply, ending, shared, state)
}

fn into_hyper(
    reply: Reply,
    ending: Ending,
    shared: &Shared,
    state: &StateHandle,
) -> hyper::Response<ReplyBody> {
    let body = match reply.delivery.drip {
        None => ReplyBody::whole(reply.body, ending, state),
        Some((pieces, over)) => {
            let activity = state.set_while(Activity::Sending);
            ReplyBody::drip(reply.body, pieces, over, shared.shutdown.clone(), activity, ending)
        }
    };
    let mut response = hyper::Response::new(body);
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    response
}
