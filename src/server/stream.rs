//! The body of an answer that is made in pieces, each once the client has read the one before.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::futures::OwnedNotified;
use tokio::time::sleep;

use super::handler::{NextPiece, contain_panic};
use super::held::Held;
use super::shared::Shared;

/// How long a stream may be silent before its keep-alive text is sent.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// The longest piece.
const PIECE_BYTES: usize = 64 * 1024;

/// How long a stream waits before it asks for memory again.
const MEMORY_PAUSE: Duration = Duration::from_millis(50);

pub(super) struct StreamBody {
    next: NextPiece,
    /// What is sent when there was nothing for a while.
    keepalive: Option<&'static str>,
    /// What is left of the current piece.
    piece: Bytes,
    /// Whether the next piece comes after others had their turn: making one can take as long as calls.
    yields: bool,
    /// The memory of that piece.
    held: Held,
    /// That of a stream which later calls wake.
    _permit: Option<OwnedSemaphorePermit>,
    /// Set while there is no next piece yet.
    wait: Option<Pin<Box<dyn Future<Output = Waited> + Send>>>,
    shared: Arc<Shared>,
}

/// Why a wait for the next piece is over.
enum Waited {
    Changed,
    Silent,
    Stopping,
}

impl StreamBody {
    pub(super) fn new(
        next: NextPiece,
        keepalive: Option<&'static str>,
        permit: Option<OwnedSemaphorePermit>,
        shared: Arc<Shared>,
    ) -> Self {
        Self {
            next,
            keepalive,
            piece: Bytes::new(),
            yields: false,
            held: Held::default(),
            _permit: permit,
            wait: None,
            shared,
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
            if let Some(wait) = &mut self.wait {
                let waited = ready!(wait.as_mut().poll(context));
                self.wait = None;
                match (waited, self.keepalive) {
                    (Waited::Silent, Some(text)) => {
                        return Poll::Ready(Some(Ok(Bytes::from_static(text.as_bytes()))));
                    }
                    (Waited::Stopping, _) => return Poll::Ready(None),
                    (Waited::Changed | Waited::Silent, _) => {}
                }
            }
            // taken before it is made, since a stream that has begun cannot be refused
            if self.held.resize(&self.shared.memory, PIECE_BYTES).is_err() {
                self.shared.connections.close_longest_unread();
                self.wait = Some(Box::pin(async {
                    sleep(MEMORY_PAUSE).await;
                    Waited::Changed
                }));
                continue;
            }
            // registered before the question, so that no change is missed in between
            let mut changed = Box::pin(Arc::clone(&self.shared.changed).notified_owned());
            changed.as_mut().enable();
            let polled = contain_panic(&mut self.next);
            let length = match &polled {
                Some(Poll::Ready(Some(piece))) => piece.len(),
                _ => 0,
            };
            // an error means that the piece is too long, which only a bug makes it
            let _ = self.held.resize(&self.shared.memory, length);
            match polled {
                Some(Poll::Ready(piece)) => return Poll::Ready(piece.map(Ok)),
                Some(Poll::Pending) => {
                    self.wait = Some(Box::pin(wait(changed, Arc::clone(&self.shared))));
                }
                // cut off, so that no client takes it for the whole
                None => return Poll::Ready(Some(Err(io::ErrorKind::Other.into()))),
            }
        }
    }
}

async fn wait(changed: Pin<Box<OwnedNotified>>, shared: Arc<Shared>) -> Waited {
    tokio::select! {
        () = changed => Waited::Changed,
        () = sleep(KEEPALIVE) => Waited::Silent,
        () = shared.shutdown.started() => Waited::Stopping,
    }
}
