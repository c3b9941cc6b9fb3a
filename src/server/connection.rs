//! One connection from the first byte to the last: hyper, and what hyper leaves to its caller.

use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use http::StatusCode;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;

use super::connection_state::{Activity, ConnectionState, FaultyReply};
use super::connections::OpenConnection;
use super::faults;
use super::raw_response;
use super::service;
use super::shared::Shared;
use super::timeouts::{Timeout, Timeouts};
use super::tracked_stream::TrackedStream;
use super::transport::{self, Transport};
use crate::http::Problem;

/// Why a connection ends.
enum CloseReason {
    /// hyper is finished: everything was answered, the client left, or it does not speak HTTP.
    Finished(hyper::Result<()>),
    /// A fault replaces the answer, of which hyper has written nothing.
    Fault(FaultyReply),
    /// The client was too slow. hyper has written nothing since the last answer.
    TimedOut(Timeout),
    /// No call is under way, and the connection was asked to close.
    CloseRequested,
}

/// Serves a connection until it ends.
pub(super) async fn serve<T: Transport>(
    stream: T,
    peer: IpAddr,
    connection: OpenConnection,
    shared: Arc<Shared>,
) {
    stream.set_nodelay();
    let (state, limits) = (&connection.state, &shared.limits);
    let service = service_fn(|request| service::answer(&shared, state, peer, request));
    let io = TokioIo::new(TrackedStream::new(stream, state.clone()));
    // hyper gets no timer: it would set one anew for every request
    let mut http = http1::Builder::new()
        .max_headers(limits.headers)
        .max_buf_size(limits.head_bytes)
        // copying head and body into one buffer costs 4 % less of a call than writing two
        .writev(false)
        .serve_connection(io, service);
    let mut timeouts = Timeouts::new(*limits);
    let end = poll_fn(|context| {
        loop {
            if let Poll::Ready(result) = Pin::new(&mut http).poll(context) {
                return Poll::Ready(CloseReason::Finished(result));
            }
            let mut state = state.lock();
            state.waker.clone_from(context.waker());
            if let Some(fault) = state.fault.take() {
                return Poll::Ready(CloseReason::Fault(fault));
            }
            match timeouts.poll(&mut state, context) {
                // the call is under way, and answers
                Poll::Ready(late @ (Timeout::BodyPause | Timeout::Body))
                    if state.late_body.is_none() =>
                {
                    state.late_body = Some(late);
                }
                Poll::Ready(timeout) => return Poll::Ready(CloseReason::TimedOut(timeout)),
                Poll::Pending if state.take_close_request() => {
                    return Poll::Ready(CloseReason::CloseRequested);
                }
                Poll::Pending => return Poll::Pending,
            }
        }
    })
    .await;
    let parts = http.into_parts();
    let mut stream = parts.io.into_inner().into_inner();
    match end {
        // a request that was not read in full must not reset the answer
        CloseReason::Finished(Ok(()))
            if state.lock().answered_early || !parts.read_buf.is_empty() =>
        {
            transport::linger(&mut stream, limits, &shared.shutdown).await;
        }
        CloseReason::Finished(Ok(())) | CloseReason::CloseRequested => {}
        CloseReason::Finished(Err(error)) => {
            log(&error, peer, &state.lock());
            if error.is_parse() {
                transport::linger(&mut stream, limits, &shared.shutdown).await;
            }
        }
        CloseReason::Fault(fault) => faults::play(stream, fault, &shared.shutdown).await,
        CloseReason::TimedOut(timeout) => time_out(stream, timeout, peer, &shared).await,
    }
}

/// Logs why a connection broke off, where somebody may want to know.
fn log(error: &hyper::Error, peer: IpAddr, state: &ConnectionState) {
    if state.is_tls {
        tracing::info!(
            "{peer} speaks TLS, but this server speaks plain HTTP; use an http:// URL or put a TLS \
             proxy in front"
        );
    } else if state.progress().activity == Activity::Answering {
        tracing::info!(
            "{peer} closed its side of the connection before its answer was ready and gets none; \
             a client must keep the connection open until it has read the answer"
        );
    } else if error.is_parse() {
        tracing::info!("{peer} sent a request that is not HTTP/1.1: {error}");
    } else {
        tracing::debug!("the connection from {peer} broke off: {error}");
    }
}

/// Ends a connection whose client was too slow; answers 408 if the head of a request had begun.
async fn time_out<T: Transport>(mut stream: T, timeout: Timeout, peer: IpAddr, shared: &Shared) {
    match timeout {
        Timeout::FirstByte | Timeout::NextRequest => {
            tracing::debug!("closed an idle connection from {peer}");
        }
        Timeout::Read => {
            tracing::info!("closed a connection from {peer}, which does not read its answer");
        }
        Timeout::Head | Timeout::BodyPause | Timeout::Body => {
            let detail = timeout.describe(&shared.limits);
            tracing::info!("refused a request from {peer}: {detail}");
            let reply = Problem::new(StatusCode::REQUEST_TIMEOUT, detail).reply();
            transport::send(&mut stream, &raw_response::closing(&reply)).await;
            transport::linger(&mut stream, &shared.limits, &shared.shutdown).await;
        }
    }
}
