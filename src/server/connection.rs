//! One connection from the first byte to the last: hyper, and what hyper leaves to its caller.

use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::StatusCode;
use hyper::server::conn::http1::{self, Parts};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;

use super::connection_state::{Activity, FaultyReply, StateHandle};
use super::connections::{OpenConnection, TooLittle};
use super::faults;
use super::held_memory::HeldMemory;
use super::limits::{LateRequest, Limits};
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
    Fault(Box<FaultyReply>),
    /// The client was too slow. hyper has written nothing since the last answer.
    TimedOut(Timeout),
    /// Too little memory is left for a head that comes in parts.
    NoMemory,
    /// It only waits, and others need its memory or its place.
    GaveWay(Wait),
    /// The client has left while its call was held.
    ClientLeft,
    /// No call is under way, and the connection was asked to close.
    CloseRequested,
}

/// What a connection waits for that gives way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wait {
    /// Its client does not read its answer.
    Client,
    /// The answer has a delay, is sent in pieces or read slowly, or waits for later calls.
    Answer,
}

/// Serves a connection until it ends.
pub(super) async fn serve<T: Transport>(
    mut stream: T,
    peer: IpAddr,
    connection: OpenConnection,
    shared: Arc<Shared>,
) {
    stream.set_nodelay();
    let (state, limits) = (&connection.state, &shared.limits);
    let mut timeouts = Timeouts::new(*limits);
    // what hyper had read of the next request before the connection became idle
    let mut unread = Bytes::new();
    let end = loop {
        // hyper's buffers are most of what a connection takes, and while it is quiet it has none
        if unread.is_empty() {
            if let Some(end) = quiet(&stream, &connection, &mut timeouts).await {
                break end;
            }
        } else {
            timeouts.set_quiet(true);
        }
        let service = service_fn(|request| {
            service::answer(&shared, state, peer, connection.number(), request)
        });
        let io = TokioIo::new(TrackedStream::new(stream, state.clone(), unread));
        // hyper gets no timer: it would set one anew for every request
        let mut http = http1::Builder::new()
            .max_headers(limits.headers)
            .max_buf_size(limits.head_bytes)
            // copying head and body into one buffer costs 4 % less of a call than writing two
            .writev(false)
            .serve_connection(io, service);
        let mut head = HeldMemory::default();
        let end = poll_fn(|context| {
            let end = poll_http(Pin::new(&mut http), &connection, &mut timeouts, context);
            if end.is_ready() {
                return end;
            }
            poll_head_memory(&mut head, timeouts.head_bytes(), state, &shared, context)
        })
        .await;
        let Parts { io, read_buf, .. } = http.into_parts();
        (stream, unread) = (io.into_inner().into_inner(), read_buf);
        if !matches!(end, CloseReason::TimedOut(Timeout::Quiet)) {
            break end;
        }
        // not the whole buffer
        unread = Bytes::copy_from_slice(&unread);
    };
    report_undelivered(state, &end);
    let is_unread = {
        let state = state.lock();
        !state.gives_place && (state.answered_early || !unread.is_empty())
    };
    // a fault may be played for long
    drop(unread);
    close(stream, end, is_unread, peer, state, &shared).await;
}

/// Polls hyper, then checks whether the connection has to end.
fn poll_http(
    mut http: Pin<&mut impl Future<Output = hyper::Result<()>>>,
    connection: &OpenConnection,
    timeouts: &mut Timeouts,
    context: &mut Context<'_>,
) -> Poll<CloseReason> {
    loop {
        if let Poll::Ready(result) = http.as_mut().poll(context) {
            return Poll::Ready(CloseReason::Finished(result));
        }
        match check(connection, timeouts, context) {
            // the call is under way and answers 408 itself
            Poll::Ready(CloseReason::TimedOut(Timeout::Late(
                late @ (LateRequest::BodyPause | LateRequest::Body),
            ))) if connection.state.set_late_body(late) => {}
            end => return end,
        }
    }
}

/// Takes the memory of a head that comes in parts; ready if there is none and none is freed.
fn poll_head_memory(
    head: &mut HeldMemory,
    bytes: usize,
    state: &StateHandle,
    shared: &Shared,
    context: &Context<'_>,
) -> Poll<CloseReason> {
    match shared.connections.take_memory(head, bytes, &shared.memory, state) {
        Ok(()) => Poll::Pending,
        Err(TooLittle { is_freed: true }) => {
            context.waker().wake_by_ref();
            Poll::Pending
        }
        Err(TooLittle { is_freed: false }) => Poll::Ready(CloseReason::NoMemory),
    }
}

/// Reports what becomes of the answers that were not delivered.
fn report_undelivered(state: &StateHandle, end: &CloseReason) {
    let undelivered = state.lock().take_undelivered();
    for undelivered in undelivered {
        match end {
            CloseReason::GaveWay(Wait::Answer) => undelivered.faulted(),
            _ => undelivered.left(),
        }
    }
}

