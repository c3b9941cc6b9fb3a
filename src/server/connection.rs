//! One connection from the first byte to the last: hyper, and what hyper leaves to its caller.

use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use http::StatusCode;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::sync::{Notify, watch};

use super::connection_state::{Phase, Pulse};
use super::connections::Opened;
use super::deadline::{Deadline, Late};
use super::fault::{self, Faulty};
use super::limits::Limits;
use super::service as calls;
use super::socket::{Socket, Transport};
use super::wire;
use crate::call::Sandbox;
use crate::http::Problem;

/// How long a connection without a call stays open once the server is told to stop, so that a call
/// that is on its way is answered and not lost.
const LAST_CALL: Duration = Duration::from_millis(250);

/// Turns true when the server is told to stop.
pub type Stopped = watch::Receiver<bool>;

/// What all connections of a server share.
pub struct Shared {
    /// Answers requests.
    pub sandbox: Arc<Sandbox>,
    /// Turns true when the server is told to stop.
    pub stopped: Stopped,
    /// Tells of every call that is taken down.
    pub taken_down: Arc<Notify>,
    /// What one client may take.
    pub limits: Limits,
}

/// Ready once the server is told to stop.
pub async fn told(mut stopped: Stopped) {
    // an error says that the server itself is gone
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// Why a connection ends.
enum End {
    /// hyper is done with it: everything was answered, or the client is gone or speaks no HTTP.
    Done(hyper::Result<()>),
    /// The answer is to be spoiled. hyper has written nothing of it.
    Spoiled(Faulty),
    /// Something did not come in time. hyper has written nothing since the last answer.
    Late(Late),
    /// It has no call, and another connection or the end of the server needs the room.
    NotNeeded,
}

/// Serves a connection until it ends, or until the answer under way once the server is to stop.
pub async fn serve<T: Transport>(stream: T, peer: IpAddr, opened: Opened, shared: Arc<Shared>) {
    stream.send_at_once();
    let (pulse, limits) = (Arc::clone(&opened.pulse), shared.limits);
    let service = service_fn(|request| calls::answer(&shared, &pulse, peer, request));
    let socket = TokioIo::new(Socket::new(stream, Arc::clone(&pulse)));
    // no timer is given to hyper, which has one for heads and idle connections alike, and sets it
    // anew for every call
    let mut connection = http1::Builder::new()
        .max_headers(limits.headers)
        .max_buf_size(limits.head_bytes)
        // most answers are short: in one piece with their heads they cost the kernel less
        .writev(false)
        .serve_connection(socket, service);
    let end = {
        let mut deadline = Deadline::new(&opened, limits);
        let mut leaving = pin!(leaving(&shared, &pulse));
        let mut waits = false;
        poll_fn(|context| {
            if let Poll::Ready(ended) = Pin::new(&mut connection).poll(context) {
                return Poll::Ready(End::Done(ended));
            }
            if let Some(spoiled) = pulse.take_spoiled() {
                return Poll::Ready(End::Spoiled(spoiled));
            }
            if let Poll::Ready(late) = deadline.poll(&opened, context) {
                return Poll::Ready(End::Late(late));
            }
            // what woke the task is nearly always the socket, and then this need not be asked
            if waits && !pulse.take_asked_for_room() && shared.sandbox.is_ready() {
                return Poll::Pending;
            }
            waits = true;
            while leaving.as_mut().poll(context).is_ready() {
                leaving.set(self::leaving(&shared, &pulse));
                if matches!(pulse.phase(), Phase::Waiting | Phase::Streaming) {
                    return Poll::Ready(End::NotNeeded);
                }
            }
            Poll::Pending
        })
        .await
    };
    if let End::Done(Err(error)) = &end {
        tell(error, peer, &pulse);
    }
    let parts = connection.into_parts();
    let mut stream = parts.io.into_inner().into_inner();
    match end {
        // the answer is on its way; a close with bytes unread would overtake it as a reset
        End::Done(Ok(())) if pulse.answered_early() || !parts.read_buf.is_empty() => {
            wire::linger(&mut stream, limits).await;
        }
        End::Done(Err(error)) if error.is_parse() => wire::linger(&mut stream, limits).await,
        End::Done(_) | End::NotNeeded => {}
        End::Spoiled(spoiled) => fault::play(stream, spoiled, shared.stopped.clone()).await,
        End::Late(late) => refuse(stream, late, peer, limits).await,
    }
}

/// Ready when a connection that has no call should end: another one needs the room, or the server
/// was told to stop a while ago.
async fn leaving(shared: &Shared, pulse: &Pulse) {
    let last_call = async {
        told(shared.stopped.clone()).await;
        tokio::time::sleep(LAST_CALL).await;
    };
    tokio::select! {
        () = pulse.asked_for_room() => {}
        () = last_call => {}
    }
}

/// One line on what a connection died of, where somebody may wonder.
fn tell(error: &hyper::Error, peer: IpAddr, pulse: &Pulse) {
    if pulse.is_tls() {
        tracing::info!(
            "{peer} speaks TLS, which this server does not: begin the URL with http://, or put a \
             TLS proxy in front"
        );
    } else if pulse.phase() == Phase::Answering {
        tracing::info!(
            "{peer} closed its side of the connection while its call was being answered, and gets \
             no answer: a client keeps it open until it has read one"
        );
    } else if error.is_parse() {
        tracing::info!("{peer} sent what is not HTTP/1.1: {error}");
    } else {
        tracing::debug!("the connection of {peer} ended: {error}");
    }
}

/// Ends a connection on which something did not come in time; with 408 if a request had begun.
async fn refuse<T: Transport>(mut stream: T, late: Late, peer: IpAddr, limits: Limits) {
    let Limits { head_time, body_pause, body_time, .. } = limits;
    let detail = match late {
        Late::FirstByte | Late::NextCall => {
            tracing::debug!("the connection of {peer} was silent for too long");
            return;
        }
        Late::Reader => {
            tracing::info!("{peer} does not read its answer, and the connection is closed");
            return;
        }
        Late::Head => format!("the head of the request was not there after {head_time:?}"),
        Late::BodyPause => format!("the body of the request paused for {body_pause:?}"),
        Late::Body => format!("the body of the request was not there after {body_time:?}"),
    };
    tracing::info!("refused a request of {peer}: {detail}");
    let reply = Problem::new(StatusCode::REQUEST_TIMEOUT, detail).reply();
    wire::send(&mut stream, &wire::whole(&reply)).await;
    wire::linger(&mut stream, limits).await;
}
