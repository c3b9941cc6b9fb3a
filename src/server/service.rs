//! Answers one request: has the handler answer it and carries out the reply's delay, drip or fault.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use hyper::body::Incoming;
use tokio::task::spawn_blocking;

use super::body::ReplyBody;
use super::connection_state::{Activity, FaultyReply, StateHandle, Unwritten};
use super::deferred;
use super::ending::Ending;
use super::handler::{Response, Stream, ThreadChoice};
use super::handling::{respond, respond_in_turn, respond_soon};
use super::held_call;
use super::held_memory::{HeldMemory, bytes_of, head_bytes};
use super::request;
use super::shared::Shared;
use super::stream::StreamBody;
use super::undelivered::Undelivered;
use crate::http::{Arrival, Problem, Reply, ReplyParts, Request};
use crate::memory::BudgetFull;

const CLOSE: HeaderValue = HeaderValue::from_static("close");

/// Answers a request whose body is still to be read. All that is not usual for a call waits in a future of its own
/// in a box: each connection has room for this one, which is moved when a request comes.
pub(super) fn answer<'a>(
    shared: &'a Arc<Shared>,
    state: &'a StateHandle,
    peer: IpAddr,
    connection: u64,
    request: hyper::Request<Incoming>,
) -> impl Future<Output = Result<hyper::Response<ReplyBody>, Infallible>> + 'a {
    let arrival = Arrival::now(connection);
    let (Parts { method, uri, version, headers, .. }, body) = request.into_parts();
    let request = Box::new(Request { method, uri, version, headers, body: Bytes::new(), peer });
    async move { Ok(answer_request(shared, state, arrival, request, body).await) }
}

async fn answer_request(
    shared: &Arc<Shared>,
    state: &StateHandle,
    arrival: Arrival,
    mut request: Box<Request>,
    body: Incoming,
) -> hyper::Response<ReplyBody> {
    let headers = shared.handler.answer_headers(request.path(), &request.headers);
    let is_head = request.method == Method::HEAD;
    state.lock().begin_request();
    let held = request::read(&mut request, body, arrival, shared, state).await;
    state.lock().set(Activity::Answering);
    let (response, held) = match held {
        Ok(held) => handle(shared, request, arrival, held, state).await,
        Err(refusal) => {
            state.lock().answered_early = refusal.left_unread;
            let reply = refusal.reply.with_header(header::CONNECTION, CLOSE);
            (Response::Reply(reply), HeldMemory::default())
        }
    };
    let mut response = match response {
        Response::Reply(mut reply) => {
            // now, since a fault may send a part of it
            add_headers(&mut reply.headers, &headers);
            deliver(reply, held, shared, state).await
        }
        Response::Held(call) => {
            let (mut reply, held) = Box::pin(held_call::wait(call, held, shared, state)).await;
            add_headers(&mut reply.headers, &headers);
            deliver(reply, held, shared, state).await
        }
        Response::Deferred(deferred) => {
            let mut reply = Box::pin(deferred::wait(deferred, held, shared, state)).await;
            let mut held = HeldMemory::default();
            if shared.take_memory_of(&reply, &mut held, state).await.is_err() {
                reply = shared.refusal_of(bytes_of(&reply)).reply();
            }
            add_headers(&mut reply.headers, &headers);
            into_hyper(reply, Ending::new(None, held, state), shared, state)
        }
        Response::Stream(stream) => {
            let mut response = Box::pin(start_stream(stream, is_head, shared, state)).await;
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
    response
}

async fn handle(
    shared: &Arc<Shared>,
    request: Box<Request>,
    arrival: Arrival,
    held: HeldMemory,
    state: &StateHandle,
) -> (Response, HeldMemory) {
    match shared.handler.thread_for(&request) {
        ThreadChoice::Here => {
            if shared.prepare_answer(request.body.len(), state).await.is_err() {
                return refuse_for_memory(&request, arrival, shared);
            }
            let response = respond_soon(shared, &request, arrival, state).await;
            with_memory(response, shared, &request, arrival, held, state).await
        }
        ThreadChoice::LongCalls => {
            let _hidden = state.hide_end();
            Box::pin(handle_in_turn(shared, request, arrival, held, state)).await
        }
        ThreadChoice::OtherThreads => {
            let _hidden = state.hide_end();
            Box::pin(handle_elsewhere(shared, request, arrival, held, state)).await
        }
    }
}

/// Handles a request that takes long when it is its turn.
async fn handle_in_turn(
    shared: &Arc<Shared>,
    request: Box<Request>,
    arrival: Arrival,
    held: HeldMemory,
    state: &StateHandle,
) -> (Response, HeldMemory) {
    let _turn = shared.long_calls.turn().await;
    if shared.prepare_answer(request.body.len(), state).await.is_err() {
        return refuse_for_memory(&request, arrival, shared);
    }
    match respond_in_turn(shared, request, arrival).await {
        Some((request, response)) => {
            with_memory(response, shared, &request, arrival, held, state).await
        }
        None => panicked(shared),
    }
}

/// Takes the memory of a response, or refuses the request for want of it.
async fn with_memory(
    response: Response,
    shared: &Arc<Shared>,
    request: &Request,
    arrival: Arrival,
    mut held: HeldMemory,
    state: &StateHandle,
) -> (Response, HeldMemory) {
    let taken = match &response {
        Response::Reply(reply) => shared.take_memory_of_call(reply, &mut held, state).await,
        Response::Deferred(deferred) => {
            shared.take_memory(&mut held, deferred::bytes_of(deferred), state).await
        }
        // it waits with its body
        Response::Held(_) => Ok(()),
        Response::Stream(_) => return (response, HeldMemory::default()),
    };
    match taken {
        Ok(()) => (response, held),
        Err(BudgetFull) => refuse_for_memory(request, arrival, shared),
    }
}

/// Handles a request that may take long on another thread.
async fn handle_elsewhere(
    shared: &Arc<Shared>,
    request: Box<Request>,
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
    let ReplyParts { status, headers, .. } = head.into_parts();
    response_of(status, headers, ReplyBody::stream(body, activity, ending))
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
        Box::pin(wait(reply.delivery.delay, shared)).await;
    }
    if let Some(fault) = reply.delivery.fault.take() {
        let Unwritten { undelivered, held } = ending.take();
        // the connection's task takes the socket back and drops this future
        state.lock().play(FaultyReply { fault, reply, held, undelivered });
        return std::future::pending().await;
    }
    into_hyper(reply, ending, shared, state)
}

/// Waits for a time, or until the server shuts down.
async fn wait(time: Duration, shared: &Shared) {
    tokio::select! {
        () = tokio::time::sleep(time) => {}
        () = shared.shutdown.started() => {}
    }
}

fn into_hyper(
    reply: Reply,
    ending: Ending,
    shared: &Shared,
    state: &StateHandle,
) -> hyper::Response<ReplyBody> {
    let ReplyParts { status, headers, body, delivery } = reply.into_parts();
    let body = match delivery.drip {
        None => ReplyBody::whole(body, ending, state),
        Some((pieces, over)) => {
            let activity = state.set_while(Activity::Sending);
            ReplyBody::drip(body, pieces, over, shared.shutdown.clone(), activity, ending)
        }
    };
    response_of(status, headers, body)
}

fn response_of(
    status: StatusCode,
    headers: HeaderMap,
    body: ReplyBody,
) -> hyper::Response<ReplyBody> {
    let mut response = hyper::Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
