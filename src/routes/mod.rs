//! Passes each request to the own API, or to the vendor's endpoints and the pages.
//! Implements what the server needs of the application.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Instant;

use http::HeaderMap;

use crate::admin::{self, Answer, Streamed};
use crate::call::{CallAnswer, HoldTicket, LONG_BODY_BYTES, Patience, Sandbox};
use crate::http::{Arrival, DeliveryStatus, Problem, Receipt, Reply, Request};
use crate::memory::Budget;
use crate::server::{
    CountConnections, Deferred, Handler, Response, Stream, ThreadChoice, TimeLeft, WaitingCall,
};
use crate::vendor::{Outcome, envelope};

/// Answers any request that came over no connection.
#[cfg(any(test, feature = "internals"))]
pub fn respond(sandbox: &Sandbox, request: &Request) -> Answer {
    respond_arrived(sandbox, request, Arrival::now(0), Patience::Wait).expect("BUG: it waits")
}

fn respond_arrived(
    sandbox: &Sandbox,
    request: &Request,
    arrival: Arrival,
    patience: Patience,
) -> Option<Answer> {
    Some(if admin::is_own(request.path()) {
        admin::respond(sandbox, request)
    } else if let Some(reply) = sandbox.preflight(request) {
        Answer::Reply(reply)
    } else {
        match sandbox.answer_with_patience(request, arrival, patience)?.0 {
            CallAnswer::Reply(reply) => Answer::Reply(reply),
            CallAnswer::Held(ticket) => Answer::Held(ticket),
        }
    })
}

/// Makes a response of an answer.
fn into_response(sandbox: Arc<Sandbox>, answer: Answer) -> Response {
    match answer {
        Answer::Reply(reply) => Response::Reply(reply),
        Answer::Work(mut work) => Response::Deferred(Deferred {
            timeout: work.wait(),
            kept_bytes: work.kept_bytes(),
            poll: Box::new(move |time_left| {
                let progress = work.go_on(&sandbox, time_left == TimeLeft::None);
                (progress, work.kept_bytes())
            }),
        }),
        Answer::Held(ticket) => Response::Held(Arc::new(HeldResponse {
            sandbox,
            ticket,
            is_answered: AtomicBool::new(false),
        })),
        Answer::Stream(Streamed { head, mut pieces, keepalive }) => Response::Stream(Stream {
            head,
            next: Box::new(move || {
                let piece = pieces.next(&sandbox);
                piece.map(|piece| piece.map(|bytes| (bytes, pieces.kept_bytes())))
            }),
            keepalive,
        }),
    }
}

/// A held call with the sandbox that answers it.
struct HeldResponse {
    sandbox: Arc<Sandbox>,
    ticket: HoldTicket,
    /// Whether the server has the answer, and reports its delivery.
    is_answered: AtomicBool,
}

impl Drop for HeldResponse {
    fn drop(&mut self) {
        if !*self.is_answered.get_mut() {
            self.sandbox.note_left(&self.ticket);
        }
    }
}

impl WaitingCall for HeldResponse {
    fn until(&self) -> Instant {
        self.ticket.until()
    }

    fn kept_bytes(&self) -> usize {
        self.ticket.kept_bytes()
    }

    fn is_long(&self) -> bool {
        self.ticket.is_long()
    }

    fn poll(&self, context: &mut Context<'_>) -> Poll<Option<Reply>> {
        let answer = self.ticket.poll(context);
        self.is_answered.fetch_or(matches!(answer, Poll::Ready(Some(_))), Relaxed);
        answer
    }

    fn make(&self) {
        self.ticket.make(&self.sandbox);
    }

    fn release(&self) {
        self.ticket.release();
    }
}

impl Handler for Sandbox {
    fn handle(self: Arc<Self>, request: &Request, arrival: Arrival) -> Response {
        let answer = respond_arrived(&self, request, arrival, Patience::Wait);
        into_response(self, answer.expect("BUG: it waits"))
    }

    fn handle_now(self: Arc<Self>, request: &Request, arrival: Arrival) -> Option<Response> {
        let answer = respond_arrived(&self, request, arrival, Patience::GiveUp)?;
        Some(into_response(self, answer))
    }

    fn thread_for(&self, request: &Request) -> ThreadChoice {
        if admin::is_own(request.path()) {
            // it compiles patterns, goes through all tenants and writes long lists
            ThreadChoice::OtherThreads
        } else if request.body.len() >= LONG_BODY_BYTES {
            ThreadChoice::LongCalls
        } else {
            ThreadChoice::Here
        }
    }

    fn refuse(&self, request: &Request, arrival: Arrival, problem: &Problem) -> Reply {
        if admin::is_own(request.path()) {
            self.log_refused(request, &problem.detail());
            return problem.reply();
        }
        Self::refuse(self, request, arrival, problem)
    }

    fn set_delivery(&self, receipt: Receipt, status: DeliveryStatus) {
        self.journal.set_delivery(receipt, status);
    }

    fn panic_reply(&self) -> Reply {
        envelope::error(Outcome::ServerError)
    }

    fn checks_host(&self, path: &str) -> bool {
        admin::is_own(path)
    }

    fn answer_headers(&self, path: &str, headers: &HeaderMap) -> HeaderMap {
        if admin::is_own(path) {
            admin::answer_headers()
        } else {
            self.vendor_answer_headers(path, headers)
        }
    }

    fn on_change(&self, notify: Box<dyn Fn() + Send + Sync>) {
        let notify = Arc::new(notify);
        for listener in [&self.switches.changed, &self.holds.changed, &self.journal.changed] {
            let notify = Arc::clone(&notify);
            listener.set(move || notify());
        }
    }

    fn connection_memory(&self) -> Arc<Budget> {
        Arc::clone(&self.memory.connections)
    }

    fn on_connections(&self, count: CountConnections) {
        self.connections.set(count);
    }

    fn do_periodic_work(&self) {
        self.tick();
    }

    fn set_stopping(&self) {
        self.stop();
    }
}
