//! The body of an answer: sent at once, or in pieces over time.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::mpsc;

use super::connection_state::ActivityGuard;
use super::shutdown::Shutdown;

/// The longest piece of a body given to hyper, which copies each into a buffer that a connection
/// keeps.
const PIECE_BYTES: usize = 16 * 1024;

/// A body of known length, or an event stream.
pub(super) enum ReplyBody {
    /// Sent as fast as the client reads.
    Whole(Bytes),
    Pieces {
        pieces: mpsc::Receiver<Bytes>,
        /// `None` for an event stream, which is sent chunked.
        left_bytes: Option<usize>,
        /// What the connection is doing as long as this body is sent.
        _activity: ActivityGuard,
    },
}

impl ReplyBody {
    pub(super) fn is_whole(&self) -> bool {
        matches!(self, Self::Whole(_))
    }

    /// A body that ends when the sender is dropped.
    pub(super) fn stream(pieces: mpsc::Receiver<Bytes>, activity: ActivityGuard) -> Self {
        Self::Pieces { pieces, left_bytes: None, _activity: activity }
    }

    /// A body in at most `pieces` pieces, the last of them sent `over` after the first. A shutdown
    /// sends the rest at once.
    pub(super) fn drip(
        mut body: Bytes,
        pieces: u64,
        over: Duration,
        shutdown: Shutdown,
        activity: ActivityGuard,
    ) -> Self {
        let pieces = usize::try_from(pieces).unwrap_or(usize::MAX).clamp(1, body.len().max(1));
        let pause = over / u32::try_from(pieces - 1).unwrap_or(u32::MAX).max(1);
        let left_bytes = Some(body.len());
        let (sender, receiver) = mpsc::channel(1);
        tokio::spawn(async move {
            for left in (1..=pieces).rev() {
                let piece = body.split_to(body.len().div_ceil(left));
                if sender.send(piece).await.is_err() {
                    return;
                }
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = shutdown.started() => {}
                    () = sender.closed() => return,
                }
            }
        });
        Self::Pieces { pieces: receiver, left_bytes, _activity: activity }
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = match &mut *self {
            Self::Whole(rest) if rest.is_empty() => None,
            Self::Whole(rest) => Some(rest.split_to(rest.len().min(PIECE_BYTES))),
            Self::Pieces { pieces, left_bytes, .. } => {
                let piece = std::task::ready!(pieces.poll_recv(context));
                if let (Some(left_bytes), Some(piece)) = (left_bytes, &piece) {
                    *left_bytes -= piece.len();
                }
                piece
            }
        };
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.size_hint().exact() == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        let left_bytes = match self {
            Self::Whole(rest) => Some(rest.len()),
            Self::Pieces { left_bytes, .. } => *left_bytes,
        };
        left_bytes.map_or_else(SizeHint::default, |left| SizeHint::with_exact(left as u64))
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn a_long_body_is_sent_in_pieces() {
        for length in [0, 1, PIECE_BYTES, PIECE_BYTES + 1, 100_000] {
            let bytes: Bytes = (0..=250).cycle().take(length).collect();
            let mut body = ReplyBody::Whole(bytes.clone());
            let mut pieces = Vec::new();
            while let Some(frame) = body.frame().await {
                pieces.push(frame.unwrap().into_data().unwrap());
            }
            assert_eq!(pieces.concat(), bytes);
            assert_eq!(pieces.len(), length.div_ceil(PIECE_BYTES), "{length}");
            assert!(body.is_end_stream());
        }
    }
}
