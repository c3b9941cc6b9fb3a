//! The server that the product is compared with: hyper, the same request read by serde's derive, new
//! ids, the same answer. It has no token, state, scenario or journal.

mod answer;
mod ids;
mod link;
mod request;

use std::net::SocketAddr;

use anyhow::Context as _;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::call;
use answer::Answer;
use request::CreateGroup;

/// The argument that makes the driver run as the baseline.
pub const ARGUMENT: &str = "baseline";

/// Serves until it is killed, with the same kind of runtime as the product.
pub fn run(address: Option<&str>) -> anyhow::Result<()> {
    let address = address.unwrap_or("127.0.0.1:0");
    let address = address.parse().with_context(|| format!("{address:?} is not an address"))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(serve(address))
}

async fn serve(address: SocketAddr) -> anyhow::Result<()> {
    let listener = TcpListener::bind(address).await?;
    println!("baseline ready on http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(async move {
            let service = service_fn(answer);
            // an error says that the client has closed the connection
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    match (request.method(), request.uri().path()) {
        (&Method::POST, call::PATH) => create(request).await,
        (&Method::GET, call::HEALTH) => Ok(Response::new(Full::default())),
        _ => Ok(empty(StatusCode::NOT_FOUND)),
    }
}

async fn create(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let Ok(call) = serde_json::from_slice::<CreateGroup>(&body) else {
        return Ok(empty(StatusCode::BAD_REQUEST));
    };
    let host = head.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let mut body = Vec::with_capacity(2560);
    if serde_json::to_writer(&mut body, &Answer::to(&call, host)).is_err() {
        return Ok(empty(StatusCode::INTERNAL_SERVER_ERROR));
    }
    let mut response = Response::new(Full::from(body));
    let media_type = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    Ok(response)
}

fn empty(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
