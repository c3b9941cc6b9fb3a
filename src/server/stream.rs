//! The body of an answer that is made in pieces, each once the client has read the one before.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::sleep;

use super::connection_state::StateHandle;
use super::handler::NextPiece;
use super::held_memory::HeldMemory;
use super::shared::Shared;
use super::worker::{JobHandle, JobState};
use crate::http::MAX_PIECE_BYTES;

/// How long a stream may be silent before its keep-alive text is sent.
const KEEPALIVE: Duration = Duration::from_secs(15);

pub(super) struct StreamBody {
    source: Source,
    /// What is sent when there was nothing for a while. A stream that has it ends with the server.
    keepalive: Option<&'static str>,
    /// What is left of the current piece.
    piece: Bytes,
    /// Whether the next piece comes after others had their turn: making one can take as long as calls.
    yields: bool,
    /// The memory of that piece.
    held: HeldMemory,
    /// That of a stream which later calls wake.
    _permit: Option<OwnedSemaphorePermit>,
    /// Set while there is no next piece yet.
    silence: Option<Pin<Box<dyn Future<Output = Silence> + Send>>>,
    shared: Arc<Shared>,
    state: StateHandle,
}

/// What makes the pieces.
enum Source {
    Idle(NextPiece),
    /// The worker has it.
    Working(JobHandle<(NextPiece, HeldMemory, Option<io::Result<Bytes>>)>),
    Ended,
}

/// What ends a wait for the next piece before there is one.
enum Silence {
    TooLong,
    Stopping,
}

impl StreamBody {
    pub(super) fn new(
        next: NextPiece,
        keepalive: Option<&'static str>,
        permit: Option<OwnedSemaphorePermit>,
        shared: Arc<Shared>,
        state: StateHandle,
    ) -> Self {
        Self {
            source: Source::Idle(next),
            keepalive,
            piece: Bytes::new(),
            yields: false,
            held: HeldMemory::default(),
            _permit: permit,
            silence: None,
            shared,
            state,
        }
    }

    /// Returns at most this many bytes of the body; asks for the next piece only when none are left.
    pub(super) fn poll_bytes(
        &mut self,
        max_bytes: usize,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Bytes>>> {
        while self.piece.is_empty() {
            if std::mem::take(&mut self.yields) {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            match ready!(self.poll_piece(context)) {
                Some(Ok(piece)) => (self.piece, self.yields) = (piece, true),
                end => return Poll::Ready(end),
            }
        }
        let length = self.piece.len().min(max_bytes);
        Poll::Ready(Some(Ok(self.piece.split_to(length))))
    }

    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        loop {
            match std::mem::replace(&mut self.source, Source::Ended) {
                Source::Idle(next) => {
                    self.held = HeldMemory::default();
                    self.source = Source::Working(self.ask(next));
                }
                Source::Ended => return Poll::Ready(None),
                Source::Working(mut working) => match Pin::new(&mut working).poll(context) {
                    Poll::Ready(Some((next, held, piece))) => {
                        (self.held, self.silence) = (held, None);
                        if piece.is_some() {
                            self.source = Source::Idle(next);
                        }
                        return Poll::Ready(piece);
                    }
                    // cut off, so that no client takes it for the whole
                    Poll::Ready(None) => {
                        return Poll::Ready(Some(Err(io::ErrorKind::Other.into())));
                    }
                    Poll::Pending => {
                        self.source = Source::Working(working);
                        let Some(text) = self.keepalive else { return Poll::Pending };
                        let shared = &self.shared;
                        let silence = self
                            .silence
                            .get_or_insert_with(|| Box::pin(silence(Arc::clone(shared))));
                        let silence = ready!(silence.as_mut().poll(context));
                        self.silence = None;
                        return Poll::Ready(match silence {
                            Silence::TooLong => Some(Ok(Bytes::from_static(text.as_bytes()))),
                            Silence::Stopping => None,
                        });
                    }
                },
            }
        }
    }

    /// Asks the worker for the next piece. Its memory is taken before it is made, since a stream that has
    /// begun cannot be refused.
    fn ask(
        &self,
        next: NextPiece,
    ) -> JobHandle<(NextPiece, HeldMemory, Option<io::Result<Bytes>>)> {
        let (memory, state) = (Arc::clone(&self.shared.memory), self.state.clone());
        let connections = Arc::clone(&self.shared.connections);
        let mut next = Some(next);
        self.shared.worker.start(move |_| {
            let mut held = HeldMemory::default();
            if connections.take_memory(&mut held, MAX_PIECE_BYTES, &memory, &state).is_err() {
                return JobState::Blocked;
            }
            let piece = match next.as_mut().map(|next| next()) {
                Some(Poll::Ready(piece)) => piece,
                Some(Poll::Pending) | None => return JobState::Waiting,
            };
            if piece.as_ref().is_some_and(|(bytes, _)| bytes.is_empty()) {
                return JobState::Unfinished;
            }
            let taken = piece.as_ref().map_or(0, |(bytes, kept_bytes)| bytes.len() + kept_bytes);
            // a long item may take more than a piece; without room for it the stream is cut off
            let is_held = connections.take_memory(&mut held, taken, &memory, &state).is_ok();
            let piece =
                piece.map(
                    |(bytes, _)| {
                        if is_held { Ok(bytes) } else { Err(io::ErrorKind::OutOfMemory.into()) }
                    },
                );
            let next = next.take().expect("BUG: the last piece ends the job");
            JobState::Done((next, held, piece))
        })
    }
}

async fn silence(shared: Arc<Shared>) -> Silence {
    tokio::select! {
        () = sleep(KEEPALIVE) => Silence::TooLong,
        () = shared.shutdown.started() => Silence::Stopping,
    }
}
