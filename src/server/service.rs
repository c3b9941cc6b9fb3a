//! Answers one request: has the handler answer it and carries out the reply's delay, drip or fault.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use http::{HeaderValue, header};
use hyper::body::Incoming;

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
    state.lock().begin_request();
    let request = request::read(request, peer, shared, state).await;
    state.lock().set(Activity::Answering);
    let response = match request {
        Ok(request) => {
            let handler = Arc::clone(&shared.handler);
            contain_panic(|| handler.handle(&request))
                .unwrap_or_else(|| Response::Reply(shared.handler.panic_reply()))
        }
        Err(refusal) => {
            state.lock().answered_early = refusal.left_unread;
            Response::Reply(refusal.reply.with_header(header::CONNECTION, CLOSE))
        }
    };
    let mut response = match response {
        Response::Reply(reply) => deliver(reply, shared, state).await,
        Response::Deferred(deferred) => {
            into_hyper(deferred::wait(deferred, shared).await, shared, state)
        }
        Response::Events(events) => deferred::stream(events, Arc::clone(shared), state),
    };
    if shared.shutdown.has_started() {
        response.headers_mut().insert(header::CONNECTION, CLOSE);
    }
    if response.body().is_whole() {
        state.lock().set(Activity::Idle);
    }
    Ok(response)
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
