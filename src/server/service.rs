//! Answers one request: has the handler answer it and carries out the reply's delay, drip or fault.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use hyper::body::Incoming;
use tokio::task::spawn_blocking;

use super::body::ReplyBody;
use super::connection_state::{Activity, FaultyReply, StateHandle};
use super::deferred;
use super::handler::{Response, contain_panic};
use super::request;
use super::shared::Shared;
use crate::http::Reply;

const CLOSE: HeaderValue = HeaderValue::from_static("close");

pub(super) async fn answer(
    shared: &Arc<Shared>,
    state: &StateHandle,
    peer: IpAddr,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<ReplyBody>, Infallible> {
    let headers = shared.handler.answer_headers(request.uri().path(), request.headers());
    let is_head = request.method() == Method::HEAD;
    state.lock().begin_request();
    let request = request::read(request, peer, shared, state).await;
    state.lock().set(Activity::Answering);
    let response = match request {
        Ok(request) => {
            let handler = Arc::clone(&shared.handler);
            let response = if handler.takes_long(&request) {
                let task = spawn_blocking(move || contain_panic(|| handler.handle(&request)));
                // an error means that the server ends
                task.await.ok().flatten()
            } else {
                contain_panic(|| handler.handle(&request))
            };
            response.unwrap_or_else(|| Response::Reply(shared.handler.panic_reply()))
        }
        Err(refusal) => {
            state.lock().answered_early = refusal.left_unread;
            Response::Reply(refusal.reply.with_header(header::CONNECTION, CLOSE))
        }
    };
    let mut response = match response {
        Response::Reply(mut reply) => {
            add_headers(&mut reply.headers, &headers);
            deliver(reply, shared, state).await
        }
        Response::Deferred(deferred) => {
            let mut reply = deferred::wait(deferred, shared).await;
            add_headers(&mut reply.headers, &headers);
            into_hyper(reply, shared, state)
        }
        Response::Events(events) => {
            let mut response = if is_head {
                deferred::stream_head(ReplyBody::Whole(Bytes::new()))
            } else {
                deferred::stream(events, Arc::clone(shared), state)
            };
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
    shared: &Shared,
    state: &StateHandle,
) -> hyper::Response<ReplyBody> {
    if !reply.delivery.delay.is_zero() {
        tokio::select! {
            () = tokio::time::sleep(reply.delivery.delay) => {}
            () = shared.shutdown.started() => {}
        }
    }
    if let Some(fault) = reply.delivery.fault.take() {
        // the connection's task takes the socket back and drops this future
        state.lock().fault = Some(FaultyReply { fault, reply });
        return std::future::pending().await;
    }
    into_hyper(reply, shared, state)
}

fn into_hyper(reply: Reply, shared: &Shared, state: &StateHandle) -> hyper::Response<ReplyBody> {
    let body = match reply.delivery.drip {
        None => ReplyBody::Whole(reply.body),
        Some((pieces, over)) => {
            let guard = state.set_while(Activity::Answering);
            ReplyBody::drip(reply.body, pieces, over, shared.shutdown.clone(), guard)
        }
    };
    let mut response = hyper::Response::new(body);
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    response
}
