//! Reads a request in full, or says why it is refused.

use std::net::IpAddr;

use bytes::{Bytes, BytesMut};
use http::request::Parts;
use http::{StatusCode, Version, header};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};

use super::handler::Handler;
use super::limits::{HostCheck, Limits};
use crate::http::{Problem, Request, host_name};
use crate::text::quoted;

/// Reads a request; a refusal is logged.
pub(super) async fn read(
    request: hyper::Request<Incoming>,
    peer: IpAddr,
    handler: &dyn Handler,
    limits: &Limits,
) -> Result<Request, Problem> {
    let (head, body) = request.into_parts();
    let body = match check_host(&head, handler, limits) {
        Ok(()) => read_body(body, limits.body_bytes).await,
        Err(problem) => Err(problem),
    };
    match body {
        Ok(body) => {
            let Parts { method, uri, headers, .. } = head;
            Ok(Request { method, uri, headers, body, peer })
        }
        Err(problem) => {
            let (method, path) = (quoted(head.method.as_str()), quoted(head.uri.path()));
            tracing::info!("refused {method} {path}: {}", problem.detail());
            Err(problem)
        }
    }
}

fn check_host(head: &Parts, handler: &dyn Handler, limits: &Limits) -> Result<(), Problem> {
    let mut hosts = head.headers.get_all(header::HOST).iter();
    let is_valid = match (hosts.next(), hosts.next()) {
        (None, _) => head.version == Version::HTTP_10,
        (Some(host), None) => host.to_str().is_ok_and(|host| host_name(host).is_some()),
        (Some(_), Some(_)) => false,
    };
    if is_valid || limits.host_check == HostCheck::Off || handler.checks_host(head.uri.path()) {
        return Ok(());
    }
    let detail = "expected exactly one Host header: a name or an address, with or without a port";
    Err(Problem::new(StatusCode::BAD_REQUEST, detail))
}

async fn read_body(mut body: Incoming, limit_bytes: usize) -> Result<Bytes, Problem> {
    let too_long = || {
        let limit_mib = limit_bytes / (1024 * 1024);
        let detail = format!("the body is longer than {limit_bytes} bytes ({limit_mib} MiB)");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    };
    if body.size_hint().lower() > limit_bytes as u64 {
        return Err(too_long());
    }
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            Problem::new(StatusCode::BAD_REQUEST, format!("cannot read the body: {error}"))
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
