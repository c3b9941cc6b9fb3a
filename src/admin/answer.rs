//! What a handler returns, and how it becomes an answer.

use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use serde::Serialize;

use crate::call::{CallAnswer, HoldTicket, Sandbox};
use crate::described::Described;
use crate::http::{Problem, Progress, Reply};

/// The answer to a request, or what it waits for.
pub enum Answer {
    /// Ready to be sent.
    Reply(Reply),
    /// Takes long to make, or depends on later calls.
    Work(Box<dyn Work>),
    /// Ready once the call is released.
    Held(HoldTicket),
    /// Sent in pieces.
    Stream(Streamed),
}

impl Answer {
    /// Finishes the answer without a server. What waits for later calls gives what there is now.
    pub fn finish(self, sandbox: &Sandbox) -> Reply {
        match self {
            Self::Reply(reply) => reply,
            Self::Work(mut work) => loop {
                if let Progress::Done(reply) = work.go_on(sandbox, true) {
                    return reply;
                }
            },
            Self::Held(ticket) => CallAnswer::Held(ticket).without_waiting(),
            Self::Stream(Streamed { mut head, mut pieces, .. }) => {
                let mut body = Vec::new();
                while let Poll::Ready(Some(piece)) = pieces.next(sandbox) {
                    body.extend_from_slice(&piece);
                }
                head.body = body.into();
                head
            }
        }
    }
}

/// Makes an answer in slices, between which others have their turn.
pub trait Work: Send {
    /// How long the answer may wait for later calls.
    fn wait(&self) -> Duration {
        Duration::ZERO
    }

    /// The memory that it takes, in bytes.
    fn kept_bytes(&self) -> usize;

    /// Does a slice, which takes no longer than some 50 calls. Waits no longer when the time is up.
    fn go_on(&mut self, sandbox: &Sandbox, time_is_up: bool) -> Progress<Reply>;
}

/// An answer whose body is made in pieces, each once its reader has taken the one before.
pub struct Streamed {
    /// The answer without its body.
    pub(crate) head: Reply,
    pub(crate) pieces: Box<dyn Pieces>,
    /// What is sent when there was nothing for a while. A stream that has it may never end.
    pub(crate) keepalive: Option<&'static str>,
}

pub(crate) trait Pieces: Send {
    /// Returns the next piece, of at most 64 KiB, and `None` at the end; an empty one if there is more to
    /// do first; pending if it depends on later calls.
    fn next(&mut self, sandbox: &Sandbox) -> Poll<Option<Bytes>>;

    /// The memory of what is made already for the pieces after that, in bytes.
    fn kept_bytes(&self) -> usize {
        0
    }
}

/// The result of a handler, which knows its status and the type of its body.
pub(super) trait Output {
    const STATUS: StatusCode = StatusCode::OK;
    const MEDIA_TYPES: &'static [&'static str] = &["application/json"];
    type Body: Described;

    fn into_answer(self) -> Result<Answer, Problem>;
}

/// 200 with a JSON body.
#[derive(Debug)]
pub(super) struct Json<T>(pub(super) T);

/// 201 with the JSON of what was created.
#[derive(Debug)]
pub(super) struct Created<T>(pub(super) T);

/// 204.
#[derive(Debug)]
pub(super) struct NoContent;

impl<T: Serialize + Described> Output for Json<T> {
    type Body = T;

    fn into_answer(self) -> Result<Answer, Problem> {
        Ok(Answer::Reply(Reply::json(Self::STATUS, &self.0)))
    }
}

impl<T: Serialize + Described> Output for Created<T> {
    const STATUS: StatusCode = StatusCode::CREATED;
    type Body = T;

    fn into_answer(self) -> Result<Answer, Problem> {
        Ok(Answer::Reply(Reply::json(Self::STATUS, &self.0)))
    }
}

impl Output for NoContent {
    const STATUS: StatusCode = StatusCode::NO_CONTENT;
    const MEDIA_TYPES: &'static [&'static str] = &[];
    type Body = ();

    fn into_answer(self) -> Result<Answer, Problem> {
        Ok(Answer::Reply(Reply::empty(Self::STATUS)))
    }
}

/// 200 with a body that is not JSON.
impl Output for Reply {
    const MEDIA_TYPES: &'static [&'static str] = &["text/plain"];
    type Body = String;

    fn into_answer(self) -> Result<Answer, Problem> {
        Ok(Answer::Reply(self))
    }
}

impl Output for Streamed {
    const MEDIA_TYPES: &'static [&'static str] = &["text/event-stream"];
    type Body = String;

    fn into_answer(self) -> Result<Answer, Problem> {
        Ok(Answer::Stream(self))
    }
}

impl<T: Output> Output for Result<T, Problem> {
    const STATUS: StatusCode = T::STATUS;
    const MEDIA_TYPES: &'static [&'static str] = T::MEDIA_TYPES;
    type Body = T::Body;

    fn into_answer(self) -> Result<Answer, Problem> {
        self?.into_answer()
    }
}