/// Closes a connection, of which bytes may be unread, as its end asks for.
async fn close<T: Transport>(
    mut stream: T,
    end: CloseReason,
    is_unread: bool,
    peer: IpAddr,
    state: &StateHandle,
    shared: &Shared,
) {
    let limits = &shared.limits;
    // it can close no sooner than its client lets it
    let busy =
        if matches!(end, CloseReason::Fault(_)) { Activity::Faulted } else { Activity::Answering };
    let was = state.replace(busy);
    match end {
        // a request that was not read in full must not reset the answer
        CloseReason::Finished(Ok(())) if is_unread => {
            transport::linger(&mut stream, limits, &shared.shutdown).await;
        }
        CloseReason::Finished(Ok(())) | CloseReason::CloseRequested => {}
        CloseReason::Finished(Err(error)) => {
            let is_tls = state.lock().is_tls;
            log(&error, peer, was, is_tls, limits);
            if error.is_parse() {
                transport::linger(&mut stream, limits, &shared.shutdown).await;
            }
        }
        CloseReason::ClientLeft => log_early_end(peer),
        CloseReason::Fault(fault) => faults::play(stream, *fault, state, &shared.shutdown).await,
        CloseReason::GaveWay(wait) => {
            let what = match wait {
                Wait::Client => "which does not read its answer",
                Wait::Answer => "whose answer takes long",
            };
            tracing::info!(
                "closed a connection from {peer}, {what}: others need its memory or place"
            );
        }
        CloseReason::NoMemory => {
            let problem = shared.server_busy();
            tracing::info!("refused a request from {peer}: {}", problem.detail());
            answer_by_hand(stream, &problem, shared).await;
        }
        CloseReason::TimedOut(timeout) => time_out(stream, timeout, peer, shared).await,
    }
}

/// Waits for a request without hyper; returns why the connection ends if it does before.
async fn quiet<T: Transport>(
    stream: &T,
    connection: &OpenConnection,
    timeouts: &mut Timeouts,
) -> Option<CloseReason> {
    timeouts.set_quiet(true);
    let end = poll_fn(|context| {
        if stream.poll_readable(context).is_ready() {
            return Poll::Ready(None);
        }
        check(connection, timeouts, context).map(Some)
    })
    .await;
    timeouts.set_quiet(false);
    end
}

/// Checks whether a connection that waits has to end.
fn check(
    connection: &OpenConnection,
    timeouts: &mut Timeouts,
    context: &mut Context<'_>,
) -> Poll<CloseReason> {
    let mut state = connection.state.lock();
    state.waker.clone_from(context.waker());
    if let Some(fault) = state.fault.take() {
        return Poll::Ready(CloseReason::Fault(fault));
    }
    if state.client_left {
        return Poll::Ready(CloseReason::ClientLeft);
    }
    if let Poll::Ready(timeout) = timeouts.poll(&mut state, context) {
        return Poll::Ready(CloseReason::TimedOut(timeout));
    }
    if state.take_needed().is_some() {
        match state.progress().activity {
            Activity::Idle if timeouts.head_bytes() > 0 => {
                return Poll::Ready(CloseReason::NoMemory);
            }
            // the call has just ended
            Activity::Idle => {}
            Activity::WriteBlocked => return Poll::Ready(CloseReason::GaveWay(Wait::Client)),
            _ => return Poll::Ready(CloseReason::GaveWay(Wait::Answer)),
        }
    }
    if state.take_close_request() {
        return Poll::Ready(CloseReason::CloseRequested);
    }
    if state.needs_idle_place() {
        drop(state);
        connection.add_to_idle();
    }
    Poll::Pending
}

/// Logs why a connection broke off, where somebody may want to know.
fn log(error: &hyper::Error, peer: IpAddr, activity: Activity, is_tls: bool, limits: &Limits) {
    if is_tls {
        tracing::info!(
            "{peer} speaks TLS, but this server speaks plain HTTP; use an http:// URL or put a TLS \
             proxy in front"
        );
    } else if activity == Activity::Answering {
        log_early_end(peer);
    } else if error.is_incomplete_message() {
        tracing::info!(
            "{peer} closed its side of the connection in the middle of the head of a request"
        );
    } else if error.is_parse_too_large() {
        let (headers, kib) = (limits.headers, limits.head_bytes / 1024);
        tracing::info!(
            "{peer} sent a request whose head is too large; send at most {headers} headers and {kib} KiB"
        );
    } else if error.is_parse() {
        tracing::info!("{peer} sent a request that is not HTTP/1.1: {error}");
    } else {
        tracing::debug!("the connection from {peer} broke off: {error}");
    }
}

fn log_early_end(peer: IpAddr) {
    tracing::info!(
        "{peer} closed its side of the connection before its answer was ready and gets none; \
         a client must keep the connection open until it has read the answer"
    );
}

/// Ends a connection whose client was too slow; answers 408 if the head of a request had begun.
async fn time_out<T: Transport>(stream: T, timeout: Timeout, peer: IpAddr, shared: &Shared) {
    match timeout {
        Timeout::Idle | Timeout::Quiet => {
            tracing::debug!("closed an idle connection from {peer}");
        }
        Timeout::Read => {
            tracing::info!("closed a connection from {peer}, which does not read its answer");
        }
        Timeout::Late(late) => {
            let detail = late.describe(&shared.limits);
            tracing::info!("refused a request from {peer}: {detail}");
            let problem = Problem::new(StatusCode::REQUEST_TIMEOUT, detail);
            answer_by_hand(stream, &problem, shared).await;
        }
    }
}

/// Answers a request whose head was not read in full, and closes the connection.
async fn answer_by_hand<T: Transport>(mut stream: T, problem: &Problem, shared: &Shared) {
    transport::send(&mut stream, &raw_response::closing(&problem.reply())).await;
    transport::linger(&mut stream, &shared.limits, &shared.shutdown).await;
}
