//! Sockets that listen: how they are bound, how a failed accept is survived, how they are closed.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use socket2::{SockFilter, SockRef};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// How many connections the kernel may hold until they are accepted.
const BACKLOG: u32 = 4096;

/// How long to wait when no more file descriptors or buffers are to be had.
const BACK_OFF: Duration = Duration::from_millis(50);

/// How long a handshake that has begun may take to end once no new one is let in.
const HANDSHAKE: Duration = Duration::from_millis(10);

/// One or two sockets that listen on the same port.
#[derive(Debug)]
pub struct Listeners {
    first: TcpListener,
    second: Option<TcpListener>,
    address: SocketAddr,
}

/// Nothing more can be opened for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exhausted;

impl Listeners {
    /// Binds the first address; a second one of the same port is welcome to fail, since many
    /// machines have no IPv6. Needs a runtime.
    pub fn bind(addresses: &[SocketAddr]) -> anyhow::Result<Self> {
        let first = *addresses.first().expect("BUG: there is always an address to listen on");
        let listener = bind(first).with_context(|| {
            format!("cannot listen on {first}; choose another with --listen ADDR:PORT, port 0 for a free one")
        })?;
        let address = listener.local_addr()?;
        let second = match addresses.get(1) {
            Some(second) => bind_if_there(SocketAddr::new(second.ip(), address.port()))?,
            None => None,
        };
        Ok(Self { first: listener, second, address })
    }

    /// The first address, with the port that was found.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The next connection. When nothing more can be opened, that is told after a while, in which
    /// something may be closed.
    pub async fn accept(&self) -> Result<(TcpStream, SocketAddr), Exhausted> {
        loop {
            let accepted = match &self.second {
                None => self.first.accept().await,
                Some(second) => tokio::select! {
                    accepted = self.first.accept() => accepted,
                    accepted = second.accept() => accepted,
                },
            };
            match accepted {
                Ok(accepted) => return Ok(accepted),
                Err(error) if is_of_one_client(&error) => {
                    tracing::debug!("a client left before it was accepted: {error}");
                }
                Err(error) => {
                    tracing::warn!("cannot accept a connection: {error}");
                    tokio::time::sleep(BACK_OFF).await;
                    return Err(Exhausted);
                }
            }
        }
    }

    /// Lets nobody in any more, and gives everybody who is in already. A connection is never made
    /// only to be reset: new clients get no answer until the socket is closed, then a refusal.
    pub async fn close(self) -> Vec<(TcpStream, SocketAddr)> {
        for listener in std::iter::once(&self.first).chain(&self.second) {
            if let Err(error) = SockRef::from(listener).attach_filter(&no_new_ones()) {
                tracing::debug!("a connection made in this moment may be lost: {error}");
            }
        }
        let mut waiting = self.waiting().await;
        tokio::time::sleep(HANDSHAKE).await;
        waiting.extend(self.waiting().await);
        waiting
    }

    /// What the kernel has accepted.
    async fn waiting(&self) -> Vec<(TcpStream, SocketAddr)> {
        let mut waiting = Vec::new();
        loop {
            tokio::select! {
                biased;
                Ok(accepted) = self.accept() => waiting.push(accepted),
                () = std::future::ready(()) => return waiting,
            }
        }
    }
}

/// A packet filter that drops a SYN, which would begin a handshake, and nothing else; the offset is
/// from the TCP header on, the flags are those of RFC 9293.
fn no_new_ones() -> [SockFilter; 5] {
    const LOAD_BYTE: u16 = 0x30;
    const JUMP_IF_ANY_SET: u16 = 0x45;
    const RETURN: u16 = 0x06;
    const FLAGS: u32 = 13;
    const SYN: u32 = 0x02;
    const ACK: u32 = 0x10;
    const DROP: u32 = 0;
    const LET_IN: u32 = u32::MAX;
    [
        SockFilter::new(LOAD_BYTE, 0, 0, FLAGS),
        SockFilter::new(JUMP_IF_ANY_SET, 2, 0, ACK),
        SockFilter::new(JUMP_IF_ANY_SET, 0, 1, SYN),
        SockFilter::new(RETURN, 0, 0, DROP),
        SockFilter::new(RETURN, 0, 0, LET_IN),
    ]
}

/// An error of a connection that was there and is gone, which says nothing of the next one.
fn is_of_one_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted)
}

/// Nothing if the machine has no such address; a port that somebody else holds is an error, since
/// a client that asks for localhost might reach them.
fn bind_if_there(address: SocketAddr) -> anyhow::Result<Option<TcpListener>> {
    match bind(address) {
        Ok(listener) => Ok(Some(listener)),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(error).with_context(|| {
            format!("cannot listen on {address}; choose another port with --listen ADDR:PORT")
        }),
        Err(error) => {
            tracing::debug!("not listening on {address}: {error}");
            Ok(None)
        }
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
