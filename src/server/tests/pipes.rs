//! Connections over pipes in memory, with a handler of the tests' own: [`Server`].

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::header::SERVER;
use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};

use super::super::connections::Connections;
use super::super::handler::{
    CountConnections, Deferred, Handler, Response, Stream, ThreadChoice, TimeLeft,
};
use super::super::shared::Shared;
use super::super::shutdown::Shutdown;
use super::super::{Limits, connection};
use crate::http::{
    Arrival, Delivery, DeliveryStatus, Fault, Problem, Progress, Receipt, Reply, Request,
};
use crate::memory::Budget;

/// What the client of a pipe may leave unread.
pub(super) const PIPE_BYTES: usize = 64 * 1024;
pub(super) const PIECE_BYTES: usize = 16 * 1024;

/// How many connections there may be.
pub(super) const CONNECTIONS: usize = 100;

/// Answers by path: `/<kind>/<number>`.
struct Answers {
    memory: Arc<Budget>,
    /// How many pieces of streams were made.
    pieces: Arc<AtomicUsize>,
}

impl Handler for Answers {
    fn handle(self: Arc<Self>, request: &Request, _: Arrival) -> Response {
        let (kind, number) = request.path()[1..].split_once('/').unwrap();
        let number: usize = number.parse().unwrap();
        let mut reply = Reply::new(StatusCode::OK, "text/plain", vec![b'x'; number]);
        match kind {
            "length" => reply.body = request.body.len().to_string().into(),
            "headers" => {
                let value = HeaderValue::from_bytes(&reply.body).unwrap();
                reply.headers.insert(SERVER, value);
                reply.body = Bytes::new();
            }
            "delayed" => reply.delivery.delay = Duration::from_hours(1),
            "drip" => reply.delivery.drip = Some((2, Duration::from_hours(1))),
            "hang" => {
                reply.delivery = Delivery { fault: Some(Fault::Hang), ..Delivery::default() };
            }
            "stream" => return self.stream(Some(number)),
            "events" => return self.stream(None),
            "wait" => {
                let poll = move |time| match time {
                    TimeLeft::None => (Progress::Done(reply.clone()), 0),
                    TimeLeft::Some => (Progress::Waiting, 0),
                };
                let timeout = Duration::from_secs(number as u64);
                let poll = Box::new(poll);
                return Response::Deferred(Deferred { timeout, kept_bytes: 0, poll });
            }
            _ => {}
        }
        Response::Reply(reply)
    }

    fn thread_for(&self, _: &Request) -> ThreadChoice {
        ThreadChoice::Here
    }

    fn handle_now(self: Arc<Self>, request: &Request, arrival: Arrival) -> Option<Response> {
        Some(self.handle(request, arrival))
    }

    fn refuse(&self, _: &Request, _: Arrival, problem: &Problem) -> Reply {
        problem.reply()
    }

    fn set_delivery(&self, _: Receipt, _: DeliveryStatus) {}

    fn panic_reply(&self) -> Reply {
        Reply::empty(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn checks_host(&self, _: &str) -> bool {
        true
    }

    fn answer_headers(&self, _: &str, _: &HeaderMap) -> HeaderMap {
        HeaderMap::new()
    }

    fn on_change(&self, _: Box<dyn Fn() + Send + Sync>) {}

    fn connection_memory(&self) -> Arc<Budget> {
        Arc::clone(&self.memory)
    }

    fn on_connections(&self, _: CountConnections) {}

    fn do_periodic_work(&self) {}

    fn set_stopping(&self) {}
}

impl Answers {
    /// So many pieces, or one and then nothing more.
    fn stream(&self, pieces: Option<usize>) -> Response {
        let made = Arc::clone(&self.pieces);
        let mut left = pieces.unwrap_or(1);
        let next = move || {
            if left == 0 {
                return if pieces.is_some() { Poll::Ready(None) } else { Poll::Pending };
            }
            left -= 1;
            made.fetch_add(1, Relaxed);
            let letter = b'0' + u8::try_from(left % 10).unwrap();
            Poll::Ready(Some((Bytes::from(vec![letter; PIECE_BYTES]), 0)))
        };
        Response::Stream(Stream {
            head: Reply::new(StatusCode::OK, "text/plain", ""),
            next: Box::new(next),
            keepalive: pieces.is_none().then_some("still here"),
        })
    }
}

/// A server of pipes.
pub(super) struct Server {
    shared: Arc<Shared>,
    pub(super) connections: Arc<Connections>,
    pub(super) memory: Arc<Budget>,
    /// How many pieces of streams were made.
    pub(super) pieces: Arc<AtomicUsize>,
    _stopping: tokio::sync::watch::Sender<bool>,
}

impl Server {
    pub(super) fn new(memory_bytes: usize, limits: Limits) -> Self {
        let (memory, pieces) = (Budget::new(memory_bytes), Arc::default());
        let handler = Answers { memory: Arc::clone(&memory), pieces: Arc::clone(&pieces) };
        let (stopping, shutdown) = Shutdown::channel();
        let connections = Connections::new(CONNECTIONS);
        let shared = Shared::new(Arc::new(handler), limits, Arc::clone(&connections), shutdown);
        let shared = Arc::new(shared);
        Self { shared, connections, memory, pieces, _stopping: stopping }
    }

    /// Sends bytes on a new connection and waits until the server can do no more.
    pub(super) async fn send(&self, bytes: &[u8]) -> DuplexStream {
        let (mut client, server) = tokio::io::duplex(PIPE_BYTES);
        let connection = self.connections.open(None);
        let peer = std::net::Ipv4Addr::LOCALHOST.into();
        tokio::spawn(connection::serve(server, peer, connection, Arc::clone(&self.shared)));
        client.write_all(bytes).await.unwrap();
        self.settle().await;
        client
    }

    /// Waits until all tasks and the worker wait.
    pub(super) async fn settle(&self) {
        let mut quiet = 0;
        while quiet < 300 {
            tokio::task::yield_now().await;
            quiet = if self.shared.worker.is_busy() { 0 } else { quiet + 1 };
        }
    }

    pub(super) async fn get(&self, path: &str) -> DuplexStream {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()).await
    }

    /// Sends the head of a request and so much of its body.
    pub(super) async fn begin_body(&self, length: usize, sent: usize) -> DuplexStream {
        let head =
            format!("POST /length/0 HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n");
        self.send(&[head.as_bytes(), &vec![b'y'; sent]].concat()).await
    }
}

/// The status of an answer and what was received of it when the server can do no more.
pub(super) async fn received(server: &Server, client: &mut DuplexStream) -> (u16, String) {
    let mut answer = Vec::new();
    let mut read = async || {
        while client.read_buf(&mut answer).await.unwrap() > 0 {}
    };
    tokio::select! {
        biased;
        () = read() => {}
        () = server.settle() => {}
    }
    let answer = String::from_utf8(answer).unwrap();
    (answer.get(9..12).map_or(0, |status| status.parse().unwrap()), answer)
}
