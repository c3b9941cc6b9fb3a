//! What a connection runs over: a TCP stream, or a pipe in memory for tests and fuzzing.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, DuplexStream, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::limits::Limits;
use super::shutdown::Shutdown;

/// How long a client may take to read what little `send` writes.
const WRITE_TIME: Duration = Duration::from_secs(5);

/// How long a client may keep sending after its answer once a shutdown has begun.
const SHUTDOWN_LINGER: Duration = Duration::from_secs(1);

/// How much of what nobody wants is read at once, in bytes.
const PIECE_BYTES: usize = 16 * 1024;

pub(super) trait Transport: AsyncRead + AsyncWrite + Send + Unpin + 'static {
    /// Has small answers sent at once.
    fn set_nodelay(&self) {}

    /// Probes the peer at this interval.
    fn set_keepalive(&self, _interval: Duration) {}

    /// Waits until there is something to read, or the end; a pipe always reports that there may be.
    fn poll_readable(&self, _context: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }

    /// Closes with a reset where there is such a thing.
    fn reset(self);
}

impl Transport for TcpStream {
    fn set_nodelay(&self) {
        // an error means that the peer is gone, which the next read reports too
        let _ = self.set_nodelay(true);
    }

    fn set_keepalive(&self, interval: Duration) {
        let keepalive = socket2::TcpKeepalive::new().with_time(interval).with_interval(interval);
        // an error means that the peer is gone, which the next read reports too
        let _ = socket2::SockRef::from(self).set_tcp_keepalive(&keepalive);
    }

    fn poll_readable(&self, context: &mut Context<'_>) -> Poll<()> {
        // not `poll_read_ready`, which takes it for granted that a new connection has something to read;
        // an error is reported by the next read too
        self.poll_peek(context, &mut ReadBuf::new(&mut [0])).map(|_| ())
    }

    fn reset(self) {
        // with a linger time of zero, closing sends an RST
        let _ = self.set_zero_linger();
    }
}

impl Transport for DuplexStream {
    fn reset(self) {}
}

/// Sends bytes and shuts down the sending side.
pub(super) async fn send(stream: &mut impl Transport, bytes: &[u8]) {
    let sent = tokio::time::timeout(WRITE_TIME, async {
        stream.write_all(bytes).await?;
        stream.shutdown().await
    });
    if let Ok(Err(error)) = sent.await {
        tracing::debug!("cannot send an answer: {error}");
    }
}

/// Reads what nobody wants; returns how much. The buffer exists during a read only, so that a client
/// that sends nothing costs no memory.
pub(super) async fn read_away(stream: &mut impl Transport) -> io::Result<usize> {
    poll_fn(|context| {
        let mut unread = [0; PIECE_BYTES];
        let mut unread = ReadBuf::new(&mut unread);
        let read = ready!(Pin::new(&mut *stream).poll_read(context, &mut unread));
        Poll::Ready(read.map(|()| unread.filled().len()))
    })
    .await
}

/// Shuts down the sending side and reads what still comes, within the limits: a close with bytes
/// unread sends a reset, which a client meets before it reads the answer.
pub(super) async fn linger(stream: &mut impl Transport, limits: &Limits, shutdown: &Shutdown) {
    let read = async {
        // an error means that it is closed already
        let _ = stream.shutdown().await;
        let mut left = limits.linger_bytes;
        while left > 0
            && let Ok(read) = read_away(stream).await
            && read > 0
        {
            left = left.saturating_sub(read);
        }
    };
    let shutdown_deadline = async {
        shutdown.started().await;
        sleep(SHUTDOWN_LINGER).await;
    };
    tokio::select! {
        () = read => {}
        () = sleep(limits.linger_time) => tracing::trace!("a client kept sending after its answer"),
        () = shutdown_deadline => {}
    }
}
