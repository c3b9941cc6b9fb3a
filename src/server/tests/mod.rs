//! The server over real sockets, with a handler of the tests' own.

mod delivery;
mod giving_way;
mod long_calls;
mod memory;
mod pipes;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use http::{HeaderMap, StatusCode};

use super::handler::{Deferred, Handler, Response, ThreadChoice, WaitingCall};
use super::{CountConnections, Limits, Listeners, ShutdownResult, run, runtime};
use crate::call::{Config, Sandbox};
use crate::http::{Arrival, DeliveryStatus, Problem, Receipt, Reply, Request};
use crate::memory::Budget;
use crate::text::CapturedLog;

/// Panics on some paths, as a bug in the sandbox would.
struct Buggy(Sandbox);

impl Handler for Buggy {
    fn thread_for(&self, request: &Request) -> ThreadChoice {
        match request.path() {
            "/long" | "/long-panic" => ThreadChoice::OtherThreads,
            "/long-call" | "/long-call-panic" => ThreadChoice::LongCalls,
            _ => ThreadChoice::Here,
        }
    }

    fn handle_now(self: Arc<Self>, request: &Request, arrival: Arrival) -> Option<Response> {
        Some(self.handle(request, arrival))
    }

    fn refuse(&self, _: &Request, _: Arrival, problem: &Problem) -> Reply {
        problem.reply()
    }

    fn handle(self: Arc<Self>, request: &Request, _: Arrival) -> Response {
        match request.path() {
            "/panic" | "/long-panic" | "/long-call-panic" => panic!("a bug in a call"),
            "/thread" | "/long" | "/long-call" => {
                let thread = format!("{:?}", thread::current().id());
                Response::Reply(Reply::new(StatusCode::OK, "text/plain", thread))
            }
            path @ ("/held" | "/held-long") => {
                let is_long = path == "/held-long";
                Response::Held(Arc::new(Released { is_long, thread: Mutex::default() }))
            }
            "/deferred-panic" => Response::Deferred(Deferred {
                timeout: Duration::from_mins(1),
                kept_bytes: 0,
                poll: Box::new(|_| panic!("a bug in a deferred call")),
            }),
            _ => Response::Reply(Reply::new(StatusCode::OK, "text/plain", "fine")),
        }
    }

    fn set_delivery(&self, _: Receipt, _: DeliveryStatus) {}

    fn panic_reply(&self) -> Reply {
        self.0.panic_reply()
    }

    fn checks_host(&self, _: &str) -> bool {
        false
    }

    fn answer_headers(&self, _: &str, _: &HeaderMap) -> HeaderMap {
        HeaderMap::new()
    }

    fn on_change(&self, _: Box<dyn Fn() + Send + Sync>) {}

    fn connection_memory(&self) -> Arc<Budget> {
        self.0.connection_memory()
    }

    fn on_connections(&self, _: CountConnections) {}

    fn do_periodic_work(&self) {}

    fn set_stopping(&self) {}
}

/// A call that is released when it comes.
struct Released {
    is_long: bool,
    /// What made it.
    thread: Mutex<Option<ThreadId>>,
}

impl WaitingCall for Released {
    fn until(&self) -> Instant {
        Instant::now() + Duration::from_mins(1)
    }

    fn kept_bytes(&self) -> usize {
        0
    }

    fn is_long(&self) -> bool {
        self.is_long
    }

    fn poll(&self, _: &mut Context<'_>) -> Poll<Option<Reply>> {
        let thread = *self.thread.lock().unwrap();
        let reply = |thread| Reply::new(StatusCode::OK, "text/plain", format!("{thread:?}"));
        Poll::Ready(thread.map(reply))
    }

    fn make(&self) {
        *self.thread.lock().unwrap() = Some(thread::current().id());
    }

    fn release(&self) {}
}

fn buggy() -> Arc<Buggy> {
    Arc::new(Buggy(Sandbox::new(Config::default()).unwrap()))
}

fn send(stream: &mut TcpStream, path: &str) {
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
}

/// Sends a request and reads its answer; returns the status and the body.
fn call(stream: &mut TcpStream, path: &str) -> String {
    send(stream, path);
    read_answer(stream)
}

