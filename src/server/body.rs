//! The body of an answer: sent at once, in pieces over time, or as it is made.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::connection_state::{Activity, ActivityGuard, StateHandle};
use super::ending::Ending;
use super::shutdown::Shutdown;
use super::stream::StreamBody;

/// The longest piece of a body given to hyper, which copies each into a buffer that a connection
/// keeps.
const PIECE_BYTES: usize = 16 * 1024;

/// The body of an answer.
pub(super) struct ReplyBody {
    content: Content,
    #[expect(dead_code, reason = "held until it is dropped")]
    ending: Ending,
}

/// What a body consists of.
enum Content {
    /// Sent as fast as the client reads.
    Whole(Bytes),
    /// Likewise, but so long that it takes memory.
    Long(Bytes, #[expect(dead_code, reason = "held until it is dropped")] ActivityGuard),
    /// Sent in pieces over time.
    Drip(Box<Drip>),
    /// Made in pieces.
    Stream(
        Box<StreamBody>,
        #[expect(dead_code, reason = "held until it is dropped")] ActivityGuard,
    ),
}

/// A body of known length, sent in pieces over time.
struct Drip {
    pieces: mpsc::Receiver<Bytes>,
    /// What is left of the current piece.
    piece: Bytes,
    left_bytes: usize,
    _activity: ActivityGuard,
}

impl ReplyBody {
    pub(super) fn is_whole(&self) -> bool {
        matches!(self.content, Content::Whole(_))
    }

    /// A body that is sent as fast as the client reads.
    pub(super) fn whole(body: Bytes, ending: Ending, state: &StateHandle) -> Self {
        let content = if ending.is_free() {
            Content::Whole(body)
        } else {
            Content::Long(body, state.set_while(Activity::Sending))
        };
        Self { content, ending }
    }

    /// A body that is made in pieces.
    pub(super) fn stream(body: StreamBody, activity: ActivityGuard, ending: Ending) -> Self {
        Self { content: Content::Stream(Box::new(body), activity), ending }
    }

    /// A body in at most `pieces` pieces, the last of them sent `over` after the first. A shutdown
    /// sends the rest at once.
    pub(super) fn drip(
        mut body: Bytes,
        pieces: u64,
        over: Duration,
        shutdown: Shutdown,
        activity: ActivityGuard,
        ending: Ending,
    ) -> Self {
        let pieces = usize::try_from(pieces).unwrap_or(usize::MAX).clamp(1, body.len().max(1));
        let left_bytes = body.len();
        let (sender, receiver) = mpsc::channel(1);
        tokio::spawn(async move {
            let start = Instant::now();
            for left in (1..=pieces).rev() {
                let piece = body.split_to(body.len().div_ceil(left));
                if sender.send(piece).await.is_err() || left == 1 {
                    return;
                }
                // from the start, since each pause is rounded up to a millisecond
                let due = start + part(over, pieces - left + 1, pieces - 1);
                tokio::select! {
                    () = sleep_until(due) => {}
                    () = shutdown.started() => {}
                    () = sender.closed() => return,
                }
            }
        });
        let drip = Drip { pieces: receiver, piece: Bytes::new(), left_bytes, _activity: activity };
        Self { content: Content::Drip(Box::new(drip)), ending }
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let piece = match &mut self.content {
            Content::Whole(rest) | Content::Long(rest, _) if rest.is_empty() => None,
            Content::Whole(rest) | Content::Long(rest, _) => {
                Some(Ok(rest.split_to(rest.len().min(PIECE_BYTES))))
            }
            Content::Drip(drip) => {
                if drip.piece.is_empty() {
                    drip.piece = ready!(drip.pieces.poll_recv(context)).unwrap_or_default();
                }
                let length = drip.piece.len().min(PIECE_BYTES);
                drip.left_bytes -= length;
                (length > 0).then(|| Ok(drip.piece.split_to(length)))
            }
            Content::Stream(stream, _) => ready!(stream.poll_bytes(PIECE_BYTES, context)),
        };
        Poll::Ready(piece.map(|piece| piece.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.size_hint().exact() == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        let left_bytes = match &self.content {
            Content::Whole(rest) | Content::Long(rest, _) => Some(rest.len()),
            Content::Drip(drip) => Some(drip.left_bytes),
            Content::Stream(..) => None,
        };
        left_bytes.map_or_else(SizeHint::default, |left| SizeHint::with_exact(left as u64))
    }
}

/// Returns a part of a time, of so many parts.
fn part(time: Duration, parts: usize, of: usize) -> Duration {
    let nanoseconds = time.as_nanos() * parts as u128 / of as u128;
    Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::super::held_memory::HeldMemory;
    use super::*;

    #[tokio::test]
    async fn a_long_body_is_sent_in_pieces() {
        for length in [0, 1, PIECE_BYTES, PIECE_BYTES + 1, 100_000] {
            let bytes: Bytes = (0..=250).cycle().take(length).collect();
            let state = StateHandle::new();
            let ending = Ending::new(None, HeldMemory::default(), &state);
            let mut body = ReplyBody::whole(bytes.clone(), ending, &state);
            let mut pieces = Vec::new();
            while let Some(frame) = body.frame().await {
                pieces.push(frame.unwrap().into_data().unwrap());
            }
            assert_eq!(pieces.concat(), bytes);
            assert_eq!(pieces.len(), length.div_ceil(PIECE_BYTES), "{length}");
            assert!(body.is_end_stream());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_in_many_pieces_takes_no_longer_than_one_in_few() {
        const OVER: Duration = Duration::from_secs(1);
        for pieces in [1, 2, 1000] {
            let (_stopping, shutdown) = Shutdown::channel();
            let state = StateHandle::new();
            let activity = state.set_while(Activity::Sending);
            let ending = Ending::new(None, HeldMemory::default(), &state);
            let bytes = Bytes::from_static(&[b'x'; 1000]);
            let start = Instant::now();
            let body = ReplyBody::drip(bytes.clone(), pieces, OVER, shutdown, activity, ending);
            assert_eq!(body.collect().await.unwrap().to_bytes(), bytes);
            let expected = if pieces == 1 { Duration::ZERO } else { OVER };
            let late = start.elapsed().checked_sub(expected).unwrap();
            assert!(late <= Duration::from_millis(1), "{pieces} pieces: {late:?} late");
        }
    }
}
