//! The calls of a connection: a request is read in full, answered by the sandbox, and the answer
//! is carried out with its delay, drip or fault.

use std::convert::Infallible;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http::{HeaderValue, StatusCode, header};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};

use super::body::Payload;
use super::connection::{Shared, told};
use super::connection_state::{Phase, Pulse};
use super::fault::Faulty;
use super::limits::{Hosts, Limits};
use super::waiting;
use crate::admin::{self, Answer};
use crate::http::Problem;
use crate::http::{Reply, Request};
use crate::text::quoted;
use crate::vendor::{Outcome, envelope};

/// Answers one request.
pub async fn answer(
    shared: &Arc<Shared>,
    pulse: &Arc<Pulse>,
    peer: IpAddr,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Payload>, Infallible> {
    pulse.call();
    let (head, body) = request.into_parts();
    pulse.enter(Phase::Body);
    let read = match fits(&head, &shared.limits) {
        Ok(()) => read(body, shared.limits.body_bytes).await,
        Err(problem) => Err(problem),
    };
    pulse.enter(Phase::Answering);
    let answer = match read {
        Ok(body) => {
            let (method, uri, headers) = (head.method, head.uri, head.headers);
            let request = Request { method, uri, headers, body, peer };
            contained(|| admin::respond(&shared.sandbox, &request))
        }
        Err(problem) => {
            let (method, path) = (quoted(head.method.as_str()), quoted(head.uri.path()));
            tracing::info!("refused {method} {path}: {}", problem.detail());
            pulse.answer_early();
            let close = HeaderValue::from_static("close");
            Answer::Reply(problem.reply().with_header(header::CONNECTION, close))
        }
    };
    let mut response = match answer {
        Answer::Reply(reply) => deliver(reply, shared, pulse).await,
        Answer::Verify(verify) => response(waiting::verify(verify, shared).await, shared, pulse),
        Answer::Events(events) => waiting::stream(events, Arc::clone(shared), pulse),
    };
    if !shared.sandbox.is_ready() {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    if response.body().is_whole() {
        pulse.enter(Phase::Waiting);
    }
    Ok(response)
}

/// Whether a request is of the kind that is answered at all. The sandbox's own API is stricter
/// about its Host and says so itself.
fn fits(head: &http::request::Parts, limits: &Limits) -> Result<(), Problem> {
    let mut hosts = head.headers.get_all(header::HOST).iter();
    let one_host = match (hosts.next(), hosts.next()) {
        (None, _) => head.version == http::Version::HTTP_10,
        (Some(host), None) => host.to_str().is_ok_and(admin::is_well_formed_host),
        (Some(_), Some(_)) => false,
    };
    if !one_host && limits.hosts == Hosts::OneWellFormed && !admin::is_own(head.uri.path()) {
        let detail =
            "a request has exactly one Host header, a name or an address with or without a port";
        return Err(Problem::new(StatusCode::BAD_REQUEST, detail));
    }
    Ok(())
}

/// A whole body, or why it is not read.
async fn read(mut body: Incoming, limit_bytes: usize) -> Result<Bytes, Problem> {
    let too_long = || {
        let detail = format!(
            "the body is longer than {limit_bytes} bytes ({} MiB), which is the most that is read",
            limit_bytes / (1024 * 1024)
        );
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    };
    if body.size_hint().lower() > limit_bytes as u64 {
        return Err(too_long());
    }
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            Problem::new(StatusCode::BAD_REQUEST, format!("the body broke off: {error}"))
        })?;
        let Ok(data) = frame.into_data() else { continue };
        if whole.is_empty() && body.is_end_stream() {
            return Ok(data);
        }
        if whole.len() + data.len() > limit_bytes {
            return Err(too_long());
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole.freeze())
}

/// The sandbox's answer; a panic in it costs one call and is told in the log.
fn contained(answer: impl FnOnce() -> Answer) -> Answer {
    catch_unwind(AssertUnwindSafe(answer)).unwrap_or_else(|_| {
        tracing::error!("a call panicked, which is a bug of the sandbox; see the lines before");
        Answer::Reply(envelope::error(Outcome::ServerError))
    })
}

/// Carries out the delay and the fault of a reply.
async fn deliver(
    mut reply: Reply,
    shared: &Shared,
    pulse: &Arc<Pulse>,
) -> hyper::Response<Payload> {
    if !reply.delivery.delay.is_zero() {
        tokio::select! {
            () = tokio::time::sleep(reply.delivery.delay) => {}
            () = told(shared.stopped.clone()) => {}
        }
    }
    if let Some(fault) = reply.delivery.fault.take() {
        // the connection's task takes the socket back, and this future ends with the connection
        pulse.spoil(Faulty { fault, reply });
        std::future::pending::<()>().await;
        unreachable!("BUG: a future that is never ready was ready");
    }
    response(reply, shared, pulse)
}

fn response(reply: Reply, shared: &Shared, pulse: &Arc<Pulse>) -> hyper::Response<Payload> {
    let payload = match reply.delivery.drip {
        None => Payload::whole(reply.body),
        Some((chunks, over)) => {
            let busy = pulse.keep(Phase::Answering);
            Payload::drip(reply.body, chunks, over, shared.stopped.clone(), busy)
        }
    };
    let mut response = hyper::Response::new(payload);
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panics() -> Answer {
        panic!("a bug")
    }

    #[test]
    fn a_panic_is_a_server_error() {
        let Answer::Reply(reply) = contained(panics) else { panic!("no reply") };
        assert_eq!(reply, envelope::error(Outcome::ServerError));
    }

    #[test]
    #[should_panic(expected = "a bug")]
    fn a_panic_that_is_not_contained_goes_on() {
        panics();
    }
}
