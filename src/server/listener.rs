//! Listening sockets: binds them, accepts connections, and closes them without losing one.

use std::io;
use std::net::SocketAddr;

use anyhow::Context as _;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// How many connections the kernel may hold until they are accepted.
const BACKLOG: u32 = 4096;

/// One or two sockets that listen on the same port.
#[derive(Debug)]
pub(crate) struct Listeners {
    first: TcpListener,
    second: Option<TcpListener>,
}

impl Listeners {
    /// Binds the first address, and the second with the same port if the machine has it: many have
    /// no IPv6. Needs a runtime.
    pub(crate) fn bind(addresses: &[SocketAddr]) -> anyhow::Result<Self> {
        let first = *addresses.first().expect("BUG: there is always an address to listen on");
        let listener = bind(first).with_context(|| {
            format!("cannot listen on {first}; choose another ADDR:PORT, port 0 for a free one")
        })?;
        let port = listener.local_addr()?.port();
        let second = match addresses.get(1) {
            Some(second) => bind_if_present(SocketAddr::new(second.ip(), port))?,
            None => None,
        };
        Ok(Self { first: listener, second })
    }

    /// Returns the first address, with the port that was bound.
    pub(crate) fn address(&self) -> SocketAddr {
        self.first.local_addr().expect("BUG: a bound socket has an address")
    }

    /// Accepts the next connection. After an error, another try may succeed.
    pub(super) async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        match &self.second {
            None => self.first.accept().await,
            Some(second) => tokio::select! {
                accepted = self.first.accept() => accepted,
                accepted = second.accept() => accepted,
            },
        }
    }

    /// Stops listening and returns the connections that the kernel had accepted already.
    pub(super) fn close(self) -> Vec<(TcpStream, SocketAddr)> {
        std::iter::once(self.first).chain(self.second).flat_map(take_backlog).collect()
    }
}

/// Accepts all that the kernel has accepted, then closes the socket at once, so that no connection
/// comes in between. Not with tokio's `accept`, which takes turns with other tasks after 128.
fn take_backlog(listener: TcpListener) -> Vec<(TcpStream, SocketAddr)> {
    let mut accepted = Vec::new();
    let closed = listener.into_std().and_then(|listener| {
        loop {
            match listener.accept() {
                Ok(connection) => accepted.push(connection),
                Err(error) if is_transient(&error) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    });
    if let Err(error) = closed {
        tracing::warn!("cannot accept the last connections: {error}");
    }
    let into_tokio = |stream: std::net::TcpStream| {
        stream.set_nonblocking(true)?;
        TcpStream::from_std(stream)
    };
    accepted
        .into_iter()
        .filter_map(|(stream, peer)| Some((into_tokio(stream).ok()?, peer)))
        .collect()
}

/// Whether an error concerns one connection, which is gone, and not the socket that listens.
pub(super) fn is_transient(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted)
}

/// Binds an address unless the machine does not have it. A port that is taken is an error: a client
/// that asks for localhost might reach the other server.
fn bind_if_present(address: SocketAddr) -> anyhow::Result<Option<TcpListener>> {
    match bind(address) {
        Ok(listener) => Ok(Some(listener)),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            Err(error).with_context(|| format!("cannot listen on {address}; choose another port"))
        }
        Err(error) => {
            tracing::debug!("not listening on {address}: {error}");
            Ok(None)
        }
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // on Windows it would let another server take the port away
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
