//! A transport whose reads and writes are recorded in the state of its connection. It has no
//! vectored writes: hyper is configured not to use them, and hands over all that it has to write.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::connection_state::StateHandle;
use super::transport::Transport;
use super::undelivered::Undelivered;

/// How much is read of later requests to find out whether a client has left, in bytes.
const AHEAD_BYTES: usize = 4 * 1024;

pub(super) struct TrackedStream<T> {
    transport: T,
    state: StateHandle,
    /// Bytes that were read, and recorded, before.
    unread: Bytes,
    /// Whether the client has shut down its side; hyper learns it at the next read.
    ended: bool,
}

impl<T: Transport> TrackedStream<T> {
    pub(super) fn new(transport: T, state: StateHandle, unread: Bytes) -> Self {
        Self { transport, state, unread, ended: false }
    }

    pub(super) fn into_inner(self) -> T {
        self.transport
    }

    /// Looks whether the client has left while a call waits: hyper does not, as long as the next request is
    /// in its buffer. What comes before the end is kept for hyper; after [`AHEAD_BYTES`] nobody looks.
    fn watch(&mut self, context: &mut Context<'_>) {
        while self.unread.len() < AHEAD_BYTES {
            let mut ahead = [0; AHEAD_BYTES];
            let mut ahead = ReadBuf::new(&mut ahead[self.unread.len()..]);
            let Poll::Ready(read) = Pin::new(&mut self.transport).poll_read(context, &mut ahead)
            else {
                return;
            };
            let read = read.map(|()| ahead.filled());
            match read {
                Ok(bytes) if !bytes.is_empty() => {
                    self.state.lock().record_read(bytes);
                    self.unread = [&self.unread, bytes].concat().into();
                }
                // the connection's task looks at this after hyper
                Ok(_) | Err(_) => {
                    self.state.lock().client_left = true;
                    return;
                }
            }
        }
    }
}

impl<T: Transport> AsyncRead for TrackedStream<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.unread.is_empty() {
            let length = self.unread.len().min(buffer.remaining());
            buffer.put_slice(&self.unread.split_to(length));
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.transport).poll_read(context, buffer))?;
        let read = &buffer.filled()[before..];
        // a client may send a request, shut down its side and read the answer; hyper would drop the request if it saw
        // the end now, and reads again when it has the answer, which is made at once unless the end is hidden
        if read.is_empty() && buffer.remaining() > 0 {
            if self.state.hides_end() {
                return Poll::Pending;
            }
            if !std::mem::replace(&mut self.ended, true) {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
        }
        self.state.lock().record_read(read);
        Poll::Ready(Ok(()))
    }
}

impl<T: Transport> AsyncWrite for TrackedStream<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.state.lock().begin_write(bytes.len());
        let polled = Pin::new(&mut self.transport).poll_write(context, bytes);
        let mut state = self.state.lock();
        match &polled {
            Poll::Ready(Ok(written)) => state.record_write(Some(*written)),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => state.record_write(None),
        }
        let mut next = state.next_written();
        drop(state);
        // before anything else is read on this thread, so that a client who has read the answer finds its delivery recorded
        while let Some(written) = next {
            written.undelivered.into_iter().for_each(Undelivered::sent);
            next = self.state.lock().next_written();
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // hyper flushes whenever it is polled
        if self.state.is_watched() {
            self.watch(context);
        }
        Pin::new(&mut self.transport).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_shutdown(context)
    }
}
