//! The address that a server listens on, and the one at which this machine reaches it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use anyhow::anyhow;

/// Addresses of one port. The first must be free; the others are used if they can be.
#[derive(Debug, Clone)]
pub(super) struct Listen(Vec<SocketAddr>);

impl Listen {
    /// Reads an address and a port; `localhost` means both loopbacks.
    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        if let Some(port) = text.strip_prefix("localhost:") {
            let port =
                port.parse().map_err(|_| anyhow!("{port:?} is not a port from 0 to 65535"))?;
            return Ok(Self(vec![
                (Ipv4Addr::LOCALHOST, port).into(),
                (Ipv6Addr::LOCALHOST, port).into(),
            ]));
        }
        let address = text.parse().map_err(|_| {
            anyhow!("use an IP address and a port, like 127.0.0.1:4368, [::1]:4368 or 0.0.0.0:4368")
        })?;
        Ok(Self(vec![address]))
    }

    pub(super) fn addresses(&self) -> &[SocketAddr] {
        &self.0
    }

    /// The address that is always listened on.
    pub(super) fn first(&self) -> SocketAddr {
        self.0[0]
    }
}

/// Returns the address for a client on this machine: one cannot call 0.0.0.0 everywhere.
pub(super) fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        ip if !ip.to_canonical().is_unspecified() => ip,
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        IpAddr::V4(_) | IpAddr::V6(_) => Ipv4Addr::LOCALHOST.into(),
    };
    SocketAddr::new(ip, address.port())
}
