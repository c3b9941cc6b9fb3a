//! The body of an answer on its way out: whole, or in pieces over time.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::mpsc;

use super::connection::{Stopped, told};
use super::connection_state::Kept;

/// The longest piece of a body, in bytes. What is on its way is copied once, into memory that a
/// connection keeps.
const PIECE_BYTES: usize = 16 * 1024;

/// A body. Its length is known and it is never sent in chunked encoding, unless it is a stream.
pub struct Payload {
    rest: Bytes,
    drip: Option<Drip>,
    stream: Option<mpsc::Receiver<Bytes>>,
    /// What the connection does as long as this is being sent.
    kept: Option<Kept>,
}

struct Drip {
    /// How many pieces are left.
    pieces: usize,
    pause: Duration,
    stopped: Stopped,
    /// What the next piece waits for; nothing before the first.
    wait: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Payload {
    /// A body that is sent as fast as the client reads.
    pub fn whole(body: Bytes) -> Self {
        Self { rest: body, drip: None, stream: None, kept: None }
    }

    /// Whether it is sent at once.
    pub fn is_whole(&self) -> bool {
        self.kept.is_none()
    }

    /// A body that goes on until its sender is gone.
    pub fn stream(receiver: mpsc::Receiver<Bytes>, kept: Kept) -> Self {
        Self { rest: Bytes::new(), drip: None, stream: Some(receiver), kept: Some(kept) }
    }

    /// A body in so many pieces, the last of which is sent `over` after the first; the rest is
    /// sent at once when the server is told to stop.
    pub fn drip(body: Bytes, chunks: u64, over: Duration, stopped: Stopped, kept: Kept) -> Self {
        let chunks = usize::try_from(chunks).unwrap_or(usize::MAX).clamp(1, body.len().max(1));
        let gaps = u32::try_from(chunks - 1).unwrap_or(u32::MAX).max(1);
        let drip = Drip { pieces: chunks, pause: over / gaps, stopped, wait: None };
        Self { rest: body, drip: Some(drip), stream: None, kept: Some(kept) }
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = &mut *self;
        if let Some(stream) = &mut this.stream {
            return stream
                .poll_recv(context)
                .map(|piece| piece.map(|piece| Ok(Frame::data(piece))));
        }
        if this.rest.is_empty() {
            return Poll::Ready(None);
        }
        let piece = match &mut this.drip {
            None => this.rest.len().min(PIECE_BYTES),
            Some(drip) => {
                if let Some(wait) = &mut drip.wait {
                    std::task::ready!(wait.as_mut().poll(context));
                }
                let (pause, stopped) = (drip.pause, drip.stopped.clone());
                drip.wait = Some(Box::pin(async move {
                    tokio::select! {
                        () = tokio::time::sleep(pause) => {}
                        () = told(stopped) => {}
                    }
                }));
                // what is left, shared out evenly
                let piece = this.rest.len().div_ceil(drip.pieces.max(1));
                drip.pieces = drip.pieces.saturating_sub(1);
                piece
            }
        };
        Poll::Ready(Some(Ok(Frame::data(this.rest.split_to(piece)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.stream.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        match self.stream {
            None => SizeHint::with_exact(self.rest.len() as u64),
            Some(_) => SizeHint::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn a_long_body_comes_in_pieces() {
        for length in [0, 1, PIECE_BYTES, PIECE_BYTES + 1, 100_000] {
            let body: Bytes = (0..=250).cycle().take(length).collect();
            let mut payload = Payload::whole(body.clone());
            let mut pieces = Vec::new();
            while let Some(frame) = payload.frame().await {
                pieces.push(frame.unwrap().into_data().unwrap());
            }
            assert_eq!(pieces.concat(), body);
            assert_eq!(pieces.len(), length.div_ceil(PIECE_BYTES), "{length}");
            assert!(payload.is_end_stream());
        }
    }
}