/// Reads an answer; returns the status and the body.
fn read_answer(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    format!("{} {}", &head[9..12], String::from_utf8(body).unwrap())
}

#[test]
fn a_panic_is_answered_500_and_logged_and_the_connection_goes_on() {
    let log = CapturedLog::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone());
    let (answers, ended) = tracing::subscriber::with_default(subscriber.finish(), || {
        runtime().unwrap().block_on(async {
            let listeners = Listeners::bind(&[([127, 0, 0, 1], 0).into()]).unwrap();
            let address = listeners.address();
            let client = tokio::task::spawn_blocking(move || {
                let mut stream = TcpStream::connect(address).unwrap();
                ["/panic", "/", "/deferred-panic", "/"].map(|path| call(&mut stream, path))
            });
            let mut answers = None;
            let stop = async { answers = Some(client.await.unwrap()) };
            let ended = run(listeners, buggy(), Limits::default(), stop).await;
            (answers.unwrap(), ended)
        })
    });
    let server_error = r#"500 {"code":"1099","message":"An unexpected error occurred processing the request","data":{}}"#;
    assert_eq!(answers, [server_error, "200 fine", server_error, "200 fine"]);
    assert_eq!(ended, ShutdownResult::Drained);
    let log = log.text();
    assert_eq!(log.matches("bug: the handler of a request panicked").count(), 2, "{log}");
}

#[test]
fn a_request_that_takes_long_is_handled_on_another_thread() {
    let (answers, [held, held_long]) = runtime().unwrap().block_on(async {
        let listeners = Listeners::bind(&[([127, 0, 0, 1], 0).into()]).unwrap();
        let address = listeners.address();
        let client = tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(address).unwrap();
            let paths =
                ["/thread", "/long", "/long-panic", "/thread", "/long-call", "/long-call-panic"];
            let answers = paths.map(|path| call(&mut stream, path));
            (answers, ["/held", "/held-long"].map(|path| call(&mut stream, path)))
        });
        let mut answers = None;
        let stop = async { answers = Some(client.await.unwrap()) };
        assert_eq!(run(listeners, buggy(), Limits::default(), stop).await, ShutdownResult::Drained);
        answers.unwrap()
    });
    let serving = format!("200 {:?}", thread::current().id());
    assert_eq!((&answers[0], &answers[3]), (&serving, &serving));
    for (answer, panic) in [(&answers[1], &answers[2]), (&answers[4], &answers[5])] {
        assert!(answer.starts_with("200 ThreadId(") && *answer != serving, "{answers:?}");
        assert!(panic.starts_with("500 "), "{answers:?}");
    }
    // a held call is made when it is its turn
    assert_eq!((&held, &held_long), (&serving, &answers[4]));
}

/// More than tokio accepts in one go.
#[test]
fn connections_in_the_backlog_are_answered_in_a_shutdown() {
    runtime().unwrap().block_on(async {
        let listeners = Listeners::bind(&[([127, 0, 0, 1], 0).into()]).unwrap();
        let address = listeners.address();
        let clients: Vec<_> = (0..300)
            .map(|_| {
                let mut stream = TcpStream::connect(address).unwrap();
                send(&mut stream, "/");
                stream
            })
            .collect();
        let ended = run(listeners, buggy(), Limits::default(), std::future::ready(()));
        assert_eq!(ended.await, ShutdownResult::Drained);
        for mut stream in clients {
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
            assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
            assert!(answer.ends_with("\r\n\r\nfine"), "{answer}");
        }
    });
}

/// Its client may go on sending for as long as it likes.
#[test]
fn a_connection_whose_body_was_refused_does_not_hold_up_a_shutdown() {
    runtime().unwrap().block_on(async {
        let listeners = Listeners::bind(&[([127, 0, 0, 1], 0).into()]).unwrap();
        let address = listeners.address();
        let client = tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(address).unwrap();
            write!(stream, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n")
                .unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
            stream
        });
        let mut still_open = None;
        let stop = async { still_open = Some(client.await.unwrap()) };
        let limits = Limits { linger_time: Duration::from_hours(1), ..Limits::default() };
        assert_eq!(run(listeners, buggy(), limits, stop).await, ShutdownResult::Drained);
        assert!(still_open.is_some());
    });
}
