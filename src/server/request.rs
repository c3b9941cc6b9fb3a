//! Reads a request in full, or says why it is refused.

use std::error::Error as _;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::Poll;

use bytes::Bytes;
use http::StatusCode;
use http::header::TRANSFER_ENCODING;
use hyper::body::{Body as _, Frame, Incoming};

use super::connection_state::{Needed, StateHandle};
use super::handler::Handler;
use super::held_memory::HeldMemory;
use super::limits::{HostCheck, LateRequest, Limits};
use super::shared::Shared;
use crate::http::{Arrival, InvalidHost, Problem, Reply, Request};
use crate::memory::{BudgetFull, MIB};
use crate::text::quoted;

/// The answer to a request that was not read in full.
pub(super) struct Refusal {
    pub(super) reply: Reply,
    /// Whether the client may still be sending the body.
    pub(super) left_unread: bool,
}

/// Reads the body of a request and returns its memory, or the answer to a request that is refused.
pub(super) async fn read(
    request: &mut Request,
    mut incoming: Incoming,
    arrival: Arrival,
    shared: &Shared,
    state: &StateHandle,
) -> Result<HeldMemory, Refusal> {
    let (handler, limits) = (&*shared.handler, &shared.limits);
    let checked = check_host(request, handler, limits).and_then(|()| check_codings(request));
    let body = match checked {
        Ok(()) => read_body(&mut incoming, shared, state).await,
        Err(problem) => Err(problem),
    };
    match body {
        Ok((body, memory)) => {
            request.body = body;
            Ok(memory)
        }
        Err(problem) => {
            let reply = handler.refuse(request, arrival, &problem);
            Err(Refusal { reply, left_unread: !incoming.is_end_stream() })
        }
    }
}

fn check_host(request: &Request, handler: &dyn Handler, limits: &Limits) -> Result<(), Problem> {
    let Err(invalid) = request.host() else { return Ok(()) };
    if limits.host_check == HostCheck::Off || handler.checks_host(request.path()) {
        return Ok(());
    }
    let expected = "a name or an address, with or without a port";
    let detail = match invalid {
        InvalidHost::Missing | InvalidHost::Repeated => {
            format!("expected exactly one Host header: {expected}")
        }
        InvalidHost::NamesUser => {
            format!("the host has a user name before its @; expected {expected}")
        }
        InvalidHost::Malformed(host) => {
            format!("the host {} is not well-formed; expected {expected}", quoted(&host))
        }
    };
    Err(Problem::new(StatusCode::BAD_REQUEST, detail))
}

/// Checks that a body is chunked once at most (RFC 9112, 6.1): hyper takes off the chunks around it, and those
/// within would be taken for the body.
fn check_codings(request: &Request) -> Result<(), Problem> {
    let lines = request.headers.get_all(TRANSFER_ENCODING).iter();
    let codings = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    // one may have parameters
    let names = codings.map(|coding| coding.split(|byte| *byte == b';').next().unwrap_or(coding));
    let chunked = names.filter(|name| name.trim_ascii().eq_ignore_ascii_case(b"chunked"));
    if chunked.count() <= 1 {
        return Ok(());
    }
    let detail = "the Transfer-Encoding names chunked more than once; send it once";
    Err(Problem::new(StatusCode::BAD_REQUEST, detail))
}

/// Reads a body, whose memory is taken as it arrives: what a client announces costs it nothing. A body
/// for which nothing gives way is refused at once, since others that wait too could wait for this one.
async fn read_body(
    body: &mut Incoming,
    shared: &Shared,
    state: &StateHandle,
) -> Result<(Bytes, HeldMemory), Problem> {
    let limits = &shared.limits;
    let limit_bytes = limits.body_bytes;
    let too_long = || {
        let limit_mib = limit_bytes / MIB;
        let detail = format!("the body is longer than {limit_bytes} bytes ({limit_mib} MiB)");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    };
    if body.size_hint().lower() > limit_bytes as u64 {
        return Err(too_long());
    }
    // what no body exceeds: its announced length, if there is one
    let announced = body.size_hint().upper().and_then(|length| usize::try_from(length).ok());
    let longest = announced.unwrap_or(limit_bytes);
    let (mut whole, mut held) = (Vec::new(), HeldMemory::default());
    while let Some(frame) = next_frame(body, shared, state).await? {
        let frame = frame.map_err(|error| {
            let detail = if let Some(why) = malformed(&error) {
                format!("the chunks of the body are malformed: {why}")
            } else {
                "the client closed its side of the connection in the middle of the body".to_owned()
            };
            Problem::bad_request(detail)
        })?;
        let Ok(data) = frame.into_data() else { continue };
        if whole.is_empty() && body.is_end_stream() {
            return Ok((data, held));
        }
        if whole.len() + data.len() > limit_bytes {
            return Err(too_long());
        }
        let needed = whole.len() + data.len();
        if needed > whole.capacity() {
            let capacity = whole.capacity().saturating_mul(2).min(longest).max(needed);
            let taken = shared.take_memory(&mut held, capacity, state).await;
            taken.map_err(|BudgetFull| shared.server_busy())?;
            whole.reserve_exact(capacity - whole.len());
        }
        whole.extend_from_slice(&data);
    }
    Ok((whole.into(), held))
}

/// Says what is wrong with the form of a body; `None` if its client has left.
fn malformed(error: &hyper::Error) -> Option<&io::Error> {
    let why = error.source()?.downcast_ref::<io::Error>()?;
    matches!(why.kind(), ErrorKind::InvalidInput | ErrorKind::InvalidData).then_some(why)
}

/// Waits for the next frame of a body, until the connection's task says that it comes too late, or until it has
/// to give way to others.
async fn next_frame(
    body: &mut Incoming,
    shared: &Shared,
    state: &StateHandle,
) -> Result<Option<hyper::Result<Frame<Bytes>>>, Problem> {
    let frame = poll_fn(|context| Pin::new(&mut *body).poll_frame(context));
    tokio::select! {
        biased;
        needed = state.gives_way() => Err(match needed {
            Needed::Memory => shared.server_busy(),
            Needed::Place => shared.connections.all_taken(),
        }),
        late = late_body(state) => {
            let detail = late.describe(&shared.limits);
            Err(Problem::new(StatusCode::REQUEST_TIMEOUT, detail))
        }
        frame = frame => Ok(frame),
    }
}

/// Waits until the connection's task says that the body comes too slowly.
async fn late_body(state: &StateHandle) -> LateRequest {
    poll_fn(|_| state.lock().late_body.take().map_or(Poll::Pending, Poll::Ready)).await
}
