//! One connection: requests in, answers out, limits around both.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderValue, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::exchange::{Reply, Request};
use crate::problem::Problem;
use crate::sandbox::Sandbox;

/// The longest body that is read, in bytes (`assumed`; the vendor names no limit).
const BODY_LIMIT: usize = 1024 * 1024;

/// How much of a body that is too long is read away, so that its sender gets to read the answer.
const DRAIN_LIMIT: usize = 1024 * 1024;

/// How long that may take.
const DRAIN_TIME: Duration = Duration::from_secs(1);

/// How long a request's head may take.
const HEAD_TIME: Duration = Duration::from_secs(10);

/// Serves a connection until it ends, or until the answer under way once `stopped` turns true.
pub async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    sandbox: Arc<Sandbox>,
    mut stopped: watch::Receiver<bool>,
) {
    // an error says that the peer is gone, which the next read will say too
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| answer(&sandbox, peer, request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = told(&mut stopped) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!("connection from {peer} ended: {error}");
    }
}

/// Ready once the server is told to stop. The guard of the watched value must not live longer.
async fn told(stopped: &mut watch::Receiver<bool>) {
    // an error says that the server itself is gone
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

async fn answer(
    sandbox: &Sandbox,
    peer: SocketAddr,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let reply = match read(body).await {
        Ok(body) => sandbox.answer(&Request {
            method: head.method,
            uri: head.uri,
            headers: head.headers,
            body,
            peer: peer.ip(),
        }),
        Err(problem) => {
            tracing::info!("refused {} {}: {}", head.method, head.uri.path(), problem.detail());
            let close = HeaderValue::from_static("close");
            problem.reply().with_header(header::CONNECTION, close)
        }
    };
    Ok(response(reply))
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

fn response(reply: Reply) -> hyper::Response<Full<Bytes>> {
    let mut response = hyper::Response::new(Full::new(reply.body));
    *response.status_mut() = reply.status;
    response.headers_mut().extend(reply.headers);
    response
}
