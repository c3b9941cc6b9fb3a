//! One connection: requests in, answers out, limits around both.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderValue, StatusCode, header};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};

use super::fault::{self, Faulty};
use super::payload::Payload;
use super::waiting;
use crate::admin::{self, Answer};
use crate::contract::{Outcome, envelope};
use crate::exchange::{Reply, Request};
use crate::nearest::quoted;
use crate::problem::Problem;
use crate::sandbox::Sandbox;

/// The longest body that is read, in bytes (`assumed`; the vendor names no limit).
const BODY_LIMIT: usize = 1024 * 1024;

/// How much of a body that is too long is read away, so that its sender gets to read the answer.
const DRAIN_LIMIT: usize = 1024 * 1024;

/// How long that may take.
const DRAIN_TIME: Duration = Duration::from_secs(1);

/// The most headers a request may have; hyper answers 431 to more.
const HEADER_LIMIT: usize = 100;

/// The longest head that is read, in bytes; hyper answers 431 to a longer one.
const HEAD_LIMIT: usize = 16 * 1024;

/// How long a request's head may take.
const HEAD_TIME: Duration = Duration::from_secs(10);

/// Turns true when the server is told to stop.
pub type Stopped = watch::Receiver<bool>;

/// What all connections of a server share.
#[derive(Clone)]
pub struct Shared {
    /// Answers requests.
    pub sandbox: Arc<Sandbox>,
    /// Turns true when the server is told to stop.
    pub stopped: Stopped,
    /// Changes with every call that is taken down.
    pub taken_down: watch::Receiver<u64>,
}

/// Serves a connection until it ends, or until the answer under way once the server is to stop.
pub async fn serve(stream: TcpStream, peer: SocketAddr, shared: Shared) {
    // an error says that the peer is gone, which the next read will say too
    let _ = stream.set_nodelay(true);
    let (faults, mut taken_back) = mpsc::channel(1);
    let service = service_fn(|request| serve_one(&shared, peer, request, &faults));
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_headers(HEADER_LIMIT)
        .max_buf_size(HEAD_LIMIT)
        .serve_connection(TokioIo::new(stream), service);
    let mut told_to_stop = std::pin::pin!(told(shared.stopped.clone()));
    let mut stopping = false;
    let ended = loop {
        tokio::select! {
            ended = &mut connection => break ended,
            // hyper has written nothing of this answer, so the socket is as the client sees it
            Some(spoiled) = taken_back.recv() => {
                let stream = connection.into_parts().io.into_inner();
                return fault::play(stream, spoiled, shared.stopped.clone()).await;
            }
            () = &mut told_to_stop, if !stopping => {
                stopping = true;
                std::pin::Pin::new(&mut connection).graceful_shutdown();
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!("connection from {peer} ended: {error}");
    }
}

/// Ready once the server is told to stop.
pub async fn told(mut stopped: Stopped) {
    // an error says that the server itself is gone
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

async fn serve_one(
    shared: &Shared,
    peer: SocketAddr,
    request: hyper::Request<Incoming>,
    faults: &mpsc::Sender<Faulty>,
) -> Result<hyper::Response<Payload>, Infallible> {
    let (head, body) = request.into_parts();
    let read = match one_host(&head) {
        Ok(()) => read(body).await,
        Err(problem) => Err(problem),
    };
    let answer = match read {
        Ok(body) => contained(
            &shared.sandbox,
            &Request {
                method: head.method,
                uri: head.uri,
                headers: head.headers,
                body,
                peer: peer.ip(),
            },
        ),
        Err(problem) => {
            let (method, path) = (quoted(head.method.as_str()), quoted(head.uri.path()));
            tracing::info!("refused {method} {path}: {}", problem.detail());
            let close = HeaderValue::from_static("close");
            Answer::Reply(problem.reply().with_header(header::CONNECTION, close))
        }
    };
    match answer {
        Answer::Reply(reply) => Ok(deliver(reply, shared, faults).await),
        Answer::Verify(verify) => Ok(response(waiting::verify(verify, shared).await, shared)),
        Answer::Events(events) => Ok(waiting::stream(events, shared.clone())),
    }
}

/// Only one well-formed Host, which links are made of; HTTP/1.0 may go without. The sandbox's own
/// API is stricter and says so itself.
fn one_host(head: &http::request::Parts) -> Result<(), Problem> {
    let mut hosts = head.headers.get_all(header::HOST).iter();
    let fine = match (hosts.next(), hosts.next()) {
        (None, _) => head.version == http::Version::HTTP_10,
        (Some(host), None) => host.to_str().is_ok_and(admin::is_well_formed_host),
        (Some(_), Some(_)) => false,
    };
    if fine || head.uri.path().starts_with("/_sandbox") {
        return Ok(());
    }
    let detail =
        "a request has exactly one Host header, a name or an address with or without a port";
    Err(Problem::new(StatusCode::BAD_REQUEST, detail))
}

/// Carries out the delay and the fault of a reply.
async fn deliver(
    mut reply: Reply,
    shared: &Shared,
    faults: &mpsc::Sender<Faulty>,
) -> hyper::Response<Payload> {
    if !reply.delivery.delay.is_zero() {
        tokio::select! {
            () = tokio::time::sleep(reply.delivery.delay) => {}
            () = told(shared.stopped.clone()) => {}
        }
    }
    if let Some(fault) = reply.delivery.fault.take() {
        // the connection's task takes the socket back, and this future ends with the connection
        let _ = faults.send(Faulty { fault, reply }).await;
        std::future::pending::<()>().await;
        unreachable!("BUG: a future that is never ready was ready");
    }
    response(reply, shared)
}

/// The sandbox's answer; a panic in it costs one call and is told in the log.
fn contained(sandbox: &Sandbox, request: &Request) -> Answer {
    catch_unwind(AssertUnwindSafe(|| admin::respond(sandbox, request))).unwrap_or_else(|_| {
        tracing::error!("a call panicked, which is a bug of the sandbox; see the lines before");
        Answer::Reply(envelope::error(Outcome::ServerError))
    })
}

/// A whole body, or why it is not read.
async fn read(mut body: Incoming) -> Result<Bytes, Problem> {
    let announced = body.size_hint().lower();
    let mut whole = BytesMut::new();
    let mut too_long = announced > BODY_LIMIT as u64;
    while !too_long && let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            Problem::new(StatusCode::BAD_REQUEST, format!("the body broke off: {error}"))
        })?;
        if let Ok(data) = frame.into_data() {
            too_long = whole.len() + data.len() > BODY_LIMIT;
            whole.extend_from_slice(&data);
        }
    }
    if !too_long {
        return Ok(whole.freeze());
    }
    let drained = tokio::time::timeout(DRAIN_TIME, drain(&mut body)).await;
    tracing::trace!("a body that was too long was read away: {drained:?}");
    let detail = format!(
        "the body is longer than {BODY_LIMIT} bytes (1 MiB), which is the most that is read"
    );
    Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail))
}

async fn drain(body: &mut Incoming) -> usize {
    let mut drained = 0;
    while drained < DRAIN_LIMIT
        && let Some(Ok(frame)) = body.frame().await
    {
        drained += frame.data_ref().map_or(0, Bytes::len);
    }
    drained
}

fn response(reply: Reply, shared: &Shared) -> hyper::Response<Payload> {
    let payload = match reply.delivery.drip {
        None => Payload::whole(reply.body),
        Some((chunks, over)) => Payload::drip(reply.body, chunks, over, shared.stopped.clone()),
    };
    let mut response = hyper::Response::new(payload);
    *response.status_mut() = reply.status;
    response.headers_mut().extend(reply.headers);
    response
}
