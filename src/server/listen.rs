//! Sockets that listen, and how a failed accept is survived.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// How many connections the kernel may hold until they are accepted.
const BACKLOG: u32 = 4096;

/// How long to wait when no more file descriptors are to be had.
const BACK_OFF: Duration = Duration::from_millis(50);

/// One or two sockets that listen on the same port.
#[derive(Debug)]
pub struct Listeners {
    first: TcpListener,
    second: Option<TcpListener>,
    address: SocketAddr,
}

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

    /// The next connection, if one waits already.
    pub async fn accept_waiting(&self) -> Option<(TcpStream, SocketAddr)> {
        tokio::select! {
            biased;
            accepted = self.accept() => Some(accepted),
            () = std::future::ready(()) => None,
        }
    }

    /// The next connection.
    pub async fn accept(&self) -> (TcpStream, SocketAddr) {
        loop {
            let accepted = match &self.second {
                None => self.first.accept().await,
                Some(second) => tokio::select! {
                    accepted = self.first.accept() => accepted,
                    accepted = second.accept() => accepted,
                },
            };
            match accepted {
                Ok(accepted) => return accepted,
                Err(error) => {
                    tracing::warn!("cannot accept a connection: {error}");
                    tokio::time::sleep(BACK_OFF).await;
                }
            }
        }
    }
}

/// Nothing if the machine has no such address; a port that somebody else holds is an error, since
/// a client that asks for localhost might reach them.
fn bind_if_there(address: SocketAddr) -> anyhow::Result<Option<TcpListener>> {
    match bind(address) {
        Ok(listener) => Ok(Some(listener)),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            Err(error).with_context(|| {
                format!("cannot listen on {address}; choose another port with --listen ADDR:PORT")
            })
        }
        Err(error) => {
            tracing::debug!("not listening on {address}: {error}");
            Ok(None)
        }
    }
}

fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
