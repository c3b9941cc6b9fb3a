//! The socket under a connection: a TCP stream, or a pipe in memory for tests and fuzzing. What is
//! read is noted in the pulse.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::net::TcpStream;

use super::connection_state::Pulse;

/// What a connection can be made of.
pub trait Transport: AsyncRead + AsyncWrite + Send + Unpin + 'static {
    /// Has small answers sent at once.
    fn send_at_once(&self) {}

    /// Has the other side asked now and then whether it is still there.
    fn keep_asking(&self, _every: Duration) {}

    /// Ends it with a reset where there is such a thing.
    fn reset(self);
}

impl Transport for TcpStream {
    fn send_at_once(&self) {
        // an error says that the peer is gone, which the next read will say too
        let _ = self.set_nodelay(true);
    }

    fn keep_asking(&self, every: Duration) {
        let keepalive = socket2::TcpKeepalive::new().with_time(every).with_interval(every);
        // an error says that the peer is gone, which the next read will say too
        let _ = socket2::SockRef::from(self).set_tcp_keepalive(&keepalive);
    }

    fn reset(self) {
        // with nothing to linger for, closing sends an RST
        let _ = self.set_zero_linger();
    }
}

impl Transport for DuplexStream {
    fn reset(self) {}
}

/// A transport whose reads are noted.
pub struct Socket<T> {
    transport: T,
    pulse: Arc<Pulse>,
    /// Whether the client has closed its side, and hyper is to be told at the next read.
    ended: bool,
}

impl<T: Transport> Socket<T> {
    /// Notes what is read from now on.
    pub fn new(transport: T, pulse: Arc<Pulse>) -> Self {
        Self { transport, pulse, ended: false }
    }

    /// The transport itself.
    pub fn into_inner(self) -> T {
        self.transport
    }

    fn note_write(&self, polled: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &polled {
            Poll::Ready(Ok(written)) => self.pulse.wrote(Some(*written)),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.pulse.wrote(None),
        }
        polled
    }
}

impl<T: Transport> AsyncRead for Socket<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        std::task::ready!(Pin::new(&mut self.transport).poll_read(context, buffer))?;
        let read = &buffer.filled()[before..];
        if read.is_empty() && buffer.remaining() > 0 && !std::mem::replace(&mut self.ended, true) {
            // hyper takes this for a client that has left, before it has the call answered that
            // came just before; told a moment later, it finds the answer written
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.pulse.read(read);
        Poll::Ready(Ok(()))
    }
}

impl<T: Transport> AsyncWrite for Socket<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.transport).poll_write(context, bytes);
        self.note_write(polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.transport).poll_write_vectored(context, parts);
        self.note_write(polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.transport.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_shutdown(context)
    }
}
